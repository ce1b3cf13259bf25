//! Whose name an agency has. One registrar alone can accredit anybody under any name; nobody comes by it into the place of
//! an agency whose cards the person holds. docs/ledger.md §4.2

use super::IssuanceError;
use super::open::KnownIssuers;
use crate::cards::CardIssuer;
use crate::lookalike::taken_for_each_other;
use crate::trust::{Agencies, Agency, TrustError};
use crate::wallet::Wallet;
use jose::UnixTime;
use ledger::Localized;
use oid4vci::Identifier;

impl Wallet {
    /// Refuses an offer of an agency that has the name of another one whose cards are held, unless the public record
    /// says that it goes on for that one, and this counts by now: two registrars signed it, and it was public for 72
    /// hours.
    pub(super) fn check_name(&self, known: &KnownIssuers, issuer: &Identifier) -> Result<(), IssuanceError> {
        match known.agency(issuer)? {
            Some(agency) => Ok(self.check_agency(known.agencies(), agency)?),
            None => Ok(()),
        }
    }

    /// The same for whoever signed copies: it need not live at the host that offered them, nor have the name by now that
    /// it had then.
    pub(super) fn check_signer(&self, agencies: &Agencies, issuer: &CardIssuer) -> Result<(), TrustError> {
        match issuer {
            CardIssuer::Ledger { did, .. } => match agencies.by_did(did) {
                Some(agency) => self.check_agency(agencies, agency),
                None => Ok(()),
            },
            CardIssuer::Certificate { .. } => Ok(()),
        }
    }

    fn check_agency(&self, agencies: &Agencies, agency: &Agency) -> Result<(), TrustError> {
        let now = self.ledger(self.clock.now()).clock()?.now();
        let name = agency.accreditation()?.name;
        for card in self.vault.cards()? {
            if let CardIssuer::Ledger { did, .. } = &card.issuer
                && is_named_like(&name, &card.issuer)
                && !is_in_the_place_of(agencies, agency, did, now)
            {
                return Err(TrustError::NameTaken);
            }
        }
        Ok(())
    }
}

/// The same agency, or one that goes on for it.
fn is_in_the_place_of(agencies: &Agencies, agency: &Agency, did: &str, now: UnixTime) -> bool {
    agency.did() == Some(did) || agencies.go_on(agency, did, now)
}

/// Whether a name, in any language, is taken for that of the issuer of a card.
fn is_named_like(name: &Localized, issuer: &CardIssuer) -> bool {
    let CardIssuer::Ledger {
        name: english,
        localized,
        ..
    } = issuer
    else {
        return false;
    };
    let in_languages = localized
        .iter()
        .flat_map(crate::text::Localized::iter)
        .map(|(_, text)| text);
    let mut held = in_languages.chain([english.as_str()]);
    held.any(|held| name.iter().any(|(_, name)| taken_for_each_other(name, held)))
}
