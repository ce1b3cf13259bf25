//! What leaves carry: public payloads, one schema each. docs/ledger.md §4.
//!
//! Nothing here holds data of natural persons, and there is no free text but names and purposes.

mod accreditation;
mod audit;
mod document;
mod json;
mod limits;
mod map_head;
mod other_log;
mod policy;
mod release;
mod revocation;
mod rule;
mod schema;
mod scope;
mod scope_change;
mod scope_sets;
mod service;
mod snapshot;
mod text;

use thiserror::Error;

pub(crate) use accreditation::ACCREDITED_TYPES;
pub use accreditation::{Accreditation, AccreditedType};
pub use audit::AuditSnapshot;
pub use document::Document;
pub use limits::Limits;
pub use map_head::MapHead;
pub use other_log::{Predecessor, Successor};
pub(crate) use policy::GovernanceSignature;
pub use policy::{Governance, PackReference, Policy, ReleaseKeys};
pub use release::{Artifact, Release, ReleaseVersion};
pub use revocation::{Revocation, RevocationReason};
pub use rule::{ClaimType, RuleEntry, RuleQuery};
pub use schema::{Schema, SchemaClaim, SelectiveDisclosure};
pub(crate) use scope::ACCESS_CERTIFICATES;
pub use scope::{Channel, ClaimPath, Coverage, PathElement, Purpose, Scope, ScopeCredential};
pub use scope_change::{Asked, Became, ClaimChange, PurposeChange, ScopeChange, ScopeClaim};
pub use scope_sets::SetChange;
pub use service::{Fee, LegalBasis, RuleReference, Service};
pub use snapshot::{SnapshotList, StatusSnapshot};
pub use text::Localized;

pub(crate) use json::{from_canonical, from_value, present, to_canonical};

use crate::kind::Kind;
use crate::quorum::QuorumTextError;
use cbor::CborError;

