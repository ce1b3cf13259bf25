//! Runs the steps in order and stops at the first that fails.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::sync::{mpsc, watch};

use super::breaks::{BREAKS, Break};
use super::steps::{STEPS, Step};
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
    world.keep_wallets_open();
    let mut others = world.beside()?;
    let (tell, told) = watch::channel(0);
    let (send, done) = mpsc::unbounded_channel();
    let story = steps(&mut world, options.tamper, &tell, done);
    let told = tokio::select! {
        told = story => told,
        never = beside(&mut others, told, send) => match never {},
    };
    let stopped = tokio::join!(world.stop(), others.stop());
    if let Err(failed) = told {
        println!("\nfailed {}: {:#}", failed.step, failed.cause);
        println!("logs: {}", world.stack.logs().display());
        return Ok(Err(failed));
    }
    stopped
        .0
        .and(stopped.1)
        .context("the services did not stop as they should")?;
    println!("\n{} steps, {:.1} s", STEPS.len(), started.elapsed().as_secs_f32());
    Ok(Ok(()))
}

/// What came of a step, and how long it took.
type Outcome = (Result<String>, Duration);

/// Tells step after step; what is done beside the story is told in its place.
async fn steps(
    world: &mut World,
    tamper: Option<&'static Break>,
    told: &watch::Sender<usize>,
    mut done: mpsc::UnboundedReceiver<Outcome>,
) -> Result<(), Failed> {
    for (number, step) in (1..).zip(STEPS) {
        let failed = |cause| Failed { step: step.id, cause };
        if let Some(broken) = tamper.filter(|broken| broken.before == step.id) {
            println!("--  tampering: {}", broken.what);
            (broken.tamper)(world)
                .await
                .context("the tampering itself failed")
                .map_err(failed)?;
        }
        let (checked, time) = match step.beside {
            None => timed(step, world).await,
            Some(_) => done.recv().await.context("nobody does this step").map_err(failed)?,
        };
        let checked = checked.map_err(failed)?;
        println!(
            "ok {number:>2}  {}: {checked} ({:.1} s)",
            step.title,
            time.as_secs_f32()
        );
        told.send_replace(number);
    }
    Ok(())
}

/// Does what is done beside the story, in order, and hands over what came of it.
async fn beside(
    world: &mut World,
    mut told: watch::Receiver<usize>,
    done: mpsc::UnboundedSender<Outcome>,
) -> Infallible {
    for step in STEPS {
        let Some(after) = step.beside else { continue };
        let place = STEPS.iter().position(|one| one.id == after);
        // A step that does not exist is never told, and the story says so.
        let place = place.unwrap_or(STEPS.len());
        if told.wait_for(|&told| told > place).await.is_err() {
            break;
        }
        let outcome = timed(step, world).await;
        let failed = outcome.0.is_err();
        if done.send(outcome).is_err() || failed {
            break;
        }
    }
    drop(done);
    std::future::pending().await
}

async fn timed(step: &Step, world: &mut World) -> Outcome {
    let begun = Instant::now();
    ((step.run)(world).await, begun.elapsed())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_beside_the_story_waits_for_steps_before_it() {
        for (place, step) in STEPS.iter().enumerate() {
            if let Some(after) = step.beside {
                let before = STEPS.iter().position(|one| one.id == after);
                assert!(before.is_some_and(|before| before < place), "{}", step.id);
            }
        }
    }
}
