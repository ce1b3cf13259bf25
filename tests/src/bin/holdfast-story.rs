//! The demo: the main job told by real processes, and the services kept running
//! for others to try.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use e2e::demo;
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
    /// Start everything and open the wallet; or tell the story and check every step
    Demo {
        /// Tell the story, without a window
        #[arg(long)]
        headless: bool,
        /// Tamper with the system from outside and see which step fails
        #[arg(long = "break", value_name = "NAME")]
        tamper: Option<String>,
        /// List what can be tampered with
        #[arg(long)]
        breaks: bool,
        /// Remove everything kept from earlier runs first
        #[arg(long)]
        reset: bool,
        /// Where everything is kept
        #[arg(long, default_value = ".demo")]
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
            headless: false,
            tamper: None,
            reset,
            data_dir,
            ..
        } => {
            let folder = std::path::absolute(data_dir)?.join(WINDOW);
            if reset {
                stack::clear(&folder)?;
            }
            demo::show(&folder).await.map(|()| ExitCode::SUCCESS)
        }
        // The story always begins on an empty folder.
        Command::Demo { tamper, data_dir, .. } => tell(&data_dir, tamper.as_deref()).await,
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

/// The story, on a folder that is emptied first.
async fn tell(data_dir: &Path, tamper: Option<&str>) -> Result<ExitCode> {
    let tamper = tamper.map(story::find_break).transpose()?;
    let told = story::tell(&Options {
        folder: std::path::absolute(data_dir)?.join(STORY),
        tamper,
    })
    .await?;
    Ok(if told.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Where the story keeps what it makes, and where the demo with its window does.
const STORY: &str = "story";
const WINDOW: &str = "window";
