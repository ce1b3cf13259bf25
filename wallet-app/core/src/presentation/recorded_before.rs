//! What whoever asks could not ask once, for somebody who never shared with them; for others see [`Wallet::widened`].
//!
//! The proof of their earlier record comes with the request, so that no network is needed and nobody learns who looks.
//! Those whom it is about send it: without one nothing is said, and one that proves nothing is left out.

use super::widened::{beyond, labels};
use crate::cards::Names;
use crate::consent::Party;
use crate::text::Localized;
use crate::trust::Registration;
use crate::vault::VaultError;
use crate::wallet::Wallet;
use jose::UnixTime;
use ledger::{ScopeChange, UnverifiedBundle};

/// A public record of those who ask from before they could ask more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierRecord {
    /// When it was so, seconds since 1970.
    pub at: UnixTime,
    /// What they could not ask then for any purpose, as the person calls it.
    pub lacked: Vec<Localized>,
}

impl Wallet {
    /// What the proof that came along says; `None` where something was shared with them, or nothing is new.
    pub(super) fn earlier_record(
        &self,
        who: &Party,
        proof: Option<&[u8]>,
    ) -> Result<Option<EarlierRecord>, VaultError> {
        let (Registration::Registered { did, scope, .. }, Some(proof)) = (&who.registration, proof) else {
            return Ok(None);
        };
        if self.vault.shared_scope(did)?.is_some() {
            return Ok(None);
        }
        let proved = UnverifiedBundle::parse(proof)
            .ok()
            .and_then(|bundle| bundle.verify(&self.pack, did).ok());
        let Some((at, before)) = proved.and_then(|bundle| Some((bundle.time(), bundle.scope()?))) else {
            return Ok(None);
        };
        // A record from after the one that they ask by is no earlier one.
        if who.record.as_ref().is_none_or(|record| at > record.confirmed_at) {
            return Ok(None);
        }
        let change = ScopeChange::between(&before, scope);
        let lacked = labels(beyond(&change, &before), &Names::of(&self.vault.cards()?));
        Ok((!lacked.is_empty()).then_some(EarlierRecord { at, lacked }))
    }
}
