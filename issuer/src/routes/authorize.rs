//! The authorization endpoint, and where the provider sends people back. RFC 6749 §3.1, RFC 9126 §4

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, HeaderValue, LOCATION, REFERRER_POLICY};
use http::{HeaderMap, StatusCode};
use jose::base64url;
use oid4vci::SecretHash;
use serde::Deserialize;
use service::cookie::{Cookie, SameSite};
use service::pages::Policy;
use url::Url;

use crate::app::App;
use crate::authorization::{BeginError, Callback, FinishError, SIGN_IN_SECONDS};
use crate::error::ApiError;

/// How many bytes of a hash tell the sign-ins of one browser apart.
const SIGN_IN_BYTES: usize = 12;

/// What a browser brings. Requests that were not pushed are not taken. RFC 9126 §5
#[derive(Deserialize)]
pub(super) struct Opened {
    client_id: Option<String>,
    request_uri: Option<String>,
}

/// Sends the person to the provider, and marks the browser, so that nobody ends what another began.
pub(super) async fn begin(State(app): State<App>, Query(opened): Query<Opened>) -> Result<Response, ApiError> {
    let (Some(client_id), Some(request_uri)) = (opened.client_id, opened.request_uri) else {
        return Ok(cannot_go_on());
    };
    let browser = service::random::token();
    match app.begin_authorization(&client_id, &request_uri, &browser).await {
        Ok(sent) => {
            let mut response = to(&sent.url);
            let (name, cookie) = browser_cookie(&app, &sent.state).set_for(&browser, SIGN_IN_SECONDS);
            response.headers_mut().insert(name, cookie);
            Ok(response)
        }
        Err(BeginError::Refused(url)) => Ok(to(&url)),
        Err(BeginError::NoSuchRequest) => Ok(cannot_go_on()),
        Err(BeginError::Failed(error)) => Err(error),
    }
}

/// Takes the provider's answer, and sends the person back to the wallet. The cookie ends with the sign-in, however that
/// ended; after a failure of ours it stays, so that the browser can ask again.
pub(super) async fn signed_in(
    State(app): State<App>,
    Query(answer): Query<Callback>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let cookie = browser_cookie(&app, answer.state());
    let browser = cookie.read(&headers);
    let mut response = match app.finish_authorization(answer, browser.unwrap_or_default()).await {
        Ok(url) => to(&url),
        Err(FinishError::NoSuchSignIn) => cannot_go_on(),
        Err(FinishError::Failed(error)) => return Err(error),
    };
    if browser.is_some() {
        let (name, cleared) = cookie.clear();
        response.headers_mut().insert(name, cleared);
    }
    Ok(response)
}

/// The cookie of a browser that signs somebody in: one for each sign-in, so that two tabs do not meet. It must come
/// along when the provider sends the browser back, so it is `Lax`. RFC 6265bis §4.1.2.7
fn browser_cookie(app: &App, state: &str) -> Cookie {
    let SecretHash(hash) = SecretHash::of(state);
    let sign_in = base64url::encode(&hash[..SIGN_IN_BYTES]);
    let name = format!("holdfast_citizen_{sign_in}");
    Cookie::new(&app.0.settings.common.public_url, &name, SameSite::Lax)
}

/// RFC 9700 §4.12: 303, so that no browser repeats what it sent.
fn to(url: &Url) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::from_str(url.as_str()) {
        headers.insert(LOCATION, location);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Where nobody can be told: the address may be anybody's.
fn cannot_go_on() -> Response {
    Policy::strict().html(StatusCode::BAD_REQUEST, CANNOT_GO_ON)
}

const CANNOT_GO_ON: &str = concat!(
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">",
    "<title>Start again in your wallet</title>",
    "<h1>This sign-in cannot go on</h1>",
    "<p>It was used already, took too long, or began in another browser. Nothing was given to anybody. ",
    "Go back to your wallet and start again.</p>",
    "<p lang=\"de\">Diese Anmeldung kann nicht fortgesetzt werden. Gehen Sie zurück zu Ihrer Brieftasche und beginnen ",
    "Sie neu.</p>",
    "<p lang=\"fr\">Cette connexion ne peut pas continuer. Retournez dans votre portefeuille et recommencez.</p></html>",
);
