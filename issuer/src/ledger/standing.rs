//! Whether the ledger lets this issuer issue.
//!
//! The own record is read on a timer. An issuer that is not accredited, or whose key is not current, or that cannot
//! know, issues nothing: nobody could verify it.

use std::sync::{PoisonError, RwLock};

use jose::UnixTime;
use ledger::{Clock, FreshnessError, FreshnessLimit, KeyLookup, OrganisationRecord, VerifiedBundle};

use crate::identity::Signing;

/// What the ledger said last.
#[derive(Debug, Default)]
pub struct Standing(RwLock<Option<VerifiedBundle>>);

/// Why nothing is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The ledger was not read yet.
    #[error("the ledger was not read yet")]
    NotRead,
    /// What was read is too old, or the clock is wrong.
    #[error(transparent)]
    NotFresh(#[from] FreshnessError),
    /// The ledger does not know this issuer.
    #[error("the ledger does not know this issuer")]
    Unknown,
    /// The issuer's DID has ended.
    #[error("the issuer's DID has ended")]
    Deactivated,
    /// No accreditation for this card type.
    #[error("the issuer is not accredited for this card type")]
    NotAccredited,
    /// The key in use is not listed.
    #[error("the credential key is not anchored")]
    KeyNotCurrent,
}

impl Refusal {
    /// Whether it says that the ledger is out of reach, which passes, rather than that it forbids.
    #[must_use]
    pub const fn is_passing(self) -> bool {
        matches!(self, Self::NotRead | Self::NotFresh(_))
    }
}

impl Standing {
    /// Keeps what was read.
    pub fn set(&self, bundle: VerifiedBundle) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(bundle);
    }

    /// Whether cards of this type may be issued now.
    pub fn check(&self, vct: &str, signing: &Signing, clock: &Clock) -> Result<(), Refusal> {
        let standing = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let bundle = standing.as_ref().ok_or(Refusal::NotRead)?;
        clock.age(bundle.time(), FreshnessLimit::ONLINE)?;
        let record = bundle.record().ok_or(Refusal::Unknown)?;
        if record.is_deactivated() {
            return Err(Refusal::Deactivated);
        }
        if record.accreditation(vct, clock.now()).is_none() {
            return Err(Refusal::NotAccredited);
        }
        let kid = signing.kid.as_deref().unwrap_or_default();
        match record.assertion_key(kid) {
            KeyLookup::Current(key) if key.same_key(jose::Signer::public_jwk(&signing.key)) => Ok(()),
            _ => Err(Refusal::KeyNotCurrent),
        }
    }

    /// Whether something holds of the own record; false where there is none.
    pub fn with_record(&self, holds: impl FnOnce(&OrganisationRecord) -> bool) -> bool {
        let standing = self.0.read().unwrap_or_else(PoisonError::into_inner);
        standing.as_ref().and_then(VerifiedBundle::record).is_some_and(holds)
    }

    /// When the quorum signed what is held.
    #[must_use]
    pub fn time(&self) -> Option<UnixTime> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(VerifiedBundle::time)
    }
}
