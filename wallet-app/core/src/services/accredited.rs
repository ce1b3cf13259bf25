//! Which agencies there are, and what each of them may issue: as the newest records say that are held, or the newest
//! hourly file where that is newer.

use super::Office;
use crate::proofs::HeldProofs;
use crate::text::{Localized, in_english};
use crate::trust::host_text;
use card_formats::Format;
use jose::UnixTime;
use ledger::{KeyLookup, OrganisationRecord, VerifiedBundle};
use std::collections::BTreeMap;

/// Every agency, of one source as a whole: who is not in a newer one is none any more.
pub(super) struct Accredited {
    bundles: BTreeMap<String, VerifiedBundle>,
    now: UnixTime,
}

impl Accredited {
    pub(super) fn of(records: Vec<VerifiedBundle>, proofs: &HeldProofs<'_>) -> Self {
        let newest = records.iter().map(VerifiedBundle::time).max();
        let bundles: BTreeMap<String, VerifiedBundle> = if newest >= proofs.time() {
            let named = records.into_iter().filter_map(|bundle| {
                let did = bundle.record()?.did().to_owned();
                Some((did, bundle))
            });
            named.collect()
        } else {
            let named = proofs.issuers().map(|(did, bundle)| (did.to_owned(), bundle));
            named.collect()
        };
        Self {
            bundles,
            now: proofs.now(),
        }
    }

    /// Nobody is an agency.
    #[cfg(test)]
    pub(super) fn nobody() -> Self {
        Self {
            bundles: BTreeMap::new(),
            now: 0,
        }
    }

    /// Whether somebody is an agency now: only what agencies offer is shown.
    pub(super) fn is_agency(&self, did: &str) -> bool {
        let record = self.bundles.get(did).and_then(VerifiedBundle::record);
        record.is_some_and(|record| !record.is_deactivated() && record.is_accredited(self.now))
    }

    /// Whether an agency may issue cards of a type now.
    pub(super) fn may_issue(&self, did: &str, vct: &str) -> bool {
        self.bundles.get(did).is_some_and(|bundle| self.issues(bundle, vct))
    }

    /// Whether an agency's record still lists the key that a copy names as its own: what was signed with a key that was
    /// taken out holds nowhere any more.
    pub(super) fn lists_key_of(&self, did: &str, format: Format, credential: &str) -> bool {
        let Some(record) = self.bundles.get(did).and_then(VerifiedBundle::record) else {
            return false;
        };
        let Ok(copy) = format.received(credential) else {
            return false;
        };
        let named = copy.hints().kid;
        named.is_some_and(|kid| matches!(record.assertion_key(kid), KeyLookup::Current(_)))
    }

    /// Every agency that may issue cards of a type now.
    pub(super) fn issuers_of(&self, vct: &str) -> Vec<Office> {
        let issuers = self.bundles.iter().filter(|(_, bundle)| self.issues(bundle, vct));
        issuers.map(|(did, _)| self.office(did)).collect()
    }

    /// Name and host of an organisation; where no name is known, the host.
    pub(super) fn office(&self, did: &str) -> Office {
        let host = host_text(did);
        let accreditation = self.bundles.get(did).and_then(VerifiedBundle::accreditation);
        let name = accreditation.map_or_else(|| in_english(&host), |said| Localized::from(&said.name));
        Office { name, host }
    }

    fn issues(&self, bundle: &VerifiedBundle, vct: &str) -> bool {
        let may =
            |record: &OrganisationRecord| !record.is_deactivated() && record.accreditation(vct, self.now).is_some();
        bundle.record().is_some_and(may)
    }
}
