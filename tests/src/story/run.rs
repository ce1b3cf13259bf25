//! Runs the steps in order and stops at the first that fails.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};

use super::breaks::{BREAKS, Break};
use super::steps::STEPS;
use super::world::World;

/// How to tell the story.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where everything is kept; emptied first.
    pub folder: PathBuf,
    /// Tamper with the system from outside.
    pub tamper: Option<&'static Break>,
}

/// The step that failed.
#[derive(Debug)]
pub struct Failed {
    /// Its id.
    pub step: &'static str,
    /// Why.
    pub cause: anyhow::Error,
}

/// Tells the story on a fresh data folder. Prints one line for each step.
///
/// # Errors
/// The system cannot be set up. A failing step is the inner error.
pub async fn tell(options: &Options) -> Result<Result<(), Failed>> {
    let started = Instant::now();
    let mut world = World::prepare(&options.folder).await?;
    let told = steps(&mut world, options.tamper).await;
    let stopped = world.stop().await;
    if let Err(failed) = told {
        println!("\nfailed {}: {:#}", failed.step, failed.cause);
        println!("logs: {}", world.stack.logs().display());
        return Ok(Err(failed));
    }
    stopped.context("the services did not stop as they should")?;
    println!("\n{} steps, {:.1} s", STEPS.len(), started.elapsed().as_secs_f32());
    Ok(Ok(()))
}

async fn steps(world: &mut World, tamper: Option<&'static Break>) -> Result<(), Failed> {
    for (number, step) in (1..).zip(STEPS) {
        let failed = |cause| Failed { step: step.id, cause };
        if let Some(broken) = tamper.filter(|broken| broken.before == step.id) {
            println!("--  tampering: {}", broken.what);
            (broken.tamper)(world)
                .await
                .context("the tampering itself failed")
                .map_err(failed)?;
        }
        let begun = Instant::now();
        let checked = (step.run)(world).await.map_err(failed)?;
        println!(
            "ok {number:>2}  {}: {checked} ({:.1} s)",
            step.title,
            begun.elapsed().as_secs_f32()
        );
    }
    Ok(())
}

/// Finds a break by name.
///
/// # Errors
/// The names there are.
pub fn find_break(name: &str) -> Result<&'static Break> {
    let names = || BREAKS.iter().map(|one| one.name).collect::<Vec<_>>().join(", ");
    BREAKS
        .iter()
        .find(|one| one.name == name)
        .with_context(|| format!("no break {name}; there are: {}", names()))
}
