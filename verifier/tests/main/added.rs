//! A business that is added to the service, as a registrar's portal does it.

use axum::body::Body;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use did::identity::{Organisation, OrganisationKeys};
use http::{Method, Request, StatusCode};
use jose::{JwsHeader, PrivateJwk, Signer, SigningKey, sign_compact};
use ledger::{Kind, Localized, Purpose, Scope};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testkit::certificates::{Authority, Name};
use testkit::credential::key;

use crate::world::{CHECKS, NOW, Options, PROVISIONING, World};

/// A business with the check `adult`, which is registered.
pub(crate) struct Added {
    pub(crate) id: String,
    pub(crate) organisation: Organisation,
    /// Good for everything.
    pub(crate) token: String,
}

/// A service to which businesses can be added.
pub(crate) fn provisioning() -> Options {
    Options {
        provisioning: true,
        ..Options::default()
    }
}

/// A call of whoever adds businesses.
pub(crate) fn by_registrar(method: Method, path: &str, body: &Value) -> Request<Body> {
    with_token(PROVISIONING, method, path, body)
}

pub(crate) fn with_token(token: &str, method: Method, path: &str, body: &Value) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

/// The call that adds one.
pub(crate) fn adding(id: &str, key: &str) -> Request<Body> {
    let new = json!({ "id": id, "name": { "en": "Corner Shop" } });
    let mut request = by_registrar(Method::POST, "/api/v1/businesses", &new);
    request.headers_mut().insert("idempotency-key", key.parse().unwrap());
    request
}

/// A check of the file, as JSON.
pub(crate) fn check(id: &str) -> Value {
    check_of(CHECKS, id)
}

/// A check of another file.
pub(crate) fn check_of(file: &str, id: &str) -> Value {
    let file: toml::Table = file.parse().unwrap();
    let all = serde_json::to_value(&file["check"]).unwrap();
    let found = all.as_array().unwrap().iter().find(|check| check["id"] == id);
    found.unwrap().clone()
}

