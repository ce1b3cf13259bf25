//! Who knows what about the person: the history, by those it was with. Nothing is asked of anybody.

use crate::history::{HistoryEntry, HistoryEvent, HistoryRecord, Outcome};
use crate::presentation::{NeverShown, NotedNever, stopped};
use crate::vault::VaultError;
use crate::wallet::Wallet;
use jose::UnixTime;
use serde::Serialize;

/// Somebody who asked, and everything that happened with them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Business {
    /// Its identifier where it is publicly recorded, else its host.
    pub id: String,
    /// What it was called last.
    pub name: String,
    /// The host that it asked from last.
    pub host: String,
    /// Whether it is publicly recorded.
    pub recorded: bool,
    /// Whether its requests are refused.
    pub blocked: bool,
    /// What it saw that is shown to nobody by now, by the names that it saw it under, each once.
    pub never: Vec<NeverShown>,
    /// Everything that happened with it, newest first.
    pub entries: Vec<HistoryEntry>,
}

/// Until when something that was shown is kept, as it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum KeptUntil {
    /// Nothing is kept.
    NotKept,
    /// Until this time.
    Until {
        /// In seconds since 1970.
        at: UnixTime,
    },
    /// Nobody has recorded it, and they said themselves that they keep something of it.
    Said,
    /// Nobody has recorded it.
    NotSaid,
}

const DAY: UnixTime = 24 * 3600;

impl HistoryEntry {
    /// Until when they keep what they saw; `None` where they saw nothing.
    #[must_use]
    pub fn kept_until(&self) -> Option<KeptUntil> {
        let saw_it = matches!(
            self.record.outcome,
            Outcome::Shared | Outcome::MaybeReceived | Outcome::NotAccepted
        );
        (saw_it && self.record.event == HistoryEvent::Request).then(|| match self.record.kept_days {
            None if self.record.says_kept => KeptUntil::Said,
            None => KeptUntil::NotSaid,
            Some(0) => KeptUntil::NotKept,
            Some(days) => KeptUntil::Until {
                at: self.at.saturating_add(UnixTime::from(days).saturating_mul(DAY)),
            },
        })
    }
}

impl Business {
    /// What it saw, or may have seen, each claim once.
    fn seen(&self) -> Vec<NeverShown> {
        let saw = self.entries.iter().filter(|entry| entry.kept_until().is_some());
        let mut seen = Vec::new();
        for card in saw.flat_map(|entry| &entry.record.cards) {
            for claim in &card.claims {
                let (vct, claim) = (card.vct.clone(), claim.clone());
                let claim = NeverShown { vct, claim };
                if !seen.contains(&claim) {
                    seen.push(claim);
                }
            }
        }
        seen
    }
}

impl Wallet {
    /// Everybody who asked, those of the newest request first.
    pub fn businesses(&self) -> Result<Vec<Business>, VaultError> {
        let mut found: Vec<Business> = Vec::new();
        let history = self.vault.history()?;
        for entry in history
            .into_iter()
            .filter(|entry| entry.record.event == HistoryEvent::Request)
        {
            let id = id_of(&entry.record);
            match found.iter_mut().find(|business| business.id == id) {
                Some(business) => business.entries.push(entry),
                None => found.push(Business {
                    id: id.to_owned(),
                    name: entry.record.party.clone(),
                    host: entry.record.host.clone(),
                    recorded: entry.record.party_id.is_some(),
                    blocked: false,
                    never: Vec::new(),
                    entries: vec![entry],
                }),
            }
        }
        let never = NotedNever::load(&self.vault)?;
        for business in &mut found {
            business.blocked = stopped(&business.entries);
            business.never = business.seen();
            business.never.retain(|claim| never.has(claim));
        }
        Ok(found)
    }
}

/// Recorded ones are the same wherever they ask from; others are known by their host.
pub(crate) fn id_of(record: &HistoryRecord) -> &str {
    record.party_id.as_deref().unwrap_or(&record.host)
}
