//! `holdfast-verifier`: makes the identity of a business, and runs its verifier.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use service::{Clock, SystemClock};
use verifier::{DEFAULT, Names, Settings};

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
    },
    /// Runs the service
    Serve {
        /// The configuration
        #[arg(long)]
        config: Option<PathBuf>,
    },
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
        } => {
            let config = service::config::load::<Settings>(DEFAULT, config.as_deref(), std::env::vars())?;
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
        Command::Serve { config } => {
            service::init_log();
            let config = service::config::load::<Settings>(DEFAULT, config.as_deref(), std::env::vars())?;
            verifier::serve(config).await
        }
        Command::CheckConfig { config } => {
            let config = service::config::load::<Settings>(DEFAULT, config.as_deref(), std::env::vars())?;
            verifier::load_checks(&config.own.checks)?;
            println!("the configuration is good");
            Ok(())
        }
    }
}