/// A certificate in PEM.
pub(crate) fn pem(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

/// A registration certificate of this business, until this time, by the registrar's key 8.
pub(crate) fn registration(business: &str, until: u64) -> String {
    registration_by(&key(8), &[Name::Dns("registrar.example")], business, until)
}

/// The same by whoever has this key and these names.
pub(crate) fn registration_by(key: &PrivateJwk, names: &[Name<'_>], business: &str, until: u64) -> String {
    let chain = Authority::new("registrar").certify(key.public(), names);
    let signer = SigningKey::new(key).unwrap();
    let header = JwsHeader::new(signer.algorithm())
        .with_typ("rc-wrp+jwt")
        .with_x5c(chain.x5c());
    let payload = json!({ "sub": business, "iat": NOW, "exp": until });
    sign_compact(&header, payload.to_string().as_bytes(), &signer).unwrap()
}

impl World {
    /// The state of a business, as whoever adds them sees it.
    pub(crate) async fn standing(&self, id: &str) -> Value {
        let path = format!("/api/v1/businesses/{id}");
        let (status, state) = self.call(by_registrar(Method::GET, &path, &json!({}))).await;
        assert_eq!(status, StatusCode::OK, "{state}");
        state
    }

    /// Sets its checks.
    pub(crate) async fn set_checks(&self, id: &str, checks: &[Value]) -> (StatusCode, Value) {
        let path = format!("/api/v1/businesses/{id}/checks");
        let body = json!({ "checks": checks });
        self.call(by_registrar(Method::PUT, &path, &body)).await
    }

    /// Makes a token of it with these scopes; gives its answer.
    pub(crate) async fn make_token(&self, id: &str, scopes: &[&str], expires: Option<u64>) -> Value {
        let path = format!("/api/v1/businesses/{id}/tokens");
        let body = json!({ "name": "till", "scopes": scopes, "expires": expires });
        let (status, fresh) = self.call(by_registrar(Method::POST, &path, &body)).await;
        assert_eq!(status, StatusCode::CREATED, "{fresh}");
        fresh
    }

    /// Adds a business that waits for everything else.
    pub(crate) async fn add_waiting(&mut self, id: &str) -> Organisation {
        let (status, made) = self.call(adding(id, &format!("0123456789abcdef-{id}"))).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        assert_eq!(made["application"]["kind"], "business");
        assert!(made["csr"].as_str().unwrap().contains("BEGIN CERTIFICATE REQUEST"));
        let line = made["application"]["did_log_line"].as_str().unwrap();
        let keys = self.folder.path().join(format!("businesses/{id}/keys.json"));
        let keys = OrganisationKeys::from_json(&std::fs::read(keys).unwrap()).unwrap();
        let organisation = Organisation::open(keys, line).unwrap();
        assert_eq!(organisation.did().as_str(), made["did"]);
        let (_, key) = organisation.assertion_key().unwrap();
        assert_eq!(key.public().to_value(), made["access_key"]);
        let leaf = self
            .ledger
            .next_leaf(Kind::DidCreate, organisation.did().as_str(), line.as_bytes().to_vec());
        let submission = self.ledger.signed_by_registrar(leaf);
        self.ledger.write(&submission);
        self.added.push(organisation.did().to_string());
        organisation
    }

    /// Gives a business its certificates, and enters it for its check `adult`.
    pub(crate) async fn register_added(&mut self, id: &str, organisation: &Organisation) {
        let (_, key) = organisation.assertion_key().unwrap();
        let names = [Name::Dns("shop.example"), Name::Uri(organisation.did().as_str())];
        let chain = Authority::new("registrar").certify(key.public(), &names);
        let body = json!({
            "access_certificate_chain": [pem(chain.leaf())],
            "registration_certificate": registration(organisation.did().as_str(), NOW + 365 * 86_400),
        });
        let path = format!("/api/v1/businesses/{id}/certificates");
        let (status, problem) = self.call(by_registrar(Method::PUT, &path, &body)).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{problem}");
        let purpose = self.app.businesses.main().checks()["adult"].to_purpose().unwrap();
        let scope = Scope {
            access_certificates: vec![Sha256::digest(chain.leaf()).into()],
            name: Localized::english("Corner Shop").unwrap(),
            purposes: vec![purpose],
            subject: organisation.did().clone(),
            valid_until: NOW + 365 * 86_400,
        };
        self.ledger.register(&scope, organisation);
        self.refresh().await;
    }

    /// Enters a business for its check `contact` alone.
    pub(crate) async fn narrow(&mut self, organisation: &Organisation) {
        self.write_scope(organisation, &["contact"]);
        self.refresh().await;
    }

    /// Writes what a registered business may ask from now on; nobody has read it then.
    pub(crate) fn write_scope(&mut self, organisation: &Organisation, checks: &[&str]) {
        let main = self.app.businesses.main();
        let purpose = |id: &&str| main.checks()[*id].to_purpose().unwrap();
        let purposes = checks.iter().map(purpose).collect();
        self.write_purposes(organisation, purposes);
    }

    /// The same of purposes that are no checks of the file.
    pub(crate) fn write_purposes(&mut self, organisation: &Organisation, purposes: Vec<Purpose>) {
        let scope = self.scope_of(organisation, purposes);
        self.ledger.register(&scope, organisation);
    }

    /// What a registered business may ask, with these purposes instead of its own.
    pub(crate) fn scope_of(&self, organisation: &Organisation, purposes: Vec<Purpose>) -> Scope {
        let record = self.ledger.record(organisation.did().as_str());
        Scope {
            access_certificates: record.relying_party().unwrap().certificates.clone(),
            name: Localized::english("Corner Shop").unwrap(),
            purposes,
            subject: organisation.did().clone(),
            valid_until: NOW + 365 * 86_400,
        }
    }

    /// Adds a business that may ask.
    pub(crate) async fn add(&mut self, id: &str) -> Added {
        let organisation = self.add_waiting(id).await;
        let (status, problem) = self.set_checks(id, &[check("adult")]).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{problem}");
        self.register_added(id, &organisation).await;
        let all = ["sessions:write", "sessions:read", "webhooks:write"];
        let fresh = self.make_token(id, &all, None).await;
        Added {
            id: id.to_owned(),
            organisation,
            token: fresh["token"].as_str().unwrap().to_owned(),
        }
    }

    /// Opens a session of its check `adult`.
    pub(crate) async fn try_open_of(&self, token: &str) -> (StatusCode, Value) {
        let path = "/api/v1/checks/adult/sessions";
        self.call(with_token(token, Method::POST, path, &json!({}))).await
    }

    /// The same where it must work.
    pub(crate) async fn open_of(&self, token: &str) -> Value {
        let (status, opened) = self.try_open_of(token).await;
        assert_eq!(status, StatusCode::OK, "{opened}");
        opened
    }

    /// What whoever holds a token is told of a session.
    pub(crate) async fn outcome_for(&self, token: &str, id: &Value) -> (StatusCode, Value) {
        let path = format!("/api/v1/sessions/{}", id.as_str().unwrap());
        self.call(with_token(token, Method::GET, &path, &json!({}))).await
    }

    /// Shows the person card for a session of a business; what its program is told then.
    pub(crate) async fn show_to(&self, added: &Added, opened: &Value) -> Value {
        let request = self.request_of(opened, added.organisation.did().as_str()).await;
        let shown = self.show(&self.person(3), &["age_over_18"], &request);
        assert_eq!(self.respond(request, &[("person", shown)]).await.0, StatusCode::OK);
        self.outcome_for(&added.token, &opened["id"]).await.1
    }
}
