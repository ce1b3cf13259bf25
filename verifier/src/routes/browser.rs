//! The browser in a check on the same device. OpenID4VP 1.0 §14.2
//!
//! The browser that starts gets a cookie; the wallet opens an address with the
//! response code. Only where both come together is the outcome told: at once to
//! the browser that a page of this service has bound, and to a business that
//! shows the code which that browser then brings to its page.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use http::header::{CACHE_CONTROL, HeaderValue, REFERRER_POLICY};
use oid4vp::SessionState;
use serde::Deserialize;
use service::ClientAddress;
use service::cookie::{Cookie, SameSite};

use crate::app::App;
use crate::error::ApiError;
use crate::session::{same, wallet_link};
use crate::store::Session;

/// The query of `/return/{id}`.
#[derive(Debug, Deserialize)]
pub(super) struct Returned {
    response_code: Option<String>,
}

/// `GET /start/{id}`: binds the browser, then opens the wallet. Only the first
/// browser is bound, and only before a wallet has seen the request.
pub(super) async fn start(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    address: Option<Extension<ClientAddress>>,
) -> Result<Response, ApiError> {
    let session = known(&app, &id, address).await?;
    let same_device = session.same_device.as_ref().ok_or(ApiError::NotFound)?;
    if session.progress.state(app.now()) != SessionState::Open || !app.store.bind_browser(&id).await? {
        return Err(ApiError::Closed);
    }
    let cookie = bound_browser(&app, &id).set(&same_device.browser_secret);
    let headers = [cookie, (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    let business = app.business_of(&session)?;
    let link = wallet_link(
        &app,
        business.asking(&app.trust.view(), app.now())?,
        session.wallet_id.as_str(),
    );
    Ok((headers, Redirect::to(&link)).into_response())
}

/// `GET /return/{id}`: sends the browser that started on with its outcome, and
/// ends the check as a mismatch for any other.
pub(super) async fn back(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(returned): Query<Returned>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let session = known(&app, &id, address).await?;
    let same_device = session.same_device.as_ref().ok_or(ApiError::NotFound)?;
    if session.answer.is_none() {
        return Err(ApiError::NotFound);
    }
    let code = returned.response_code.unwrap_or_default();
    let secret = bound_browser(&app, &id).read(&headers).unwrap_or_default();
    if !(same(&code, &same_device.response_code) & same(secret, &same_device.browser_secret)) {
        app.store.fail_mismatch(&id).await?;
        return match &session.return_url {
            // A page that says so, to whoever stands before it.
            Some(address) => Ok(on(address)),
            None => Err(ApiError::SessionMismatch),
        };
    }
    if let Some(address) = &session.return_url {
        app.store.release(&id).await?;
        return Ok(on(address));
    }
    let business = app.business_of(&session)?;
    let check = business.check(&session.check_id)?;
    let mut url = check.return_url().ok_or(ApiError::NotFound)?.clone();
    app.store.came_back(&id).await?;
    url.query_pairs_mut()
        .append_pair("session", &id)
        .append_pair("response_code", &same_device.response_code);
    Ok(on(url.as_str()))
}

/// The session of that name; whoever tries many other names hears less.
async fn known(app: &App, id: &str, address: Option<Extension<ClientAddress>>) -> Result<Session, ApiError> {
    if let Some(session) = app.store.session(id).await? {
        return Ok(session);
    }
    let address = address.map(|Extension(ClientAddress(address))| address);
    Err(app.guesses.no_session(address, app.now()))
}

/// Sends the browser on; what stands in the address is for nobody else.
fn on(address: &str) -> Response {
    let headers = [(CACHE_CONTROL, "no-store"), (REFERRER_POLICY, "no-referrer")];
    (headers, Redirect::to(address)).into_response()
}

/// The cookie by which the browser that asked is known when it comes back: one a session, so that two checks in one
/// browser do not meet. A wallet brings the browser back from outside, so it is `Lax`.
pub(super) fn bound_browser(app: &App, id: &str) -> Cookie {
    Cookie::new(&app.public_url, &format!("holdfast_{id}"), SameSite::Lax)
}
