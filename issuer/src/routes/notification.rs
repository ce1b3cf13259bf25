//! The notification endpoint: what became of the copies. OpenID4VCI 1.0 §11

use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, StatusCode};
use oid4vci::{
    AuthorizationErrorCode, NotificationError, NotificationErrorCode, NotificationEvent, NotificationRequest,
};
use status_list::Status;

use super::body::has_media_type;
use super::proof;
use crate::app::App;
use crate::error::ApiError;
use crate::issue::ConfigurationId;
use crate::store::cards::{self, Batch};
use crate::store::status_lists::{self, Copies};
use crate::store::tokens::{self, Shown};
use crate::store::{Write, deferred, snapshot};

/// Keeps what the wallet says, and ends its waiting. The same notification again changes nothing. Copies that the
/// wallet did not keep are revoked, and so are those that others took the place of. A wallet that has the card ends
/// what wallets before it could still get of it.
pub(super) async fn notification(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let (Shown { token, .. }, dpop) = proof::of_request(&app, &headers, &app.0.published.notification_url).await?;
    if !has_media_type(&headers, "application/json") {
        return Err(ApiError::Notification(
            NotificationErrorCode::InvalidNotificationRequest,
        ));
    }
    let request = NotificationRequest::parse(&body).map_err(|error| ApiError::Notification(error.code()))?;
    let mut write = app.0.store.begin().await?;
    if !proof::spend(&mut write, &dpop).await? {
        return Err(proof::refused(&app, Some(AuthorizationErrorCode::InvalidDpopProof)));
    }
    if !tokens::is_good(&mut write, &token, app.now()).await? {
        return Err(proof::refused(&app, Some(AuthorizationErrorCode::InvalidToken)));
    }
    let batch = cards::find_batch(&mut write, &request.notification_id)
        .await?
        .ok_or(ApiError::Notification(NotificationError::UnknownId.code()))?;
    if batch.access_token != token.hash {
        return Err(proof::refused(&app, Some(AuthorizationErrorCode::InvalidToken)));
    }
    // Another wallet may have the card since the copies were issued.
    let credential_type = ConfigurationId::parse(&batch.configuration).credential_type;
    let Some(covered) = tokens::covered(&mut write, &token, &credential_type, app.now()).await? else {
        return Err(proof::refused(&app, Some(AuthorizationErrorCode::InvalidToken)));
    };
    let offer = covered.offer;
    cards::set_event(&mut write, &batch.notification_id, request.event).await?;
    deferred::end(&mut write, &batch.credential, &batch.configuration).await?;
    if request.event == NotificationEvent::CredentialAccepted {
        // They are revoked already where the wallet asked again since: such take nobody's place.
        if status_lists::has_left(&mut write, &batch.notification_id).await? {
            if let Some(grant_id) = &token.grant_id {
                tokens::end_earlier_grants(&mut write, &offer.id, grant_id).await?;
            }
            replace_earlier(&mut write, &batch, &offer.id, app.now()).await?;
        }
    } else {
        status_lists::set(&mut write, Copies::OfBatch(&batch.notification_id), Status::Invalid).await?;
        snapshot::want(&mut write, app.now()).await?;
    }
    write.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Copies that were issued again and arrived take the place of those before: what nobody shows any more must not be
/// good any more. Those of another wallet are good as long as its authorization is.
async fn replace_earlier(write: &mut Write, batch: &Batch, offer_id: &str, now: u64) -> Result<(), ApiError> {
    for other in cards::batches(write, &batch.credential, &batch.configuration).await? {
        let replaced = match &other.grant_id {
            Some(grant_id) if other.grant_id != batch.grant_id => {
                let left = tokens::grant_offers(write, grant_id).await?;
                left.iter().all(|one| one != offer_id)
            }
            _ => other.access_token != batch.access_token && other.issued_at <= batch.issued_at,
        };
        if replaced {
            status_lists::set(write, Copies::OfBatch(&other.notification_id), Status::Invalid).await?;
            snapshot::want(write, now).await?;
        }
    }
    Ok(())
}
