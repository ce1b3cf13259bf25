//! Revocation of an accreditation or registration. docs/ledger.md §4.3.

use did::Did;
use serde::{Deserialize, Serialize};

use super::{PayloadError, from_canonical, to_canonical};

/// An organisation may not issue, or not ask, any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Why; never a free text, so that no personal data can be in it.
    pub reason: RevocationReason,
    /// The organisation.
    pub subject: Did,
}

/// Why something was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RevocationReason {
    /// The task came to its end.
    Ended,
    /// Another organisation took over.
    Superseded,
    /// Keys are in wrong hands.
    KeyCompromise,
    /// Rules were broken.
    Misuse,
}

impl Revocation {
    /// Reads the payload.
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        from_canonical(bytes)
    }

    /// The payload's bytes.
    pub fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        to_canonical(self)
    }
}
