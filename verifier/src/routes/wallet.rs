//! The interface of wallets: the signed request, and the response to it.
//! OpenID4VP 1.0 §5.10, §8.2

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use oid4vp::{
    DirectPost, NewRequest, Nonce, ReceivedResponse, ResponseError, ResponseExpectation, SessionState,
    UnverifiedVpToken, VerifierInfo,
};
use serde::Serialize;
use url::form_urlencoded;

use super::reply::fresh_json;
use crate::app::App;
use crate::check::Check;
use crate::error::ApiError;
use crate::store::Session;
use crate::verdict::{Ages, Case, Judgement, Reason};

/// The reply to a response. OpenID4VP 1.0 §8.2
#[derive(Debug, Serialize)]
struct DirectPostReply {
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_uri: Option<String>,
}

/// `GET` of the request object. RFC 9101 §5.2.3
pub(super) async fn request(State(app): State<Arc<App>>, Path(wallet_id): Path<String>) -> Result<Response, ApiError> {
    signed_request(&app, &wallet_id, None).await
}

/// `POST` of the request object, with the wallet's nonce. OpenID4VP 1.0 §5.10
pub(super) async fn request_with_nonce(
    State(app): State<Arc<App>>,
    Path(wallet_id): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let mut nonces = form_urlencoded::parse(&body).filter(|(name, _)| name == "wallet_nonce");
    let nonce = nonces.next().map(|(_, value)| value.into_owned());
    if nonces.next().is_some() {
        return Err(ApiError::WalletNonce);
    }
    let nonce = nonce
        .map(|text| Nonce::parse(&text))
        .transpose()
        .map_err(|_| ApiError::WalletNonce)?;
    signed_request(&app, &wallet_id, nonce.as_ref().map(Nonce::as_str)).await
}

async fn signed_request(app: &App, wallet_id: &str, wallet_nonce: Option<&str>) -> Result<Response, ApiError> {
    let (session, check) = wallet_session(app, wallet_id).await?;
    session.progress.scan(app.now())?;
    app.store.mark_scanned(&session.id).await?;
    let key = session.encryption_key.as_ref().ok_or(ApiError::Closed)?;
    let key = key
        .public()
        .clone()
        .for_encryption()
        .map_err(|_| ApiError::Internal("the session key cannot be encrypted to"))?;
    let mut info = vec![VerifierInfo::Purpose(check.id().to_owned())];
    info.extend(
        app.trust
            .view()
            .own_bundle()
            .map(|bytes| VerifierInfo::Bundle(bytes.to_vec())),
    );
    let request = NewRequest {
        client_id: app.identity.client_id(),
        response_uri: &app.address(&format!("/openid4vp/response/{wallet_id}")),
        nonce: &session.nonce,
        state: &session.wallet_id,
        query: check.query(),
        encryption_key: Some(&key),
        verifier_info: &info,
        wallet_nonce,
        issued_at: session.created_at,
        expires_at: session.progress.expires_at(),
    };
    let signed = app
        .identity
        .sign(&request)
        .map_err(|_| ApiError::Internal("the request cannot be signed"))?;
    let headers = [
        (CONTENT_TYPE, "application/oauth-authz-req+jwt"),
        (CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, signed).into_response())
}

/// `direct_post.jwt`. OpenID4VP 1.0 §8.3.1
///
/// A response that breaks a rule of the protocol leaves the session as it was;
/// one whose presentations do not hold closes it with that outcome.
pub(super) async fn respond(
    State(app): State<Arc<App>>,
    Path(wallet_id): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let (session, check) = wallet_session(&app, &wallet_id).await?;
    session.progress.answer(app.now())?;
    let (state, judgement) = match open(&session, check, &body) {
        Ok(ReceivedResponse::Refused(_)) => (SessionState::Refused, Judgement::of(Reason::Refused, Ages::default())),
        Ok(ReceivedResponse::Presentations(token)) => {
            (SessionState::Answered, settle(&app, &session, check, token).await)
        }
        Err(error) => {
            app.counters.refused_responses.inc();
            return Err(error.into());
        }
    };
    if !app
        .store
        .close_session(&session.id, state, &judgement, app.now())
        .await?
    {
        return Err(ApiError::Closed);
    }
    count(&app, &judgement);
    Ok(fresh_json(DirectPostReply {
        redirect_uri: session.same_device.map(|same| {
            let mut url = app.address(&format!("/return/{}", session.id));
            url.query_pairs_mut().append_pair("response_code", &same.response_code);
            url.to_string()
        }),
    }))
}

fn open(session: &Session, check: &Check, body: &[u8]) -> Result<ReceivedResponse, ResponseError> {
    DirectPost::parse(body)?.open(&ResponseExpectation {
        query: check.query(),
        state: &session.wallet_id,
        decryption_key: session.encryption_key.as_ref(),
    })
}

/// Judges, and once more where policy allowed to fetch a list that was seen for
/// the first time.
async fn settle(app: &Arc<App>, session: &Session, check: &Check, token: UnverifiedVpToken) -> Judgement {
    let judgement = judge(app, session, check, token.clone()).await;
    let (Some(uri), Some(first_seen)) = (&judgement.unheld_list, &app.first_seen) else {
        return judgement;
    };
    match first_seen.fetch(uri).await {
        Ok(true) => {
            let uri = uri.clone();
            let mut again = judge(app, session, check, token).await;
            again.fetched_list = Some(uri);
            again
        }
        Ok(false) => judgement,
        Err(error) => {
            tracing::error!(?error, "a list was not kept");
            judgement
        }
    }
}

/// Judges away from the threads that serve; a failure of the engine is *could
/// not check*, never yes.
async fn judge(app: &Arc<App>, session: &Session, check: &Check, token: UnverifiedVpToken) -> Judgement {
    let (engine, trust, device) = (Arc::clone(&app.engine), app.trust.view(), app.now());
    let (check, nonce) = (check.clone(), session.nonce.clone());
    let client_id = app.identity.client_id().to_string();
    let judged = tokio::task::spawn_blocking(move || {
        engine.judge(&Case {
            check: &check,
            client_id: &client_id,
            nonce: nonce.as_str(),
            token: &token,
            trust: &trust,
            device,
        })
    });
    judged.await.unwrap_or_else(|error| {
        app.counters.engine_failures.inc();
        tracing::error!(panicked = error.is_panic(), "the engine failed");
        Judgement::of(Reason::Internal, Ages::default())
    })
}

fn count(app: &App, judgement: &Judgement) {
    app.counters
        .over_disclosed
        .inc_by(u64::try_from(judgement.over_disclosed).unwrap_or(u64::MAX));
    if judgement.reason == Reason::HolderBindingMismatch {
        app.counters.misdirected.inc();
        tracing::warn!("a presentation for another request was refused");
    }
}

/// The session of a wallet with its check. An unknown one and one that is over
/// look alike.
async fn wallet_session<'a>(app: &'a App, wallet_id: &str) -> Result<(Session, &'a Check), ApiError> {
    let session = app
        .store
        .wallet_session(wallet_id)
        .await?
        .ok_or(ApiError::RequestObjectNotFound)?;
    let check = app
        .checks
        .get(&session.check_id)
        .ok_or(ApiError::RequestObjectNotFound)?;
    Ok((session, check))
}
