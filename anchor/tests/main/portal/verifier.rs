//! A verifier that serves many businesses, as far as the portal sees it; and the host of an organisation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use did::identity::Organisation;
use jose::PublicJwk;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::{Value, json};
use url::Url;

use crate::fixtures::{NOW, listen};

pub(super) const TOKEN: &str = "pV7-provisioning-0123456789";

/// What the verifier was told.
#[derive(Clone, Default)]
pub(crate) struct Stub(Arc<Mutex<Told>>);

#[derive(Default)]
pub(super) struct Told {
    /// Answers that were given, by id of the business.
    pub(super) businesses: BTreeMap<String, Value>,
    pub(super) checks: BTreeMap<String, Value>,
    pub(super) certificates: BTreeMap<String, Value>,
    /// Requests for tokens: their `Idempotency-Key` and body.
    pub(super) tokens: Vec<(String, Value)>,
    pub(super) revoked: Vec<String>,
    pub(super) webhook: Option<String>,
    /// Who signs in at the desk: name and role.
    pub(super) operators: Vec<(String, String)>,
    /// Invitations: their `Idempotency-Key`, name and role.
    pub(super) invitations: Vec<(String, String, String)>,
    /// What stands at the host of an organisation, and how often somebody looked there or where that leads.
    pub(super) host_file: HostFile,
    pub(super) looks: Vec<&'static str>,
    /// What a check of a card came to.
    pub(super) outcome: Value,
    /// Whether it names another key than the one that signs the request for a certificate.
    pub(super) lies: bool,
}

/// What a host answers where its value is expected.
#[derive(Clone, Default)]
pub(super) enum HostFile {
    #[default]
    None,
    Text(String),
    Page(String),
    /// The value stands where this leads.
    Elsewhere(String),
}

impl Stub {
    pub(super) async fn start() -> (Self, Url) {
        let stub = Self::default();
        let routes = Router::new()
            .route("/api/v1/businesses", post(create))
            .route("/api/v1/businesses/{id}/checks", put(checks))
            .route("/api/v1/businesses/{id}/certificates", put(certificates))
            .route("/api/v1/businesses/{id}/tokens", get(tokens).post(new_token))
            .route("/api/v1/businesses/{id}/tokens/{token}", delete(revoke))
            .route("/api/v1/businesses/{id}/tokens/{token}/rotate", post(new_token_of))
            .route("/api/v1/businesses/{id}/webhooks/{wid}", get(webhook).put(set_webhook))
            .route("/api/v1/businesses/{id}/operators", get(staff))
            .route("/api/v1/businesses/{id}/operators/{name}", delete(remove_operator))
            .route("/api/v1/businesses/{id}/invitations", post(invite))
            .route("/api/v1/businesses/{id}/invitations/{invitation}", delete(withdraw))
            .route("/.well-known/holdfast-registration.txt", get(host_file))
            .route("/elsewhere", get(elsewhere))
            .route("/api/v1/checks/{check}/sessions", post(open))
            .route("/api/v1/sessions/{id}", get(session))
            .with_state(stub.clone());
        let url = listen(routes).await;
        (stub, url)
    }

