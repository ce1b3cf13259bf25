//! Writing bundles.

use thiserror::Error;
use tlog::{SignatureLine, UnverifiedCheckpoint};

use crate::cbor::Writer;
use crate::map::MapProof;

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
        let mut writer = Writer::new();
        writer.array(8).uint(1);
        self.write_checkpoint(&mut writer)?;
        writer.bytes(self.map_head_leaf).bytes(self.map_head_payload);
        let path: Vec<u8> = self.inclusion.iter().flat_map(|hash| *hash.as_bytes()).collect();
        writer.bytes(&path);
        self.map_proof.write(&mut writer);
        match self.record {
            Some(record) => writer.bytes(record),
            None => writer.null(),
        };
        writer.array(self.blobs.len());
        for blob in self.blobs {
            writer.bytes(blob);
        }
        Ok(writer.into_bytes())
    }

    fn write_checkpoint(&self, writer: &mut Writer) -> Result<(), MakeBundleError> {
        let checkpoint = self.note.dangerous_checkpoint();
        let origin = checkpoint.origin().as_str();
        let (by_log, by_others): (Vec<_>, Vec<_>) = self
            .note
            .signatures()
            .iter()
            .partition(|line| line.key_name().as_str() == origin);
        let log_signature = by_log
            .iter()
            .find(|line| line.signature().len() == 64)
            .ok_or(MakeBundleError::NotSignedByLog)?;
        let cosignatures: Vec<_> = by_others.into_iter().filter_map(cosignature).collect();
        writer
            .array(4)
            .uint(checkpoint.size())
            .bytes(checkpoint.root().as_bytes());
        writer.bytes(log_signature.signature()).array(cosignatures.len());
        for (key_id, time, signature) in cosignatures {
            writer.array(3).bytes(&key_id).uint(time).bytes(signature);
        }
        Ok(())
    }
}

/// Key id, time and signature of a cosignature v1 line; other lines are not carried.
fn cosignature(line: &SignatureLine) -> Option<([u8; 4], u64, &[u8])> {
    let (time, signature) = line.signature().split_first_chunk::<8>()?;
    (signature.len() == 64).then(|| (line.key_id().0, u64::from_be_bytes(*time), signature))
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
