//! The interface of the business: open a session, read its outcome.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use http::HeaderMap;
use jose::strict_json::{self, Limits};
use serde::Deserialize;
use service::ClientAddress;

use super::reply::fresh_json;
use crate::app::App;
use crate::business::Business;
use crate::error::ApiError;
use crate::session::{self, Flow, Opening, Streams, outcome};

/// The body is optional; without it the wallet is on another device.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    #[serde(default)]
    flow: Flow,
}

/// What the browser brought back in a check on the same device.
#[derive(Debug, Deserialize)]
pub(super) struct Collecting {
    response_code: Option<String>,
}

/// Where a call comes from, as far as it is known.
type Caller = Option<Extension<ClientAddress>>;

/// `POST /api/v1/checks/{check}/sessions`
pub(super) async fn open(
    State(app): State<Arc<App>>,
    Path(check): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let business = authorise(&app, caller, &headers)?;
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

/// `GET /api/v1/sessions/{id}`, on the same device with the `response_code`
/// that the browser brought back. OpenID4VP 1.0 §13.3
pub(super) async fn read(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(collecting): Query<Collecting>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let business = authorise(&app, caller, &headers)?;
    let mut session = app.session_of(&business, &id).await?;
    if let Some(code) = &collecting.response_code {
        session = session::collect(&app, session, code).await?;
    }
    Ok(fresh_json(outcome(&app, session)))
}

/// `GET /api/v1/sessions/{id}/events`: the same, as it changes.
pub(super) async fn events(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let business = authorise(&app, caller, &headers)?;
    app.session_of(&business, &id).await?;
    Streams::tell(&app, id)
}

/// Only wrong tokens are counted: nobody can shut the business out by trying.
fn authorise(app: &App, caller: Caller, headers: &HeaderMap) -> Result<Arc<Business>, ApiError> {
    let main = app.businesses.main();
    if main.token().is_some_and(|token| token.authorises(headers)) {
        return Ok(Arc::clone(main));
    }
    let address = caller.map(|Extension(ClientAddress(address))| address);
    Err(app.guesses.wrong_token(address, app.now()))
}
