//! `holdfast-sign-in`: a small OpenID provider for development, for people who do not exist.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use issuer::development_provider::{DEFAULT, Own, Provider};
use service::config::Config;
use service::{InstanceLock, Ops, SystemClock};

#[derive(Parser)]
#[command(
    name = "holdfast-sign-in",
    version,
    about = "Lets people sign in who do not exist. For development alone"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes the keys.
    Init(Configured),
    /// Serves until SIGTERM.
    Serve(Configured),
    /// Prints the passwords of people.
    Passwords {
        #[command(flatten)]
        configured: Configured,
        /// The people's ids, as `generate-people` makes them.
        #[arg(required = true)]
        people: Vec<String>,
    },
    /// Checks the configuration, and does nothing else.
    CheckConfig(Configured),
}

#[derive(Args)]
struct Configured {
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("holdfast-sign-in: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Init(configured) => Ok(Provider::create(&settings(&configured.config)?)?),
        Command::Serve(configured) => serve(settings(&configured.config)?).await,
        Command::Passwords { configured, people } => {
            let provider = Provider::open(settings(&configured.config)?, Arc::new(SystemClock))?;
            let mut out = std::io::stdout().lock();
            for person in people {
                let password = provider.passwords().of(&person);
                let password = password.with_context(|| format!("{person} is nobody that generate-people makes"))?;
                writeln!(out, "{person} {password}")?;
            }
            Ok(())
        }
        Command::CheckConfig(configured) => settings(&configured.config).map(|_| println!("the configuration is good")),
    }
}

async fn serve(config: Config<Own>) -> anyhow::Result<()> {
    service::init_log();
    let stop = service::stop_on_signal()?;
    let _lock = InstanceLock::acquire(&config.common.data_dir)?;
    let common = config.common.clone();
    let provider = Provider::open(config, Arc::new(SystemClock))?;
    let ops = Ops::new();
    ops.describe(Provider::description());
    service::serve(&common, provider.router(), &ops, stop).await?;
    Ok(())
}

fn settings(path: &Path) -> anyhow::Result<Config<Own>> {
    Ok(service::config::load(DEFAULT, Some(path), std::env::vars())?)
}
