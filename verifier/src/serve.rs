//! Starting the service from its settings.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use ledger::{TrustPack, UnverifiedTrustPack};
use outbound::{Client, Policy};
use service::config::{Common, Config, Profile};
use service::files::read_private;
use service::idempotency::Idempotency;
use service::layers::bounded;
use service::signin::SignIn;
use service::{AddressLimit, CancellationToken, Clock, InstanceLock, Ops, Secret, SystemClock};

use crate::app::{App, Counters, SessionLimits};
use crate::business::{Business, Businesses, Home};
use crate::check::{Check, Words, load_checks, named_issuers, named_types};
use crate::config::Settings;
use crate::description::description;
use crate::guesses::Guesses;
use crate::identity::{ClientIdKind, Identity, IdentityFiles};
use crate::lan::Lan;
use crate::offline::{Offline, Place};
use crate::routes::router;
use crate::session::Streams;
use crate::shop::Shop;
use crate::store::Store;
use crate::trust::{Connections, EvidenceFolder, Fetch, FirstSeen, Refresher, Schedule, Trust, TrustView, Watch};
use crate::verdict::Pipeline;
use crate::webhook::Deliveries;

/// How often what need not be kept is deleted.
const SWEEP: Duration = Duration::from_secs(60);

/// Who reaches the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Whoever reaches the configured address.
    Configured,
    /// Phones in the local network as well, over https.
    LocalNetwork,
}

/// Runs the service until a stop signal.
///
/// # Errors
/// The reason in one line that names the key or the file.
pub async fn serve(config: Config<Settings>, reach: Reach) -> anyhow::Result<()> {
    let Config { common, own } = &config;
    let _lock = InstanceLock::acquire(&common.data_dir)?;
    let stop = service::stop_on_signal()?;
    let ops = Ops::new();
    let ready = ops.condition("ledger read");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let business = configured(&config, clock.now())?;
    let store = Store::open(&common.data_dir.join("verifier.sqlite")).await?;
    let client = client(common, &ops)?;
    let connections = connections(&config, &store, Arc::new(client.clone()), &clock, &ops).await?;
    let refresher = Arc::new(Refresher::new(connections.clone(), watch(&config, &business)));
    let businesses = with_others(&config, business, &connections).await?;
    let first_seen = own.fetch_foreign_lists.then(|| {
        FirstSeen::new(
            Arc::clone(&refresher),
            Arc::clone(&connections.trust),
            Arc::clone(&clock),
        )
    });
    let parts = Parts {
        businesses: businesses.with_anonymous(anonymous(&config, clock.now())?),
        connections,
        first_seen,
        place: Place::Service,
    };
    let app = Arc::new(app(&config, parts, &ops, stop.clone())?);
    refresher.restore().await?;
    let lan = match reach {
        Reach::Configured => None,
        Reach::LocalNetwork => Some(Lan::open(&common.data_dir, own.lan, clock).await?),
    };
    let background = tokio::spawn({
        let (app, stop) = (Arc::clone(&app), stop.clone());
        async move {
            let deliveries = Deliveries::new(Arc::clone(&app), client);
            tokio::join!(
                refresher.run(ready, stop.clone()),
                deliveries.run(stop.clone()),
                sweep(app, stop)
            );
        }
    });
    let routes = router(app);
    let local = async {
        let Some(lan) = lan else { return Ok(()) };
        lan.announce(common)?;
        let routes = bounded(routes.clone(), &common.limits, ops.metrics());
        lan.serve(routes, common, stop.clone()).await
    };
    let public = async {
        let served = service::serve(common, routes.clone(), &ops, stop.clone()).await;
        stop.cancel();
        served
    };
    let (served, local) = tokio::join!(public, local);
    background.await.context("the timer failed")?;
    store.close().await;
    served?;
    local
}

/// What is held, where it is kept, and where it comes from.
pub(crate) async fn connections(
    config: &Config<Settings>,
    store: &Store,
    fetch: Arc<dyn Fetch>,
    clock: &Arc<dyn Clock>,
    ops: &Ops,
) -> anyhow::Result<Connections> {
    let pack = trust_pack(&config.own.trust_pack, clock.now())?;
    let view = TrustView::new(pack, store.newest_seen().await?, card_types::held()?);
    let failures = "Ledger readings, metadata and lists that failed";
    let trust = Arc::new(Trust::new(view));
    observe_split(ops, &trust);
    Ok(Connections {
        trust,
        store: store.clone(),
        fetch,
        clock: Arc::clone(clock),
        failures: ops.metrics().counter("refresh_failures", failures),
    })
}

/// Shows as `ledger_split_total` that the log showed two histories: 1 from then on.
fn observe_split(ops: &Ops, trust: &Arc<Trust>) {
    let trust = Arc::clone(trust);
    ops.metrics()
        .observe("ledger_split", "Whether the log showed two histories", move || {
            u64::from(trust.view().is_split())
        });
}

/// The business of the configuration: who it is, and what it asks.
pub(crate) fn configured(config: &Config<Settings>, now: u64) -> anyhow::Result<Business> {
    let Config { common, own } = config;
    let files = IdentityFiles::below(&common.data_dir);
    let host = common.public_url.host_str().unwrap_or_default();
    let identity = Identity::open(&files, own.client_id, host, now)?;
    let token = api_token(&files)?;
    let registration = std::fs::read_to_string(files.registration()).ok();
    Ok(Business::main(identity, check(own)?, token).with_registration(registration.as_deref(), now))
}

