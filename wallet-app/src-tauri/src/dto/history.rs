use super::offer::NamedClaim;
use serde::Serialize;
use wallet::{HistoryCard, HistoryEntry, HistoryEvent, Localized, Names, Outcome};

/// One thing that happened.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct HistoryItem {
    pub(crate) id: i64,
    pub(crate) at: u64,
    pub(crate) event: HistoryEvent,
    pub(crate) party: String,
    #[serde(rename = "partyId")]
    pub(crate) party_id: Option<String>,
    pub(crate) host: String,
    pub(crate) purpose: Option<String>,
    pub(crate) cards: Vec<NamedCard>,
    pub(crate) outcome: Outcome,
    pub(crate) reason: Option<String>,
    #[serde(rename = "keptDays")]
    pub(crate) kept_days: Option<u32>,
    #[serde(rename = "saysKept")]
    pub(crate) says_kept: bool,
    pub(crate) receipt: bool,
    pub(crate) contradicts: bool,
    pub(crate) reportable: bool,
}

/// A card in the history.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NamedCard {
    #[serde(rename = "type")]
    pub(crate) vct: String,
    pub(crate) title: Localized,
    pub(crate) claims: Vec<NamedClaim>,
    #[serde(rename = "shownBefore")]
    pub(crate) shown_before: bool,
}

impl HistoryItem {
    pub(crate) fn of(entry: HistoryEntry, names: &Names) -> Self {
        let record = entry.record;
        Self {
            id: entry.id,
            at: entry.at,
            event: record.event,
            cards: record.cards.iter().map(|card| NamedCard::of(card, names)).collect(),
            party: record.party,
            party_id: record.party_id,
            host: record.host,
            purpose: record.purpose,
            outcome: record.outcome,
            reason: record.reason,
            kept_days: record.kept_days,
            says_kept: record.says_kept,
            receipt: entry.receipt,
            contradicts: entry.contradicts,
            reportable: entry.reportable,
        }
    }
}

impl NamedCard {
    fn of(card: &HistoryCard, names: &Names) -> Self {
        let claims = card.claims.iter().map(|name| NamedClaim {
            name: name.clone(),
            label: names.claim(&card.vct, name),
        });
        Self {
            vct: card.vct.clone(),
            title: names.title(card),
            claims: claims.collect(),
            shown_before: card.shown_before,
        }
    }
}
