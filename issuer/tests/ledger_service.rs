//! A ledger over HTTP: what the log answers, made by the test kit.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use did::identity::Organisation;
use http::StatusCode;
use ledger::{Family, Kind, Submission};
use serde::Deserialize;
use testkit::Ledger;

/// Changes a bundle on its way.
type Tamper = Box<dyn Fn(&mut Ledger, &str) -> Vec<u8> + Send>;

#[derive(Clone)]
pub(crate) struct LedgerService {
    state: Shared,
    port: u16,
}

#[derive(Clone)]
struct Shared {
    ledger: Arc<Mutex<Ledger>>,
    tamper: Arc<Mutex<Option<Tamper>>>,
    refuses: Arc<AtomicBool>,
}

impl LedgerService {
    pub(crate) async fn start(now: u64) -> Self {
        let state = Shared {
            ledger: Arc::new(Mutex::new(Ledger::new(now))),
            tamper: Arc::new(Mutex::new(None)),
            refuses: Arc::new(AtomicBool::new(false)),
        };
        let routes = Router::new()
            .route("/bundle", get(bundle))
            .route("/bundle/object", get(object))
            .route("/api/v1/entries", post(append))
            .with_state(state.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { state, port }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Ledger) -> T) -> T {
        work(&mut self.state.ledger.lock().unwrap())
    }

    /// From now on bundles are what this makes of them.
    pub(crate) fn tamper(&self, tamper: impl Fn(&mut Ledger, &str) -> Vec<u8> + Send + 'static) {
        *self.state.tamper.lock().unwrap() = Some(Box::new(tamper));
    }

    /// From now on nothing is appended: 503, as without a quorum.
    pub(crate) fn refuse_entries(&self) {
        self.state.refuses.store(true, Ordering::SeqCst);
    }

    /// What the registrar does with an application.
    pub(crate) fn accredit(&self, agency: &Organisation, vcts: &[String]) {
        self.with(|ledger| {
            let line = agency.lines()[0].clone().into_bytes();
            let leaf = ledger.next_leaf(Kind::DidCreate, agency.did().as_str(), line);
            let submission = ledger.signed_by_registrar(leaf);
            ledger.write(&submission);
            let vcts: Vec<&str> = vcts.iter().map(String::as_str).collect();
            ledger.accredit(agency, "Agency", &vcts);
        });
    }
}

#[derive(Deserialize)]
struct Asked {
    did: String,
}

async fn bundle(State(state): State<Shared>, Query(asked): Query<Asked>) -> Response {
    let mut ledger = state.ledger.lock().unwrap();
    let bytes = match &*state.tamper.lock().unwrap() {
        Some(tamper) => tamper(&mut ledger, &asked.did),
        None => ledger.lean_bundle(&asked.did),
    };
    ([("content-type", "application/cbor")], bytes).into_response()
}

#[derive(Deserialize)]
struct AskedObject {
    family: String,
    subject: String,
}

async fn object(State(state): State<Shared>, Query(asked): Query<AskedObject>) -> Response {
    let family = match asked.family.as_str() {
        "rule" => Family::Rule,
        "service" => Family::Service,
        _ => Family::Schema,
    };
    let bytes = state.ledger.lock().unwrap().object_bundle(family, &asked.subject);
    ([("content-type", "application/cbor")], bytes).into_response()
}

async fn append(State(state): State<Shared>, body: Bytes) -> StatusCode {
    if state.refuses.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let submission = Submission::parse(&body).unwrap();
    match state.ledger.lock().unwrap().try_write(&submission) {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}
