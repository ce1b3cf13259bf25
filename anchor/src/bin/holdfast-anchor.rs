//! The ledger's program.

use std::path::PathBuf;
use std::process::ExitCode;

use anchor::failure::in_one_line;
use anchor::init::NewLedger;
use anchor::registrar::Action;
use clap::{Parser, Subcommand};
use serde_json::json;

/// Runs the public ledger and works with it.
#[derive(Debug, Parser)]
#[command(name = "holdfast-anchor", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a new ledger: keys, quorum, first registrar, trust pack.
    Init {
        /// The configuration, TOML.
        #[arg(long)]
        config: PathBuf,
        #[command(flatten)]
        ledger: NewLedger,
    },
    /// Runs the log until stopped.
    Serve {
        /// The configuration, TOML.
        #[arg(long)]
        config: PathBuf,
    },
    /// Checks the configuration, and does nothing else.
    CheckConfig {
        /// The configuration, TOML.
        #[arg(long)]
        config: PathBuf,
    },
    /// Decides on agencies and businesses.
    #[command(subcommand)]
    Registrar(Action),
    /// Works with the registrar's portal.
    #[command(subcommand)]
    Portal(anchor::portal::PortalCommand),
    /// Runs a verifying mirror.
    #[command(subcommand)]
    Mirror(anchor::mirror::Command),
    /// Fetches a log and checks all of it.
    Verify(anchor::audit::Command),
    /// Checks a proof that was downloaded.
    VerifyBundle(anchor::audit::BundleCommand),
    /// Checks evidence that a log showed two faces.
    VerifyEvidence(anchor::audit::EvidenceCommand),
}

#[tokio::main]
async fn main() -> ExitCode {
    run(Cli::parse().command).await.unwrap_or_else(|error| {
        eprintln!("holdfast-anchor: {}", in_one_line(error.as_ref()));
        ExitCode::FAILURE
    })
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Init { config, ledger } => {
            let made = anchor::init::run(&config, &ledger).await?;
            println!("{}", made.to_json());
        }
        Command::Serve { config } => {
            service::init_log();
            anchor::serve::run(&config).await?;
        }
        Command::CheckConfig { config } => {
            anchor::config::load(&config)?;
            println!("the configuration is good");
        }
        Command::Registrar(action) => match action.run().await {
            Ok(done) => println!("{}", done.to_json()),
            Err(error) => {
                println!(
                    "{}",
                    json!({"ok": false, "code": error.code(), "detail": error.to_string()})
                );
                return Ok(ExitCode::FAILURE);
            }
        },
        Command::Portal(command) => println!("{}", command.run().await?),
        Command::Mirror(command) => command.run().await?,
        Command::Verify(command) => command.run().await?,
        Command::VerifyBundle(command) => command.run()?,
        Command::VerifyEvidence(command) => command.run()?,
    }
    Ok(ExitCode::SUCCESS)
}
