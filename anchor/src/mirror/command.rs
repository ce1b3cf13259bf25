use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;
use ledger::BlobRef;
use outbound::Client;
use service::{Clock, InstanceLock, Ops, SystemClock, init_log, serve, stop_on_signal};

use super::{Mirror, MirrorConfig, MirrorStore, follow, routes, scrub};
use crate::config::outbound_policy;
use crate::cosigner::{Keygen, load_key};
use crate::pack::{PackFile, load_pack};
use crate::pages::{Directory, Pages};
use crate::source::LogSource;

/// What `holdfast-anchor mirror` does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Mirrors and cosigns until stopped.
    Serve {
        /// The configuration, TOML.
        #[arg(long)]
        config: PathBuf,
    },
    /// Checks the configuration, the key and the trust pack, and ends.
    CheckConfig {
        /// The configuration, TOML.
        #[arg(long)]
        config: PathBuf,
    },
    /// Makes a key and prints its public part.
    Keygen(Keygen),
    /// Writes the evidence that the log showed two faces into a folder, one file each. docs/ledger.md §12.3
    Evidence {
        /// The configuration, TOML.
        #[arg(long)]
        config: PathBuf,
        /// The folder, which is made where it is missing.
        #[arg(long)]
        into: PathBuf,
    },
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// Whatever stops it, with a sentence that names the cause.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Serve { config } => serve_mirror(&config).await,
            Self::CheckConfig { config } => {
                let config = service::config::load::<MirrorConfig>("", Some(&config), std::env::vars())?;
                load_pack(&config.own.trust_pack, SystemClock.now())?;
                println!("{}", load_key(&config.own.key_file)?.verifier_key());
                Ok(())
            }
            Self::Keygen(keygen) => {
                println!("{}", keygen.make()?);
                Ok(())
            }
            Self::Evidence { config, into } => write_evidence(&config, &into).await,
        }
    }
}

async fn write_evidence(config: &Path, into: &Path) -> anyhow::Result<()> {
    let config = service::config::load::<MirrorConfig>("", Some(config), std::env::vars())?;
    let store = MirrorStore::open(&config.common.data_dir.join("mirror.db")).await?;
    std::fs::create_dir_all(into)?;
    for file in store.evidence_files().await? {
        let path = into.join(format!("{}.evidence", hex::encode(BlobRef::of(&file).hash)));
        std::fs::write(&path, file)?;
        println!("{}", path.display());
    }
    store.close().await;
    Ok(())
}

async fn serve_mirror(path: &Path) -> anyhow::Result<()> {
    init_log();
    let config = service::config::load::<MirrorConfig>("", Some(path), std::env::vars())?;
    let cosigner = load_key(&config.own.key_file)?;
    let pack = PackFile::load(&config.own.trust_pack, SystemClock.now())?;
    let _lock = InstanceLock::acquire(&config.common.data_dir)?;
    let store = MirrorStore::open(&config.common.data_dir.join("mirror.db")).await?;
    let source = LogSource::http(
        Client::new(outbound_policy(&config.common))?,
        config.own.ledger_url.clone(),
    );
    let ops = Ops::new();
    ops.describe(crate::description::mirror());
    let clock = Arc::new(SystemClock);
    let mirror = Mirror::start(
        pack.pack.clone(),
        source,
        store.clone(),
        cosigner,
        Arc::clone(&clock) as _,
        ops.metrics(),
    )
    .await?;
    tracing::info!(vkey = %mirror.verifier_key(), "mirror");
    let stop = stop_on_signal()?;
    mirror.disk().stops(&stop);
    let disk = mirror.disk().clone();
    let every = Duration::from_millis(config.own.poll_ms);
    let following = tokio::spawn(follow(mirror.clone(), every, stop.clone()));
    let (every, intact) = (
        Duration::from_secs(config.own.scrub_seconds.max(1)),
        ops.condition("stored bytes"),
    );
    let scrubbing = tokio::spawn(scrub(mirror.clone(), every, intact, stop.clone()));
    let directory = Directory::open(&config.common.data_dir).await?;
    let address = config.common.public_url.clone();
    let pages = Pages::new(mirror.clone(), directory.clone(), pack, address, clock)?;
    let listing = tokio::spawn(directory.clone().follow(mirror.clone(), stop.clone()));
    serve(&config.common, routes(mirror).merge(pages.router()), &ops, stop).await?;
    following.await?;
    scrubbing.await?;
    listing.await?;
    directory.close().await;
    store.close().await;
    Ok(disk.outcome()?)
}
