//! Who is told what, and when.

use std::collections::BTreeSet;

use jose::UnixTime;

use super::finding::Finding;
use super::outbox::Outbox;
use super::webhook::{Webhook, is_gone};
use crate::failure::in_one_line;

/// Messages that a webhook may refuse before the others wait for the next round.
const REFUSED: usize = 3;

/// Tells each thing once: an event when it happens, a state when it begins. What a webhook was not told it is told in
/// a later round, even where it is over by then.
pub(super) struct Teller {
    webhook: Option<Webhook>,
    /// What was so in the round before.
    standing: BTreeSet<String>,
    /// What the webhook has not been told yet.
    outbox: Outbox,
}

impl Teller {
    /// Goes on with what was not taken before.
    pub(super) fn new(webhook: Option<Webhook>, outbox: Outbox) -> Self {
        if outbox.given_up() > 0 {
            eprintln!(
                "holdfast-anchor: {} messages were given up: see undelivered",
                outbox.given_up()
            );
        }
        Self {
            webhook,
            standing: BTreeSet::new(),
            outbox,
        }
    }

    /// Whether there are messages that are sent no more.
    pub(super) fn has_given_up(&self) -> bool {
        self.outbox.given_up() > 0
    }

    /// Prints what is new of a round and sends it on. `is_first` is the round that reads the whole log: what changed
    /// long ago is printed then, and sent to nobody.
    pub(super) async fn tell(&mut self, findings: &[Finding], is_first: bool, now: UnixTime) {
        for finding in findings {
            if !finding.is_event() && self.standing.contains(&key(finding)) {
                continue;
            }
            println!("{finding}");
            let is_old_news = is_first && finding.code() == 0;
            if !is_old_news && self.webhook.is_some() {
                self.outbox.put(finding, key(finding), now);
            }
        }
        self.send(now).await;
    }

    /// What is still so after a whole round; what is not among that is over.
    pub(super) fn settle(&mut self, findings: &[Finding]) {
        let lasting = findings.iter().filter(|finding| !finding.is_event());
        let standing: BTreeSet<String> = lasting.map(key).collect();
        if standing.is_empty() && !self.standing.is_empty() {
            println!("all is well again");
        }
        self.standing = standing;
    }

    /// Sends what is due. What is refused comes again, behind what else waits; after a few of those this round ends,
    /// since watching has to go on. Before each step the file says how far it is: nothing is lost, and what was sent
    /// when the monitor was killed is sent again under the same name.
    async fn send(&mut self, now: UnixTime) {
        let Some(webhook) = &self.webhook else { return };
        let mut refused = 0;
        keep(&self.outbox);
        for message in self.outbox.due(now) {
            if refused == REFUSED {
                break;
            }
            match webhook.send(&message, now).await {
                Ok(()) => self.outbox.taken(&message.id),
                Err(error) => {
                    refused += 1;
                    eprintln!("holdfast-anchor: the webhook was not reached: {}", in_one_line(&error));
                    if self.outbox.not_taken(&message.id, is_gone(&error), now) {
                        eprintln!(
                            "holdfast-anchor: the message {} was given up: see undelivered",
                            message.id
                        );
                    }
                }
            }
            keep(&self.outbox);
        }
    }
}

/// Where the file cannot be written, what waits is still sent as long as the monitor runs.
fn keep(outbox: &Outbox) {
    if let Err(error) = outbox.save() {
        eprintln!("holdfast-anchor: {}", in_one_line(&error));
    }
}

/// What makes a lasting finding the same one: what it is and where, not how old it has grown meanwhile.
fn key(finding: &Finding) -> String {
    match finding {
        Finding::Stale { place, .. } => format!("{} {place}", finding.name()),
        _ => finding.to_string(),
    }
}
