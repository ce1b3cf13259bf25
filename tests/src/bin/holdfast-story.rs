//! The demo: the main job told by real processes, and the services kept running
//! for others to try.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use e2e::stack::{self, Announce};
use e2e::story::{self, BREAKS, Options};

#[derive(Parser)]
#[command(
    name = "holdfast-story",
    about = "The main job from end to end, by real processes on this machine"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Tell the story and check every step
    Demo {
        /// Without a window; also what happens without this flag until there is one
        #[arg(long)]
        headless: bool,
        /// Tamper with the system from outside and see which step fails
        #[arg(long = "break", value_name = "NAME")]
        tamper: Option<String>,
        /// List what can be tampered with
        #[arg(long)]
        breaks: bool,
        /// Remove everything kept from earlier runs, and end
        #[arg(long)]
        reset: bool,
        /// Where everything is kept
        #[arg(long, default_value = ".demo/story")]
        data_dir: PathBuf,
    },
    /// Start all services in the foreground on loopback
    Up {
        /// Print one line of JSON once all of them answer
        #[arg(long)]
        json: bool,
        /// A port of somebody else on this machine that the services may reach too
        #[arg(long, value_name = "PORT")]
        allow_port: Vec<u16>,
        /// Remove everything kept from earlier runs first
        #[arg(long)]
        reset: bool,
        /// Where everything is kept
        #[arg(long, default_value = ".demo/up")]
        data_dir: PathBuf,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Demo { breaks: true, .. } => {
            for one in BREAKS {
                println!("{:<22} {} (fails: {})", one.name, one.what, one.fails);
            }
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo {
            reset: true, data_dir, ..
        } => stack::clear(&data_dir).map(|()| ExitCode::SUCCESS),
        Command::Demo { tamper, data_dir, .. } => {
            let tamper = tamper.as_deref().map(story::find_break).transpose()?;
            let told = story::tell(&Options {
                folder: std::path::absolute(data_dir)?,
                tamper,
            })
            .await?;
            Ok(if told.is_ok() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
        Command::Up {
            json,
            allow_port,
            reset,
            data_dir,
        } => {
            let folder = std::path::absolute(data_dir)?;
            if reset {
                stack::clear(&folder)?;
            }
            let announce = if json { Announce::Json } else { Announce::Text };
            stack::up(&folder, &allow_port, announce)
                .await
                .map(|()| ExitCode::SUCCESS)
        }
    }
}
