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
use service::{CancellationToken, Clock, InstanceLock, Ops, Secret, SystemClock};

use crate::app::{App, Counters, SessionLimits};
use crate::check::{Check, Words, load_checks, named_issuers, named_types};
use crate::config::Settings;
use crate::description::description;
use crate::guesses::Guesses;
use crate::identity::{Identity, IdentityFiles};
use crate::lan::Lan;
use crate::routes::router;
use crate::session::Streams;
use crate::shop::Shop;
use crate::store::Store;
use crate::trust::{Connections, FirstSeen, Refresher, Schedule, Trust, TrustView, Watch};
use crate::verdict::Pipeline;

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
    let business = Business::open(&config, clock.now())?;
    let store = Store::open(&common.data_dir.join("verifier.sqlite")).await?;
    let pack = trust_pack(&own.trust_pack, clock.now())?;
    let connections = Connections {
        trust: Arc::new(Trust::new(TrustView::new(
            pack,
            store.newest_seen().await?,
            card_types::held()?,
        ))),
        store: store.clone(),
        fetch: Arc::new(client(common, &ops)?),
        clock: Arc::clone(&clock),
        failures: ops
            .metrics()
            .counter("refresh_failures", "Ledger readings, metadata and lists that failed"),
    };
    let refresher = Arc::new(Refresher::new(connections.clone(), watch(own, &business)));
    let app = Arc::new(app(
        &config,
        business,
        connections,
        Arc::clone(&refresher),
        &ops,
        stop.clone(),
    )?);
    refresher.restore().await?;
    let lan = match reach {
        Reach::Configured => None,
        Reach::LocalNetwork => Some(Lan::open(&common.data_dir, own.lan, clock).await?),
    };
    let background = tokio::spawn({
        let (app, stop) = (Arc::clone(&app), stop.clone());
        async move {
            tokio::join!(refresher.run(ready, stop.clone()), sweep(app, stop));
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

/// Who the business is, and what it asks.
struct Business {
    identity: Identity,
    token: Secret,
    checks: BTreeMap<String, Check>,
}

impl Business {
    fn open(config: &Config<Settings>, now: u64) -> anyhow::Result<Self> {
        let Config { common, own } = config;
        let files = IdentityFiles::below(&common.data_dir);
        let host = common.public_url.host_str().unwrap_or_default();
        Ok(Self {
            identity: Identity::open(&files, own.client_id, host, now)?,
            token: api_token(&files)?,
            checks: check(own)?,
        })
    }
}

fn watch(own: &Settings, business: &Business) -> Watch {
    Watch {
        sources: own.sources(),
        own_did: business.identity.did().to_owned(),
        anchors_folder: own.issuer_anchors.clone(),
        issuers: named_issuers(&business.checks),
        types: named_types(&business.checks),
        schedule: Schedule {
            ledger: own.ledger_refresh_s.duration(),
            lists: own.status_refresh_s.duration(),
        },
    }
}

fn app(
    config: &Config<Settings>,
    business: Business,
    connections: Connections,
    refresher: Arc<Refresher>,
    ops: &Ops,
    stop: CancellationToken,
) -> anyhow::Result<App> {
    let Config { common, own } = config;
    let Business {
        identity,
        token,
        checks,
    } = business;
    let Connections {
        trust, store, clock, ..
    } = connections;
    let first_seen = own
        .fetch_foreign_lists
        .then(|| FirstSeen::new(refresher, Arc::clone(&trust), Arc::clone(&clock)));
    let app = App {
        public_url: common.public_url.clone(),
        token,
        identity,
        checks,
        words: Words::built_in()?,
        sign_in: SignIn::new(store.sqlite().clone(), Arc::clone(&clock), &common.public_url),
        idempotency: Idempotency::new(store.sqlite().clone(), Arc::clone(&clock)),
        streams: Streams::new(own.event_streams, stop),
        shop: own.shop.as_ref().map(Shop::new),
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
fn client(common: &Common, ops: &Ops) -> anyhow::Result<Client> {
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

async fn sweep(app: Arc<App>, stop: CancellationToken) {
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
