//! The browser in a check on the same device. OpenID4VP 1.0 §14.2
//!
//! The browser that starts gets a cookie; the wallet opens an address with the
//! response code. Only where both come together is the outcome told.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::header::{CACHE_CONTROL, COOKIE, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use oid4vp::{RequestUri, RequestUriMethod, SessionState, WalletScheme};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::app::App;
use crate::error::ApiError;

/// The query of `/return/{id}`.
#[derive(Debug, Deserialize)]
pub(super) struct Returned {
    response_code: Option<String>,
}

/// `GET /start/{id}`: binds the browser, then opens the wallet. Only the first
/// browser is bound, and only before a wallet has seen the request.
pub(super) async fn start(State(app): State<Arc<App>>, Path(id): Path<String>) -> Result<Response, ApiError> {
    let session = app.store.session(&id).await?.ok_or(ApiError::NotFound)?;
    let same_device = session.same_device.as_ref().ok_or(ApiError::NotFound)?;
    if session.progress.state(app.now()) != SessionState::Open || !app.store.bind_browser(&id).await? {
        return Err(ApiError::Closed);
    }
    let target = app.address(&format!("/openid4vp/request/{}", session.wallet_id));
    let link = RequestUri::new(app.identity.client_id(), target, RequestUriMethod::Post);
    let secure = if app.public_url.scheme() == "https" {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax{secure}",
        cookie_name(&id),
        same_device.browser_secret
    );
    let headers = [(SET_COOKIE, cookie), (CACHE_CONTROL, "no-store".to_owned())];
    Ok((headers, Redirect::to(&link.to_link(WalletScheme::Openid4vp))).into_response())
}

/// `GET /return/{id}`: releases the outcome to the browser that started, and
/// ends the check as a mismatch for any other.
pub(super) async fn back(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    Query(returned): Query<Returned>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let session = app.store.session(&id).await?.ok_or(ApiError::NotFound)?;
    let same_device = session.same_device.as_ref().ok_or(ApiError::NotFound)?;
    if session.answer.is_none() {
        return Err(ApiError::NotFound);
    }
    let code = returned.response_code.unwrap_or_default();
    let secret = cookie(&headers, &cookie_name(&id)).unwrap_or_default();
    if !(same(&code, &same_device.response_code) & same(secret, &same_device.browser_secret)) {
        app.store.fail_mismatch(&id).await?;
        return Err(ApiError::SessionMismatch);
    }
    app.store.release(&id).await?;
    let check = app.checks.get(&session.check_id).ok_or(ApiError::NotFound)?;
    Ok(match check.return_url() {
        Some(url) => {
            let mut url = url.clone();
            url.query_pairs_mut().append_pair("session", &id);
            Redirect::to(url.as_str()).into_response()
        }
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// One cookie a session, so that two checks in one browser do not meet.
fn cookie_name(id: &str) -> String {
    format!("holdfast_{id}")
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
