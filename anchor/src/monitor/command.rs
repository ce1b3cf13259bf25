use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use did::webvh::WebvhDid;
use ledger::FreshnessLimit;
use outbound::{Client, Policy};
use service::files::read_private;
use service::webhook::WebhookSecret;
use service::{Clock, InstanceLock, SystemClock};
use url::Url;

use super::finding::Finding;
use super::outbox::Outbox;
use super::round::{Monitor, Place, Watched};
use super::teller::Teller;
use super::webhook::Webhook;
use crate::audit::exit;
use crate::audit::named::{named, policy_of};
use crate::pack::load_pack;

/// Follows a log and its mirrors, and raises the alarm.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct Command {
    /// Where the log and its mirrors are read, each of them.
    #[arg(required = true, value_name = "URL")]
    logs: Vec<String>,
    /// The ecosystem's trust pack.
    #[arg(long)]
    trust_pack: PathBuf,
    /// Where the state and evidence are kept.
    #[arg(long, value_name = "DIR")]
    state: PathBuf,
    /// Where a message is sent for everything that is found.
    #[arg(long, value_name = "URL", requires = "webhook_secret_file")]
    webhook: Option<Url>,
    /// The file with the secret that messages are signed with (`whsec_…`), readable by its owner alone.
    #[arg(long, value_name = "FILE")]
    webhook_secret_file: Option<PathBuf>,
    /// Seconds between two looks.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    interval: u64,
    /// Looks once, and ends.
    #[arg(long)]
    once: bool,
    /// Seconds that the newest checkpoint may be old.
    #[arg(long, default_value_t = 600)]
    max_age: u64,
    /// Fetches the status lists that agencies anchored, and builds the anchored trees again.
    #[arg(long)]
    snapshots: bool,
    /// An organisation whose every change is told; may be given several times.
    #[arg(long = "subject", value_name = "DID")]
    subjects: Vec<String>,
}

const AFTER_HELP: &str = "Exit codes, the most serious of what was found: 0 all is well; 1 it could not run; \
2 wrong arguments; 3 a log, mirror or list cannot be read; 4 not fresh; 5 status lists differ from the anchored ones; \
6 an entry breaks a rule, or the log signed what its entries do not say; 7 two histories, the evidence is written; \
8 nothing of these, and there are messages that nobody took: holdfast-anchor undelivered.";

impl Command {
    /// Watches until it is stopped, or once.
    ///
    /// # Errors
    /// It cannot run: pack, state, webhook or a name cannot be used.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let clock = Arc::new(SystemClock);
        let _instance = InstanceLock::acquire(&self.state)?;
        let mut teller = Teller::new(self.webhook()?, Outbox::below(&self.state)?);
        let mut monitor = Monitor::new(self.watched()?, Arc::clone(&clock) as _)?;
        let stop = service::stop_on_signal()?;
        let mut worst = 0;
        loop {
            let is_first = monitor.is_new();
            let mut findings = Vec::new();
            let is_whole = tokio::select! {
                () = monitor.round(&mut findings) => true,
                () = stop.cancelled() => false,
            };
            worst = findings.iter().map(Finding::code).fold(worst, u8::max);
            teller.tell(&findings, is_first, clock.now()).await;
            if !is_whole {
                break;
            }
            teller.settle(&findings);
            if self.once {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(self.interval)) => {}
                () = stop.cancelled() => break,
            }
        }
        let untold = worst == 0 && teller.has_given_up();
        Ok(ExitCode::from(if untold { exit::UNTOLD } else { worst }))
    }

    fn watched(&self) -> anyhow::Result<Watched> {
        let pack = load_pack(&self.trust_pack, SystemClock.now())?;
        let mut places = Vec::new();
        for name in &self.logs {
            let source = named(name)?;
            places.push(Place {
                name: name.clone(),
                source,
            });
        }
        for did in &self.subjects {
            did.parse::<WebvhDid>()
                .with_context(|| format!("{} is no did:webvh", did.escape_debug()))?;
        }
        let local = |name: &String| {
            let url = Url::parse(name);
            url.is_ok_and(|url| policy_of(&url) != Policy::Public)
        };
        Ok(Watched {
            pack,
            subjects: self.subjects.iter().cloned().collect(),
            snapshots: self.snapshots,
            max_age: FreshnessLimit(self.max_age),
            is_local: self.logs.iter().all(local),
            folder: self.state.clone(),
            places,
        })
    }

    fn webhook(&self) -> anyhow::Result<Option<Webhook>> {
        let (Some(url), Some(file)) = (&self.webhook, &self.webhook_secret_file) else {
            return Ok(None);
        };
        let text = String::from_utf8(read_private(file)?).context("the webhook secret is no text")?;
        Ok(Some(Webhook {
            client: Client::new(policy_of(url))?,
            url: url.clone(),
            secret: WebhookSecret::parse(text.trim())
                .context("not a webhook secret: whsec_ and base64 of 24 to 64 bytes")?,
        }))
    }
}
