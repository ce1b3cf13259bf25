//! Starting the service from its settings.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use ledger::{TrustPack, UnverifiedTrustPack};
use outbound::{Client, Policy};
use service::config::{Common, Config, Profile};
use service::files::read_private;
use service::{CancellationToken, Clock, InstanceLock, Ops, Secret, SystemClock};

use crate::app::{App, Counters, SessionLimits};
use crate::check::load_checks;
use crate::config::Settings;
use crate::identity::{Identity, IdentityFiles};
use crate::routes::router;
use crate::store::Store;
use crate::trust::{Connections, FirstSeen, Refresher, Schedule, Trust, TrustView, Watch};
use crate::verdict::Pipeline;

/// How often what need not be kept is deleted.
const SWEEP: Duration = Duration::from_secs(60);

/// Runs the service until a stop signal.
///
/// # Errors
/// The reason in one line that names the key or the file.
pub async fn serve(config: Config<Settings>) -> anyhow::Result<()> {
    let Config { common, own } = config;
    let _lock = InstanceLock::acquire(&common.data_dir)?;
    let stop = service::stop_on_signal()?;
    let ops = Ops::new();
    let ready = ops.condition("ledger read");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let files = IdentityFiles::below(&common.data_dir);
    let identity = Identity::open(&files, own.client_id, clock.now())?;
    let token = api_token(&files)?;
    let store = Store::open(&common.data_dir.join("verifier.sqlite")).await?;
    let pack = trust_pack(&own.trust_pack, clock.now())?;
    let connections = Connections {
        trust: Arc::new(Trust::new(TrustView::new(pack, store.newest_seen().await?))),
        store: store.clone(),
        fetch: Arc::new(client(&common, &ops)?),
        clock,
        failures: ops
            .metrics()
            .counter("refresh_failures", "Ledger readings and lists that failed"),
    };
    let refresher = Arc::new(Refresher::new(connections.clone(), watch(&own, &identity)));
    let app = Arc::new(app(
        &common,
        &own,
        identity,
        token,
        connections,
        Arc::clone(&refresher),
        &ops,
    )?);
    refresher.restore().await?;
    let background = tokio::spawn({
        let (app, stop) = (Arc::clone(&app), stop.clone());
        async move {
            tokio::join!(refresher.run(ready, stop.clone()), sweep(app, stop));
        }
    });
    let served = service::serve(&common, router(app), &ops, stop.clone()).await;
    stop.cancel();
    background.await.context("the timer failed")?;
    store.close().await;
    Ok(served?)
}

fn watch(own: &Settings, identity: &Identity) -> Watch {
    Watch {
        sources: own.sources(),
        own_did: identity.did().to_owned(),
        anchors_folder: own.issuer_anchors.clone(),
        schedule: Schedule {
            ledger: own.ledger_refresh_s.duration(),
            lists: own.status_refresh_s.duration(),
        },
    }
}

fn app(
    common: &Common,
    own: &Settings,
    identity: Identity,
    token: Secret,
    connections: Connections,
    refresher: Arc<Refresher>,
    ops: &Ops,
) -> anyhow::Result<App> {
    let Connections {
        trust, store, clock, ..
    } = connections;
    let first_seen = own
        .fetch_foreign_lists
        .then(|| FirstSeen::new(refresher, Arc::clone(&trust), Arc::clone(&clock)));
    Ok(App {
        public_url: common.public_url.clone(),
        token,
        identity,
        checks: load_checks(&own.checks)?,
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
    })
}

/// The outbound client, whose refusals are counted.
fn client(common: &Common, ops: &Ops) -> anyhow::Result<Client> {
    let client = Client::new(policy(common))?;
    let blocked = client.clone();
    ops.metrics()
        .observe("ssrf_blocked", "Connections refused by address", move || {
            blocked.blocked_total()
        });
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
