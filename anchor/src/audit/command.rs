use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use outbound::{Client, Policy};
use service::{Clock, SystemClock};
use url::Url;

use super::audit;
use crate::pack::load_pack;
use crate::source::LogSource;

/// Fetches a whole log and replays it.
#[derive(Debug, Args)]
pub struct Command {
    /// Where the log or a mirror is read, or the folder of an export.
    log: String,
    /// The ecosystem's trust pack.
    #[arg(long)]
    trust_pack: PathBuf,
}

impl Command {
    /// Prints what was found.
    ///
    /// # Errors
    /// The first thing that does not hold, and any entry that breaks a rule.
    pub async fn run(self) -> anyhow::Result<()> {
        let pack = load_pack(&self.trust_pack, SystemClock.now())?;
        let source = source(&self.log)?;
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} entries, {per_sec}, {eta} left")?;
        let bar = ProgressBar::new(0).with_style(style);
        let result = audit(&source, &pack, |done, all| {
            bar.set_length(all);
            bar.set_position(done);
        })
        .await;
        bar.finish_and_clear();
        let summary = result?;
        print!("{summary}");
        if let Some(first) = summary.alarms.first() {
            bail!("entry {}: {}", first.number, first.alarm);
        }
        println!("everything holds");
        Ok(())
    }
}

/// A URL, or else a folder. Whoever names a local address on the command line means it.
fn source(log: &str) -> anyhow::Result<LogSource> {
    if !log.starts_with("http://") && !log.starts_with("https://") {
        return Ok(LogSource::folder(PathBuf::from(log)));
    }
    let url = Url::parse(log)?;
    let local = url
        .host_str()
        .is_some_and(|host| host == "localhost" || host.ends_with(".localhost"));
    let policy = match url.port_or_known_default() {
        Some(port) if local => Policy::Development { ports: vec![port] },
        _ => Policy::Public,
    };
    Ok(LogSource::http(Client::new(policy)?, url))
}
