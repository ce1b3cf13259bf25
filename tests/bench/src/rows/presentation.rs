//! Checks from opening to verdict over HTTP, with the load on the same machine.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use e2e::stack::Stack;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::measure::percentile;
use crate::presenter::Presenter;
use crate::report::Line;
use crate::services::{SHOP, Services};
use crate::usage::{CpuTime, Process};

/// Checks a second at which their time is measured.
const RATE: u32 = 200;
/// How many of these.
const CHECKS: u32 = 20 * RATE;
/// How long it may take, in milliseconds, for all but one in a hundred.
const LIMIT_MS: f64 = 20.0;
/// How many a second there should be where the next begins as soon as one is over.
const LIMIT_RATE: f64 = 1_000.0;
/// How many are under way then.
const AT_ONCE: usize = 32;
/// For how long.
const SATURATED: Duration = Duration::from_secs(20);
/// For how long before anything is measured.
const WARM_UP: Duration = Duration::from_secs(3);

/// The times at a steady rate, and the rate where the load is never short.
pub(crate) fn present() -> Result<Vec<Line>> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let mut services = Services::with_agency().await?;
        let presenter = Arc::new(Presenter::new(&mut services).await?);
        let lines = measure(&services.stack, &presenter).await?;
        services.stack.stop_all().await?;
        Ok(lines)
    })
}

async fn measure(stack: &Stack, presenter: &Arc<Presenter>) -> Result<Vec<Line>> {
    let (_, possible) = saturated(presenter, WARM_UP).await?;
    ensure!(
        possible > f64::from(RATE),
        "only {possible:.0} checks a second are possible: nothing can be said of {RATE}"
    );
    let parties = Parties::of(stack)?;
    let begun = parties.read()?;
    let times = steady(presenter).await?;
    let between = parties.read()?;
    let (checks, rate) = saturated(presenter, SATURATED).await?;
    let ended = parties.read()?;
    let steadily = format!("{CHECKS} at {RATE}/s; {}", between.since(&begun, CHECKS));
    let time = |name: &str, percent| {
        let value = percentile(times.clone(), percent);
        Line::at_most(name, [value, LIMIT_MS], "ms").counting(steadily.clone())
    };
    let counts = format!("{checks}, {AT_ONCE} at once; {}", ended.since(&between, checks));
    Ok(vec![
        time("present-http-p50", 50),
        time("present-http-p99", 99),
        Line::new("present-http-saturated", [rate, LIMIT_RATE], Some(1.0)).counting(counts),
    ])
}

/// Starts checks at a steady rate, whether those before are over or not; how long each took, in
/// milliseconds, from the moment when it was due.
async fn steady(presenter: &Arc<Presenter>) -> Result<Vec<f64>> {
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for number in 0..CHECKS {
        let due = begun + Duration::from_secs(1) * number / RATE;
        sleep_until(due).await;
        let presenter = Arc::clone(presenter);
        running.spawn(async move {
            presenter.present(usize::try_from(number)?).await?;
            anyhow::Ok(due.elapsed().as_secs_f64() * 1_000.0)
        });
    }
    let mut times = Vec::new();
    while let Some(time) = running.join_next().await {
        times.push(time??);
    }
    Ok(times)
}

/// Makes checks as fast as they go; how many there were, and how many a second.
async fn saturated(presenter: &Arc<Presenter>, lasting: Duration) -> Result<(u32, f64)> {
    let begun = Instant::now();
    let mut running = JoinSet::new();
    for number in 0..AT_ONCE {
        let presenter = Arc::clone(presenter);
        running.spawn(async move {
            let mut checks = 0_u32;
            while begun.elapsed() < lasting {
                presenter.present(number).await?;
                checks += 1;
            }
            anyhow::Ok(checks)
        });
    }
    let mut checks = 0;
    while let Some(more) = running.join_next().await {
        checks += more??;
    }
    Ok((checks, f64::from(checks) / begun.elapsed().as_secs_f64()))
}

/// Who shares the processors.
struct Parties {
    verifier: Process,
    load: Process,
}

/// How long each has had one.
struct Reading {
    verifier: CpuTime,
    load: CpuTime,
}

impl Parties {
    fn of(stack: &Stack) -> Result<Self> {
        Ok(Self {
            verifier: Process::of(stack, SHOP.service())?,
            load: Process::own(),
        })
    }

    fn read(&self) -> Result<Reading> {
        Ok(Reading {
            verifier: self.verifier.cpu_time()?,
            load: self.load.cpu_time()?,
        })
    }
}

impl Reading {
    /// What each check cost since an earlier reading.
    fn since(&self, earlier: &Self, checks: u32) -> String {
        let each = |time: Duration| time.as_secs_f64() * 1_000.0 / f64::from(checks);
        let verifier = each(self.verifier.since(&earlier.verifier));
        let load = each(self.load.since(&earlier.load));
        format!("a processor for {verifier:.2} ms each in the verifier, {load:.2} ms in the load")
    }
}
