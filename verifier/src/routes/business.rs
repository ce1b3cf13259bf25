//! The interface of the business: open a session, read its outcome.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;
use jose::strict_json::{self, Limits};
use serde::Deserialize;
use utoipa::ToSchema;

use super::reply::fresh_json;
use crate::app::App;
use crate::error::ApiError;
use crate::session::{self, Flow, Opened, Opening, Outcome, Streams, outcome};

/// The body is optional; without it the wallet is on another device.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Open {
    #[serde(default)]
    flow: Flow,
}

/// `POST /api/v1/checks/{check}/sessions`
#[utoipa::path(
    post,
    path = "/api/v1/checks/{check}/sessions",
    tag = "business",
    security(("bearer" = [])),
    params(("check" = String, Path)),
    request_body = Option<Open>,
    responses((status = 200, body = Opened, links(
        ("followed" = (operation_id = "get_api_v1_sessions_id", parameters(("id" = "$response.body#/id")))),
    ))),
)]
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
    let opening = Opening {
        check,
        flow,
        operator: None,
        return_url: None,
    };
    Ok(fresh_json(session::open(&app, opening).await?))
}

/// `GET /api/v1/sessions/{id}`
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{id}",
    tag = "business",
    security(("bearer" = [])),
    params(("id" = String, Path)),
    responses((status = 200, body = Outcome)),
)]
pub(super) async fn read(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    authorise(&app, &headers)?;
    let session = app.store.session(&id).await?.ok_or(ApiError::NotFound)?;
    Ok(fresh_json(outcome(session, app.now())))
}

/// `GET /api/v1/sessions/{id}/events`: the same, as it changes.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{id}/events",
    tag = "business",
    security(("bearer" = [])),
    params(("id" = String, Path)),
    responses((status = 200, content_type = "text/event-stream", body = String)),
)]
pub(super) async fn events(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    authorise(&app, &headers)?;
    app.store.session(&id).await?.ok_or(ApiError::NotFound)?;
    Streams::tell(&app, id)
}

fn authorise(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    if app.token.authorises(headers) {
        Ok(())
    } else {
        Err(ApiError::Unauthorised)
    }
}
