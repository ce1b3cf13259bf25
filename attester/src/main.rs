//! `holdfast-attester`: the attester of the wallet's publisher.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use attester::{App, DEFAULT, Settings, Signing};
use clap::{Parser, Subcommand};
use service::{InstanceLock, Ops, SystemClock};

#[derive(Parser)]
#[command(
    name = "holdfast-attester",
    version,
    about = "Says which wallet keys belong to, and nothing about people"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes the signing key, and prints the key set that issuers trust.
    Init {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
    },
    /// Serves until SIGTERM.
    Serve {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
    },
    /// Checks the configuration, and does nothing else.
    CheckConfig {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line with its causes; a backtrace would hide it.
            eprintln!("holdfast-attester: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Init { config } => {
            let signing = Signing::create(&settings(&config)?.common.data_dir)?;
            println!("{}", signing.key_set());
            Ok(())
        }
        Command::Serve { config } => serve(settings(&config)?).await,
        Command::CheckConfig { config } => settings(&config).map(|_| println!("the configuration is good")),
    }
}

async fn serve(settings: Settings) -> anyhow::Result<()> {
    service::init_log();
    let stop = service::stop_on_signal()?;
    let common = settings.common.clone();
    let _lock = InstanceLock::acquire(&common.data_dir)?;
    let signing = Signing::open(&common.data_dir, settings.own.chain.as_deref())?;
    let ops = Ops::new();
    ops.describe(App::description());
    let app = App::new(settings, signing, Arc::new(SystemClock), ops.metrics());
    Ok(service::serve(&common, app.router(), &ops, stop).await?)
}

fn settings(path: &Path) -> anyhow::Result<Settings> {
    let config = service::config::load(DEFAULT, Some(path), std::env::vars())?;
    Ok(Settings::new(config)?)
}
