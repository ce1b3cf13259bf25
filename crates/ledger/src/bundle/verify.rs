//! What a bundle proves to a reader with a trust pack.

use jose::UnixTime;
use thiserror::Error;
use tlog::{Checkpoint, InclusionError, QuorumError};

use super::{UnverifiedBundle, VerifiedBasis};
use crate::cbor::CborError;
use crate::hash::Hash;
use crate::leaf::LeafError;
use crate::map::MapProofError;
use crate::payload::{Accreditation, Scope, StatusSnapshot};
use crate::record::OrganisationRecord;
use crate::trust_pack::TrustPack;

/// Newest state of one organisation, or that there is none. Made by [`UnverifiedBundle::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedBundle {
    record: Option<OrganisationRecord>,
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
    /// The record is about another organisation.
    #[error("the record is of another organisation")]
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
}

impl VerifiedBundle {
    /// Of what was checked already.
    pub(crate) fn new(basis: &VerifiedBasis, record: Option<OrganisationRecord>, blobs: Vec<(Hash, Vec<u8>)>) -> Self {
        Self {
            record,
            checkpoint: basis.checkpoint.clone(),
            note: basis.note.clone(),
            time: basis.time,
            blobs,
        }
    }

    /// The newest record; `None`: there is none.
    pub fn record(&self) -> Option<&OrganisationRecord> {
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

    /// A payload that the record names, where the bundle carries it.
    pub fn blob(&self, hash: &Hash) -> Option<&[u8]> {
        self.blobs
            .iter()
            .find(|(name, _)| name == hash)
            .map(|(_, blob)| blob.as_slice())
    }

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

    /// The newest line of the DID log, where the bundle carries it.
    pub fn did_line(&self) -> Option<&[u8]> {
        self.blob(&self.record.as_ref()?.did_state().line().hash)
    }
}
