//! Trying out what anybody may ask: without an account, as often as one address may.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use ledger::Localized;
use serde::{Deserialize, Serialize};
use service::ClientAddress;

use super::business::Caller;
use super::reply::fresh_json;
use crate::app::App;
use crate::business::Business;
use crate::error::ApiError;
use crate::session::{self, Opening, Streams, outcome};

/// `/try/api/v1`
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/try/api/v1/checks", get(checks))
        .route("/try/api/v1/checks/{check}/sessions", post(open))
        .route("/try/api/v1/sessions/{id}", get(read))
        .route("/try/api/v1/sessions/{id}/events", get(events))
}

#[derive(Serialize)]
struct Listed<'a> {
    checks: Vec<Offered<'a>>,
}

#[derive(Serialize)]
struct Offered<'a> {
    id: &'a str,
    title: &'a Localized,
}

/// No member; that it is JSON keeps forms of other sites out.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {}

/// `GET /try/api/v1/checks`: the youngest age first.
async fn checks(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let business = anonymous(&app)?;
    let checks = business.checks().values().map(|check| Offered {
        id: check.id(),
        title: check.title(),
    });
    Ok(fresh_json(Listed {
        checks: checks.collect(),
    }))
}

/// `POST /try/api/v1/checks/{check}/sessions`
async fn open(
    State(app): State<Arc<App>>,
    Path(check): Path<String>,
    caller: Caller,
    Json(Open {}): Json<Open>,
) -> Result<Response, ApiError> {
    let business = anonymous(&app)?;
    let check = business.check(&check)?;
    let address = caller.map(|Extension(ClientAddress(address))| address);
    app.tries
        .count(address, app.now())
        .map_err(|retry_after| ApiError::TooManyFromOne { retry_after })?;
    app.has_room_for_anybody().await?;
    let opening = Opening::elsewhere(business, check);
    Ok(fresh_json(session::open(&app, opening).await?))
}

/// `GET /try/api/v1/sessions/{id}`
async fn read(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Response, ApiError> {
    let session = app.session_of(anonymous(&app)?, &id).await?;
    Ok(fresh_json(outcome(&app, session)))
}

/// `GET /try/api/v1/sessions/{id}/events`
async fn events(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Response, ApiError> {
    app.session_of(anonymous(&app)?, &id).await?;
    Streams::tell_who_tries(&app, id)
}

fn anonymous(app: &App) -> Result<&Business, ApiError> {
    let business = app.businesses.anonymous();
    business.map(Arc::as_ref).ok_or(ApiError::NotFound)
}
