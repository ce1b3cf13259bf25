use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;
use service::{InstanceLock, Ops, SystemClock, init_log, serve, stop_on_signal};

use super::{Witness, WitnessConfig, WitnessStore, routes};
use crate::cosigner::{Keygen, load_key};

/// What `holdfast-witness` does.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Cosigns checkpoints until stopped.
    Serve {
        /// The configuration, TOML.
        #[arg(long)]
        config: PathBuf,
    },
    /// Checks the configuration and the key, and ends.
    CheckConfig {
        /// The configuration, TOML.
        #[arg(long)]
        config: PathBuf,
    },
    /// Makes a key and prints its public part.
    Keygen(Keygen),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// Whatever stops it, with a sentence that names the cause.
    pub async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Serve { config } => serve_witness(&config).await,
            Self::CheckConfig { config } => {
                let config = service::config::load::<WitnessConfig>("", Some(&config), std::env::vars())?;
                println!("{}", load_key(&config.own.key_file)?.verifier_key());
                Ok(())
            }
            Self::Keygen(keygen) => {
                println!("{}", keygen.make()?);
                Ok(())
            }
        }
    }
}

async fn serve_witness(path: &std::path::Path) -> anyhow::Result<()> {
    init_log();
    let config = service::config::load::<WitnessConfig>("", Some(path), std::env::vars())?;
    let cosigner = load_key(&config.own.key_file)?;
    let _lock = InstanceLock::acquire(&config.common.data_dir)?;
    let store = WitnessStore::open(&config.common.data_dir.join("witness.db")).await?;
    let ops = Ops::new();
    ops.describe(crate::description::witness());
    let (logs, clock) = (&config.own.logs, Arc::new(SystemClock));
    let witness = Witness::start(logs, store.clone(), cosigner, clock, ops.metrics()).await?;
    tracing::info!(vkey = %witness.verifier_key(), logs = logs.len(), "witness");
    let stop = stop_on_signal()?;
    witness.disk().stops(&stop);
    serve(&config.common, routes(witness.clone()), &ops, stop).await?;
    store.close().await;
    Ok(witness.disk().outcome()?)
}
