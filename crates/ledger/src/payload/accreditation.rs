//! Accreditation grant. docs/ledger.md §4.2.

use did::Did;
use jose::UnixTime;
use serde::{Deserialize, Serialize};

use super::json::present;
use super::text::{check_impersonal, check_token};
use super::{Localized, PayloadError, check_count, check_order, from_canonical, to_canonical};

/// Card types of an accreditation, at most.
pub(crate) const ACCREDITED_TYPES: usize = 32;

/// Which card types an agency may issue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accreditation {
    /// The agency's name.
    pub name: Localized,
    /// The agency.
    pub subject: Did,
    /// The agency that lost its keys and for which this one goes on.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub succeeds: Option<Did>,
    /// Card types, sorted by `vct`.
    pub types: Vec<AccreditedType>,
}

/// A card type and until when it may be issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccreditedType {
    /// Accredited while now is earlier.
    pub until: UnixTime,
    /// The credential type.
    pub vct: String,
}

impl Accreditation {
    /// Reads the payload.
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        let accreditation: Self = from_canonical(bytes)?;
        accreditation.check()?;
        Ok(accreditation)
    }

    /// The payload's bytes.
    pub fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        self.check()?;
        to_canonical(self)
    }

    /// Refuses a name that looks like the address or number of a person.
    pub(super) fn check_words(&self) -> Result<(), PayloadError> {
        check_impersonal("name", &self.name)
    }

    fn check(&self) -> Result<(), PayloadError> {
        check_count("types", self.types.len(), 1..=ACCREDITED_TYPES)?;
        check_order("types", &self.types, |accredited| accredited.vct.clone())?;
        self.types
            .iter()
            .try_for_each(|accredited| check_token("vct", &accredited.vct))
    }
}
