//! Checks without a network: what is shown, and what is read from the screen of
//! a wallet. docs/offline-qr.md

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use jose::base64url;
use oid4vp::SessionState;
use proximity::FrameCode;
use serde::{Deserialize, Serialize};
use service::signin::{Operator, Watcher};

use super::sessions::{in_words, own};
use crate::app::App;
use crate::business::Business;
use crate::error::ApiError;
use crate::offline::{self, Frames, held_state, take_message};
use crate::roles::Staff;
use crate::routes::reply::fresh_json;
use crate::routes::whose::{Of, OfCheck, OfSession};
use crate::session::{Outcome, asked, outcome};
use crate::store::Session;

/// Frames in one request.
const MOST_FRAMES: usize = 64;

/// `GET /desk/api/v1/held`: what this verifier holds, how old it is, and whether the business may ask.
pub(super) async fn held(State(app): State<Arc<App>>, _: Watcher<Staff>, Of(business): Of) -> Response {
    fresh_json(held_state(&app.trust.view(), &business, app.offline.place, app.now()))
}

/// `POST /desk/api/v1/checks/{check}/offline`
pub(super) async fn open(
    State(app): State<Arc<App>>,
    staff: Operator<Staff>,
    Of(business): Of,
    Path(OfCheck { check }): Path<OfCheck>,
) -> Result<Response, ApiError> {
    let check = business.check(&check)?;
    Ok(fresh_json(offline::open(&app, &business, check, staff.name()).await?))
}

/// The codes of a challenge: the modules of each as bits.
#[derive(Serialize)]
struct Shown {
    expires_at: u64,
    needed: usize,
    side: usize,
    frames: Vec<String>,
}

/// `GET /desk/api/v1/sessions/{id}/challenge`: the codes to show, in order and
/// without end.
pub(super) async fn challenge(
    State(app): State<Arc<App>>,
    staff: Watcher<Staff>,
    Of(business): Of,
    Path(OfSession { id }): Path<OfSession>,
) -> Result<Response, ApiError> {
    let session = open_session(&app, &business, &id, staff.name()).await?;
    let shown = offline::shown(&session)?;
    let frames = shown.codes().iter().map(|code| base64url::encode(code.to_bits()));
    Ok(fresh_json(Shown {
        expires_at: session.progress.expires_at(),
        needed: shown.needed(),
        side: FrameCode::SIDE,
        frames: frames.collect(),
    }))
}

/// `GET /desk/api/v1/sessions/{id}/sheet`: the same as a still picture.
pub(super) async fn sheet(
    State(app): State<Arc<App>>,
    staff: Watcher<Staff>,
    Of(business): Of,
    Path(OfSession { id }): Path<OfSession>,
) -> Result<Response, ApiError> {
    let session = open_session(&app, &business, &id, staff.name()).await?;
    let headers = [(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "no-store")];
    Ok((headers, offline::shown(&session)?.sheet()).into_response())
}

/// What a camera, a picture or a film showed: what each code holds, in base64url.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seen {
    frames: Vec<String>,
}

#[derive(Serialize)]
struct Progress {
    #[serde(flatten)]
    frames: Frames,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
}

/// `POST /desk/api/v1/sessions/{id}/frames`: takes frames in any order; the one
/// that makes the answer whole closes the session with its outcome.
pub(super) async fn frames(
    State(app): State<Arc<App>>,
    staff: Operator<Staff>,
    Of(business): Of,
    Path(OfSession { id }): Path<OfSession>,
    Json(seen): Json<Seen>,
) -> Result<Response, ApiError> {
    let session = open_session(&app, &business, &id, staff.name()).await?;
    let check = asked(&app, &business, &session).await?.ok_or(ApiError::SessionOver)?;
    if !(1..=MOST_FRAMES).contains(&seen.frames.len()) {
        return Err(ApiError::Malformed);
    }
    let frames = seen
        .frames
        .iter()
        .map(|text| bytes_of(text))
        .collect::<Result<Vec<_>, _>>()?;
    let (frames, message) = collect(&app, &id, frames).await?;
    let Some(message) = message else {
        return Ok(fresh_json(Progress { frames, outcome: None }));
    };
    take_message(&app, &session, check, &message).await.map_err(in_words)?;
    let session = own(&app, &business, &id, staff.name()).await?;
    let outcome = Some(outcome(&app, session));
    Ok(fresh_json(Progress { frames, outcome }))
}

/// Away from the threads that serve: frames that contradict each other are decoded again and again.
async fn collect(app: &Arc<App>, id: &str, frames: Vec<Vec<u8>>) -> Result<(Frames, Option<Vec<u8>>), ApiError> {
    let (app, id) = (Arc::clone(app), id.to_owned());
    let collected = tokio::task::spawn_blocking(move || app.offline.collecting.take(&id, &frames));
    collected
        .await
        .map_err(|_| ApiError::Internal("frames could not be collected"))
}

fn bytes_of(text: &str) -> Result<Vec<u8>, ApiError> {
    base64url::decode(text).map_err(|_| ApiError::Malformed)
}

/// `POST /desk/api/v1/sessions/{id}/portrait`: the portrait, once.
pub(super) async fn portrait(
    State(app): State<Arc<App>>,
    staff: Operator<Staff>,
    Of(business): Of,
    Path(OfSession { id }): Path<OfSession>,
) -> Result<Response, ApiError> {
    own(&app, &business, &id, staff.name()).await?;
    let portrait = app.offline.portraits.take(&id, app.now()).ok_or(ApiError::NotFound)?;
    let headers = [(CONTENT_TYPE, portrait.media_type()), (CACHE_CONTROL, "no-store")];
    Ok((headers, Bytes::from_owner(portrait.into_bytes())).into_response())
}

/// `POST /desk/api/v1/sessions/{id}/clear`: forgets what is held in memory of a
/// session, and ends one that is still open.
pub(super) async fn clear(
    State(app): State<Arc<App>>,
    staff: Operator<Staff>,
    Of(business): Of,
    Path(OfSession { id }): Path<OfSession>,
) -> Result<Response, ApiError> {
    own(&app, &business, &id, staff.name()).await?;
    let _settling = app.offline.settling.lock().await;
    app.offline.portraits.forget(&id);
    app.offline.collecting.forget(&id);
    app.store.end_session(&id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// A session without a network that still waits for its answer.
async fn open_session(app: &App, business: &Business, id: &str, operator: &str) -> Result<Session, ApiError> {
    let session = own(app, business, id, operator).await?;
    if session.challenge.is_none() {
        return Err(ApiError::NotFound);
    }
    match session.progress.state(app.now()) {
        SessionState::Open | SessionState::Scanned => Ok(session),
        SessionState::Expired => Err(ApiError::SessionOver),
        SessionState::Answered | SessionState::Refused => Err(ApiError::Closed),
    }
}
