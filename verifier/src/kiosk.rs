//! Without a network: a kiosk that asks nobody, and the command that brings what
//! it holds while there is one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use outbound::{Limits, OutboundError};
use service::config::Config;
use service::{CancellationToken, Clock, Condition, Counter, InstanceLock, Ops, SystemClock};
use url::Url;

use crate::config::Settings;
use crate::offline::Place;
use crate::routes::router;
use crate::serve::{Parts, app, client, configured, connections, sweep, watch, with_others};
use crate::store::Store;
use crate::trust::{Fetch, Fetching, Refresher, Trust};

/// How often a kiosk looks whether `sync` has brought something.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// Nobody is asked anything. Whatever tries it is counted.
struct NoNetwork(Counter);

impl Fetch for NoNetwork {
    fn get<'a>(&'a self, url: &'a Url, _: &'a Limits) -> Fetching<'a> {
        self.0.inc();
        tracing::error!(host = url.host_str(), "a kiosk asks nobody");
        Box::pin(std::future::ready(Err::<Vec<u8>, _>(OutboundError::Blocked)))
    }
}

/// Runs the desk for the person before this device, until a stop signal. It is reached from this
/// device alone, and checks against what [`sync`] brought. The desk is that of the business of the
/// configuration, or of another one that was added.
///
/// # Errors
/// The reason in one line that names the key or the file.
pub async fn kiosk(config: Config<Settings>, listen: SocketAddr, business_id: Option<&str>) -> anyhow::Result<()> {
    let _lock = InstanceLock::acquire(&config.common.data_dir)?;
    let stop = service::stop_on_signal()?;
    let ops = Ops::new();
    let ready = ops.condition("ledger held");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let business = configured(&config, clock.now())?;
    let config = on_this_device(config, listen)?;
    let store = Store::open(&config.common.data_dir.join("verifier.sqlite")).await?;
    let nobody = ops.metrics().counter("outbound_refused", "Attempts to ask somebody");
    let connections = connections(&config, &store, Arc::new(NoNetwork(nobody)), &clock, &ops).await?;
    let trust = Arc::clone(&connections.trust);
    let refresher = Refresher::new(connections.clone(), watch(&config, &business));
    let mut businesses = with_others(&config, business, &connections).await?;
    if let Some(id) = business_id {
        let other = businesses.at_the_desk_of(id);
        businesses = other.with_context(|| format!("there is no business {id}"))?;
    }
    refresher.restore().await?;
    if let Some(behind) = trust.view().clock_behind(clock.now()) {
        tracing::error!(
            behind_s = behind,
            "the clock of this device is wrong: nothing can be checked"
        );
    }
    let parts = Parts {
        businesses,
        connections,
        first_seen: None,
        place: Place::Kiosk,
    };
    let app = Arc::new(app(&config, parts, &ops, stop.clone())?);
    let background = tokio::spawn({
        let (app, stop) = (Arc::clone(&app), stop.clone());
        async move {
            tokio::join!(look_again(refresher, trust, ready, stop.clone()), sweep(app, stop));
        }
    });
    println!("{}", config.common.public_url.join("offline")?);
    let served = service::serve(&config.common, router(app), &ops, stop.clone()).await;
    stop.cancel();
    background.await.context("the timer failed")?;
    store.close().await;
    served?;
    Ok(())
}

/// The same settings for a service that only this device reaches.
fn on_this_device(mut config: Config<Settings>, listen: SocketAddr) -> anyhow::Result<Config<Settings>> {
    let common = &mut config.common;
    anyhow::ensure!(listen.ip().is_loopback(), "a kiosk listens on a loopback address alone");
    anyhow::ensure!(
        common.ops_listen.ip().is_loopback(),
        "ops_listen: of a kiosk a loopback address"
    );
    common.listen = listen;
    // By this name browsers let a page without TLS use the camera, on this device only.
    common.public_url = Url::parse(&format!("http://localhost:{}", listen.port()))?;
    Ok(config)
}

