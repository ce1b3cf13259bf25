//! The witness program.

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
async fn main() -> anyhow::Result<()> {
    Cli::parse().command.run().await
}
