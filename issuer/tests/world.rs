//! An issuer in a folder of its own, with a clock that stands still.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use issuer::identity::IdentityFiles;
use issuer::register::{self, Mode};
use issuer::store::Store;
use issuer::{App, Settings};
use serde_json::{Value, json};
use service::{Ops, TestClock};
use tower::ServiceExt;

use crate::citizens::SignInService;
use crate::ledger_service::LedgerService;

pub(crate) const NOW: u64 = 1_795_132_800 + 36_000; // 2026-11-20, ten in the morning
pub(crate) const API_TOKEN: &str = "kX3vJ9-abcdefghij";
pub(crate) const PUBLIC_URL: &str = "http://agency.localhost:7001";
pub(crate) const STATUS_URL: &str = "http://agency.localhost:7002";

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) ops: Ops,
    pub(crate) app: App,
    pub(crate) ledger: Option<LedgerService>,
    pub(crate) citizens: Option<SignInService>,
}

/// What a route answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status and `error` of the protocol, or `code` of a problem.
    pub(crate) fn refusal(&self) -> (u16, String) {
        let json = self.json();
        let code = json.get("error").or_else(|| json.get("code")).and_then(Value::as_str);
        (self.status.as_u16(), code.unwrap_or_default().to_owned())
    }
}

fn config_file(trust: &str, extra: &str) -> String {
    format!(
        r#"
        profile = "development"
        public_url = "{PUBLIC_URL}"
        status_url = "{STATUS_URL}"
        api_token = "{API_TOKEN}"
        trust = "{trust}"
        name = {{ en = "Agency", de = "Amt" }}
        status_ttl_seconds = 2
        {extra}
        "#
    )
}

fn settings(folder: &std::path::Path, text: &str) -> Settings {
    let path = folder.join("issuer.toml");
    let data_dir = folder.join("data");
    std::fs::write(&path, format!("data_dir = {data_dir:?}\n{text}")).unwrap();
    Settings::new(service::config::load(issuer::DEFAULT, Some(&path), []).unwrap()).unwrap()
}

async fn people(store: &Store) {
    let mut csv = Vec::new();
    let today = issuer::date(NOW).unwrap();
    register::generate_people(20, 7, today, &mut csv, |_| ()).unwrap();
    let report = register::import(store, csv.as_slice(), today, Mode::Apply, |_| ())
        .await
        .unwrap();
    assert_eq!((report.people, report.added), (20, 20));
}

impl World {
    /// An issuer known by its certificate alone, with twenty people.
    pub(crate) async fn x5c() -> Self {
        Self::x5c_with("").await
    }

