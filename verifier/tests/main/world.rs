//! A verifier, an agency, a citizen and a ledger in one process.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use did::identity::{Organisation, OrganisationKeys};
use http::{Request, Response, StatusCode};
use jose::{JwsHeader, PrivateJwk};
use ledger::{Kind, ListContent, Scope, UnverifiedLandmark};
use serde_json::{Value, json};
use service::idempotency::Idempotency;
use service::signin::SignIn;
use service::{AddressLimit, CancellationToken, Clock, Metrics, Secret, TestClock};
use status_list::{Bits, Status, StatusClaims, StatusList, sign_token};
use tempfile::TempDir;
use testkit::certificates::Authority;
use testkit::credential::{key, signer, vct};
use testkit::{Cosignatures, Ledger};
use tower::ServiceExt;
use verifier::{
    App, Business, Businesses, ClientIdKind, Connections, Counters, Engine, EvidenceFolder, FirstSeen, Guesses, Home,
    Identity, IdentityFiles, Names, Offline, Pipeline, Place, Refresher, Schedule, SessionLimits, Shop, ShopSettings,
    Store, Streams, Trust, TrustView, Watch, Words, load_checks, named_issuers, named_types, router,
};

use crate::site::{Reply, Site};

pub(crate) const NOW: u64 = 1_795_176_000;
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const LEDGER: &str = "https://ledger.example";
/// A mirror, where a world has one.
pub(crate) const MIRROR: &str = "https://mirror.example";
pub(crate) const LIST: &str = "https://agency.example/status/1";
/// Pages that may follow sessions at one time.
pub(crate) const STREAMS: usize = 3;
/// Wrong tokens and ids from one address.
pub(crate) const GUESSES: u32 = 40;
/// Checks that one address may try out.
pub(crate) const TRIES: u32 = 3;
/// Of those who add businesses.
pub(crate) const PROVISIONING: &str = "fedcba9876543210fedcba9876543210";
/// For the sandbox of the business of the configuration.
pub(crate) const SANDBOX: &str = "00112233445566778899aabbccddeeff";
pub(crate) const CHECKS: &str = include_str!("checks.toml");

/// What differs from one world to another.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) kind: ClientIdKind,
    pub(crate) engine: Arc<dyn Engine>,
    pub(crate) first_fetch: FirstFetch,
    pub(crate) shop: Option<ShopSettings>,
    pub(crate) place: Place,
    /// Whether businesses can be added.
    pub(crate) provisioning: bool,
    /// Log and mirrors, in the order in which they are asked.
    pub(crate) sources: &'static [&'static str],
    /// The checks file; the foreign authority may stand in it.
    pub(crate) checks: fn(&Authority) -> String,
    /// What answers before the first round, beside ledger and agency.
    pub(crate) network: fn(&Site),
}

/// Whether a foreign issuer's list is fetched when a card names it first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum FirstFetch {
    Forbidden,
    Allowed,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            kind: ClientIdKind::X509Hash,
            engine: Arc::new(Pipeline),
            first_fetch: FirstFetch::Forbidden,
            shop: None,
            place: Place::Service,
            provisioning: false,
            sources: &[LEDGER],
            checks: |_| CHECKS.to_owned(),
            network: |_| (),
        }
    }
}

