//! What a bundle proves to a reader with a trust pack.

use jose::UnixTime;
use thiserror::Error;
use tlog::{Checkpoint, InclusionError, QuorumError, UnverifiedCheckpoint};

use super::{UnverifiedBundle, VerifiedBasis};
use crate::hash::Hash;
use crate::kind::Kind;
use crate::landmark::{Landmark, UnverifiedLandmark};
use crate::leaf::LeafError;
use crate::map::{Family, MapProofError};
use crate::object::ObjectRecord;
use crate::payload::{Accreditation, AuditSnapshot, Payload, Policy, Scope, StatusSnapshot};
use crate::record::{OrganisationRecord, PolicyRecord};
use crate::trust_pack::TrustPack;
use cbor::CborError;

/// Newest state of one organisation (or policy, or object), or that there is none. Made by
/// [`UnverifiedBundle::verify`], [`UnverifiedBundle::verify_object`] and [`UnverifiedBundle::verify_policy`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedBundle<R = OrganisationRecord> {
    record: Option<R>,
    checkpoint: Checkpoint,
    note: String,
    time: UnixTime,
    blobs: Vec<(Hash, Vec<u8>)>,
}

/// Why a bundle proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BundleError {
    /// Not deterministic CBOR of a bundle's shape.
    #[error("not a bundle: {0}")]
    Cbor(#[from] CborError),
    /// More than 1 MiB, or a set of more than 64 MiB.
    #[error("the bundle is too long")]
    TooLong,
    /// The checkpoint is not the log's, or lacks its quorum.
    #[error(transparent)]
    Quorum(#[from] QuorumError),
    /// The log signed with the key that it had before, and the time for that is over. docs/ledger.md §9.1
    #[error("the log signed with a key that is no longer in use")]
    LogKeyRetired,
    /// The last leaf does not parse.
    #[error("the last leaf: {0}")]
    MapHeadLeaf(#[from] LeafError),
    /// The last leaf is not a map head that this log wrote.
    #[error("the last leaf is not a map head of this log")]
    NotAMapHead,
    /// The map head's payload is not the one its leaf names, or does not parse.
    #[error("the map head's payload is not the one its leaf names")]
    MapHeadPayload,
    /// The map head covers another number of entries than the checkpoint has before it.
    #[error("the map head is of another size than the checkpoint")]
    MapHeadSize,
    /// The map head is not the last leaf of the checkpoint.
    #[error("the map head is not in the checkpoint: {0}")]
    Inclusion(#[from] InclusionError),
    /// The map does not say this about the expected subject.
    #[error(transparent)]
    MapProof(#[from] MapProofError),
    /// The record does not parse.
    #[error("the record: {0}")]
    Record(CborError),
    /// The record is about another subject than the expected one.
    #[error("the record is of another subject")]
    OtherSubject,
    /// A blob that the record does not name.
    #[error("a blob is not one the record names")]
    BlobNotNamed,
}

impl UnverifiedBundle {
    /// Checks everything, for the organisation that the caller asked for.
    pub fn verify(self, pack: &TrustPack, did: &str) -> Result<VerifiedBundle, BundleError> {
        let basis = self.basis.verify(pack)?;
        let record = self.statement.check(&basis.map_head.root, did)?;
        self.statement.check_blobs(record.as_ref())?;
        Ok(VerifiedBundle::new(&basis, record, self.statement.blobs_by_hash()))
    }

    /// Checks everything, for the schema, rule, service, document or release that the caller asked for.
    ///
    /// # Errors
    /// [`BundleError`]
    pub fn verify_object(
        self,
        pack: &TrustPack,
        family: Family,
        subject: &str,
    ) -> Result<VerifiedBundle<ObjectRecord>, BundleError> {
        let basis = self.basis.verify(pack)?;
        let is_expected = |record: &ObjectRecord| record.family == family && record.subject == subject;
        let root = &basis.map_head.root;
        let record = self
            .statement
            .check_as(root, family, subject, ObjectRecord::parse, is_expected)?;
        self.statement
            .check_blobs_by(|hash| record.as_ref().is_some_and(|record| record.names_blob(hash)))?;
        Ok(VerifiedBundle::new(&basis, record, self.statement.blobs_by_hash()))
    }

    /// Checks everything, for the policy of the log.
    ///
    /// # Errors
    /// [`BundleError`]
    pub fn verify_policy(self, pack: &TrustPack) -> Result<VerifiedBundle<PolicyRecord>, BundleError> {
        let basis = self.basis.verify(pack)?;
        let (root, origin) = (&basis.map_head.root, pack.origin());
        let is_expected = |record: &PolicyRecord| record.origin == origin;
        let record = self
            .statement
            .check_as(root, Family::Policy, origin, PolicyRecord::parse, is_expected)?;
        self.statement
            .check_blobs_by(|hash| record.as_ref().is_some_and(|record| record.payload.hash == *hash))?;
        Ok(VerifiedBundle::new(&basis, record, self.statement.blobs_by_hash()))
    }
}

impl<R> VerifiedBundle<R> {
    /// Of what was checked already.
    pub(crate) fn new(basis: &VerifiedBasis, record: Option<R>, blobs: Vec<(Hash, Vec<u8>)>) -> Self {
        Self {
            record,
            checkpoint: basis.checkpoint.clone(),
            note: basis.note.clone(),
            time: basis.time,
            blobs,
        }
    }

    /// The newest record; `None`: there is none.
    pub fn record(&self) -> Option<&R> {
        self.record.as_ref()
    }

    /// Latest instant at which the cosignatures still satisfied the quorum.
    pub fn time(&self) -> UnixTime {
        self.time
    }

    /// Entries in the log.
    pub fn size(&self) -> u64 {
        self.checkpoint.size()
    }

    /// The checkpoint that it rests on.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signed note of that checkpoint, with the signatures of known keys.
    pub fn note(&self) -> &str {
        &self.note
    }

    /// The same checkpoint, to be compared with others; `None` where the pack is another than the one it was verified
    /// with. docs/ledger.md §12.3
    pub fn landmark(&self, pack: &TrustPack) -> Option<Landmark> {
        let note = UnverifiedCheckpoint::parse(self.note.as_bytes()).ok()?;
        UnverifiedLandmark::from_note(&note).ok()?.verify(pack).ok()
    }

    /// A payload that the record names, where the bundle carries it.
    pub fn blob(&self, hash: &Hash) -> Option<&[u8]> {
        self.blobs
            .iter()
            .find(|(name, _)| name == hash)
            .map(|(_, blob)| blob.as_slice())
    }
}

impl VerifiedBundle<ObjectRecord> {
    /// The newest payload, where there is one and the bundle carries it: read by the kind that publishes the family.
    pub fn payload(&self) -> Option<Payload> {
        let record = self.record.as_ref()?;
        let kind = match record.family {
            Family::Schema => Kind::SchemaPublish,
            Family::Rule => Kind::RulePublish,
            Family::Service => Kind::ServicePublish,
            Family::Document => Kind::Document,
            Family::Release => Kind::Release,
            Family::Policy | Family::Organisation => return None,
        };
        Payload::parse(kind, self.blob(&record.payload.hash)?).ok()
    }
}

impl VerifiedBundle<PolicyRecord> {
    /// The policy in force, where the bundle carries it.
    pub fn policy(&self) -> Option<Policy> {
        let record = self.record.as_ref()?;
        Policy::parse(self.blob(&record.payload.hash)?).ok()
    }
}

impl VerifiedBundle {
    /// The accreditation payload, where there is an accreditation and the bundle carries it.
    pub fn accreditation(&self) -> Option<Accreditation> {
        let entry = self.record.as_ref()?.accreditation_entry()?;
        Accreditation::parse(self.blob(&entry.payload().hash)?).ok()
    }

    /// The scope of a relying party, where there is one and the bundle carries it.
    pub fn scope(&self) -> Option<Scope> {
        let entry = self.record.as_ref()?.relying_party()?;
        Scope::parse(self.blob(&entry.payload.hash)?).ok()
    }

    /// The newest status snapshot, where there is one and the bundle carries it.
    pub fn status_snapshot(&self) -> Option<StatusSnapshot> {
        let entry = self.record.as_ref()?.status_snapshot()?;
        StatusSnapshot::parse(self.blob(&entry.payload.hash)?).ok()
    }

    /// The newest audit snapshot, where there is one and the bundle carries it.
    pub fn audit_snapshot(&self) -> Option<AuditSnapshot> {
        let entry = self.record.as_ref()?.audit_snapshot()?;
        AuditSnapshot::parse(self.blob(&entry.payload.hash)?).ok()
    }

    /// The newest line of the DID log, where the bundle carries it.
    pub fn did_line(&self) -> Option<&[u8]> {
        self.blob(&self.record.as_ref()?.did_state().line().hash)
    }
}
