//! `cargo xtask simulate`: runs seeds on all processors, and shows the first history in which something does not hold.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Result, bail};
use clap::Parser;
use simulate::{Finding, Plant, run};

/// Runs histories of a log and its cosigners, each from a seed.
#[derive(Debug, Parser)]
struct Args {
    /// How many seeds
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// A mistake to build in, to see it found
    #[arg(long)]
    plant: Option<Plant>,
}

/// What all processors count.
#[derive(Default)]
struct Counts {
    next: AtomicU64,
    done: AtomicU64,
    published: AtomicU64,
    acknowledged: AtomicU64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let begun = Instant::now();
    let counts = Counts::default();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let found: Vec<Finding> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| work(&args, &counts))).collect();
        workers
            .into_iter()
            .filter_map(|worker| worker.join().unwrap_or_default())
            .collect()
    });
    let done = counts.done.load(Ordering::Relaxed);
    println!(
        "{done} seeds, {} trees published, {} submissions acknowledged, in {} s",
        counts.published.load(Ordering::Relaxed),
        counts.acknowledged.load(Ordering::Relaxed),
        begun.elapsed().as_secs(),
    );
    if let Some(finding) = found.into_iter().min_by_key(|finding| finding.seed) {
        println!("{finding}");
        bail!("cargo xtask simulate --seeds 1 --from {} shows it again", finding.seed);
    }
    if done != args.seeds {
        bail!("{done} of {} seeds were run: a run ended early", args.seeds);
    }
    Ok(())
}

/// Runs seed after seed until one is found that does not hold, here or elsewhere.
fn work(args: &Args, counts: &Counts) -> Option<Finding> {
    loop {
        let number = counts.next.fetch_add(1, Ordering::Relaxed);
        if number >= args.seeds {
            return None;
        }
        match run(args.from.saturating_add(number), args.plant) {
            Ok(summary) => {
                counts.done.fetch_add(1, Ordering::Relaxed);
                counts.published.fetch_add(summary.published, Ordering::Relaxed);
                counts.acknowledged.fetch_add(summary.acknowledged, Ordering::Relaxed);
            }
            Err(finding) => {
                counts.next.store(args.seeds, Ordering::Relaxed);
                return Some(finding);
            }
        }
    }
}
