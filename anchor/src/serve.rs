//! `holdfast-anchor serve`.

use std::path::Path;
use std::sync::Arc;

use jose::UnixTime;
use ledger::TrustPack;
use service::config::Config;
use service::files::{PrivateFileError, read_private};
use service::{Clock, InstanceLock, InstanceLockError, Ops, SystemClock};
use tlog::{LogKey, LogSigner, SecretKeyError};
use zeroize::Zeroizing;

use crate::config::{self, Files, Settings};
use crate::log::{Identity, Log, LogKeys, Scrub, StartError, Status, StopReason};
use crate::pack::{PackError, PackFile, load_pack};
use crate::pages::{Directory, Pages, UnreadablePages};
use crate::portal::{ComplaintFiles, OpenError, Portal};
use crate::routes::App;
use crate::store::Store;

/// Why the log does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] service::config::ConfigError),
    /// Another process uses the data folder.
    #[error(transparent)]
    Instance(#[from] InstanceLockError),
    /// The key or the pack cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] service::store::StoreError),
    /// The outbound client does not start.
    #[error(transparent)]
    Outbound(#[from] outbound::BuildError),
    /// What is built in for the pages cannot be read.
    #[error("the pages cannot be made")]
    Pages(#[from] UnreadablePages),
    /// The registrar's portal does not start.
    #[error("the portal: {0}")]
    Portal(#[from] OpenError),
    /// The log does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The listeners or signals do not work.
    #[error(transparent)]
    Serve(#[from] service::ServeError),
    /// The log stopped itself.
    #[error(transparent)]
    Stopped(#[from] StopReason),
}

/// Why a log's identity cannot be used: it does not start then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The key file is missing or may be read by others.
    #[error(transparent)]
    KeyFile(#[from] PrivateFileError),
    /// The key file does not hold a log's key.
    #[error("the log key cannot be used: {0}")]
    Key(#[from] SecretKeyError),
    /// No key is the one that the trust pack names for this origin.
    #[error("the log key is not the one of the trust pack")]
    OtherKey,
    /// A key is neither the newest nor the one before, as the trust pack names them.
    #[error("log_key_files: the trust pack does not name the key {0}")]
    UnnamedKey(String),
    /// The trust pack cannot be used.
    #[error(transparent)]
    Pack(#[from] PackError),
}

/// Reads the log's keys and holds them against the trust pack.
///
/// # Errors
/// [`IdentityError`]
pub fn load_identity(files: &Files, now: UnixTime) -> Result<Identity, IdentityError> {
    let pack = load_pack(&files.trust_pack(), now)?;
    let signers: Result<Vec<LogSigner>, IdentityError> =
        files.log_keys().iter().map(|path| read_log_key(path)).collect();
    let keys = named_keys(signers?, &pack)?;
    if keys.has_one_too_many(now) {
        tracing::warn!("the log key before signs no more: take it out of log_key_files");
    }
    Ok(Identity {
        keys,
        policy: pack.policy().clone(),
        mirrors: pack.mirrors().to_vec(),
    })
}

fn read_log_key(path: &Path) -> Result<LogSigner, IdentityError> {
    let text = Zeroizing::new(read_private(path)?);
    let text = std::str::from_utf8(&text).map_err(|_| SecretKeyError::Shape)?;
    Ok(LogSigner::from_secret_text(text)?)
}

/// The keys of the files, as the trust pack names them: the newest, and the one before where it is there as well.
/// docs/ledger.md §9.1
fn named_keys(mut signers: Vec<LogSigner>, pack: &TrustPack) -> Result<LogKeys, IdentityError> {
    let mut take = |key: &LogKey| {
        let place = signers.iter().position(|signer| signer.verifier_key() == key)?;
        Some(signers.swap_remove(place))
    };
    let mut keys = LogKeys::one(take(pack.log_key()).ok_or(IdentityError::OtherKey)?);
    if let Some((key, until)) = pack.previous_log_key() {
        match take(key) {
            Some(previous) => keys = keys.and_previous(previous, until),
            None => tracing::info!("the log signs without the key before: readers need the newest trust pack"),
        }
    }
    match signers.first() {
        None => Ok(keys),
        Some(signer) => Err(IdentityError::UnnamedKey(signer.verifier_key().to_string())),
    }
}

/// Runs the log until it is told to stop, or has to.
///
/// # Errors
/// [`RunError`]
pub async fn run(path: &Path) -> Result<(), RunError> {
    let settings = config::load(path)?;
    let common = &settings.common;
    let _instance = InstanceLock::acquire(&common.data_dir)?;
    let files = Files::of(&settings);
    let clock = Arc::new(SystemClock);
    let identity = load_identity(&files, clock.now())?;
    let store = Store::open(&files.store()).await?;
    let client = Arc::new(outbound::Client::new(config::outbound_policy(common))?);
    let ops = Ops::new();
    ops.describe(match settings.own.portal {
        Some(_) => crate::description::log_with_portal(),
        None => crate::description::log(),
    });
    let blocked = Arc::clone(&client);
    ops.metrics()
        .observe("ssrf_blocked", "Requests refused because of their address", move || {
            blocked.blocked_total()
        });
    let stop = service::stop_on_signal()?;
    let log = Log::start(
        store.clone(),
        identity,
        client,
        Arc::clone(&clock) as _,
        settings.own.pace(),
        stop.clone(),
    )
    .await?;
    watch(&log, &ops);
    let directory = Directory::open(&common.data_dir).await?;
    let pack = PackFile::load(&files.trust_pack(), clock.now()).map_err(IdentityError::from)?;
    let address = common.public_url.clone();
    let mut pages = Pages::new(log.clone(), directory.clone(), pack, address, Arc::clone(&clock) as _)?;
    let portal = open_portal(&settings, clock).await?;
    if let Some(portal) = &portal {
        pages = pages.with_portal(portal.counts());
    }
    let following = tokio::spawn(directory.clone().follow(log.clone(), stop.clone()));
    let app = App::new(
        log.clone(),
        settings.own.admin_token.clone(),
        Some(files.registrar_log()),
    );
    let mut router = app.with_pages(pages).router();
    if let Some(portal) = &portal {
        router = router.merge(portal.clone().router());
    }
    let working = portal.clone().map(|portal| tokio::spawn(portal.work(stop.clone())));
    service::serve(common, router, &ops, stop).await?;
    // It has ended, or a panic of its own has ended it: either way the files can be closed.
    let _ = following.await;
    if let (Some(working), Some(portal)) = (working, portal) {
        let _ = working.await;
        portal.close().await;
    }
    directory.close().await;
    store.close().await;
    match log.status() {
        Status::Stopped(reason) => Err(reason.into()),
        _ => Ok(()),
    }
}

/// The registrar's portal, where the settings ask for one.
async fn open_portal(settings: &Config<Settings>, clock: Arc<dyn Clock>) -> Result<Option<Portal>, OpenError> {
    let Some(portal) = &settings.own.portal else {
        return Ok(None);
    };
    let token = settings.own.admin_token.clone();
    let pack = load_pack(&Files::new(&settings.common.data_dir).trust_pack(), clock.now())?;
    let reader = Arc::new(ComplaintFiles::new(pack));
    let opened = Portal::open(&settings.common, portal, token, clock, reader).await?;
    Ok(Some(opened))
}

/// Shows operators whether the log can work. Ready means: enough cosigners answered, a quorum
/// was reached not too long ago (a log without one takes entries and publishes none), and what is
/// stored is what was committed.
pub fn watch(log: &Log, ops: &Ops) {
    let metrics = ops.metrics();
    let (committed, published, rounds) = (log.clone(), log.clone(), log.watch_quorum());
    metrics.observe("ledger_entries_committed", "Entries committed", move || {
        committed.committed()
    });
    metrics.observe("ledger_entries_published", "Entries published", move || {
        published.published()
    });
    let help = "Rounds of cosigning that ended without a checkpoint";
    metrics.observe("ledger_rounds_without_quorum", help, move || rounds.borrow().missed);
    let help = "Seconds between the clock of this machine and the time that the newest quorum signed";
    let clock_off = metrics.gauge("ledger_clock_off_seconds", help);
    let (passes, mismatches, unread) = (log.watch_scrub(), log.watch_scrub(), log.watch_scrub());
    let help = "Times that all of the store was hashed again and is what was committed";
    metrics.observe("ledger_scrub_passes", help, move || passes.borrow().passes);
    let help = "Times that what is stored was not what was committed";
    metrics.observe("ledger_scrub_mismatches", help, move || mismatches.borrow().mismatches);
    let help = "Times that not all of the store could be read";
    metrics.observe("ledger_scrub_unread", help, move || unread.borrow().unread);
    let (writing, quorum, store) = (
        ops.condition("writing"),
        ops.condition("quorum"),
        ops.condition("stored bytes"),
    );
    store.set(is_as_committed(&log.status(), Scrub::default()));
    let (mut status, mut reached, mut scrub) = (log.watch_status(), log.watch_quorum(), log.watch_scrub());
    tokio::spawn(async move {
        loop {
            writing.set(*status.borrow_and_update() == Status::Writing);
            let newest = *reached.borrow_and_update();
            quorum.set(newest.is_reached);
            clock_off.set(i64::try_from(newest.clock_off).unwrap_or(i64::MAX));
            store.set(is_as_committed(&status.borrow(), *scrub.borrow_and_update()));
            let changed = tokio::select! {
                changed = status.changed() => changed,
                changed = reached.changed() => changed,
                changed = scrub.changed() => changed,
            };
            if changed.is_err() {
                // The tasks that would change them have ended, or are about to: the scrubber, which may have ended
                // the others, says what it found last.
                writing.set(false);
                while status.changed().await.is_ok() {}
                store.set(is_as_committed(&status.borrow(), *scrub.borrow()));
                return;
            }
        }
    });
}

/// Whether neither this run nor an earlier one found that the store has changed.
fn is_as_committed(status: &Status, scrub: Scrub) -> bool {
    scrub.mismatches == 0 && !matches!(status, Status::Stopped(StopReason::Altered { .. }))
}
