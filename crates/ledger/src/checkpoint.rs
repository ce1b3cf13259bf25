//! A checkpoint without the names that the trust pack knows. docs/ledger.md §8.

use jose::UnixTime;
use tlog::{Checkpoint, KeyId, LogKey, Origin, SignatureLine, UnverifiedCheckpoint};

use crate::bundle::MakeBundleError;
use crate::hash::Hash;
use crate::trust_pack::TrustPack;
use cbor::{CborError, Reader, Writer};

const COSIGNATURES: usize = 64;

/// Size, root and signatures, nothing checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CompactCheckpoint {
    pub(crate) size: u64,
    pub(crate) root: Hash,
    log_signature: [u8; 64],
    pub(crate) cosignatures: Vec<CompactCosignature>,
}

/// A cosignature v1 line. c2sp.org/tlog-cosignature
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CompactCosignature {
    key_id: [u8; 4],
    time: UnixTime,
    signature: [u8; 64],
}

impl CompactCheckpoint {
    /// What a note says, in this form. Lines that are neither the log's nor a cosignature v1 are not carried.
    pub(crate) fn from_note(note: &UnverifiedCheckpoint) -> Result<Self, MakeBundleError> {
        let checkpoint = note.dangerous_checkpoint();
        let origin = checkpoint.origin().as_str();
        let (by_log, by_others): (Vec<_>, Vec<_>) = note
            .signatures()
            .iter()
            .partition(|line| line.key_name().as_str() == origin);
        let log_signature: Option<[u8; 64]> = by_log.iter().find_map(|line| line.signature().try_into().ok());
        Ok(Self {
            size: checkpoint.size(),
            root: *checkpoint.root().as_bytes(),
            log_signature: log_signature.ok_or(MakeBundleError::NotSignedByLog)?,
            cosignatures: by_others
                .into_iter()
                .filter_map(CompactCosignature::from_line)
                .collect(),
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.array(4).uint(self.size).bytes(&self.root);
        writer.bytes(&self.log_signature).array(self.cosignatures.len());
        for cosignature in &self.cosignatures {
            writer.array(3).bytes(&cosignature.key_id).uint(cosignature.time);
            writer.bytes(&cosignature.signature);
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(4)?;
        let size = reader.uint()?;
        let root = reader.bytes_of()?;
        let log_signature = reader.bytes_of()?;
        let cosignatures = reader.list(COSIGNATURES, CompactCosignature::read)?;
        Ok(Self {
            size,
            root,
            log_signature,
            cosignatures,
        })
    }

    /// Whether the key that the log had before signed, and the newest did not. docs/ledger.md §9.1
    pub(crate) fn is_by_previous_key(&self, pack: &TrustPack) -> bool {
        let previous = pack.previous_log_key();
        previous.is_some_and(|(key, _)| self.is_signed_by(key) && !self.is_signed_by(pack.log_key()))
    }

    fn is_signed_by(&self, key: &LogKey) -> bool {
        let (checkpoint, line) = self.signed_by(key);
        let note = UnverifiedCheckpoint::new(checkpoint, vec![line]);
        note.verify_log(std::slice::from_ref(key)).is_ok()
    }

    /// The checkpoint, and the log's signature as one by this key.
    fn signed_by(&self, key: &LogKey) -> (Checkpoint, SignatureLine) {
        let key = key.verifier_key();
        let checkpoint = Checkpoint::new(Origin::from(key.name()), self.size, self.root.into());
        let line = SignatureLine::new(key.name().clone(), key.id(), self.log_signature.to_vec());
        (checkpoint, line)
    }

    /// The signed note, with the names and keys of the trust pack. A cosigner that the pack does
    /// not name is left out.
    pub(crate) fn note(&self, pack: &TrustPack) -> UnverifiedCheckpoint {
        let log_key = match pack.previous_log_key() {
            Some((previous, _)) if self.is_by_previous_key(pack) => previous,
            _ => pack.log_key(),
        };
        let (checkpoint, line) = self.signed_by(log_key);
        let mut lines = vec![line];
        for cosignature in &self.cosignatures {
            let id = KeyId(cosignature.key_id);
            let mut keys = pack
                .policy()
                .witnesses()
                .iter()
                .map(|witness| witness.key().verifier_key());
            if let Some(key) = keys.find(|key| key.id() == id) {
                let signature = [cosignature.time.to_be_bytes().as_slice(), &cosignature.signature].concat();
                lines.push(SignatureLine::new(key.name().clone(), id, signature));
            }
        }
        UnverifiedCheckpoint::new(checkpoint, lines)
    }
}

impl CompactCosignature {
    fn from_line(line: &SignatureLine) -> Option<Self> {
        let (time, signature) = line.signature().split_first_chunk::<8>()?;
        Some(Self {
            key_id: line.key_id().0,
            time: u64::from_be_bytes(*time),
            signature: signature.try_into().ok()?,
        })
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(3)?;
        Ok(Self {
            key_id: reader.bytes_of()?,
            time: reader.uint()?,
            signature: reader.bytes_of()?,
        })
    }
}
