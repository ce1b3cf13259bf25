//! The routes. Wallets fetch a nonce, show possession of keys, and get an attestation.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue};
use jose::SignError;
use jose::strict_json::{self, Limits};
use oid4vci::{KeyProofError, NonceResponse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::Problem;

use crate::app::App;

/// Longest nonce of an issuer that is passed on.
const LONGEST_NONCE: usize = 512;

pub(crate) fn router(app: App) -> Router {
    Router::new()
        .route("/nonce", post(nonce))
        .route("/api/v1/wallet-attestation", post(wallet))
        .route("/api/v1/key-attestation", post(keys))
        .route("/keys", get(key_set))
        .with_state(app)
}

/// One key of a wallet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfWallet {
    proof: String,
}

/// Keys for cards.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfKeys {
    proofs: Vec<String>,
    /// The issuer's `c_nonce`.
    nonce: Option<String>,
}

#[derive(Serialize)]
struct Attested {
    attestation: String,
}

/// Why there is no attestation.
enum Refused {
    Request,
    Proof(KeyProofError),
    Sign(SignError),
}

async fn nonce(State(app): State<App>) -> Response {
    no_store(&NonceResponse { c_nonce: app.nonce() })
}

async fn wallet(State(app): State<App>, body: Bytes) -> Result<Response, Refused> {
    let request: OfWallet = read(&body)?;
    let keys = app.proven(vec![request.proof], 1).map_err(Refused::Proof)?;
    let key = keys.first().ok_or(Refused::Request)?;
    let attestation = app.attest_wallet(key).map_err(Refused::Sign)?;
    Ok(no_store(&Attested { attestation }))
}

async fn keys(State(app): State<App>, body: Bytes) -> Result<Response, Refused> {
    let request: OfKeys = read(&body)?;
    if request.nonce.as_ref().is_some_and(|nonce| nonce.len() > LONGEST_NONCE) {
        return Err(Refused::Request);
    }
    let keys = app.proven(request.proofs, app.batch_size()).map_err(Refused::Proof)?;
    let attestation = app
        .attest_keys(&keys, request.nonce.as_deref())
        .map_err(Refused::Sign)?;
    Ok(no_store(&Attested { attestation }))
}

/// What issuers trust this attester by.
async fn key_set(State(app): State<App>) -> Json<Value> {
    Json(app.signing().key_set())
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    strict_json::from_slice(body, &Limits::MESSAGE).map_err(|_| Refused::Request)
}

fn no_store(body: &impl Serialize) -> Response {
    let mut response = Json(body).into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let bad = |code, title| Problem::new(StatusCode::BAD_REQUEST, code, title).into_response();
        match self {
            Self::Request => bad("invalid_request", "The request is not one for an attestation, in JSON."),
            // The same names as an issuer's: the wallet then fetches another nonce, or gives up.
            Self::Proof(error) => bad(error.code().wire_name(), "A proof of possession does not hold."),
            Self::Sign(error) => {
                tracing::error!(%error, "an attestation could not be signed");
                let title = "Try again in a moment.";
                Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", title)
                    .retry_after(2)
                    .into_response()
            }
        }
    }
}
