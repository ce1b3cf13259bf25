//! The witness program.

use std::process::ExitCode;

use anchor::failure::in_one_line;
use anchor::witness::Command;
use clap::Parser;

/// Cosigns checkpoints of logs, so that none of them can show two faces.
#[derive(Debug, Parser)]
#[command(name = "holdfast-witness", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().command.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("holdfast-witness: {}", in_one_line(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}