    /// The same with further settings.
    pub(crate) async fn x5c_with(extra: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path(), &config_file("x5c", extra));
        IdentityFiles::new(&settings.common.data_dir)
            .create(&settings, NOW)
            .unwrap();
        Self::open(folder, settings, None, Arc::new(TestClock::at(NOW))).await
    }

    /// The same, and people can sign in.
    pub(crate) async fn citizens() -> Self {
        Self::citizens_with("").await
    }

    /// The same with further settings, none of them in a table of its own.
    pub(crate) async fn citizens_with(extra: &str) -> Self {
        let clock = Arc::new(TestClock::at(NOW));
        let citizens = SignInService::start(clock.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(
            folder.path(),
            &config_file("x5c", &format!("{extra}\n{}", citizens.settings())),
        );
        IdentityFiles::new(&settings.common.data_dir)
            .create(&settings, NOW)
            .unwrap();
        let mut world = Self::open(folder, settings, None, clock).await;
        world.citizens = Some(citizens);
        world
    }

    /// An issuer on a ledger, accredited for every type.
    pub(crate) async fn ledger() -> Self {
        let service = LedgerService::start(NOW).await;
        let folder = tempfile::tempdir().unwrap();
        let pack = folder.path().join("pack.json");
        std::fs::write(&pack, service.with(|ledger| ledger.trust_pack_file())).unwrap();
        let extra = format!(
            "trust_pack = {pack:?}\nledger_url = \"{}\"\noutbound_ports = [{}]\n",
            service.url(),
            service.port()
        );
        let settings = settings(folder.path(), &config_file("ledger", &extra));
        let files = IdentityFiles::new(&settings.common.data_dir);
        let agency = files.create(&settings, NOW).unwrap();
        let vcts: Vec<String> = settings
            .catalogue
            .iter()
            .map(|(_, kind)| kind.vct().to_owned())
            .collect();
        service.accredit(&agency, &vcts);
        let world = Self::open(folder, settings, Some(service), Arc::new(TestClock::at(NOW))).await;
        world.app.refresh_standing().await;
        world
    }

    async fn open(
        folder: tempfile::TempDir,
        settings: Settings,
        ledger: Option<LedgerService>,
        clock: Arc<TestClock>,
    ) -> Self {
        let ops = Ops::new();
        let app = App::open(settings, clock.clone(), ops.metrics()).await.unwrap();
        people(app.store()).await;
        Self {
            folder,
            clock,
            ops,
            app,
            ledger,
            citizens: None,
        }
    }

    /// What a kill and a new start leave: the files alone.
    pub(crate) async fn restart(&mut self) {
        let trust = if self.ledger.is_some() { "ledger" } else { "x5c" };
        let text = std::fs::read_to_string(self.folder.path().join("issuer.toml")).unwrap();
        assert!(text.contains(trust));
        let config = service::config::load(issuer::DEFAULT, Some(&self.folder.path().join("issuer.toml")), []);
        let settings = Settings::new(config.unwrap()).unwrap();
        self.ops = Ops::new();
        self.app = App::open(settings, self.clock.clone(), self.ops.metrics())
            .await
            .unwrap();
    }

    pub(crate) fn router(&self) -> Router {
        service::layers::bounded(
            self.app.router(),
            &service::layers::RequestLimits::default(),
            self.ops.metrics(),
        )
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        send(self.router(), request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// A request of the agency's own systems.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {API_TOKEN}"))
            .header("content-type", "application/json");
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn status(&self, path: &str) -> Answer {
        send(
            self.app.status_router(),
            Request::get(path).body(Body::empty()).unwrap(),
        )
        .await
    }

    /// Makes an offer; its id, code and transaction code.
    pub(crate) async fn offer(
        &self,
        credential_type: &str,
        subject: &str,
        tx_code: bool,
    ) -> (String, String, Option<String>) {
        let wanted =
            json!({ "credential_type": credential_type, "subject": subject, "tx_code": tx_code, "form": "value" });
        let answer = self.api("POST", "/api/v1/offers", wanted).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        let made = answer.json();
        let link = oid4vci::OfferLink::parse(made["offer_uri"].as_str().unwrap(), oid4vci::Transport::LoopbackHttp);
        let Ok(oid4vci::OfferLink::ByValue(offer)) = link else {
            panic!("{made}")
        };
        let code = offer.grants.pre_authorized_code.unwrap().pre_authorized_code;
        (
            made["id"].as_str().unwrap().to_owned(),
            code,
            made["tx_code"].as_str().map(str::to_owned),
        )
    }

    pub(crate) async fn offer_state(&self, id: &str) -> Value {
        self.api("GET", &format!("/api/v1/offers/{id}"), Value::Null)
            .await
            .json()
    }

    /// A counter, as the operations listener shows it.
    pub(crate) async fn counted(&self, name: &str) -> u64 {
        let request = Request::get("/metrics").body(Body::empty()).unwrap();
        let text = String::from_utf8(send(self.ops.router(), request).await.body).unwrap();
        let value = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
            .unwrap_or_else(|| panic!("{name}\n{text}"));
        value.parse().unwrap()
    }

    /// How many rows a table holds.
    pub(crate) async fn count(&self, table: &str) -> i64 {
        let query = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        sqlx::query_scalar(query)
            .fetch_one(self.app.store().reader())
            .await
            .unwrap()
    }
}

pub(crate) async fn send(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}
