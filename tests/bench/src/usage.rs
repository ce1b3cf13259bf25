//! What a process uses of the machine, as the kernel counts it: proc(5), and
//! Documentation/scheduler/sched-stats.rst for `schedstat`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use e2e::stack::Stack;

/// A running process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Process(u32);

/// How long each thread of a process has had a processor.
#[derive(Debug)]
pub(crate) struct CpuTime(BTreeMap<OsString, Duration>);

impl Process {
    /// A service of a stack.
    pub(crate) fn of(stack: &Stack, service: &str) -> Result<Self> {
        let running = stack.pids();
        let pid = running
            .get(service)
            .with_context(|| format!("{service} does not run"))?;
        Ok(Self(*pid))
    }

    /// This one.
    pub(crate) fn own() -> Self {
        Self(std::process::id())
    }

    /// The time of its processors up to now, to the nanosecond while it is idle.
    pub(crate) fn cpu_time(self) -> Result<CpuTime> {
        let threads = self.folder().join("task");
        let mut times = BTreeMap::new();
        for thread in std::fs::read_dir(&threads).with_context(|| format!("{}", threads.display()))? {
            let thread = thread?;
            // It may end while the others are read.
            let Ok(text) = std::fs::read_to_string(thread.path().join("schedstat")) else {
                continue;
            };
            let nanoseconds = text.split_whitespace().next().context("an empty schedstat")?;
            times.insert(thread.file_name(), Duration::from_nanos(nanoseconds.parse()?));
        }
        ensure!(
            times.values().any(|time| !time.is_zero()),
            "the kernel does not say how long process {} has had a processor",
            self.0
        );
        Ok(CpuTime(times))
    }

    /// Its resident memory in MiB, shared pages too.
    pub(crate) fn resident_mib(self) -> Result<f64> {
        let file = self.folder().join("status");
        let status = std::fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = resident.and_then(|text| text.trim().strip_suffix(" kB"));
        let kib: f64 = kib.context("a process without memory")?.trim().parse()?;
        Ok(kib / 1_024.0)
    }

    fn folder(self) -> PathBuf {
        PathBuf::from(format!("/proc/{}", self.0))
    }
}

impl CpuTime {
    /// How much came since an earlier reading. A thread that has ended is left out: those that
    /// tokio takes back were idle for ten seconds before.
    pub(crate) fn since(&self, earlier: &Self) -> Duration {
        let before = |thread: &OsString| earlier.0.get(thread).copied().unwrap_or_default();
        self.0
            .iter()
            .map(|(thread, time)| time.saturating_sub(before(thread)))
            .sum()
    }
}
