//! Writing bundles.

use thiserror::Error;
use tlog::UnverifiedCheckpoint;

use super::{Basis, Statement};
use crate::checkpoint::CompactCheckpoint;
use crate::map::MapProof;
use cbor::Writer;

/// What a bundle is made of. Who has it all makes a bundle; whether it proves anything is the
/// reader's to say.
#[derive(Clone, Copy, Debug)]
pub struct BundleParts<'a> {
    /// The checkpoint with the signatures of log and cosigners.
    pub note: &'a UnverifiedCheckpoint,
    /// Last leaf of the checkpoint.
    pub map_head_leaf: &'a [u8],
    /// Payload of that leaf.
    pub map_head_payload: &'a [u8],
    /// Inclusion path of that leaf.
    pub inclusion: &'a [tlog::Hash],
    /// Proof of the record, or of its absence.
    pub map_proof: &'a MapProof,
    /// The record, `None` where there is none.
    pub record: Option<&'a [u8]>,
    /// Payloads that the record names.
    pub blobs: &'a [&'a [u8]],
}

/// Why a bundle cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MakeBundleError {
    /// The note has no Ed25519 signature by the log of its origin.
    #[error("the note is not signed by its log")]
    NotSignedByLog,
}

impl BundleParts<'_> {
    /// The bundle's bytes.
    pub fn encode(&self) -> Result<Vec<u8>, MakeBundleError> {
        let basis = Basis {
            checkpoint: CompactCheckpoint::from_note(self.note)?,
            map_head_leaf: self.map_head_leaf.to_vec(),
            map_head_payload: self.map_head_payload.to_vec(),
            inclusion: self.inclusion.iter().map(|hash| *hash.as_bytes()).collect(),
        };
        let statement = Statement {
            map_proof: self.map_proof.clone(),
            record: self.record.map(<[u8]>::to_vec),
            blobs: self.blobs.iter().map(|blob| blob.to_vec()).collect(),
        };
        Ok(write_bundle(&basis, &statement, true))
    }
}

/// The bundle that says one thing by one checkpoint.
pub(crate) fn write_bundle(basis: &Basis, statement: &Statement, with_blobs: bool) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(8).uint(1);
    basis.write(&mut writer);
    statement.write(&mut writer, with_blobs);
    writer.into_bytes()
}

/// A set of bundles: a CBOR array of them.
pub fn encode_bundles<'a>(bundles: impl ExactSizeIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(bundles.len());
    for bundle in bundles {
        writer.raw(bundle);
    }
    writer.into_bytes()
}