/// Takes what `sync` has stored meanwhile. Nothing is fetched.
async fn look_again(refresher: Refresher, trust: Arc<Trust>, ready: Condition, stop: CancellationToken) {
    loop {
        ready.set(trust.view().accredited_at().is_some());
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_AGAIN) => {
                if let Err(error) = refresher.restore().await {
                    tracing::error!(%error, "what is stored was not read");
                }
            }
        }
    }
}

/// Brings checkpoints, organisations, status lists and landmarks into the store: once, or again
/// and again until a stop signal. A kiosk may run meanwhile.
///
/// # Errors
/// The reason in one line that names the key or the file; where it is done once, also that the
/// ledger could not be read.
pub async fn sync(config: Config<Settings>, every: Option<Duration>) -> anyhow::Result<()> {
    let _lock = InstanceLock::acquire(&config.common.data_dir.join("sync"))?;
    let stop = service::stop_on_signal()?;
    let ops = Ops::new();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let business = configured(&config, clock.now())?;
    let store = Store::open(&config.common.data_dir.join("verifier.sqlite")).await?;
    let fetch = Arc::new(client(&config.common, &ops)?);
    let connections = connections(&config, &store, fetch, &clock, &ops).await?;
    let trust = Arc::clone(&connections.trust);
    let refresher = Refresher::new(connections.clone(), watch(&config, &business));
    // Their records are brought too.
    with_others(&config, business, &connections).await?;
    refresher.restore().await?;
    loop {
        refresher.round().await;
        print_held(&trust, clock.now());
        let Some(pause) = every else {
            store.close().await;
            let problem = trust.view().ledger_problem();
            anyhow::ensure!(
                problem.is_none(),
                "the ledger could not be read; what was held before is held"
            );
            return Ok(());
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(pause) => {}
        }
    }
    store.close().await;
    Ok(())
}

/// What is held, and how old it is, in lines of `name value`; ages are in seconds.
fn print_held(trust: &Trust, device: u64) {
    let view = trust.view();
    let now = view.clock(device).now();
    let age = |time: Option<u64>| time.map_or_else(|| "-".to_owned(), |time| now.saturating_sub(time).to_string());
    let oldest = view.status_lists().map(|(_, held)| held.list().issued_at()).min();
    println!(
        "organisations {} age {}",
        view.organisations().count(),
        age(view.accredited_at())
    );
    println!("status lists {} age {}", view.status_lists().count(), age(oldest));
    println!("own record age {}", age(view.own_at()));
    for landmark in view.landmarks() {
        println!("landmark {} age {}", landmark.size(), age(landmark.quorum_time()));
    }
    if view.is_split() {
        println!("the log showed two histories: nothing that it says counts");
    }
    if let Some(behind) = view.clock_behind(device) {
        println!("the clock of this device is behind by {behind}");
    }
}

#[cfg(test)]
mod tests {
    use service::Metrics;

    use super::*;

    fn settings() -> Config<Settings> {
        let none = std::iter::empty::<(String, String)>();
        service::config::load(crate::DEFAULT, None, none).unwrap()
    }

    #[test]
    fn a_kiosk_is_reached_from_its_own_device_alone() {
        let listen: SocketAddr = "127.0.0.1:8600".parse().unwrap();
        let config = on_this_device(settings(), listen).unwrap();
        assert_eq!(config.common.listen, listen);
        assert_eq!(config.common.public_url.as_str(), "http://localhost:8600/");
        for outside in ["0.0.0.0:8600", "192.0.2.1:8600", "[::]:8600"] {
            assert!(
                on_this_device(settings(), outside.parse().unwrap()).is_err(),
                "{outside}"
            );
        }
        let mut open = settings();
        open.common.ops_listen = "0.0.0.0:9443".parse().unwrap();
        assert!(on_this_device(open, listen).is_err());
    }

    #[tokio::test]
    async fn a_kiosk_asks_nobody_and_counts_who_tries() {
        let metrics = Metrics::new();
        let nobody = NoNetwork(metrics.counter("outbound_refused", "attempts"));
        let address: Url = "https://ledger.example/bundle".parse().unwrap();
        let refused = nobody.get(&address, &Limits::MESSAGE).await;
        assert!(matches!(refused, Err(OutboundError::Blocked)));
        assert!(metrics.encode().contains("outbound_refused_total 1"));
    }
}