/// Why a payload does not follow its schema.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// Not JSON, or not of the schema's shape.
    #[error("the payload is not JSON of its schema: {0}")]
    Json(#[from] jose::strict_json::StrictJsonError),
    /// JSON, but not in its JCS form. RFC 8785
    #[error("the payload is not in canonical form")]
    NotCanonical,
    /// A number that is not an integer of at most 53 bits.
    #[error("a number is not an integer of at most 53 bits")]
    Number,
    /// Not the CBOR of a map head.
    #[error("the payload is not the CBOR of its schema: {0}")]
    Cbor(#[from] CborError),
    /// A list has too few or too many elements.
    #[error("{0} has too few or too many elements")]
    Count(&'static str),
    /// A list is not sorted, or has an element twice.
    #[error("{0} is not sorted or has an element twice")]
    Order(&'static str),
    /// A text or link is empty, too long or has characters it may not have.
    #[error("{0} is not an allowed text")]
    Text(&'static str),
    /// A text looks like the address or number of a person.
    #[error("{0} may be about a person")]
    Personal(&'static str),
    /// A period does not begin before it ends.
    #[error("the period does not begin before it ends")]
    Period,
    /// Claim sets are no choice: one lacks what is needed, names what is not asked, or lies within another, or all of
    /// them have what may be left out.
    #[error("claim_sets are not a choice between sets of what is asked")]
    ClaimSet,
    /// Another log is named by a key that is not its own, or is this log.
    #[error("{0} does not name another log by its key")]
    OtherLog(&'static str),
    /// The threshold is 0 or higher than the number of keys.
    #[error("the threshold does not fit the number of keys")]
    Threshold,
    /// The quorum text of a policy.
    #[error(transparent)]
    Quorum(#[from] QuorumTextError),
}

/// A payload of any kind but a did:webvh log line, which the `did` crate reads.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Payload {
    /// Rules of the log.
    Policy(Box<Policy>),
    /// Card types of an agency.
    Accreditation(Accreditation),
    /// End of an accreditation or registration.
    Revocation(Revocation),
    /// What a business may ask.
    Scope(Scope),
    /// Root of status lists.
    StatusSnapshot(StatusSnapshot),
    /// Root of the map.
    MapHead(MapHead),
    /// A did:webvh log line, as it is.
    DidLine(Vec<u8>),
    /// What is on a card of a type.
    Schema(Schema),
    /// An eligibility rule.
    Rule(RuleEntry),
    /// What a service is.
    Service(Box<Service>),
    /// A version of a document.
    Document(Document),
    /// Root of the log of officials' actions.
    AuditSnapshot(AuditSnapshot),
    /// A version of a program.
    Release(Release),
}

impl Payload {
    /// Reads the payload of a leaf of this kind.
    pub fn parse(kind: Kind, bytes: &[u8]) -> Result<Self, PayloadError> {
        Ok(match kind {
            Kind::Policy => Self::Policy(Box::new(Policy::parse(bytes)?)),
            Kind::DidCreate | Kind::DidUpdate | Kind::DidRotate | Kind::DidDeactivate => Self::DidLine(bytes.to_vec()),
            Kind::AccreditationGrant => Self::Accreditation(Accreditation::parse(bytes)?),
            Kind::AccreditationRevoke | Kind::RelyingPartyRevoke => Self::Revocation(Revocation::parse(bytes)?),
            Kind::RelyingPartyRegister | Kind::RelyingPartyUpdate => Self::Scope(Scope::parse(bytes)?),
            Kind::StatusSnapshot => Self::StatusSnapshot(StatusSnapshot::parse(bytes)?),
            Kind::MapHead => Self::MapHead(MapHead::parse(bytes)?),
            Kind::SchemaPublish | Kind::SchemaSupersede => Self::Schema(Schema::parse(bytes)?),
            Kind::RulePublish | Kind::RuleSupersede => Self::Rule(RuleEntry::parse(bytes)?),
            Kind::ServicePublish | Kind::ServiceSupersede => Self::Service(Box::new(Service::parse(bytes)?)),
            Kind::Document => Self::Document(Document::parse(bytes)?),
            Kind::AuditSnapshot => Self::AuditSnapshot(AuditSnapshot::parse(bytes)?),
            Kind::Release => Self::Release(Release::parse(bytes)?),
        })
    }

    /// Refuses words that look like the address or number of a person where the schema does not ask: in what registrars
    /// say about an organisation. It is for admission alone (docs/ledger.md §5.6); an entry that is in the log counts
    /// whatever words it has.
    ///
    /// # Errors
    /// [`PayloadError::Personal`]
    pub fn check_words(&self) -> Result<(), PayloadError> {
        match self {
            Self::Accreditation(accreditation) => accreditation.check_words(),
            Self::Scope(scope) => scope.check_words(),
            _ => Ok(()),
        }
    }

    /// The subject that the payload names; log lines are checked by their own rules.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Self::Accreditation(accreditation) => Some(accreditation.subject.as_str()),
            Self::Revocation(revocation) => Some(revocation.subject.as_str()),
            Self::Scope(scope) => Some(scope.subject.as_str()),
            Self::StatusSnapshot(snapshot) => Some(snapshot.subject.as_str()),
            Self::AuditSnapshot(snapshot) => Some(snapshot.subject.as_str()),
            Self::Schema(schema) => Some(&schema.subject),
            Self::Rule(rule) => Some(&rule.subject),
            Self::Service(service) => Some(&service.subject),
            Self::Document(document) => Some(&document.subject),
            Self::Release(release) => Some(&release.subject),
            Self::Policy(_) | Self::MapHead(_) | Self::DidLine(_) => None,
        }
    }
}

/// Refuses a list whose length is out of range.
pub(crate) fn check_count(
    name: &'static str,
    length: usize,
    range: std::ops::RangeInclusive<usize>,
) -> Result<(), PayloadError> {
    if range.contains(&length) {
        Ok(())
    } else {
        Err(PayloadError::Count(name))
    }
}

/// Refuses a list that is not strictly ascending.
pub(crate) fn check_order<T, K: Ord>(
    name: &'static str,
    list: &[T],
    key: impl Fn(&T) -> K,
) -> Result<(), PayloadError> {
    if list.is_sorted_by(|a, b| key(a) < key(b)) {
        Ok(())
    } else {
        Err(PayloadError::Order(name))
    }
}