    pub(super) fn told<T>(&self, look: impl FnOnce(&mut Told) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The DID of a business.
    pub(super) fn did(&self, id: &str) -> String {
        self.told(|told| told.businesses[id]["did"].as_str().unwrap().to_owned())
    }
}

fn authorised(headers: &HeaderMap) -> bool {
    headers["authorization"] == format!("Bearer {TOKEN}")
}

async fn create(State(stub): State<Stub>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    assert!(authorised(&headers));
    assert!(headers.contains_key("idempotency-key"));
    let id = body["id"].as_str().unwrap().to_owned();
    let answer = stub.told(|told| {
        let lies = told.lies;
        let made = told
            .businesses
            .entry(id.clone())
            .or_insert_with(|| made(&id, &body["name"], lies));
        made.clone()
    });
    (StatusCode::CREATED, Json(answer)).into_response()
}

fn made(id: &str, name: &Value, lies: bool) -> Value {
    let organisation =
        Organisation::create(&format!("{id}.verifier.localhost"), NOW, &mut service::random::fill).unwrap();
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let named = if lies {
        jose::PrivateJwk::generate_p256(&mut service::random::fill)
            .public()
            .clone()
    } else {
        PublicJwk::from_p256_sec1(key.public_key_raw()).unwrap()
    };
    let csr = CertificateParams::default().serialize_request(&key).unwrap();
    json!({
        "id": id, "did": organisation.did().as_str(), "access_key": named.to_value(), "csr": csr.pem().unwrap(),
        "application": {"kind": "business", "name": name, "did_log_line": organisation.lines()[0]},
    })
}

async fn checks(State(stub): State<Stub>, Path(id): Path<String>, Json(body): Json<Value>) -> StatusCode {
    stub.told(|told| told.checks.insert(id, body));
    StatusCode::NO_CONTENT
}

async fn certificates(State(stub): State<Stub>, Path(id): Path<String>, Json(body): Json<Value>) -> StatusCode {
    stub.told(|told| told.certificates.insert(id, body));
    StatusCode::NO_CONTENT
}

async fn tokens(State(stub): State<Stub>) -> Json<Value> {
    let all = stub.told(|told| {
        let tokens = told.tokens.iter().enumerate();
        let one = |(number, (_, body)): (usize, &(String, Value))| {
            json!({"id": format!("t{number}"), "name": body["name"], "prefix": "hf_", "scopes": body["scopes"],
                   "created": NOW, "expires": null, "last_used_day": null})
        };
        tokens.map(one).collect::<Vec<_>>()
    });
    Json(json!(all))
}

async fn new_token(State(stub): State<Stub>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    let number = stub.told(|told| {
        let known = told.tokens.iter().position(|(known, _)| *known == key);
        known.unwrap_or_else(|| {
            told.tokens.push((key, body));
            told.tokens.len() - 1
        })
    });
    let answer = json!({"id": format!("t{number}"), "token": format!("secret-{number}"), "prefix": "hf_"});
    (StatusCode::CREATED, Json(answer)).into_response()
}

async fn new_token_of(Path((_, token)): Path<(String, String)>) -> Response {
    let answer = json!({"id": token, "token": format!("rotated-{token}"), "prefix": "hf_"});
    (StatusCode::CREATED, Json(answer)).into_response()
}

async fn revoke(State(stub): State<Stub>, Path((_, token)): Path<(String, String)>) -> StatusCode {
    stub.told(|told| told.revoked.push(token));
    StatusCode::NO_CONTENT
}

async fn host_file(State(stub): State<Stub>) -> Response {
    let file = stub.told(|told| {
        told.looks.push("host");
        told.host_file.clone()
    });
    match file {
        HostFile::None => StatusCode::NOT_FOUND.into_response(),
        HostFile::Text(text) => text.into_response(),
        HostFile::Page(text) => axum::response::Html(text).into_response(),
        HostFile::Elsewhere(_) => axum::response::Redirect::temporary("/elsewhere").into_response(),
    }
}

async fn elsewhere(State(stub): State<Stub>) -> String {
    stub.told(|told| {
        told.looks.push("elsewhere");
        match &told.host_file {
            HostFile::Elsewhere(text) => text.clone(),
            _ => String::new(),
        }
    })
}

async fn staff(State(stub): State<Stub>) -> Json<Value> {
    let (operators, invitations) = stub.told(|told| (told.operators.clone(), told.invitations.clone()));
    let operators = operators
        .into_iter()
        .map(|(name, role)| json!({"name": name, "role": role}));
    let invitations = invitations.into_iter().enumerate().map(
        |(number, (_, name, role))| json!({"id": format!("i{number}"), "name": name, "role": role, "expires": NOW + 9}),
    );
    let (operators, invitations): (Vec<_>, Vec<_>) = (operators.collect(), invitations.collect());
    Json(json!({"operators": operators, "invitations": invitations}))
}

/// One of each name, as the verifier has it.
async fn invite(State(stub): State<Stub>, headers: HeaderMap, Json(body): Json<Value>) -> Response {
    let key = headers["idempotency-key"].to_str().unwrap().to_owned();
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    let invited = (key, text("name"), text("role"));
    let exists = stub.told(|told| {
        let exists = told.operators.iter().any(|(name, _)| *name == invited.1);
        if !exists && !told.invitations.contains(&invited) {
            told.invitations.push(invited);
        }
        exists
    });
    if exists {
        return (StatusCode::CONFLICT, Json(json!({"code": "operator_exists"}))).into_response();
    }
    let fresh = json!({"id": "i0", "code": "2345-6789-ABCD-EFGH", "expires": NOW + 9});
    (StatusCode::CREATED, Json(fresh)).into_response()
}

async fn withdraw(State(stub): State<Stub>, Path((_, invitation)): Path<(String, String)>) -> StatusCode {
    let number: usize = invitation.trim_start_matches('i').parse().unwrap();
    stub.told(|told| told.invitations.remove(number));
    StatusCode::NO_CONTENT
}

async fn remove_operator(State(stub): State<Stub>, Path((_, name)): Path<(String, String)>) -> Response {
    let is_last = stub.told(|told| {
        let is_last = told.operators.len() == 1;
        if !is_last {
            told.operators.retain(|(own, _)| *own != name);
        }
        is_last
    });
    if is_last {
        return (StatusCode::CONFLICT, Json(json!({"code": "last_operator"}))).into_response();
    }
    StatusCode::NO_CONTENT.into_response()
}

async fn webhook(State(stub): State<Stub>) -> Response {
    match stub.told(|told| told.webhook.clone()) {
        Some(url) => Json(json!({"url": url, "events": ["session.closed"]})).into_response(),
        None => (StatusCode::NOT_FOUND, Json(json!({"code": "not_found"}))).into_response(),
    }
}

async fn set_webhook(State(stub): State<Stub>, Json(body): Json<Value>) -> Json<Value> {
    stub.told(|told| told.webhook = body["url"].as_str().map(str::to_owned));
    Json(json!({"secret": "whsec_once"}))
}

async fn open(headers: HeaderMap) -> Json<Value> {
    assert!(authorised(&headers));
    let link = "openid4vp://?client_id=x509_hash%3AAA&request_uri=https%3A%2F%2Fcheck.example%2F1";
    Json(json!({"id": "session-1", "request_uri": link, "qr_svg": "<svg/>", "expires_at": NOW + 300}))
}

async fn session(State(stub): State<Stub>) -> Json<Value> {
    Json(stub.told(|told| told.outcome.clone()))
}
