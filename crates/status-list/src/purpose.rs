use serde::{Deserialize, Serialize};

use crate::Status;

/// What a bit of a Bitstring Status List stands for. Bitstring Status List 1.0 §2.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum StatusPurpose {
    /// The credential is cancelled for ever.
    Revocation,
    /// The credential is not valid for a time.
    Suspension,
}

impl StatusPurpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::Revocation, Self::Suspension];

    /// The value of `statusPurpose`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
        }
    }

    /// The purpose of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == name)
    }

    /// The status of a credential whose bit is set.
    #[must_use]
    pub fn when_set(self) -> Status {
        match self {
            Self::Revocation => Status::Invalid,
            Self::Suspension => Status::Suspended,
        }
    }

    /// The address of the Bitstring Status List that Holdfast's issuers publish beside a Token Status List, with the
    /// same places: `<address>/<purpose>`.
    #[must_use]
    pub fn list_beside(self, token_list: &str) -> String {
        format!("{token_list}/{}", self.as_str())
    }
}
