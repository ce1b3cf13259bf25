//! The provider's endpoints. OpenID Connect Core 1.0 §3.1

use std::sync::PoisonError;

use axum::extract::{Form, Query, RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CACHE_CONTROL, HeaderValue, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use oid4vci::PkceChallenge;
use serde::Deserialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use url::Url;

use super::{Code, Provider, RelyingParty, page};

/// For how many seconds a code is good.
const CODE_SECONDS: u64 = 60;
/// Codes at one time.
const CODES: usize = 10_000;

pub(super) fn routes(provider: Provider) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(metadata))
        .route("/keys", get(keys))
        .route("/authorize", get(ask).post(sign_in))
        .route("/token", post(token))
        .with_state(provider)
}

async fn metadata(State(provider): State<Provider>) -> Json<Value> {
    Json(provider.metadata())
}

async fn keys(State(provider): State<Provider>) -> Json<Value> {
    Json(provider.keys())
}

/// An authentication request. OpenID Connect Core 1.0 §3.1.2.1
#[derive(Deserialize)]
struct Asked {
    response_type: String,
    scope: String,
    client_id: String,
    redirect_uri: String,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

/// What somebody typed.
#[derive(Deserialize)]
struct Typed {
    person: String,
    password: String,
}

async fn ask(State(provider): State<Provider>, RawQuery(query): RawQuery, asked: Query<Asked>) -> Response {
    match provider.check(&asked) {
        Ok(_) => page::form(StatusCode::OK, &query.unwrap_or_default(), false),
        Err(why) => page::refused(why),
    }
}

async fn sign_in(
    State(provider): State<Provider>,
    RawQuery(query): RawQuery,
    Query(asked): Query<Asked>,
    Form(typed): Form<Typed>,
) -> Response {
    let (mut back, challenge) = match provider.check(&asked) {
        Ok(checked) => checked,
        Err(why) => return page::refused(why),
    };
    let person = typed.person.trim();
    if !provider.0.passwords.is_right(person, &typed.password) {
        return page::form(StatusCode::UNAUTHORIZED, &query.unwrap_or_default(), true);
    }
    let secret = service::random::token();
    let code = Code {
        client_id: asked.client_id,
        redirect_uri: asked.redirect_uri,
        challenge,
        nonce: asked.nonce,
        person: person.to_owned(),
        expires_at: provider.0.clock.now() + CODE_SECONDS,
    };
    if !provider.keep(&secret, code) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    {
        let mut query = back.query_pairs_mut();
        query.append_pair("code", &secret);
        if let Some(state) = &asked.state {
            query.append_pair("state", state);
        }
        query.append_pair("iss", &provider.issuer());
    }
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(location) = HeaderValue::from_str(back.as_str()) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// A token request. OpenID Connect Core 1.0 §3.1.3.1
#[derive(Deserialize)]
struct TokenForm {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
}

async fn token(State(provider): State<Provider>, headers: HeaderMap, Form(form): Form<TokenForm>) -> Response {
    let Some(client) = provider.client(&headers) else {
        let mut response = error(StatusCode::UNAUTHORIZED, "invalid_client");
        let challenge = HeaderValue::from_static("Basic realm=\"token\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        return response;
    };
    if form.grant_type != "authorization_code" {
        return error(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    // Taken out whatever follows: a code is looked at once.
    let mut codes = provider.0.codes.lock().unwrap_or_else(PoisonError::into_inner);
    let code = codes.remove(&form.code).filter(|code| {
        provider.0.clock.now() < code.expires_at
            && code.client_id == client.client_id
            && code.redirect_uri == form.redirect_uri
            && code.challenge.is_of(&form.code_verifier)
    });
    drop(codes);
    let Some(code) = code else {
        return error(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let Ok(id_token) = provider.id_token(&code) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let body = json!({
        // There is nothing to be had with it: this provider has no other endpoint.
        "access_token": service::random::token(),
        "token_type": "Bearer",
        "expires_in": 1,
        "id_token": id_token,
    });
    no_store(StatusCode::OK, &body)
}

impl Provider {
    /// Where the answer goes, and what its code is bound to.
    fn check(&self, asked: &Asked) -> Result<(Url, PkceChallenge), &'static str> {
        let clients = &self.0.own.clients;
        let client = clients.iter().find(|client| client.client_id == asked.client_id);
        let client = client.ok_or("Nobody of this name sends people here.")?;
        if !client.redirect_uris.contains(&asked.redirect_uri) {
            return Err("The address to go back to is not known here.");
        }
        let back = Url::parse(&asked.redirect_uri).map_err(|_| "The address to go back to is malformed.")?;
        if asked.response_type != "code" || !asked.scope.split(' ').any(|one| one == "openid") {
            return Err("Only the code flow of OpenID Connect is spoken here.");
        }
        let method = asked.code_challenge_method.as_deref();
        let challenge = PkceChallenge::parse(asked.code_challenge.as_deref(), method);
        Ok((back, challenge.map_err(|_| "PKCE with S256 is needed.")?))
    }

    fn keep(&self, secret: &str, code: Code) -> bool {
        let now = self.0.clock.now();
        let mut codes = self.0.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, code| now < code.expires_at);
        if codes.len() >= CODES {
            return false;
        }
        codes.insert(secret.to_owned(), code);
        true
    }

    /// Whoever authenticates. RFC 6749 §2.3.1
    fn client(&self, headers: &HeaderMap) -> Option<&RelyingParty> {
        let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
        let text = STANDARD.decode(header.strip_prefix("Basic ")?).ok()?;
        let text = String::from_utf8(text).ok()?;
        let (id, secret) = text.split_once(':')?;
        let plain = |text: &str| {
            let form = format!("v={text}");
            url::form_urlencoded::parse(form.as_bytes())
                .next()
                .map(|(_, value)| value.into_owned())
        };
        let (id, secret) = (plain(id)?, plain(secret)?);
        let client = self.0.own.clients.iter().find(|client| client.client_id == id)?;
        let right = client
            .client_secret
            .dangerous_reveal()
            .as_bytes()
            .ct_eq(secret.as_bytes());
        bool::from(right).then_some(client)
    }
}

fn error(status: StatusCode, code: &str) -> Response {
    no_store(status, &json!({ "error": code }))
}

fn no_store(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
