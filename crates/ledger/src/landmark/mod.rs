//! Landmarks: the checkpoint of the first map head of a UTC hour, the same bytes for everybody. docs/ledger.md §12.

mod file;
mod make;
mod split;

pub use file::{LANDMARK_FILE_CAP, LandmarkFileError, UnverifiedLandmarkFile, VerifiedLandmarkFile};
pub use make::{AccreditedOrganisation, LandmarkFileParts, MakeLandmarkError};
pub use split::{SplitError, SplitEvidence, UnverifiedSplitEvidence};

use jose::UnixTime;
use thiserror::Error;
use tlog::{Checkpoint, ConsistencyError, QuorumError, UnverifiedCheckpoint, verify_consistency};

use crate::bundle::MakeBundleError;
use crate::checkpoint::CompactCheckpoint;
use crate::hash::Hash;
use crate::trust_pack::TrustPack;
use cbor::{CborError, Reader, Writer};

/// Seconds of an hour.
const HOUR: u64 = 3600;
/// Longest landmark in bytes: with 64 cosignatures it has 5.3 KB.
const LANDMARK_CAP: usize = 8 * 1024;
/// Landmarks in a list.
const NEWEST: usize = 2;

/// The UTC hour of a time: whole hours since 1970.
pub fn hour_of(time: UnixTime) -> u64 {
    time / HOUR
}

/// A landmark as it came: a checkpoint, nothing checked but its form. docs/ledger.md §12
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedLandmark(CompactCheckpoint);

/// A landmark that its log signed. Made by [`UnverifiedLandmark::verify`] and by what holds one that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landmark {
    compact: CompactCheckpoint,
    checkpoint: Checkpoint,
    quorum_time: Option<UnixTime>,
}

/// Why bytes are no landmark of this log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LandmarkError {
    /// Not deterministic CBOR of a checkpoint's shape. docs/ledger.md §8
    #[error("not a landmark: {0}")]
    Cbor(#[from] CborError),
    /// More than 8 KiB, or a list of more than 16 KiB.
    #[error("the landmark is too long")]
    TooLong,
    /// The checkpoint is not the log's, or has cosignatures that make no quorum.
    #[error(transparent)]
    Quorum(#[from] QuorumError),
}

impl UnverifiedLandmark {
    /// Reads a landmark and nothing after it. Its bytes are the only encoding of it.
    pub fn parse(bytes: &[u8]) -> Result<Self, LandmarkError> {
        if bytes.len() > LANDMARK_CAP {
            return Err(LandmarkError::TooLong);
        }
        Ok(cbor::decode(bytes, Self::read)?)
    }

    /// Reads a list of at most two, as a log serves it.
    pub fn parse_list(bytes: &[u8]) -> Result<Vec<Self>, LandmarkError> {
        if bytes.len() > NEWEST * LANDMARK_CAP {
            return Err(LandmarkError::TooLong);
        }
        Ok(cbor::decode(bytes, |reader: &mut Reader<'_>| {
            reader.list(NEWEST, Self::read)
        })?)
    }

    /// Reads a landmark inside a longer item.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        CompactCheckpoint::read(reader).map(Self)
    }

    /// Writes it as an item of a longer one.
    pub fn write(&self, writer: &mut Writer) {
        self.0.write(writer);
    }

    /// The landmark's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.write(&mut writer);
        writer.into_bytes()
    }

    /// The bytes of a list of landmarks.
    pub fn encode_list(landmarks: &[Self]) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(landmarks.len());
        for landmark in landmarks {
            landmark.write(&mut writer);
        }
        writer.into_bytes()
    }

    /// The checkpoint of a note, with the cosignatures that stand under it.
    ///
    /// # Errors
    /// [`MakeBundleError::NotSignedByLog`]
    pub fn from_note(note: &UnverifiedCheckpoint) -> Result<Self, MakeBundleError> {
        CompactCheckpoint::from_note(note).map(Self)
    }

    /// The same with the log's signature alone: what fits into a QR code.
    #[must_use]
    pub fn without_cosignatures(mut self) -> Self {
        self.0.cosignatures.clear();
        self
    }

    /// The signed note, with the names of the trust pack; lines of keys that it does not name are left out.
    pub fn to_note(&self, pack: &TrustPack) -> UnverifiedCheckpoint {
        self.0.note(pack)
    }

    /// Entries of the log, as the checkpoint claims.
    pub fn dangerous_size(&self) -> u64 {
        self.0.size
    }

    /// Root of the log's tree, as the checkpoint claims.
    pub fn dangerous_root(&self) -> Hash {
        self.0.root
    }

    /// Checks the log's signature, and the quorum where there are cosignatures.
    pub fn verify(self, pack: &TrustPack) -> Result<Landmark, LandmarkError> {
        let note = self.0.note(pack);
        let (checkpoint, quorum_time) = if self.0.cosignatures.is_empty() {
            let signed = note.verify_log(&pack.log_keys());
            (signed.map_err(QuorumError::from)?.checkpoint().clone(), None)
        } else {
            let quorate = note.verify(pack.policy())?;
            (quorate.checkpoint().clone(), Some(quorate.time()))
        };
        Ok(Landmark {
            compact: self.0,
            checkpoint,
            quorum_time,
        })
    }

    /// Checks the log's signature alone, whatever cosigned it: what the log showed, to be compared with what else it
    /// showed. It says nothing of the time. docs/ledger.md §12
    ///
    /// # Errors
    /// [`LandmarkError::Quorum`]: the log did not sign it.
    pub fn verify_log(self, pack: &TrustPack) -> Result<Landmark, LandmarkError> {
        self.without_cosignatures().verify(pack)
    }

    /// Checks it to compare it with others: with its cosignatures where they make a quorum, else by the log's signature
    /// alone. Who witnesses may have changed since; what the log showed stays. docs/ledger.md §12
    ///
    /// # Errors
    /// [`LandmarkError::Quorum`]: the log did not sign it.
    pub fn verify_to_compare(self, pack: &TrustPack) -> Result<Landmark, LandmarkError> {
        let quorate = self.clone().verify(pack);
        quorate.or_else(|_| self.verify_log(pack))
    }

    fn compact(&self) -> &CompactCheckpoint {
        &self.0
    }
}

impl Landmark {
    /// Entries of the log.
    pub fn size(&self) -> u64 {
        self.compact.size
    }

    /// Root of the log's tree.
    pub fn root(&self) -> Hash {
        self.compact.root
    }

    /// What the log signed.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Latest instant at which the cosignatures still satisfied the quorum; `None` where it came without any.
    pub fn quorum_time(&self) -> Option<UnixTime> {
        self.quorum_time
    }

    /// The same, to be sent on.
    pub fn to_unverified(&self) -> UnverifiedLandmark {
        UnverifiedLandmark(self.compact.clone())
    }

    /// Whether the newer tree begins with a tree of this size and that root.
    fn check_growth(&self, root: &Hash, newer: &Self, proof: &[Hash]) -> Result<(), ConsistencyError> {
        let proof: Vec<tlog::Hash> = proof.iter().map(|hash| (*hash).into()).collect();
        let newer_root = newer.root().into();
        verify_consistency(self.size(), &(*root).into(), newer.size(), &newer_root, &proof)
    }
}
