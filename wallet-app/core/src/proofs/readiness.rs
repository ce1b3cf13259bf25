//! Whether cards can be shown and checked without a network.

use super::HeldProofs;
use crate::cards::{Card, CardId, CardIssuer, WholeCard};
use crate::vault::VaultError;
use crate::wallet::Wallet;
use jose::UnixTime;
use ledger::FreshnessLimit;
use serde::Serialize;

/// How good what is held is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Readiness {
    /// Recent enough for most, at most 24 hours old.
    Ready {
        /// Full hours since it was confirmed.
        hours: u64,
    },
    /// Older.
    Old {
        /// Full hours since it was confirmed.
        hours: u64,
    },
    /// Nothing is held, or it does not fit together.
    Missing,
}

/// Whether one card can be shown and checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CardReadiness {
    /// The card.
    pub card: CardId,
    /// Copies for this that were not shown.
    pub copies: u64,
    /// What is held about its issuer and its status.
    pub readiness: Readiness,
}

/// What is held for use without a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfflineReadiness {
    /// When the newest file was confirmed.
    pub confirmed_at: Option<UnixTime>,
    /// How good it is.
    pub proofs: Readiness,
    /// The same for each card.
    pub cards: Vec<CardReadiness>,
    /// The public record showed two histories: nothing of it is believed.
    pub two_histories: bool,
}

impl Readiness {
    /// How good what was confirmed then is now.
    pub(crate) fn of(time: Option<UnixTime>, now: UnixTime) -> Self {
        let Some(time) = time else { return Self::Missing };
        let age = now.saturating_sub(time);
        let hours = age / 3_600;
        if age > FreshnessLimit::OFFLINE.0 {
            Self::Old { hours }
        } else {
            Self::Ready { hours }
        }
    }
}

impl Wallet {
    /// How old what is held for use without a network is, and what it is good for. Asks nobody.
    pub fn offline_readiness(&self) -> Result<OfflineReadiness, VaultError> {
        let now = self.ledger(self.clock.now()).clock()?.now();
        let mut held = HeldProofs::load(&self.vault, &self.pack, now)?;
        let mut cards = Vec::new();
        for whole in WholeCard::of_all(self.vault.cards()?) {
            // Of several formats the one that is shown without a network.
            let mut forms = whole.forms();
            let form = forms.find(|form| form.unused.offline > 0).unwrap_or(&whole.card);
            let time = self.confirmed_for(form, &mut held)?;
            cards.push(CardReadiness {
                copies: form.unused.offline,
                readiness: Readiness::of(time, now),
                card: form.id.clone(),
            });
        }
        Ok(OfflineReadiness {
            confirmed_at: held.time(),
            proofs: Readiness::of(held.time(), now),
            cards,
            two_histories: self.vault.has_evidence()?,
        })
    }

    /// The older of when the issuer's record was confirmed and when its status lists were recorded.
    fn confirmed_for(&self, card: &Card, held: &mut HeldProofs<'_>) -> Result<Option<UnixTime>, VaultError> {
        let CardIssuer::Ledger { did, .. } = &card.issuer else {
            return Ok(None);
        };
        let Some(issuer) = held.issuer(did) else {
            return Ok(None);
        };
        if self.vault.status_references(&card.id)?.is_empty() {
            return Ok(Some(issuer.time));
        }
        let fits = held.tree(did)?.is_some();
        let snapshot = issuer.snapshot.filter(|_| fits);
        Ok(snapshot.map(|snapshot| snapshot.time.min(issuer.time)))
    }
}
