use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::Result;

/// How long one turn of one side lasts, about.
const TURN: Duration = Duration::from_millis(20);
/// Turns of each side.
const TURNS: usize = 101;

/// A piece of work that is measured.
pub(crate) type Work<'a> = &'a mut dyn FnMut() -> Result<()>;

/// Runs each piece of work in turns; the median rate of each, a second.
pub(crate) fn rates<const N: usize>(mut works: [Work<'_>; N]) -> Result<[f64; N]> {
    let mut counts = [0_u32; N];
    for (work, count) in works.iter_mut().zip(&mut counts) {
        *count = calls_in_a_turn(work)?;
    }
    let mut samples: [Vec<f64>; N] = std::array::from_fn(|_| Vec::with_capacity(TURNS));
    for _ in 0..TURNS {
        for ((work, count), samples) in works.iter_mut().zip(counts).zip(&mut samples) {
            let start = Instant::now();
            for _ in 0..count {
                black_box(work())?;
            }
            samples.push(f64::from(count) / start.elapsed().as_secs_f64());
        }
    }
    Ok(samples.map(median))
}

/// The rate of one piece of work in one turn, a second.
pub(crate) fn rate(mut work: Work<'_>) -> Result<f64> {
    let start = Instant::now();
    let calls = calls_in_a_turn(&mut work)?;
    Ok(f64::from(calls) / start.elapsed().as_secs_f64())
}

fn calls_in_a_turn(work: &mut Work<'_>) -> Result<u32> {
    let (start, mut calls) = (Instant::now(), 0);
    while start.elapsed() < TURN {
        work()?;
        calls += 1;
    }
    Ok(calls)
}

/// The one in the middle.
pub(crate) fn median(samples: Vec<f64>) -> f64 {
    percentile(samples, 50)
}

/// The one that so many in a hundred are below.
pub(crate) fn percentile(mut samples: Vec<f64>, percent: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() * percent / 100).copied().unwrap_or_default()
}
