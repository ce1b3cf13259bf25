//! What all bundles of one checkpoint have in common: the checkpoint, and the map head in it.

use jose::UnixTime;
use tlog::Checkpoint;

use super::BundleError;
use crate::checkpoint::CompactCheckpoint;
use crate::hash::{BlobRef, Hash, leaf_hash};
use crate::kind::Kind;
use crate::leaf::{Authority, Leaf};
use crate::map::hashes;
use crate::payload::{MapHead, PayloadError};
use crate::trust_pack::TrustPack;
use cbor::{CborError, Reader, Writer};

/// Checkpoint, last leaf with its payload, and the path between them; nothing checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Basis {
    pub(crate) checkpoint: CompactCheckpoint,
    pub(crate) map_head_leaf: Vec<u8>,
    pub(crate) map_head_payload: Vec<u8>,
    pub(crate) inclusion: Vec<Hash>,
}

/// The same, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedBasis {
    pub(crate) checkpoint: Checkpoint,
    /// The signed note, with the signatures of known keys.
    pub(crate) note: String,
    /// Latest instant at which the cosignatures still satisfied the quorum.
    pub(crate) time: UnixTime,
    pub(crate) map_head: MapHead,
}

impl Basis {
    /// Four items.
    pub(crate) fn write(&self, writer: &mut Writer) {
        self.checkpoint.write(writer);
        writer.bytes(&self.map_head_leaf).bytes(&self.map_head_payload);
        writer.bytes(self.inclusion.as_flattened());
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        Ok(Self {
            checkpoint: CompactCheckpoint::read(reader)?,
            map_head_leaf: reader.bytes()?.to_vec(),
            map_head_payload: reader.bytes()?.to_vec(),
            inclusion: hashes(reader.bytes()?)?,
        })
    }

    /// Log signature, quorum, map head, inclusion; in this order.
    pub(crate) fn verify(&self, pack: &TrustPack) -> Result<VerifiedBasis, BundleError> {
        let note = self.checkpoint.note(pack);
        let text = note.to_string();
        let quorate = note.verify(pack.policy())?;
        let until = pack.previous_log_key().map(|(_, until)| until);
        if self.checkpoint.is_by_previous_key(pack) && until.is_some_and(|until| quorate.time() >= until) {
            return Err(BundleError::LogKeyRetired);
        }
        Ok(VerifiedBasis {
            checkpoint: quorate.checkpoint().clone(),
            note: text,
            time: quorate.time(),
            map_head: self.check_map_head(pack)?,
        })
    }

    /// The last leaf of the checkpoint.
    fn check_map_head(&self, pack: &TrustPack) -> Result<MapHead, BundleError> {
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
        Ok(head)
    }
}
