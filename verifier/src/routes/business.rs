//! The interface of a business: open a session, read its outcome. Which business it is says the
//! token.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Extension, Router};
use jose::strict_json::{self, Limits};
use serde::Deserialize;
use service::ClientAddress;

use super::bearer::authorised;
use super::reply::fresh_json;
use super::whose::Of;
use crate::app::App;
use crate::business::token::Right;
use crate::error::ApiError;
use crate::session::{self, Flow, Opening, Streams, outcome};
use crate::verdict::Reason;

/// The body is optional; without it the wallet is on another device.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    #[serde(default)]
    flow: Flow,
}

/// What a session of the sandbox comes to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rehearsed {
    reason: String,
}

/// What the browser brought back in a check on the same device.
#[derive(Debug, Deserialize)]
struct Collecting {
    response_code: Option<String>,
}

/// Where a call comes from, as far as it is known.
pub(super) type Caller = Option<Extension<ClientAddress>>;

/// `/api/v1/checks` and `/api/v1/sessions`. Opening a session with an `Idempotency-Key` opens one,
/// however often it is asked for. Only a token with a right of its own opens one of the sandbox: what a live program
/// holds cannot make an outcome that nobody gave.
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let may = |right| from_fn_with_state((Arc::clone(app), right), authorised);
    let open = Router::new().route("/api/v1/checks/{check}/sessions", post(open));
    let rehearse = Router::new().route("/api/v1/checks/{check}/sandbox", post(rehearse));
    let read = Router::new()
        .route("/api/v1/sessions/{id}", get(read))
        .route("/api/v1/sessions/{id}/events", get(events));
    let open = app.idempotency.where_asked(open).route_layer(may(Right::SessionsWrite));
    let rehearse = app
        .idempotency
        .where_asked(rehearse)
        .route_layer(may(Right::SandboxWrite));
    open.merge(rehearse).merge(read.route_layer(may(Right::SessionsRead)))
}

/// `POST /api/v1/checks/{check}/sessions`
async fn open(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Path(check): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let check = business.check(&check)?;
    let flow = if body.is_empty() {
        Flow::default()
    } else {
        let open: Open = strict_json::from_slice(&body, &Limits::MESSAGE).map_err(|_| ApiError::Malformed)?;
        open.flow
    };
    let opening = Opening {
        business: &business,
        check,
        flow,
        operator: None,
        return_url: None,
    };
    Ok(fresh_json(session::open(&app, opening).await?))
}

/// `POST /api/v1/checks/{check}/sandbox`
async fn rehearse(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Path(named): Path<String>,
    body: Bytes,
) -> Result<Response, ApiError> {
    let check = business.check(&named)?;
    let wanted: Rehearsed = strict_json::from_slice(&body, &Limits::MESSAGE).map_err(|_| ApiError::Malformed)?;
    let reason: Reason = wanted.reason.parse().map_err(|_| ApiError::Malformed)?;
    let session = session::rehearse(&app, &business, check, reason).await?;
    Ok(fresh_json(outcome(&app, session)))
}

/// `GET /api/v1/sessions/{id}`, on the same device with the `response_code`
/// that the browser brought back. OpenID4VP 1.0 §13.3
async fn read(
    State(app): State<Arc<App>>,
    Of(business): Of,
    Path(id): Path<String>,
    Query(collecting): Query<Collecting>,
) -> Result<Response, ApiError> {
    let mut session = app.session_of(&business, &id).await?;
    if let Some(code) = &collecting.response_code {
        session = session::collect(&app, session, code).await?;
    }
    Ok(fresh_json(outcome(&app, session)))
}

/// `GET /api/v1/sessions/{id}/events`: the same, as it changes.
async fn events(State(app): State<Arc<App>>, Of(business): Of, Path(id): Path<String>) -> Result<Response, ApiError> {
    app.session_of(&business, &id).await?;
    Streams::tell(&app, id)
}
