//! `cargo xtask`: the two commands of this repository, `demo` and `test`, and
//! what stands beside them.
//!
//! This binary is small on purpose: it is the first thing built from a fresh
//! clone. It installs or names what is missing, builds the workspace with one
//! selection of packages and features, and then hands over to the binaries.

mod build;
mod counts;
mod licences;
mod soak;
mod stages;
mod system;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Build, show, test and measure Holdfast",
    disable_help_subcommand = true
)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the main job from end to end: issue, show, check, revoke
    Demo {
        /// Arguments of the story: --headless, --break NAME, --breaks, --reset
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Start all services in the foreground on loopback
    Up {
        /// Arguments of the stack: --json
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Run every kind of test, at counts that fit
    Test,
    /// Run a test with far larger counts than `test` does
    Soak {
        /// What to run; without it, the names there are
        name: Option<String>,
    },
    /// Measure what we claim numbers for
    Bench {
        /// --json, and the names of rows
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
}

fn main() -> Result<()> {
    std::env::set_current_dir(build::root())?;
    match Args::parse().command {
        Command::Demo { rest } => story("demo", &rest),
        Command::Up { rest } => story("up", &rest),
        Command::Test => stages::test(),
        Command::Soak { name } => soak::run(name.as_deref()),
        Command::Bench { rest } => {
            system::ensure(system::BUILD)?;
            build::exec_release_bench(&rest)
        }
    }
}

fn story(verb: &str, rest: &[String]) -> Result<()> {
    system::ensure(&[system::BUILD, system::SECRET_SERVICE].concat())?;
    build::workspace(build::PROGRAMS)?;
    build::exec("holdfast-story", &[&[verb.to_owned()], rest].concat())
}
