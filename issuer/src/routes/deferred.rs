//! The deferred credential endpoint: wallets ask again for cards that an officer has to approve. OpenID4VCI 1.0 §9

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use oid4vci::DeferredCredentialRequest;

use super::credential::{error_of, not_a_message, refused};
use super::{body, proof};
use crate::app::App;
use crate::error::ApiError;

/// The card, or that it takes longer.
pub(super) async fn deferred(State(app): State<App>, headers: HeaderMap, bytes: Bytes) -> Result<Response, ApiError> {
    let (shown, dpop) = proof::of_request(&app, &headers, &app.0.published.deferred_url).await?;
    let message = body::message(&headers, &bytes).ok_or_else(not_a_message)?;
    let request =
        DeferredCredentialRequest::open(message, &app.encryption()).map_err(|error| refused(error.code(), &error))?;
    let response = app
        .deferred_card(&shown, &request.transaction_id, &dpop)
        .await
        .map_err(|error| error_of(&app, error))?;
    body::credentials(
        &response,
        request.response_encryption.as_ref(),
        &proof::fresh_nonce(&app),
    )
}