pub(crate) struct World {
    options: Options,
    pub(crate) ledger: Ledger,
    pub(crate) agency: Organisation,
    pub(crate) business: Organisation,
    pub(crate) holder: PrivateJwk,
    pub(crate) statuses: StatusList,
    pub(crate) foreign: Authority,
    pub(crate) site: Arc<Site>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) metrics: Metrics,
    pub(crate) app: Arc<App>,
    pub(crate) refresher: Arc<Refresher>,
    pub(crate) router: Router,
    pub(crate) folder: TempDir,
    /// DIDs of businesses that were added.
    pub(crate) added: Vec<String>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(TestClock::at(NOW));
        let site = Arc::new(Site::new());
        (options.network)(&site);
        let mut ledger = Ledger::new(NOW);
        let foreign = Authority::new("foreign root");
        let business = enter_business(&folder, &mut ledger, &(options.checks)(&foreign));
        let agency = ledger.create("agency.example");
        ledger.accredit(&agency, "Agency", &[&vct("person-identification"), &vct("residence")]);
        std::fs::create_dir(folder.path().join("anchors")).unwrap();
        std::fs::write(folder.path().join("anchors/foreign.pem"), foreign.pem()).unwrap();
        let metrics = Metrics::new();
        Counters::observe_refusals(&metrics, site.client());
        let (app, refresher) = start(&folder, &ledger, &site, &clock, &metrics, options.clone()).await;
        let mut world = Self {
            options,
            router: router(Arc::clone(&app)),
            holder: key(50),
            statuses: StatusList::new(Bits::Two, 1024),
            ledger,
            agency,
            business,
            foreign,
            site,
            clock,
            metrics,
            app,
            refresher,
            folder,
            added: Vec::new(),
        };
        world.publish_lists();
        world.refresh().await;
        world
    }

    /// Stops the service without a farewell and starts it on the same files.
    pub(crate) async fn restart(&mut self) {
        let options = self.options.clone();
        let (app, refresher) = start(
            &self.folder,
            &self.ledger,
            &self.site,
            &self.clock,
            &self.metrics,
            options,
        )
        .await;
        self.router = router(Arc::clone(&app));
        (self.app, self.refresher) = (app, refresher);
    }

    /// The agency publishes its lists, of bits too where a check needs them, and anchors them.
    pub(crate) fn publish_lists(&mut self) {
        self.publish_lists_as_they_are();
        if (self.options.checks)(&self.foreign).contains("ldp_vc") {
            self.publish_bits(&self.statuses);
        }
    }

    /// The same without those of bits.
    pub(crate) fn publish_lists_as_they_are(&mut self) {
        let token = self.list_token(&self.statuses, 3600);
        self.site.set(LIST, Reply::Body(token.clone().into_bytes()));
        let content = ListContent {
            uri: LIST,
            bits: self.statuses.bits().number(),
            bytes: self.statuses.bytes(),
        };
        self.ledger.set_now(self.clock.now());
        self.ledger.snapshot(&self.agency, &[(content, token.as_bytes())]);
    }

    pub(crate) fn list_token(&self, list: &StatusList, ttl: u64) -> String {
        let (kid, key) = self.agency.assertion_key().unwrap();
        let said = StatusClaims {
            uri: LIST,
            issued_at: self.clock.now(),
            expires: self.clock.now() + 24 * 3600,
            time_to_live: ttl,
            aggregation_uri: None,
        };
        let header = JwsHeader::new(jose::Algorithm::Es256).with_kid(kid.to_string());
        sign_token(header, &said, list, &signer(key)).unwrap()
    }

    /// The ledger publishes, with these cosignatures.
    pub(crate) fn publish_with(&mut self, cosignatures: &Cosignatures) {
        let business = self.business.did().to_string();
        let agency = self.agency.did().to_string();
        let own = self.ledger.bundle_with(&business, cosignatures);
        let bundle = self.ledger.bundle_with(&agency, cosignatures);
        let accredited = self.ledger.record(&agency).accreditation_entry().is_some();
        let set: Vec<&[u8]> = if accredited { vec![&bundle] } else { Vec::new() };
        let set = ledger::encode_bundles(set.into_iter());
        let landmark = UnverifiedLandmark::from_note(&self.ledger.publish_with(cosignatures)).unwrap();
        let landmarks = UnverifiedLandmark::encode_list(&[landmark]);
        self.site.set(&format!("{LEDGER}/landmarks"), Reply::Body(landmarks));
        self.site.set(&format!("{LEDGER}/bundle?{business}"), Reply::Body(own));
        self.site.set(&format!("{LEDGER}/bundle?{agency}"), Reply::Body(bundle));
        self.site.set(&format!("{LEDGER}/bundles/accredited"), Reply::Body(set));
        for did in &self.added {
            let bundle = self.ledger.bundle_with(did, cosignatures);
            self.site.set(&format!("{LEDGER}/bundle?{did}"), Reply::Body(bundle));
        }
    }

    pub(crate) fn publish(&mut self) {
        self.ledger.set_now(self.clock.now());
        let now = self.clock.now();
        self.publish_with(&Cosignatures::all(now));
    }

    /// One round of the timer over everything, with a ledger that is up to date.
    pub(crate) async fn refresh(&mut self) {
        self.publish();
        self.refresher.round().await;
    }

    /// Sends a request, and reads the ledger a little later, while it is under way.
    pub(crate) async fn call_before_reading(&mut self, request: Request<Body>) -> (StatusCode, Value) {
        self.publish();
        let reading = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            self.refresher.round().await;
        };
        tokio::join!(self.call(request), reading).0
    }

    pub(crate) fn set_status(&mut self, index: u64, status: Status) {
        self.statuses.set(index, status).unwrap();
        self.publish_lists();
    }

    /// Sends a request to the service.
    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> (StatusCode, Value) {
        let response = self.send(request).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 22).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Opens a session of a check.
    pub(crate) async fn open(&self, check: &str) -> Value {
        self.open_with(check, json!({})).await
    }

    pub(crate) async fn open_with(&self, check: &str, body: Value) -> Value {
        let request = Request::post(format!("/api/v1/checks/{check}/sessions"))
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(Body::from(body.to_string()))
            .unwrap();
        let (status, opened) = self.call(request).await;
        assert_eq!(status, StatusCode::OK, "{opened}");
        opened
    }

    /// What the business sees of a session.
    pub(crate) async fn outcome(&self, opened: &Value) -> Value {
        let request = Request::get(format!("/api/v1/sessions/{}", opened["id"].as_str().unwrap()))
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(Body::empty())
            .unwrap();
        let (status, outcome) = self.call(request).await;
        assert_eq!(status, StatusCode::OK, "{outcome}");
        outcome
    }

    /// Connections refused by address, as operators see it.
    pub(crate) fn blocked(&self) -> u64 {
        self.counted("ssrf_blocked")
    }

    /// The value of a counter.
    pub(crate) fn counted(&self, name: &str) -> u64 {
        let text = self.metrics.encode();
        let line = text.lines().find(|line| line.starts_with(&format!("{name}_total ")));
        line.and_then(|line| line.rsplit(' ').next())
            .map_or(0, |value| value.parse().unwrap())
    }
}

