//! What an entry is about. docs/ledger.md §3.

use std::fmt;

use crate::map::Family;

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
    /// What is on a card of a type.
    SchemaPublish,
    /// Replaces what is on a card of a type.
    SchemaSupersede,
    /// An eligibility rule.
    RulePublish,
    /// Replaces an eligibility rule.
    RuleSupersede,
    /// A service that an organisation offers.
    ServicePublish,
    /// Replaces what a service is.
    ServiceSupersede,
    /// A version of a document, by its hash.
    Document,
    /// Root of the log of an agency's officials.
    AuditSnapshot,
    /// A version of a program, by the hashes of its files.
    Release,
}

impl Kind {
    /// Every kind, by number.
    pub const ALL: [Self; 21] = [
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
        Self::SchemaPublish,
        Self::SchemaSupersede,
        Self::RulePublish,
        Self::RuleSupersede,
        Self::ServicePublish,
        Self::ServiceSupersede,
        Self::Document,
        Self::AuditSnapshot,
        Self::Release,
    ];

    /// The number in the leaf.
    pub fn number(self) -> u64 {
        self as u64
    }

    /// The kind of a number; `None` for a number that is unknown.
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
            Self::SchemaPublish | Self::SchemaSupersede => Part::Schema,
            Self::RulePublish | Self::RuleSupersede => Part::Rule,
            Self::ServicePublish | Self::ServiceSupersede => Part::Service,
            Self::Document => Part::Document,
            Self::AuditSnapshot => Part::AuditSnapshot,
            Self::Release => Part::Release,
        }
    }

    /// The family of the record that it changes; `None` for a map head, which changes none. docs/ledger.md §7
    pub fn family(self) -> Option<Family> {
        match self.part() {
            Part::Policy => Some(Family::Policy),
            Part::MapHead => None,
            Part::Schema => Some(Family::Schema),
            Part::Rule => Some(Family::Rule),
            Part::Service => Some(Family::Service),
            Part::Document => Some(Family::Document),
            Part::Release => Some(Family::Release),
            Part::Did | Part::Accreditation | Part::RelyingParty | Part::StatusSnapshot | Part::AuditSnapshot => {
                Some(Family::Organisation)
            }
        }
    }

    /// The longest payload in bytes. docs/ledger.md §4
    pub fn payload_cap(self) -> u64 {
        match self {
            Self::DidCreate | Self::DidUpdate | Self::DidRotate | Self::DidDeactivate => 16 * 1024,
            Self::Policy
            | Self::AccreditationGrant
            | Self::RelyingPartyRegister
            | Self::RelyingPartyUpdate
            | Self::SchemaPublish
            | Self::SchemaSupersede
            | Self::Release => 64 * 1024,
            Self::ServicePublish | Self::ServiceSupersede => 16 * 1024,
            Self::RulePublish | Self::RuleSupersede => 8 * 1024,
            Self::Document => 4 * 1024,
            Self::AccreditationRevoke | Self::RelyingPartyRevoke | Self::AuditSnapshot => 1024,
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
            Self::SchemaPublish => "schema publish",
            Self::SchemaSupersede => "schema supersede",
            Self::RulePublish => "rule publish",
            Self::RuleSupersede => "rule supersede",
            Self::ServicePublish => "service publish",
            Self::ServiceSupersede => "service supersede",
            Self::Document => "document",
            Self::AuditSnapshot => "audit snapshot",
            Self::Release => "release",
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
    /// A card type.
    Schema,
    /// An eligibility rule.
    Rule,
    /// A service.
    Service,
    /// A document.
    Document,
    /// Newest root of the log of an agency's officials.
    AuditSnapshot,
    /// A program.
    Release,
}

impl Part {
    pub(crate) const ALL: [Self; 12] = [
        Self::Policy,
        Self::Did,
        Self::Accreditation,
        Self::RelyingParty,
        Self::StatusSnapshot,
        Self::MapHead,
        Self::Schema,
        Self::Rule,
        Self::Service,
        Self::Document,
        Self::AuditSnapshot,
        Self::Release,
    ];
    /// Parts of an organisation's record.
    pub(crate) const OF_ORGANISATION: [Self; 5] = [
        Self::Did,
        Self::Accreditation,
        Self::RelyingParty,
        Self::StatusSnapshot,
        Self::AuditSnapshot,
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
    fn every_number_comes_back_and_others_are_unknown() {
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind.number(), number as u64);
            assert_eq!(Kind::from_number(number as u64), Some(kind));
        }
        assert_eq!(Kind::from_number(21), None);
        assert_eq!(Kind::from_number(u64::MAX), None);
        for (number, part) in Part::ALL.into_iter().enumerate() {
            assert_eq!(Part::from_number(number as u64), Some(part));
        }
    }
}
