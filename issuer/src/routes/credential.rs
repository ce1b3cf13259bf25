//! The credential endpoint: keys become copies of a card. OpenID4VCI 1.0 §8

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use jose::Algorithm;
use oid4vci::{
    AuthorizationErrorCode, CredentialErrorCode, CredentialRequest, ProofClient, ProofFreshness, ProofPolicy, Proofs,
    RequestedCredential, VerifiedKeyProofs,
};

use super::body;
use super::proof;
use crate::app::App;
use crate::error::ApiError;
use crate::issuance::{Issuance, Refused};
use crate::issue::ConfigurationId;
use crate::store::offers::Offer;
use crate::store::tokens::{AccessToken, AskedBy, Shown};

/// Issues one copy for each key proof. Everything is checked before the transaction that issues.
pub(super) async fn credential(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<Response, ApiError> {
    let answer = answer(&app, &headers, &body).await;
    if matches!(answer, Err(ApiError::Credential(..) | ApiError::Authorization(..))) {
        app.0.metrics.credential_refusals.inc();
    }
    answer
}

async fn answer(app: &App, headers: &HeaderMap, body: &[u8]) -> Result<Response, ApiError> {
    let (shown, dpop) = proof::of_request(app, headers, &app.0.published.credential_url).await?;
    let token = &shown.token;
    let message = body::message(headers, body).ok_or_else(not_a_message)?;
    let request = CredentialRequest::open(message, &app.encryption()).map_err(|error| refused(error.code(), &error))?;
    let configuration = configuration(app, token, &request.requested)?;
    let offer = covered(app, &shown, &configuration)?;
    let proofs = verify_proofs(app, token, request.proofs.as_ref())?;
    let signing = app.signing()?;
    let issuance = Issuance {
        app,
        signing: &signing,
        token,
        offer,
        configuration: &configuration,
        keys: proofs.keys(),
    };
    issuance.check_standing().await?;
    let response = issuance
        .run(&dpop, proofs.nonces())
        .await
        .map_err(|error| error_of(app, error))?;
    body::credentials(
        &response,
        request.response_encryption.as_ref(),
        &proof::fresh_nonce(app),
    )
}

/// Why nothing was issued, on the wire.
pub(super) fn error_of(app: &App, error: Refused) -> ApiError {
    match error {
        Refused::ProofReplayed => proof::refused(app, Some(AuthorizationErrorCode::InvalidDpopProof)),
        Refused::TokenGone => proof::refused(app, Some(AuthorizationErrorCode::InvalidToken)),
        Refused::Credential(code, why) => refused(code, &why),
        Refused::Failed(error) => error,
    }
}

/// Neither of the two media types of a request.
pub(super) fn not_a_message() -> ApiError {
    let why = "the body is neither application/json nor application/jwt";
    refused(CredentialErrorCode::InvalidCredentialRequest, &why)
}

/// The offer that the token was given for, if it covers the configuration.
fn covered<'a>(app: &App, shown: &'a Shown, configuration: &ConfigurationId) -> Result<&'a Offer, ApiError> {
    let offer = shown.offer(configuration);
    offer.ok_or_else(|| proof::refused(app, Some(AuthorizationErrorCode::InsufficientScope)))
}

/// Which configuration is asked for.
fn configuration(app: &App, token: &AccessToken, requested: &RequestedCredential) -> Result<ConfigurationId, ApiError> {
    let (text, asked_by, unknown) = match requested {
        RequestedCredential::Configuration(id) => (
            id,
            AskedBy::Configuration,
            CredentialErrorCode::UnknownCredentialConfiguration,
        ),
        RequestedCredential::Identifier(id) => (
            id,
            AskedBy::Identifier,
            CredentialErrorCode::UnknownCredentialIdentifier,
        ),
    };
    // OpenID4VCI 1.0 §8.2: identifiers exactly when the token response named some.
    if asked_by != token.asked_by {
        let code = match asked_by {
            AskedBy::Identifier => unknown,
            AskedBy::Configuration => CredentialErrorCode::InvalidCredentialRequest,
        };
        return Err(refused(code, &"the token response decides how a credential is named"));
    }
    let id = ConfigurationId::parse(text);
    let known = app
        .0
        .settings
        .catalogue
        .iter()
        .any(|(name, _)| crate::issue::offered(&app.0.settings, name).contains(&id));
    if !known {
        return Err(refused(unknown, &"no such credential"));
    }
    Ok(id)
}

fn verify_proofs(app: &App, token: &AccessToken, proofs: Option<&Proofs>) -> Result<VerifiedKeyProofs, ApiError> {
    let proofs = proofs.ok_or_else(|| refused(CredentialErrorCode::InvalidProof, &"proofs is missing"))?;
    let policy = ProofPolicy {
        issuer: &app.0.settings.identifier,
        algorithms: &[Algorithm::Es256],
        at_most: usize::try_from(app.0.settings.own.batch_size).unwrap_or(usize::MAX),
        client: match &token.client_id {
            Some(client_id) => ProofClient::Named(client_id),
            None => ProofClient::Anonymous,
        },
        freshness: ProofFreshness::Nonce(&app.0.nonces),
        attestation: app.0.attestations.of_keys(),
    };
    VerifiedKeyProofs::verify(proofs, &policy, app.now()).map_err(|error| refused(error.code(), &error))
}

pub(super) fn refused(code: CredentialErrorCode, why: &impl ToString) -> ApiError {
    ApiError::credential(code, why)
}
