//! Who goes on for an agency that lost its keys, as the records that are held say. docs/ledger.md §4.2

use super::{TrustError, host_text};
use crate::cards::{Card, CardIssuer};
use crate::text::Localized;
use crate::wallet::Wallet;
use jose::UnixTime;
use ledger::VerifiedBundle;
use serde::Serialize;

/// An agency that is in the place of another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Successor {
    /// Its name.
    pub name: Localized,
    /// Its host.
    pub host: String,
    /// It counts from then on.
    pub since: UnixTime,
}

impl Successor {
    /// What a record says of the agency with this DID.
    fn of(bundle: &VerifiedBundle, did: &str, now: UnixTime) -> Option<Self> {
        let record = bundle.record().filter(|record| record.is_accredited(now))?;
        let succession = record.accreditation_entry()?.succession()?;
        if succession.succeeds != did {
            return None;
        }
        Some(Self {
            name: Localized::from(&bundle.accreditation()?.name),
            host: host_text(record.did()),
            since: succession.from,
        })
    }
}

impl Wallet {
    /// The agency that goes on for the one that issued a card, from the records that are held: nobody is asked. `None`
    /// where none does, or not yet.
    pub fn issuer_successor(&self, card: &Card) -> Result<Option<Successor>, TrustError> {
        let CardIssuer::Ledger { did, .. } = &card.issuer else {
            return Ok(None);
        };
        let ledger = self.ledger(self.clock.now());
        let now = ledger.clock()?.now();
        let held = ledger.held_bundles()?;
        Ok(held.iter().find_map(|bundle| Successor::of(bundle, did, now)))
    }
}
