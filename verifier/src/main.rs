//! `holdfast-verifier`: makes the identity of a business, and runs its verifier.

mod operators;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use service::config::Config;
use service::{Clock, SystemClock};
use verifier::{DEFAULT, Names, Reach, Settings};

use operators::OperatorCommand;

#[derive(Parser)]
#[command(
    version,
    about = "Asks wallets for the least a business needs, and says yes, no, or could not check"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes DID, keys, access certificate, API token and the application for the registrar
    Init {
        /// The configuration
        #[arg(long)]
        config: Option<PathBuf>,
        /// Name of the business in English
        #[arg(long)]
        name: String,
        /// Name of the business in German
        #[arg(long)]
        name_de: Option<String>,
        /// Name of the business in French
        #[arg(long)]
        name_fr: Option<String>,
        /// Ready-made checks to begin with, by id: age-16, age-18, age-21, age-65, resident, drives-cars,
        /// is-this-person, acts-for-business. They become the file of checks, which must not be there yet
        #[arg(long, num_args = 1.., requires = "privacy_policy")]
        ready_made: Vec<String>,
        /// For ready-made checks: where the business says what it does with what it learns
        #[arg(long)]
        privacy_policy: Option<String>,
        /// For ready-made checks: the time zone in which a day begins
        #[arg(long, default_value = "UTC")]
        time_zone: String,
        /// For ready-made checks: the formats in which cards are taken, as dc+sd-jwt and mso_mdoc; else every one
        #[arg(long, num_args = 1..)]
        formats: Vec<String>,
    },
    /// Runs the service
    Serve {
        /// The configuration
        #[arg(long)]
        config: Option<PathBuf>,
        /// Also serves phones in the same network, over https with an authority of its own
        #[arg(long)]
        lan: bool,
    },
    /// Brings what checks without a network need: the ledger, organisations, status lists, landmarks
    Sync {
        /// The configuration
        #[arg(long)]
        config: Option<PathBuf>,
        /// Again and again, with so many seconds between; without it once
        #[arg(long, value_parser = clap::value_parser!(u64).range(10..=86_400))]
        every: Option<u64>,
    },
    /// Runs the desk on this device alone, without any network, on what `sync` brought
    Kiosk {
        /// The configuration
        #[arg(long)]
        config: Option<PathBuf>,
        /// Where it listens: a loopback address
        #[arg(long, default_value = "127.0.0.1:8600")]
        listen: SocketAddr,
        /// Whose desk it is, where that is not the business of the configuration
        #[arg(long)]
        business: Option<String>,
    },
    /// Says who may sign in at the desk
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Checks the configuration and the checks in it, and does nothing else
    CheckConfig {
        /// The configuration
        #[arg(long)]
        config: Option<PathBuf>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line with its causes; a backtrace would hide it.
            eprintln!("holdfast-verifier: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match arguments.command {
        Command::Init {
            config,
            name,
            name_de,
            name_fr,
            ready_made,
            privacy_policy,
            time_zone,
            formats,
        } => {
            let config = settings(config.as_deref())?;
            if !ready_made.is_empty() {
                let policy = privacy_policy.unwrap_or_default();
                verifier::write_ready_made(&config.own.checks, &ready_made, &policy, &time_zone, &formats)?;
            }
            let checks = verifier::load_checks(&config.own.checks)?;
            let names = [("en", Some(name)), ("de", name_de), ("fr", name_fr)];
            let names: BTreeMap<String, String> = names
                .into_iter()
                .filter_map(|(language, name)| Some((language.to_owned(), name?)))
                .collect();
            let made = verifier::init(&config.common, Names(names), &checks, SystemClock.now())?;
            println!("{}", made.did);
            println!("{}", made.files.application().display());
            Ok(())
        }
        Command::Serve { config, lan } => {
            service::init_log();
            let reach = if lan { Reach::LocalNetwork } else { Reach::Configured };
            verifier::serve(settings(config.as_deref())?, reach).await
        }
        Command::Sync { config, every } => {
            service::init_log();
            verifier::sync(settings(config.as_deref())?, every.map(Duration::from_secs)).await
        }
        Command::Kiosk {
            config,
            listen,
            business,
        } => {
            service::init_log();
            verifier::kiosk(settings(config.as_deref())?, listen, business.as_deref()).await
        }
        Command::Operator(command) => operators::run(command).await,
        Command::CheckConfig { config } => {
            verifier::check(&settings(config.as_deref())?.own)?;
            println!("the configuration is good");
            Ok(())
        }
    }
}

fn settings(file: Option<&Path>) -> anyhow::Result<Config<Settings>> {
    Ok(service::config::load(DEFAULT, file, std::env::vars())?)
}
