//! Running a body over its inputs.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::{Dice, Reached, Target, mutate};

/// What a replay did.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// Inputs of the project and of the vectors.
    pub seeds: usize,
    /// Inputs that once broke a promise.
    pub regressions: usize,
    /// Changed inputs.
    pub changed: usize,
    /// Seeds that went all the way.
    pub accepted: usize,
    /// Changed inputs that the parser read.
    pub read: usize,
}

/// An input that broke a promise, kept in a file.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Where it is.
    pub input: PathBuf,
    /// What the body said.
    pub message: String,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}\nThe input is kept in {}; mend the cause and move it to tests/fuzz/regressions.",
            self.message,
            self.input.display()
        )
    }
}

/// Runs every seed, every regression and `runs` changes of seeds, the same in every run.
///
/// # Errors
/// The first input that breaks a promise, written into `failures`.
pub fn replay(target: &Target, runs: usize, failures: &Path) -> Result<Replayed, Failure> {
    let (seeds, regressions) = (target.seeds(), target.regressions());
    let mut done = Replayed {
        seeds: seeds.len(),
        regressions: regressions.len(),
        changed: 0,
        accepted: 0,
        read: 0,
    };
    let mut read = Vec::new();
    for input in &seeds {
        let reached = run(target, input, failures)?;
        done.accepted += usize::from(reached == Reached::Accepted);
        if reached != Reached::Refused {
            read.push(input);
        }
    }
    for input in &regressions {
        run(target, input, failures)?;
    }
    let mut dice = Dice::new(1);
    for round in 0..runs {
        // Every other change is of a seed that is read: vectors are refused more often than not.
        let seed = match read.get(round / 2 % read.len().max(1)) {
            Some(seed) if round % 2 == 1 => seed,
            _ => &seeds[round / 2 % seeds.len()],
        };
        let other = dice.pick(&seeds).cloned().unwrap_or_default();
        let reached = run(target, &mutate(seed, &other, &mut dice), failures)?;
        done.changed += 1;
        done.read += usize::from(reached != Reached::Refused);
    }
    Ok(done)
}

/// Runs changes of seeds for so long, without any notion of coverage; the number of executions.
///
/// # Errors
/// The first input that breaks a promise, written into `failures`.
pub fn soak(target: &Target, time: Duration, chance: u64, failures: &Path) -> Result<u64, Failure> {
    let mut seeds = target.seeds();
    // As in a replay, what is read comes up more often.
    for input in seeds.clone() {
        if run(target, &input, failures)? != Reached::Refused {
            seeds.extend(std::iter::repeat_n(input, 4));
        }
    }
    let (begun, mut dice, mut executions) = (Instant::now(), Dice::new(chance), 0);
    while begun.elapsed() < time {
        let seed = dice.pick(&seeds).cloned().unwrap_or_default();
        let other = dice.pick(&seeds).cloned().unwrap_or_default();
        run(target, &mutate(&seed, &other, &mut dice), failures)?;
        executions += 1;
    }
    Ok(executions)
}

fn run(target: &Target, input: &[u8], failures: &Path) -> Result<Reached, Failure> {
    catch_unwind(AssertUnwindSafe(|| target.run(input))).map_err(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        let message = message.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let folder = failures.join(target.name);
        let file = folder.join(tlog::leaf_hash(input).to_string().replace(['/', '+', '='], "")[..16].to_owned());
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(&file, input))
            .expect("a folder that can be written to");
        Failure {
            input: file,
            message: message.unwrap_or_default(),
        }
    })
}