/// The business makes its identity, applies, and the registrar enters it.
fn enter_business(folder: &TempDir, ledger: &mut Ledger, text: &str) -> Organisation {
    let checks = folder.path().join("checks.toml");
    std::fs::write(&checks, text).unwrap();
    let common = common(folder);
    let names = Names(BTreeMap::from([("en".to_owned(), "Shop".to_owned())]));
    let made = verifier::init(&common, names, &load_checks(&checks).unwrap(), NOW).unwrap();
    let application = std::fs::read(made.files.application()).unwrap();
    let application: Value = serde_json::from_slice(&application).unwrap();
    let line = application["did_log_line"].as_str().unwrap();
    // Name and subject follow from the rest of the application.
    let mut scope = application["scope"].clone();
    scope["name"] = application["name"].clone();
    scope["subject"] = json!(made.did);
    let scope: Scope = serde_json::from_value(scope).unwrap();
    let leaf = ledger.next_leaf(Kind::DidCreate, &made.did, line.as_bytes().to_vec());
    let submission = ledger.signed_by_registrar(leaf);
    ledger.write(&submission);
    let keys = std::fs::read(made.files.keys()).unwrap();
    let keys = OrganisationKeys::from_json(&keys).unwrap();
    let business = Organisation::open(keys, line).unwrap();
    ledger.register(&scope, &business);
    business
}

