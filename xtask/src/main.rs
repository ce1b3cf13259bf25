//! `cargo xtask`: the two commands of this repository, `demo` and `test`, and
//! what stands beside them.
//!
//! This binary is small on purpose: it is the first thing built from a fresh
//! clone. It installs or names what is missing, builds the workspace with one
//! selection of packages and features, and then hands over to the binaries.

mod browser;
mod build;
mod catalogue;
mod conformance;
mod counts;
mod fuzz;
mod licences;
mod measure;
mod mutants;
mod schemathesis;
mod simulate;
mod sizes;
mod soak;
mod sources;
mod stages;
mod system;
mod told;
mod web;

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
    /// Start everything and open the wallet; with --headless run the main job and check it
    Demo {
        /// Arguments of the demo: --headless, --break NAME, --breaks, --reset
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
        /// Rows of the catalogue, for the mutants: only theirs
        only: Vec<String>,
    },
    /// Run histories of a log and its cosigners on disks, networks and clocks that fail, each from a seed
    Simulate {
        /// How many seeds
        #[arg(long, default_value_t = simulate::USUAL)]
        seeds: u64,
        /// The first seed; with --seeds 1 one history is repeated
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// A mistake to build in, to see it found
        #[arg(long)]
        plant: Option<String>,
    },
    /// Rows of bad input and faults: component, test, mutant
    Catalogue {
        /// Fail where a row has neither a test nor a reason
        #[arg(long)]
        check: bool,
        /// Take out the lines that say that something waits, where it waits no longer
        #[arg(long, conflicts_with = "check")]
        settle: bool,
    },
    /// Lengths of files and functions, documented items, passages that stand twice
    Measure,
    /// Take a picture of every screen and page, in every state, into docs/pictures
    Pictures {
        /// Parts of names: only what contains one of them
        only: Vec<String>,
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
        Command::Demo { rest } => demo(&rest),
        Command::Up { rest } => up(&rest),
        Command::Test => stages::test(),
        Command::Soak { name, only } => soak::run(name.as_deref(), &only),
        Command::Simulate { seeds, from, plant } => simulate::command(seeds, from, plant.as_deref()),
        Command::Catalogue { check: true, .. } => catalogue::check().and(conformance::check()),
        Command::Catalogue { settle: true, .. } => catalogue::settle().and(conformance::settle()),
        Command::Catalogue { .. } => catalogue::print(),
        Command::Measure => measure::run(),
        Command::Pictures { only } => browser::pictures(&only),
        Command::Bench { rest } => {
            system::ensure(system::BUILD)?;
            build::exec_release_bench(&rest)
        }
    }
}

/// The demo with its window, or one of the things that need none.
fn demo(rest: &[String]) -> Result<()> {
    let alone = ["--headless", "--break", "--breaks"];
    let headless = rest.iter().any(|arg| alone.contains(&arg.as_str()));
    if headless {
        system::ensure(&[system::BUILD, system::SECRET_SERVICE, system::NO_NETWORK].concat())?;
        build::workspace(build::services())?;
    } else {
        system::ensure(&[system::BUILD, system::SECRET_SERVICE, system::WINDOW].concat())?;
        web::build()?;
        build::workspace(build::Programs::All.selection())?;
    }
    build::exec("holdfast-story", &[&["demo".to_owned()], rest].concat())
}

/// The services; their pages too, where npm can build them.
fn up(rest: &[String]) -> Result<()> {
    system::ensure(&[system::BUILD, system::SECRET_SERVICE].concat())?;
    if let Err(error) = web::build() {
        eprintln!("note: the services run without their pages: {error:#}");
    }
    build::workspace(build::services())?;
    build::exec("holdfast-story", &[&["up".to_owned()], rest].concat())
}
