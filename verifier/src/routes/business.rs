//! The interface of the business: open a session, read its outcome.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;
use jose::PrivateJwk;
use jose::strict_json::{self, Limits};
use oid4vp::{Nonce, RequestUri, RequestUriMethod, SessionState, State as WalletId, WalletScheme};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::picture::qr_svg;
use super::reply::fresh_json;
use crate::app::App;
use crate::error::ApiError;
use crate::store::{Answer, NewSession, SameDevice, Session};

/// The body is optional; without it the wallet is on another device.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    #[serde(default)]
    flow: Flow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Flow {
    #[default]
    CrossDevice,
    SameDevice,
}

#[derive(Debug, Serialize)]
struct Opened {
    id: String,
    request_uri: String,
    qr_svg: String,
    expires_at: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_url: Option<String>,
}

#[derive(Debug, Serialize)]
struct Outcome {
    id: String,
    state: &'static str,
    #[serde(flatten)]
    told: Option<Told>,
}

#[derive(Debug, Serialize)]
struct Told {
    verdict: &'static str,
    reason: &'static str,
    ages: Ages,
    #[serde(skip_serializing_if = "Map::is_empty")]
    claims: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fetched_list: Option<String>,
}

#[derive(Debug, Serialize)]
struct Ages {
    #[serde(skip_serializing_if = "Option::is_none")]
    status_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger_s: Option<u64>,
}

/// `POST /api/v1/checks/{check}/sessions`
pub(super) async fn open(
    State(app): State<Arc<App>>,
    Path(check): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    authorise(&app, &headers)?;
    let check = app.checks.get(&check).ok_or(ApiError::NotFound)?;
    let flow = if body.is_empty() {
        Flow::default()
    } else {
        let open: Open = strict_json::from_slice(&body, &Limits::MESSAGE).map_err(|_| ApiError::Malformed)?;
        open.flow
    };
    let now = app.now();
    if app.store.open_sessions(now).await? >= app.sessions.open {
        return Err(ApiError::TooManySessions);
    }
    let session = new_session(check.id(), flow, now, now.saturating_add(app.sessions.lifetime_s));
    app.store.open_session(&session).await?;
    let target = app.address(&format!("/openid4vp/request/{}", session.wallet_id));
    let link = RequestUri::new(app.identity.client_id(), target, RequestUriMethod::Post);
    let link = link.to_link(WalletScheme::Openid4vp);
    let start = app.address(&format!("/start/{}", session.id)).to_string();
    Ok(fresh_json(Opened {
        qr_svg: qr_svg(&link)?,
        request_uri: link,
        expires_at: session.expires_at,
        start_url: session.same_device.is_some().then_some(start),
        id: session.id,
    }))
}

/// `GET /api/v1/sessions/{id}`
pub(super) async fn read(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    authorise(&app, &headers)?;
    let session = app.store.session(&id).await?.ok_or(ApiError::NotFound)?;
    Ok(fresh_json(outcome(session, app.now())))
}

fn authorise(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    if app.token.authorises(headers) {
        Ok(())
    } else {
        Err(ApiError::Unauthorised)
    }
}

/// Every session has values of its own: ids, nonce and key are fresh.
fn new_session(check_id: &str, flow: Flow, now: u64, expires_at: u64) -> NewSession {
    let mut random = service::random::fill;
    let key_id = service::random::id();
    NewSession {
        id: service::random::id(),
        wallet_id: WalletId::generate(&mut random),
        check_id: check_id.to_owned(),
        nonce: Nonce::generate(&mut random),
        encryption_key: PrivateJwk::generate_p256(&mut random).with_kid(key_id),
        created_at: now,
        expires_at,
        same_device: (flow == Flow::SameDevice).then(|| SameDevice {
            browser_secret: service::random::token(),
            response_code: service::random::token(),
        }),
    }
}

/// An outcome that is not released reads as a session that still waits.
fn outcome(session: Session, now: u64) -> Outcome {
    let state = session.progress.state(now);
    let released = session.answer.as_ref().is_none_or(|answer| answer.released);
    Outcome {
        id: session.id,
        state: if released { state } else { SessionState::Scanned }.as_str(),
        told: session.answer.filter(|answer| answer.released).map(told),
    }
}

fn told(answer: Answer) -> Told {
    Told {
        verdict: answer.reason.verdict().as_str(),
        reason: answer.reason.as_str(),
        ages: Ages {
            status_s: answer.ages.status_s,
            ledger_s: answer.ages.ledger_s,
        },
        claims: answer.kept,
        fetched_list: answer.fetched_list,
    }
}
