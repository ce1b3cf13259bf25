//! What a bundle proves to a reader with a trust pack.

use jose::UnixTime;
use thiserror::Error;
use tlog::{Checkpoint, InclusionError, KeyId, Origin, QuorumError, SignatureLine, UnverifiedCheckpoint};

use super::UnverifiedBundle;
use crate::cbor::CborError;
use crate::hash::{BlobRef, Hash, leaf_hash, sha256};
use crate::kind::Kind;
use crate::leaf::{Authority, Leaf, LeafError};
use crate::map::{Family, MapProofError, map_key};
use crate::payload::{Accreditation, MapHead, PayloadError, Scope, StatusSnapshot};
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
        let note = self.note(pack);
        let text = note.to_string();
        let quorate = note.verify(pack.policy())?;
        let map_root = self.check_map_head(pack)?;
        let record = self.check_record(&map_root, did)?;
        let blobs = check_blobs(self.blobs, record.as_ref())?;
        Ok(VerifiedBundle {
            record,
            checkpoint: quorate.checkpoint().clone(),
            note: text,
            time: quorate.time(),
            blobs,
        })
    }

    /// The signed note, with the names and keys of the trust pack. A cosigner that the pack does
    /// not name is left out.
    fn note(&self, pack: &TrustPack) -> UnverifiedCheckpoint {
        let log_key = pack.log_key().verifier_key();
        let compact = &self.checkpoint;
        let checkpoint = Checkpoint::new(Origin::from(log_key.name()), compact.size, compact.root.into());
        let mut lines = vec![SignatureLine::new(
            log_key.name().clone(),
            log_key.id(),
            compact.log_signature.to_vec(),
        )];
        for cosignature in &compact.cosignatures {
            let id = KeyId(cosignature.key_id);
            let keys = pack
                .policy()
                .witnesses()
                .iter()
                .map(|witness| witness.key().verifier_key());
            if let Some(key) = keys.into_iter().find(|key| key.id() == id) {
                let signature = [cosignature.time.to_be_bytes().as_slice(), &cosignature.signature].concat();
                lines.push(SignatureLine::new(key.name().clone(), id, signature));
            }
        }
        UnverifiedCheckpoint::new(checkpoint, lines)
    }

    /// The map root that the last leaf of the checkpoint names.
    fn check_map_head(&self, pack: &TrustPack) -> Result<Hash, BundleError> {
        let leaf = Leaf::parse(&self.map_head_leaf)?;
        if leaf.kind != Kind::MapHead || leaf.subject != pack.origin() || leaf.authority != Authority::Log {
            return Err(BundleError::NotAMapHead);
        }
        if BlobRef::of(&self.map_head_payload) != leaf.payload {
            return Err(BundleError::MapHeadPayload);
        }
        let head = MapHead::parse(&self.map_head_payload).map_err(|_: PayloadError| BundleError::MapHeadPayload)?;
        let size = self.checkpoint.size;
        if head.size.checked_add(1) != Some(size) {
            return Err(BundleError::MapHeadSize);
        }
        let path: Vec<tlog::Hash> = self.inclusion.iter().map(|hash| (*hash).into()).collect();
        let root = self.checkpoint.root.into();
        tlog::verify_inclusion(&leaf_hash(&self.map_head_leaf).into(), head.size, size, &root, &path)?;
        Ok(head.root)
    }

    fn check_record(&self, map_root: &Hash, did: &str) -> Result<Option<OrganisationRecord>, BundleError> {
        let key = map_key(Family::Organisation, did);
        let Some(bytes) = &self.record else {
            self.map_proof.verify_absent(map_root, &key)?;
            return Ok(None);
        };
        let record = OrganisationRecord::parse(bytes).map_err(BundleError::Record)?;
        if record.did() != did {
            return Err(BundleError::OtherSubject);
        }
        self.map_proof.verify_present(map_root, &key, &sha256(&[bytes]))?;
        Ok(Some(record))
    }
}

fn check_blobs(blobs: Vec<Vec<u8>>, record: Option<&OrganisationRecord>) -> Result<Vec<(Hash, Vec<u8>)>, BundleError> {
    let named = |hash: &Hash| record.is_some_and(|record| record.names_blob(hash));
    let blobs = blobs.into_iter().map(|blob| (sha256(&[&blob]), blob));
    blobs
        .map(|(hash, blob)| {
            if named(&hash) {
                Ok((hash, blob))
            } else {
                Err(BundleError::BlobNotNamed)
            }
        })
        .collect()
}

impl VerifiedBundle {
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
