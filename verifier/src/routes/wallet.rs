//! The interface of wallets: the signed request, and the response to it.
//! OpenID4VP 1.0 §5.10, §8.2

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use jose::UnixTime;
use oid4vp::{NewRequest, ReceivedRequestUriPost, VerifierInfo};
use receipt::SentReceipt;
use serde::Serialize;
use serde_json::Value;

use super::reply::fresh_json;
use crate::app::App;
use crate::business::Business;
use crate::check::Check;
use crate::error::ApiError;
use crate::session::{asked, decryption_key, take};
use crate::store::Session;
use crate::trust::TrustView;

/// Longest request that brings what only adds to it, in bytes: half of what our wallet reads (256 KiB), since others may
/// read less. Whoever has a long record is not refused because of an earlier one.
const MOST_WITH_HINTS: usize = 128 * 1024;

/// The reply to a response. OpenID4VP 1.0 §8.2
#[derive(Debug, Serialize)]
struct DirectPostReply {
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<String>,
    /// Wallets that do not know it ignore it. docs/receipts.md §4
    #[serde(skip_serializing_if = "Option::is_none")]
    holdfast_receipt: Option<Value>,
}

/// `GET` of the request object. RFC 9101 §5.2.3
pub(super) async fn request(State(app): State<Arc<App>>, Path(wallet_id): Path<String>) -> Result<Response, ApiError> {
    signed_request(&app, &wallet_id, None).await
}

/// `POST` of the request object, with what the wallet says of itself and its
/// nonce. OpenID4VP 1.0 §5.10
pub(super) async fn request_with_nonce(
    State(app): State<Arc<App>>,
    Path(wallet_id): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    signed_request(&app, &wallet_id, Some(&body)).await
}

/// What does not suit the wallet is refused before the session counts as scanned.
async fn signed_request(app: &App, wallet_id: &str, posted: Option<&[u8]>) -> Result<Response, ApiError> {
    let (session, business) = wallet_session(app, wallet_id).await?;
    let check = asked(app, &business, &session).await?;
    let check = check.ok_or(ApiError::RequestObjectNotFound)?;
    session.progress.scan(app.now())?;
    let view = app.trust.view();
    let identity = business.asking(&view, app.now())?;
    // What may be asked can have become less since the session was opened.
    business.check_scope(check, &view)?;
    let key = decryption_key(&session, check)?
        .map(|key| key.public().clone().for_encryption())
        .transpose()
        .map_err(|_| ApiError::Internal("the session key cannot be encrypted to"))?;
    let client_id = identity.client_id();
    let posted = posted
        .map(|body| ReceivedRequestUriPost::parse(body, client_id, check.query(), key.is_some()))
        .transpose()?
        .unwrap_or_default();
    app.store.mark_scanned(&session.id).await?;
    let response_uri = app.response_uri(&session);
    let sign = |info: &[VerifierInfo]| {
        let request = NewRequest {
            client_id,
            response_uri: &response_uri,
            nonce: &session.nonce,
            state: &session.wallet_id,
            query: check.query(),
            encryption_key: key.as_ref(),
            verifier_info: info,
            wallet_nonce: posted.wallet_nonce(),
            issued_at: session.created_at,
            expires_at: session.progress.expires_at(),
        };
        let signed = identity.sign(&request);
        signed.map_err(|_| ApiError::Internal("the request cannot be signed"))
    };
    let mut info = told_of(&business, check, &view, app.now());
    let mut signed = sign(&info)?;
    if signed.len() > MOST_WITH_HINTS {
        let told = info.len();
        info.retain(|info| !matches!(info, VerifierInfo::EarlierBundle(_)));
        if info.len() < told {
            signed = sign(&info)?;
        }
    }
    let headers = [
        (CONTENT_TYPE, "application/oauth-authz-req+jwt"),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, signed).into_response())
}

/// What a request says of the business, and what others attest of it.
fn told_of(business: &Business, check: &Check, view: &TrustView, now: UnixTime) -> Vec<VerifierInfo> {
    let mut info = Vec::new();
    if business.names_purposes() {
        info.push(VerifierInfo::Purpose(check.id().to_owned()));
        let rule = check.carried_rule(now);
        info.extend(rule.map(|rule| VerifierInfo::Rule(rule.to_json())));
    }
    let bundle = business.bundle(view);
    info.extend(bundle.map(|bytes| VerifierInfo::Bundle(bytes.to_vec())));
    let earlier = business.earlier_bundle(view);
    info.extend(earlier.map(|bytes| VerifierInfo::EarlierBundle(bytes.to_vec())));
    info.extend(business.attested(view, now).into_iter().flatten());
    info
}

/// `direct_post.jwt` and `direct_post`. OpenID4VP 1.0 §8.2, §8.3.1
pub(super) async fn respond(
    State(app): State<Arc<App>>,
    Path(wallet_id): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let (session, business) = wallet_session(&app, &wallet_id).await?;
    let check = asked(&app, &business, &session).await?;
    let check = check.ok_or(ApiError::RequestObjectNotFound)?;
    let identity = business.asking(&app.trust.view(), app.now())?;
    let taken = take(&app, identity, session, check, &body).await?;
    Ok(fresh_json(DirectPostReply {
        holdfast_receipt: taken.receipt.as_ref().map(SentReceipt::to_value),
        redirect_uri: taken.same_device.map(|same| {
            let mut url = app.address(&format!("/return/{}", taken.id));
            url.query_pairs_mut().append_pair("response_code", &same.response_code);
            url.to_string()
        }),
    }))
}

/// The session of a wallet, and who opened it. An unknown one and one that is over look alike.
async fn wallet_session(app: &App, wallet_id: &str) -> Result<(Session, Arc<Business>), ApiError> {
    let session = app
        .store
        .wallet_session(wallet_id)
        .await?
        .filter(|session| session.challenge.is_none())
        .ok_or(ApiError::RequestObjectNotFound)?;
    let business = app.businesses.get(&session.business);
    Ok((session, business.ok_or(ApiError::RequestObjectNotFound)?))
}
