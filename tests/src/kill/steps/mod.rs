//! The steps of the workload. Each can be cut off anywhere and tried again: it is
//! idempotent, or refused in a way that says so.

mod agency;
mod citizen;
mod ledger;

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;

use super::journal::Journal;
use super::scene::Scene;
use super::target::Target;
use crate::stack::Api;
use crate::wallet::Answer;

/// How long a party may be away before the harness gives up.
const AWAY: Duration = Duration::from_secs(20);

/// A step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The registrar writes an entry and gets a receipt.
    Entry,
    /// The agency offers a card.
    Offer,
    /// The wallet takes it.
    Accept,
    /// The shop asks, the wallet shows, the shop has a verdict.
    Show,
    /// The wallet deletes a card that it took and never showed.
    Delete,
    /// The agency suspends the card.
    Suspend,
    /// It makes it valid again.
    Reactivate,
    /// It revokes it.
    Revoke,
    /// It anchors its status lists.
    Snapshot,
}

impl Step {
    /// The steps in which a target is killed, in the order of the story. The wallet is
    /// killed only while a command of it runs: it takes and shows cards twice, and deletes one.
    pub(super) fn plan(target: Target) -> &'static [Self] {
        match target {
            Target::Wallet => &[
                Self::Offer,
                Self::Accept,
                Self::Show,
                Self::Offer,
                Self::Accept,
                Self::Delete,
                Self::Offer,
                Self::Accept,
                Self::Show,
                Self::Revoke,
            ],
            _ => &[
                Self::Entry,
                Self::Offer,
                Self::Accept,
                Self::Show,
                Self::Suspend,
                Self::Reactivate,
                Self::Revoke,
                Self::Snapshot,
            ],
        }
    }

    /// Whether a command of the wallet runs in it.
    pub(super) fn uses_wallet(self) -> bool {
        matches!(self, Self::Accept | Self::Show | Self::Delete)
    }
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tried {
    /// Acknowledged.
    Done,
    /// Cut off or refused, and why; it is to be tried again.
    Again(String),
}

/// What is under way: what the next steps go on with.
#[derive(Debug, Default)]
pub(super) struct Errand {
    /// The card type to be offered.
    pub(super) kind: &'static str,
    /// The check to be answered.
    pub(super) check: &'static str,
    /// Place of the open offer in the journal.
    offer: Option<usize>,
    /// The wallet was given the open offer before.
    given: bool,
    /// It was given it again although its code was used.
    given_again: bool,
    /// Place of the open session in the journal.
    session: Option<usize>,
    /// When the status of the card was changed last.
    changed_at: u64,
    /// How long the last command of the wallet took.
    pub(super) wallet_took: Duration,
}

impl Errand {
    /// An errand for a card of this type and an answer to this check.
    pub(super) fn new(kind: &'static str, check: &'static str) -> Self {
        Self {
            kind,
            check,
            ..Self::default()
        }
    }
}

/// One try of a step.
pub(super) struct Try<'a> {
    /// The parties.
    pub(super) scene: &'a Scene,
    /// What is acknowledged.
    pub(super) journal: &'a mut Journal,
    /// What is under way.
    pub(super) errand: &'a mut Errand,
    /// When the wallet's command is killed, if it is.
    pub(super) wallet_dies: Option<Duration>,
}

impl Try<'_> {
    /// Does the step as far as it goes.
    ///
    /// # Errors
    /// Something happened that no crash explains.
    pub(super) async fn run(&mut self, step: Step) -> Result<Tried> {
        use status_list::Status;
        match step {
            Step::Entry => self.entry().await,
            Step::Offer => self.offer().await,
            Step::Accept => self.accept().await,
            Step::Show => self.show().await,
            Step::Delete => self.delete().await,
            Step::Suspend => self.change("suspend", Status::Suspended).await,
            Step::Reactivate => self.change("reactivate", Status::Valid).await,
            Step::Revoke => self.change("revoke", Status::Invalid).await,
            Step::Snapshot => self.snapshot().await,
        }
        .with_context(|| format!("{step:?}"))
    }

    /// A command of the wallet; `None` if it was killed.
    async fn wallet(&mut self, arguments: &[&str]) -> Result<Option<Answer>> {
        let wallet = &self.scene.world.wallet;
        if let Some(end) = self.wallet_dies.take() {
            return wallet.run_until(arguments, end).await;
        }
        let begun = Instant::now();
        let answer = wallet.run(arguments).await?;
        self.errand.wallet_took = begun.elapsed();
        Ok(Some(answer))
    }

    /// A POST that must be accepted, unless whoever should answer is away.
    async fn post(&self, api: &Api, path: &str, body: &Value) -> Result<Result<Value, String>> {
        let url = format!("{}{path}", api.url);
        let answer = match self.scene.world.stack.http().post(&url, &api.token, body).await {
            Ok(answer) if answer.status().is_server_error() => return Ok(Err(answer.status().to_string())),
            Ok(answer) => answer,
            Err(error) => return Ok(Err(format!("{error:#}"))),
        };
        let answer = answer.success().with_context(|| format!("POST {url}"))?;
        Ok(Ok(serde_json::from_slice(answer.body()).unwrap_or_default()))
    }
}

fn member(object: &Value, name: &str) -> Result<String> {
    object[name]
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("{name} in {object}"))
}
