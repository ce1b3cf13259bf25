//! Who is told what, and when.

use std::collections::BTreeSet;

use jose::UnixTime;

use super::finding::Finding;
use super::webhook::Webhook;
use crate::failure::in_one_line;

/// Tells each thing once: an event when it happens, a state when it begins.
pub(super) struct Teller {
    webhook: Option<Webhook>,
    /// What was so in the round before.
    standing: BTreeSet<String>,
}

impl Teller {
    pub(super) fn new(webhook: Option<Webhook>) -> Self {
        Self {
            webhook,
            standing: BTreeSet::new(),
        }
    }

    /// Prints what is new of a round and sends it on. `is_first` is the round that reads the whole log: what changed
    /// long ago is printed then, and sent to nobody.
    pub(super) async fn tell(&mut self, findings: &[Finding], is_first: bool, now: UnixTime) {
        let lasting = findings.iter().filter(|finding| !finding.is_event());
        let standing: BTreeSet<String> = lasting.map(key).collect();
        for finding in findings {
            if !finding.is_event() && self.standing.contains(&key(finding)) {
                continue;
            }
            println!("{finding}");
            let is_old_news = is_first && finding.code() == 0;
            if let Some(webhook) = &self.webhook
                && !is_old_news
                && let Err(error) = webhook.send(finding, now).await
            {
                eprintln!("holdfast-anchor: the webhook was not reached: {}", in_one_line(&error));
            }
        }
        if standing.is_empty() && !self.standing.is_empty() {
            println!("all is well again");
        }
        self.standing = standing;
    }
}

/// What makes a lasting finding the same one: what it is and where, not how old it has grown meanwhile.
fn key(finding: &Finding) -> String {
    match finding {
        Finding::Stale { place, .. } => format!("{} {place}", finding.name()),
        _ => finding.to_string(),
    }
}
