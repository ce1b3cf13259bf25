//! The simulation of a log and its cosigners, which is a program of its own. docs/simulation.md

use crate::{build, soak, system};
use anyhow::{Context, Result, ensure};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Seeds of `cargo xtask test` and of the command that names none.
pub(crate) const USUAL: u64 = 10_000;
/// Says how many seeds a soak has, and how many where it does not.
pub(crate) const SOAK: (&str, u64) = ("HOLDFAST_SIMULATE_SEEDS", 100_000);

const PROGRAM: &str = "holdfast-simulate";

/// Builds the program and runs these seeds.
pub(crate) fn command(seeds: u64, from: u64, plant: Option<&str>) -> Result<()> {
    system::ensure(system::BUILD)?;
    build::workspace(build::SELECTION)?;
    run(seeds, from, plant)
}

/// Runs these seeds with the program that was built.
pub(crate) fn run(seeds: u64, from: u64, plant: Option<&str>) -> Result<()> {
    let path = build::target().join("debug").join(PROGRAM);
    let mut program = Command::new(&path);
    program.args(["--seeds", &seeds.to_string(), "--from", &from.to_string()]);
    program.args(plant.iter().flat_map(|plant| ["--plant", *plant]));
    let status = program.stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot start {}", path.display()))?;
    ensure!(status.success(), "the simulation ended with {status}");
    Ok(())
}

/// The same with far more seeds, and with commit and command printed.
pub(crate) fn soak() -> Result<()> {
    let (variable, usual) = SOAK;
    let seeds = match std::env::var(variable) {
        Ok(seeds) => seeds.parse().with_context(|| format!("{variable} is no number"))?,
        Err(_) => usual,
    };
    let begun = Instant::now();
    let result = command(seeds, 0, None);
    println!("\ncommit  {}", soak::commit());
    println!("command {variable}={seeds} cargo xtask soak simulate");
    println!("{} s", begun.elapsed().as_secs());
    result
}
