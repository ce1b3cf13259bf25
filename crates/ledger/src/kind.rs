//! What an entry is about. docs/ledger.md §3.

use std::fmt;

/// The kinds of entries that this version of the ledger knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The rules of the log itself.
    Policy,
    /// First line of an organisation's did:webvh log.
    DidCreate,
    /// A line that leaves the document's keys as they are.
    DidUpdate,
    /// A line that changes the document's keys.
    DidRotate,
    /// The last line.
    DidDeactivate,
    /// Which card types an agency may issue.
    AccreditationGrant,
    /// An agency may issue nothing any more.
    AccreditationRevoke,
    /// What a business may ask.
    RelyingPartyRegister,
    /// Replaces what a business may ask.
    RelyingPartyUpdate,
    /// A business may ask nothing any more.
    RelyingPartyRevoke,
    /// Root of an agency's status lists at one time.
    StatusSnapshot,
    /// Root of the map over all entries before; last entry of every checkpoint.
    MapHead,
}

impl Kind {
    /// Every kind, by number.
    pub const ALL: [Self; 12] = [
        Self::Policy,
        Self::DidCreate,
        Self::DidUpdate,
        Self::DidRotate,
        Self::DidDeactivate,
        Self::AccreditationGrant,
        Self::AccreditationRevoke,
        Self::RelyingPartyRegister,
        Self::RelyingPartyUpdate,
        Self::RelyingPartyRevoke,
        Self::StatusSnapshot,
        Self::MapHead,
    ];

    /// The number in the leaf.
    pub fn number(self) -> u64 {
        self as u64
    }

    /// The kind of a number; `None` for a number that is reserved or unknown.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// The part of the subject's record that it changes, and whose chain it continues.
    pub fn part(self) -> Part {
        match self {
            Self::Policy => Part::Policy,
            Self::DidCreate | Self::DidUpdate | Self::DidRotate | Self::DidDeactivate => Part::Did,
            Self::AccreditationGrant | Self::AccreditationRevoke => Part::Accreditation,
            Self::RelyingPartyRegister | Self::RelyingPartyUpdate | Self::RelyingPartyRevoke => Part::RelyingParty,
            Self::StatusSnapshot => Part::StatusSnapshot,
            Self::MapHead => Part::MapHead,
        }
    }

    /// The longest payload in bytes. docs/ledger.md §4
    pub fn payload_cap(self) -> u64 {
        match self {
            Self::DidCreate | Self::DidUpdate | Self::DidRotate | Self::DidDeactivate => 16 * 1024,
            Self::Policy | Self::AccreditationGrant | Self::RelyingPartyRegister | Self::RelyingPartyUpdate => {
                64 * 1024
            }
            Self::AccreditationRevoke | Self::RelyingPartyRevoke => 1024,
            Self::StatusSnapshot => 256 * 1024,
            Self::MapHead => 128,
        }
    }

    /// Whether a leaf may commit to a private blob. docs/ledger.md §2
    pub fn may_have_private_blob(self) -> bool {
        matches!(self.part(), Part::Accreditation | Part::RelyingParty)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Policy => "policy",
            Self::DidCreate => "did create",
            Self::DidUpdate => "did update",
            Self::DidRotate => "did rotate",
            Self::DidDeactivate => "did deactivate",
            Self::AccreditationGrant => "accreditation grant",
            Self::AccreditationRevoke => "accreditation revoke",
            Self::RelyingPartyRegister => "relying party register",
            Self::RelyingPartyUpdate => "relying party update",
            Self::RelyingPartyRevoke => "relying party revoke",
            Self::StatusSnapshot => "status snapshot",
            Self::MapHead => "map head",
        })
    }
}

/// A part of a record with a chain of leaves of its own. docs/ledger.md §3
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The policy of the log.
    Policy,
    /// DID state of an organisation.
    Did,
    /// Card types that an agency may issue.
    Accreditation,
    /// What a business may ask.
    RelyingParty,
    /// Newest root of an agency's status lists.
    StatusSnapshot,
    /// Map heads of the log.
    MapHead,
}

impl Part {
    pub(crate) const ALL: [Self; 6] = [
        Self::Policy,
        Self::Did,
        Self::Accreditation,
        Self::RelyingParty,
        Self::StatusSnapshot,
        Self::MapHead,
    ];

    /// The number in a record.
    pub fn number(self) -> u64 {
        self as u64
    }

    /// The part of a number.
    pub fn from_number(number: u64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_and_reserved_ones_are_unknown() {
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind.number(), number as u64);
            assert_eq!(Kind::from_number(number as u64), Some(kind));
        }
        for reserved in 12..=21 {
            assert_eq!(Kind::from_number(reserved), None);
        }
        assert_eq!(Kind::from_number(u64::MAX), None);
        for (number, part) in Part::ALL.into_iter().enumerate() {
            assert_eq!(Part::from_number(number as u64), Some(part));
        }
    }
}
