use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use service::files::write_atomically;
use service::{Clock, SystemClock};

use super::named::named;
use super::replay::AuditError;
use super::{StateFile, Summary, audit, audit_from, exit};
use crate::failure::in_one_line;
use crate::pack::load_pack;
use crate::source::SourceError;

/// Fetches a whole log and replays it.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Command {
    /// Where the log or a mirror is read, or the folder of an export.
    log: String,
    /// The ecosystem's trust pack.
    #[arg(long)]
    trust_pack: PathBuf,
    /// Where the state of the run is kept: one that was interrupted goes on from there, a later one checks what is
    /// new. A history other than the one seen before is written beside it, as `FILE.evidence`.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Forgets the state, and begins with the first entry.
    #[arg(long, requires = "state")]
    from_scratch: bool,
}

const AFTER_HELP: &str = "Exit codes: 0 everything holds; 1 something does not, or an entry breaks a rule; \
2 wrong arguments; 3 the log cannot be read, try again; 7 two histories, the evidence is written.";

impl Command {
    /// Prints what was found, and says by the code how it ended. docs/monitor.md, "Exit codes"
    ///
    /// # Errors
    /// The trust pack or the evidence file cannot be used.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let pack = load_pack(&self.trust_pack, SystemClock.now())?;
        let source = named(&self.log)?;
        let mut bar = Bar::new()?;
        let result = match &self.state {
            None => audit(&source, &pack, |done, all| bar.show(done, all)).await,
            Some(path) => {
                let state = StateFile::at(path.clone());
                if self.from_scratch {
                    state.forget()?;
                }
                audit_from(&source, &pack, &state, |done, all| bar.show(done, all)).await
            }
        };
        bar.clear();
        match result {
            Ok(summary) => Ok(tell(&summary)),
            Err(error) => self.failed(&error),
        }
    }

    fn failed(&self, error: &AuditError) -> anyhow::Result<ExitCode> {
        eprintln!("holdfast-anchor: {}", in_one_line(error));
        let code = match error {
            AuditError::Split(evidence) => {
                let mut path = self.state.clone().unwrap_or_default().into_os_string();
                path.push(".evidence");
                let path = PathBuf::from(path);
                let written = write_atomically(&path, &evidence.encode());
                written.with_context(|| format!("{} cannot be written", path.display()))?;
                println!("the evidence is in {}", path.display());
                exit::SPLIT
            }
            AuditError::Source(SourceError::Http { .. } | SourceError::Io { .. }) => exit::UNREAD,
            _ => exit::FALSE,
        };
        Ok(ExitCode::from(code))
    }
}

fn tell(summary: &Summary) -> ExitCode {
    print!("{summary}");
    if let Some(first) = summary.alarms.first() {
        eprintln!("holdfast-anchor: entry {}: {}", first.number, first.alarm);
        return ExitCode::from(exit::FALSE);
    }
    println!("everything holds");
    ExitCode::SUCCESS
}

/// How far it is: a bar for who watches, a line now and then for who reads a file later.
struct Bar {
    bar: Option<ProgressBar>,
    first: Option<(Instant, u64)>,
    told: Instant,
}

/// Between two lines.
const EVERY: Duration = Duration::from_secs(10);

impl Bar {
    fn new() -> anyhow::Result<Self> {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} entries, {per_sec}, {eta} left")?;
        let bar = std::io::stderr().is_terminal();
        Ok(Self {
            bar: bar.then(|| ProgressBar::new(0).with_style(style)),
            first: None,
            told: Instant::now(),
        })
    }

    fn show(&mut self, done: u64, all: u64) {
        let (start, before) = *self.first.get_or_insert_with(|| (Instant::now(), done));
        if let Some(bar) = &self.bar {
            bar.set_length(all);
            if done == before {
                // What an earlier run did is no rate of this one.
                bar.set_position(done);
                bar.reset_eta();
            }
            bar.set_position(done);
        } else if self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            let passed = start.elapsed().as_secs().max(1);
            let rate = (done.saturating_sub(before) / passed).max(1);
            let left = all.saturating_sub(done) / rate;
            eprintln!("{done} of {all} entries, {rate} a second, {left} s left");
        }
    }

    fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
