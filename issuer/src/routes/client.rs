//! What a wallet says it is, at the token endpoint and wherever else clients authenticate. OpenID4VCI 1.0 Appendix E

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use oid4vci::{
    CLIENT_ATTESTATION, CLIENT_ATTESTATION_POP, ClientAttestationError, ClientExpectation, UnverifiedClientAttestation,
    VerifiedClient, VerifiedDpop,
};
use serde_json::json;

use super::body::no_store;
use crate::app::App;
use crate::attestation::{ALGORITHMS, Demand};
use crate::error::ApiError;
use crate::store::Write;
use crate::store::used::{self, Used};

/// Checks the attestation of a request, as far as policy asks for one. `client_id` is what the request says, `dpop`
/// its DPoP proof, checked. What is returned still has to be spent in the transaction of the request.
pub(super) fn attested(
    app: &App,
    headers: &HeaderMap,
    client_id: Option<&str>,
    dpop: Option<&VerifiedDpop>,
) -> Result<Option<VerifiedClient>, ClientAttestationError> {
    let attestations = &app.0.attestations;
    if attestations.of_wallets() == Demand::None {
        return Ok(None);
    }
    let values = |name: &'static str| {
        let values = headers.get_all(name).iter();
        values.map(|value| value.to_str().unwrap_or_default())
    };
    let found = UnverifiedClientAttestation::parse(values(CLIENT_ATTESTATION), values(CLIENT_ATTESTATION_POP))?;
    let Some(found) = found else {
        return match attestations.of_wallets() {
            Demand::Required => Err(ClientAttestationError::Missing),
            Demand::None | Demand::Optional => Ok(None),
        };
    };
    let expected = ClientExpectation {
        attesters: attestations.attesters(),
        algorithms: ALGORITHMS,
        server: &app.0.settings.identifier,
        client_id,
        dpop_jkt: dpop.map(VerifiedDpop::jkt),
        now: app.now(),
    };
    let client = found.verify(&expected)?;
    if attestations.gives_challenges() {
        client.check_challenge(&app.0.challenges, expected.now)?;
    }
    Ok(Some(client))
}

/// Hands out a challenge; nothing is stored. draft-ietf-oauth-attestation-based-client-auth §7.1
pub(super) async fn challenge(State(app): State<App>) -> Response {
    no_store(StatusCode::OK, &json!({ "attestation_challenge": fresh(&app) }))
}

/// What a wallet is told whose attestation does not do: `refused` says it, unless it only has to come again over a
/// challenge, which goes along. draft-ietf-oauth-attestation-based-client-auth §7.2
pub(super) fn not_attested(
    app: &App,
    error: &ClientAttestationError,
    refused: impl FnOnce(String) -> ApiError,
) -> ApiError {
    match error {
        ClientAttestationError::Challenge => ApiError::AttestationChallenge(fresh(app)),
        error => refused(error.to_string()),
    }
}

fn fresh(app: &App) -> String {
    app.0.challenges.issue(app.now(), &mut service::random::fill)
}

/// Marks the proof of possession as used; false if it was used before.
pub(super) async fn spend(write: &mut Write, client: Option<&VerifiedClient>) -> Result<bool, sqlx::Error> {
    match client.and_then(VerifiedClient::replay_key) {
        Some((key, forget_at)) => used::mark(write, Used::ClientProof, &key, forget_at).await,
        None => Ok(true),
    }
}
