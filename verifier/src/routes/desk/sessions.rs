//! Asking at the desk: open a session, follow it, hand in an answer. Whoever
//! asked sees the session, nobody else.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use oid4vp::ResponseError;
use serde::Deserialize;
use service::signin::{Operator, Watcher};
use url::form_urlencoded;

use crate::app::App;
use crate::business::Business;
use crate::error::ApiError;
use crate::roles::Staff;
use crate::routes::reply::fresh_json;
use crate::routes::whose::{Of, OfCheck, OfSession};
use crate::session::{self, Flow, Opening, Streams, outcome, take};
use crate::store::Session;

/// What a camera, a picture or a handheld scanner read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandedIn {
    /// The wallet's encrypted answer: a compact JWE. RFC 7516 §7.1
    response: String,
}

/// `POST /desk/api/v1/checks/{check}/sessions`
pub(super) async fn open(
    State(app): State<Arc<App>>,
    staff: Operator<Staff>,
    Of(business): Of,
    Path(OfCheck { check }): Path<OfCheck>,
) -> Result<Response, ApiError> {
    let opening = Opening {
        business: &business,
        check: business.check(&check)?,
        flow: Flow::CrossDevice,
        operator: Some(staff.name()),
        return_url: None,
    };
    Ok(fresh_json(session::open(&app, opening).await?))
}

/// `GET /desk/api/v1/sessions/{id}`
pub(super) async fn read(
    State(app): State<Arc<App>>,
    staff: Watcher<Staff>,
    Of(business): Of,
    Path(OfSession { id }): Path<OfSession>,
) -> Result<Response, ApiError> {
    let session = own(&app, &business, &id, staff.name()).await?;
    Ok(fresh_json(outcome(&app, session)))
}

/// `GET /desk/api/v1/sessions/{id}/events`
pub(super) async fn events(
    State(app): State<Arc<App>>,
    staff: Watcher<Staff>,
    Of(business): Of,
    Path(OfSession { id }): Path<OfSession>,
) -> Result<Response, ApiError> {
    own(&app, &business, &id, staff.name()).await?;
    Streams::tell_while(&app, id, staff.presence())
}

/// `POST /desk/api/v1/sessions/{id}/answer`: takes what the wallet could also
/// have sent itself, in the same form and by the same way.
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    staff: Operator<Staff>,
    Of(business): Of,
    Path(OfSession { id }): Path<OfSession>,
    Json(handed_in): Json<HandedIn>,
) -> Result<Response, ApiError> {
    let session = own(&app, &business, &id, staff.name()).await?;
    if session.challenge.is_some() {
        return Err(ApiError::NotFound);
    }
    let check = session::asked(&app, &business, &session).await?;
    let check = check.ok_or(ApiError::SessionOver)?;
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("response", handed_in.response.trim())
        .finish();
    let identity = business.asking(&app.trust.view(), app.now())?;
    take(&app, identity, session, check, form.as_bytes())
        .await
        .map_err(in_words)?;
    let session = own(&app, &business, &id, staff.name()).await?;
    Ok(fresh_json(outcome(&app, session)))
}

pub(super) async fn own(app: &App, business: &Business, id: &str, operator: &str) -> Result<Session, ApiError> {
    let session = app.session_of(business, id).await?;
    if session.operator.as_deref() == Some(operator) {
        Ok(session)
    } else {
        Err(ApiError::NotFound)
    }
}

/// A wallet gets one code for all of these (OpenID4VP 1.0 §8.2); whoever holds a
/// code in front of a reader wants to know what to do.
pub(super) fn in_words(error: ApiError) -> ApiError {
    match error {
        ApiError::Response(ResponseError::WrongKey | ResponseError::StateMismatch) => ApiError::ForeignAnswer,
        ApiError::Response(_) => ApiError::UnreadableAnswer,
        ApiError::RequestObjectNotFound => ApiError::SessionOver,
        other => other,
    }
}