/// The business of the configuration with those that were added to the service.
pub(crate) async fn with_others(
    config: &Config<Settings>,
    business: Business,
    connections: &Connections,
) -> anyhow::Result<Businesses> {
    let Config { common, own } = config;
    let home = Home::new(&common.data_dir, &common.public_url, own.client_id);
    let now = connections.clock.now();
    Ok(Businesses::load(business, home, &connections.store, &connections.trust, now).await?)
}

/// What anybody may ask for, by the certificate of the business of the configuration.
fn anonymous(config: &Config<Settings>, now: u64) -> anyhow::Result<Business> {
    let common = &config.common;
    let files = IdentityFiles::below(&common.data_dir);
    let host = common.public_url.host_str().unwrap_or_default();
    let identity = Identity::open(&files, ClientIdKind::X509Hash, host, now)?;
    Ok(Business::anonymous(identity, &common.public_url)?)
}

pub(crate) fn watch(config: &Config<Settings>, business: &Business) -> Watch {
    let Config { common, own } = config;
    Watch {
        evidence: EvidenceFolder::below(&common.data_dir),
        sources: own.sources(),
        own_did: business.did().to_owned(),
        anchors_folder: own.issuer_anchors.clone(),
        issuers: named_issuers(business.checks()),
        types: named_types(business.checks()),
        schedule: Schedule {
            ledger: own.ledger_refresh_s.duration(),
            lists: own.status_refresh_s.duration(),
        },
    }
}

/// What a service is put together from.
pub(crate) struct Parts {
    pub(crate) businesses: Businesses,
    pub(crate) connections: Connections,
    pub(crate) first_seen: Option<FirstSeen>,
    pub(crate) place: Place,
}

pub(crate) fn app(config: &Config<Settings>, parts: Parts, ops: &Ops, stop: CancellationToken) -> anyhow::Result<App> {
    let Config { common, own } = config;
    let Parts {
        businesses,
        connections,
        first_seen,
        place,
    } = parts;
    let Connections {
        trust, store, clock, ..
    } = connections;
    // The shop is for customers, and they come over a network.
    let shop = own.shop.as_ref().filter(|_| place == Place::Service);
    let app = App {
        public_url: common.public_url.clone(),
        businesses,
        provisioning: own.provisioning_token.clone(),
        sandbox: own.sandbox_token.clone(),
        tries: AddressLimit::new(own.tries_per_address),
        words: Words::built_in()?,
        sign_in: SignIn::new(store.sqlite().clone(), Arc::clone(&clock), &common.public_url),
        idempotency: Idempotency::new(store.sqlite().clone(), Arc::clone(&clock)),
        streams: Streams::new(own.event_streams, stop),
        shop: shop.map(Shop::new),
        offline: Offline::new(place, EvidenceFolder::below(&common.data_dir)),
        guesses: Guesses::new(own.guesses_per_address),
        store,
        trust,
        first_seen,
        engine: Arc::new(Pipeline),
        clock,
        sessions: SessionLimits {
            lifetime_s: own.session_s,
            open: own.open_sessions,
        },
        counters: Counters::register(ops.metrics()),
    };
    ops.describe(description(&app));
    Ok(app)
}

/// Reads the checks; the example shop needs one of them.
///
/// # Errors
/// The reason in one line that names the key.
pub fn check(own: &Settings) -> anyhow::Result<BTreeMap<String, Check>> {
    let checks = load_checks(&own.checks)?;
    let of_the_shop = own.shop.as_ref().map(|shop| &shop.check);
    match of_the_shop.filter(|check| !checks.contains_key(*check)) {
        None => Ok(checks),
        Some(missing) => anyhow::bail!("shop.check: there is no check {missing}"),
    }
}

/// The outbound client, whose refusals are counted.
pub(crate) fn client(common: &Common, ops: &Ops) -> anyhow::Result<Client> {
    let client = Client::new(policy(common))?;
    Counters::observe_refusals(ops.metrics(), &client);
    Ok(client)
}

/// Reads a trust pack file.
fn trust_pack(path: &Path, now: u64) -> anyhow::Result<TrustPack> {
    let bytes = std::fs::read(path).with_context(|| format!("trust_pack: {} cannot be read", path.display()))?;
    let pack = UnverifiedTrustPack::parse(&bytes).and_then(|pack| pack.verify(None, now));
    pack.with_context(|| format!("trust_pack: {}", path.display()))
}

fn api_token(files: &IdentityFiles) -> anyhow::Result<Secret> {
    let bytes = read_private(&files.api_token())?;
    let text = String::from_utf8(bytes).context("the API token is no text")?;
    Secret::try_from(text.trim().to_owned()).context("api_token")
}

fn policy(common: &Common) -> Policy {
    match common.profile {
        Profile::Production => Policy::Public,
        Profile::Development => Policy::Development {
            ports: common.outbound_ports.clone(),
        },
    }
}

pub(crate) async fn sweep(app: Arc<App>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(SWEEP) => {
                if let Err(error) = app.sweep().await {
                    tracing::error!(?error, "nothing was swept");
                }
            }
        }
    }
}
