//! The endpoint for pushed authorization requests. RFC 9126, OpenID4VCI 1.0 §5.1.4

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use oid4vci::{AuthorizationRequest, AuthorizationRequestErrorCode, ClientAttestationError, DpopError};
use service::{ClientAddress, Problem};

use super::body::{has_media_type, no_store_with_nonce};
use super::{client, proof};
use crate::app::App;
use crate::authorization::PushError;
use crate::error::ApiError;

/// Checks and keeps what a wallet will send a browser with. A DPoP proof is not asked for here; one that comes along
/// binds the code to its key. RFC 9449 §10.1. Wallets authenticate as they do at the token endpoint. RFC 9126 §2
///
/// One address may do so only so often. RFC 9126 §2.3
pub(super) async fn push(
    State(app): State<App>,
    caller: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let address = caller.map(|Extension(ClientAddress(address))| address);
    app.0.pushes.count(address, app.now()).map_err(too_many)?;
    let proof = proof::of_pushed_request(&app, &headers)?;
    if !has_media_type(&headers, "application/x-www-form-urlencoded") {
        let why = "the body is not a form".to_owned();
        return Err(ApiError::Pushed(AuthorizationRequestErrorCode::InvalidRequest, why));
    }
    let request =
        AuthorizationRequest::parse(&body).map_err(|error| ApiError::Pushed(error.code(), error.to_string()))?;
    let client = client::attested(&app, &headers, Some(&request.client_id), proof.as_ref());
    let client = client.map_err(|error| not_attested(&app, &error))?;
    let mut write = app.0.store.begin().await?;
    if let Some(proof) = &proof
        && !proof::spend(&mut write, proof).await?
    {
        return Err(proof::refused_when_pushed(&app, DpopError::Replayed));
    }
    if !client::spend(&mut write, client.as_ref()).await? {
        return Err(not_attested(&app, &ClientAttestationError::Replayed));
    }
    match app
        .push_authorization(write, request, proof.as_ref(), client.as_ref())
        .await
    {
        Ok(pushed) => Ok(no_store_with_nonce(
            StatusCode::CREATED,
            &pushed,
            &proof::fresh_nonce(&app),
        )),
        Err(PushError::Refused(code, why)) => Err(ApiError::Pushed(code, why)),
        Err(PushError::Failed(error)) => Err(error),
    }
}

fn too_many(retry_after: u32) -> Problem {
    let title = "Too many requests came from here.";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", title).retry_after(retry_after)
}

fn not_attested(app: &App, error: &ClientAttestationError) -> ApiError {
    let refused = |why| ApiError::Pushed(AuthorizationRequestErrorCode::InvalidClient, why);
    client::not_attested(app, error, refused)
}
