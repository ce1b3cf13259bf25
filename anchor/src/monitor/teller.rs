//! Who is told what, and when.

use std::collections::BTreeSet;

use jose::UnixTime;

use super::finding::Finding;
use super::webhook::Webhook;
use crate::failure::in_one_line;

/// Messages that wait for a webhook, at most; what is found beyond is printed alone.
const WAITING: usize = 1000;
/// Messages that a webhook may refuse before the others wait for the next round.
const REFUSED: usize = 3;

/// Tells each thing once: an event when it happens, a state when it begins. What a webhook was not told it is told in
/// the next round, even where it is over by then.
pub(super) struct Teller {
    webhook: Option<Webhook>,
    /// What was so in the round before.
    standing: BTreeSet<String>,
    /// What the webhook has not been told yet, the oldest first.
    waiting: Vec<Finding>,
}

impl Teller {
    pub(super) fn new(webhook: Option<Webhook>) -> Self {
        Self {
            webhook,
            standing: BTreeSet::new(),
            waiting: Vec::new(),
        }
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
            if !is_old_news {
                self.wait(finding);
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

    /// One more to be sent, unless the same is waiting.
    fn wait(&mut self, finding: &Finding) {
        let is_waiting = self.waiting.iter().any(|waiting| key(waiting) == key(finding));
        if self.webhook.is_some() && !is_waiting && self.waiting.len() < WAITING {
            self.waiting.push(finding.clone());
        }
    }

    /// Sends what waits. What is refused is tried again in the next round, behind what else waits; after a few of those
    /// this round ends, since watching has to go on.
    async fn send(&mut self, now: UnixTime) {
        let Some(webhook) = &self.webhook else { return };
        let mut waiting = std::mem::take(&mut self.waiting).into_iter();
        let mut refused = Vec::new();
        while refused.len() < REFUSED
            && let Some(finding) = waiting.next()
        {
            if let Err(error) = webhook.send(&finding, now).await {
                eprintln!("holdfast-anchor: the webhook was not reached: {}", in_one_line(&error));
                refused.push(finding);
            }
        }
        self.waiting = waiting.chain(refused).collect();
    }
}

/// What makes a lasting finding the same one: what it is and where, not how old it has grown meanwhile.
fn key(finding: &Finding) -> String {
    match finding {
        Finding::Stale { place, .. } => format!("{} {place}", finding.name()),
        _ => finding.to_string(),
    }
}
