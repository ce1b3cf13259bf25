//! Whoever asks again and again is not shown again and again.

use super::RequestRefused;
use super::opened::blocked_at;
use crate::businesses::id_of;
use crate::consent::Party;
use crate::history::{HistoryEntry, HistoryEvent, HistoryRecord, Outcome};
use crate::vault::VaultError;
use crate::wallet::Wallet;
use jose::UnixTime;

/// So many requests of one party that were shown and not answered, within [`WINDOW`].
const MOST: usize = 3;
/// In seconds.
const WINDOW: UnixTime = 60;

/// The person does not want to be asked by a party any more; and wants to after all.
const STOPPED: &str = "stop_asking";
const ALLOWED: &str = "may_ask_again";

impl Wallet {
    /// Refuses a party that was told to stop, whatever it asks. Nobody is told.
    pub(super) fn mind_the_stopped(&self, who: &Party) -> Result<(), RequestRefused> {
        let history = self.vault.history()?;
        if newest_decision(history.iter().filter(|entry| is_of(&entry.record, who))) == Some(STOPPED) {
            return Err(RequestRefused::Stopped {
                who: Box::new(who.clone()),
            });
        }
        Ok(())
    }

    /// Refuses a party that asks too often. Nobody is told.
    pub(super) fn mind_the_pace(&self, who: &Party) -> Result<(), RequestRefused> {
        let history = self.vault.history()?;
        let since = self.clock.now().saturating_sub(WINDOW);
        let unanswered = history
            .iter()
            .filter(|entry| is_of(&entry.record, who) && entry.at > since && was_shown_for_nothing(&entry.record));
        if unanswered.count() >= MOST {
            return Err(RequestRefused::TooOften {
                who: Box::new(who.clone()),
            });
        }
        Ok(())
    }

    /// Requests of this party are not shown any more: by its identifier where it is publicly
    /// recorded, else by its host. It stands in the history.
    pub fn stop_asking(&self, party: &str) -> Result<(), VaultError> {
        self.note_decision(party, STOPPED)
    }

    /// Requests of this party are shown again.
    pub fn let_ask_again(&self, party: &str) -> Result<(), VaultError> {
        self.note_decision(party, ALLOWED)
    }

    fn note_decision(&self, party: &str, reason: &str) -> Result<(), VaultError> {
        let is_meant = |record: &HistoryRecord| id_of(record) == party;
        let records = self.vault.history()?.into_iter().map(|entry| entry.record);
        let known = records.into_iter().find(is_meant);
        let record = match known {
            Some(known) => HistoryRecord {
                party: known.party,
                party_id: known.party_id,
                ..blocked_at(known.host, reason)
            },
            // Also before they ever asked.
            None => HistoryRecord {
                party_id: party.starts_with("did:").then(|| party.to_owned()),
                ..blocked_at(party.to_owned(), reason)
            },
        };
        self.vault.note(self.clock.now(), &record).map(|_| ())
    }
}

/// Recorded ones are the same wherever they ask from; others by their host. Nobody is both: several recorded ones may
/// ask from one host, and whoever is not recorded may name the host of somebody else.
fn is_of(record: &HistoryRecord, who: &Party) -> bool {
    record.event == HistoryEvent::Request
        && match (who.id(), &record.party_id) {
            (Some(id), Some(noted)) => id == noted,
            (None, None) => record.host == who.host,
            _ => false,
        }
}

/// Whether those of these entries, newest first, were told to stop.
pub(crate) fn stopped(entries: &[HistoryEntry]) -> bool {
    newest_decision(entries.iter()) == Some(STOPPED)
}

fn newest_decision<'a>(mut entries: impl Iterator<Item = &'a HistoryEntry>) -> Option<&'static str> {
    entries.find_map(decision)
}

fn decision(entry: &HistoryEntry) -> Option<&'static str> {
    [STOPPED, ALLOWED]
        .into_iter()
        .find(|reason| entry.record.reason.as_deref() == Some(reason))
}

/// On the screen it was, and the person showed nothing.
fn was_shown_for_nothing(record: &HistoryRecord) -> bool {
    record.outcome == Outcome::NotShared
}