pub(crate) fn common(folder: &TempDir) -> service::config::Common {
    let text = format!(
        "data_dir = {:?}\nlisten = \"127.0.0.1:0\"\nops_listen = \"127.0.0.1:0\"\npublic_url = \"https://shop.example\"\n",
        folder.path()
    );
    toml::from_str(&text).unwrap()
}

async fn start(
    folder: &TempDir,
    ledger: &Ledger,
    site: &Arc<Site>,
    clock: &Arc<TestClock>,
    metrics: &Metrics,
    options: Options,
) -> (Arc<App>, Arc<Refresher>) {
    let store = Store::open(&folder.path().join("verifier.sqlite")).await.unwrap();
    let identity = Identity::open(&IdentityFiles::below(folder.path()), options.kind, "shop.example", NOW).unwrap();
    let view = TrustView::new(
        ledger.trust_pack(),
        store.newest_seen().await.unwrap(),
        card_types::held().unwrap(),
    );
    let trust = Arc::new(Trust::new(view));
    let connections = Connections {
        trust: Arc::clone(&trust),
        store: store.clone(),
        fetch: Arc::clone(site) as Arc<dyn verifier::Fetch>,
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        failures: metrics.counter("refresh_failures", "failures"),
    };
    let checks = load_checks(&folder.path().join("checks.toml")).unwrap();
    let watch = Watch {
        sources: options.sources.iter().map(|source| source.parse().unwrap()).collect(),
        evidence: EvidenceFolder::below(folder.path()),
        own_did: identity.did().to_owned(),
        anchors_folder: folder.path().join("anchors"),
        issuers: named_issuers(&checks),
        types: named_types(&checks),
        schedule: Schedule {
            ledger: Duration::from_secs(60),
            lists: Duration::from_secs(60),
        },
    };
    let refresher = Arc::new(Refresher::new(connections, watch));
    let public_url: url::Url = "https://shop.example".parse().unwrap();
    let main = Business::main(identity, checks, Secret::try_from(TOKEN.to_owned()).unwrap());
    let home = Home::new(folder.path(), &public_url, options.kind);
    let mut businesses = Businesses::load(main, home, &store, &trust, NOW).await.unwrap();
    if options.place == Place::Service {
        let files = IdentityFiles::below(folder.path());
        let identity = Identity::open(&files, ClientIdKind::X509Hash, "shop.example", NOW).unwrap();
        businesses = businesses.with_anonymous(Business::anonymous(identity, &public_url).unwrap());
    }
    refresher.restore().await.unwrap();
    let app = Arc::new(App {
        sign_in: SignIn::new(store.sqlite().clone(), Arc::clone(clock) as Arc<dyn Clock>, &public_url),
        idempotency: Idempotency::new(store.sqlite().clone(), Arc::clone(clock) as Arc<dyn Clock>),
        streams: Streams::new(STREAMS, CancellationToken::new()),
        shop: options.shop.as_ref().map(Shop::new),
        offline: Offline::new(options.place, EvidenceFolder::below(folder.path())),
        guesses: Guesses::new(GUESSES),
        words: Words::built_in().unwrap(),
        public_url,
        businesses,
        provisioning: options
            .provisioning
            .then(|| Secret::try_from(PROVISIONING.to_owned()).unwrap()),
        sandbox: Some(Secret::try_from(SANDBOX.to_owned()).unwrap()),
        tries: AddressLimit::new(TRIES),
        store,
        trust: Arc::clone(&trust),
        first_seen: (options.first_fetch == FirstFetch::Allowed).then(|| {
            FirstSeen::new(
                Arc::clone(&refresher),
                Arc::clone(&trust),
                Arc::clone(clock) as Arc<dyn Clock>,
            )
        }),
        engine: options.engine,
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        sessions: SessionLimits {
            lifetime_s: 300,
            open: 50,
        },
        counters: Counters::register(metrics),
    });
    (app, refresher)
}
