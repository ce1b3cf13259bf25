//! Evidence of a split view: two checkpoints that cannot both be true. docs/ledger.md §12.3.

use thiserror::Error;
use tlog::{ConsistencyError, HashSource, MakeProofError, prove_consistency, root_of};

use super::{Landmark, LandmarkError, UnverifiedLandmark};
use crate::hash::Hash;
use crate::map::hashes;
use crate::trust_pack::TrustPack;
use cbor::{CborError, Reader, Writer};

/// Longest evidence file in bytes: two checkpoints and a proof.
const EVIDENCE_CAP: usize = 32 * 1024;
const VERSION: u64 = 1;

/// Two checkpoints of one log, both signed by it, that contradict each other. Anybody with the trust pack can check it
/// without asking anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitEvidence {
    older: Landmark,
    newer: Landmark,
    growth: Option<Growth>,
}

/// What the newer tree begins with, and the proof of it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Growth {
    old_root: Hash,
    proof: Vec<Hash>,
}

/// An evidence file as it came, nothing checked but its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedSplitEvidence {
    older: UnverifiedLandmark,
    newer: UnverifiedLandmark,
    growth: Option<Growth>,
}

/// Why two checkpoints are no evidence.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SplitError {
    /// Not deterministic CBOR of an evidence file's shape.
    #[error("not an evidence file: {0}")]
    Cbor(#[from] CborError),
    /// More than 32 KiB.
    #[error("the evidence file is too long")]
    TooLong,
    /// A checkpoint is not the log's.
    #[error(transparent)]
    Checkpoint(#[from] LandmarkError),
    /// The larger checkpoint comes first, or of two of one size the one with the greater root.
    #[error("the checkpoints are not in order")]
    Order,
    /// Two checkpoints of one size with a proof, which there is none for.
    #[error("checkpoints of one size need no proof")]
    ProofNotNeeded,
    /// Two sizes without a proof: an alarm, not evidence.
    #[error("checkpoints of two sizes without a proof are no evidence")]
    ProofMissing,
    /// The newer tree does not begin with the root that is named.
    #[error("the proof does not hold: {0}")]
    Proof(#[from] ConsistencyError),
    /// Both can be true.
    #[error("the checkpoints do not contradict each other")]
    NoContradiction,
}

impl SplitEvidence {
    /// Two checkpoints of one size with different roots; `None` where they are of two sizes or the same.
    pub fn of_one_size(a: &Landmark, b: &Landmark) -> Option<Self> {
        if a.size() != b.size() || a.root() == b.root() {
            return None;
        }
        let (older, newer) = if a.root() < b.root() { (a, b) } else { (b, a) };
        Some(Self {
            older: older.clone(),
            newer: newer.clone(),
            growth: None,
        })
    }

    /// Two checkpoints of two sizes, and the proof that the newer tree begins with another tree than the older one:
    /// `old_root` is the root that it begins with. RFC 9162 §2.1.4.2
    ///
    /// # Errors
    /// The rule that is broken; these are then no evidence.
    pub fn of_two_sizes(
        older: &Landmark,
        newer: &Landmark,
        old_root: Hash,
        proof: &[Hash],
    ) -> Result<Self, SplitError> {
        if older.size() >= newer.size() {
            return Err(SplitError::Order);
        }
        older.check_growth(&old_root, newer, proof)?;
        if old_root == older.root() {
            return Err(SplitError::NoContradiction);
        }
        Ok(Self {
            older: older.clone(),
            newer: newer.clone(),
            growth: Some(Growth {
                old_root,
                proof: proof.to_vec(),
            }),
        })
    }

    /// Looks for the contradiction in the tree of the newer checkpoint; `None` where there is none, or where this is
    /// not its tree.
    ///
    /// # Errors
    /// A hash of the tree is missing.
    pub fn in_tree(older: &Landmark, newer: &Landmark, tree: &impl HashSource) -> Result<Option<Self>, MakeProofError> {
        if older.size() >= newer.size() {
            return Ok(Self::of_one_size(older, newer));
        }
        let old_root = *root_of(older.size(), tree)?.as_bytes();
        let proof: Vec<Hash> = prove_consistency(older.size(), newer.size(), tree)?
            .iter()
            .map(|hash| *hash.as_bytes())
            .collect();
        Ok(Self::of_two_sizes(older, newer, old_root, &proof).ok())
    }

    /// The checkpoint of fewer entries; of one size, that with the smaller root.
    pub fn older(&self) -> &Landmark {
        &self.older
    }

    /// The other checkpoint.
    pub fn newer(&self) -> &Landmark {
        &self.newer
    }

    /// The evidence file.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.array(4).uint(VERSION);
        self.older.to_unverified().write(&mut writer);
        self.newer.to_unverified().write(&mut writer);
        match &self.growth {
            Some(growth) => writer
                .array(2)
                .bytes(&growth.old_root)
                .bytes(growth.proof.as_flattened()),
            None => writer.null(),
        };
        writer.into_bytes()
    }
}

impl UnverifiedSplitEvidence {
    /// Reads an evidence file. Its bytes are the only encoding of it.
    pub fn parse(bytes: &[u8]) -> Result<Self, SplitError> {
        if bytes.len() > EVIDENCE_CAP {
            return Err(SplitError::TooLong);
        }
        Ok(cbor::decode(bytes, Self::read)?)
    }

    /// Checks both signatures and the contradiction.
    pub fn verify(self, pack: &TrustPack) -> Result<SplitEvidence, SplitError> {
        let (older, newer) = (self.older.verify(pack)?, self.newer.verify(pack)?);
        match self.growth {
            Some(_) if older.size() == newer.size() => Err(SplitError::ProofNotNeeded),
            Some(growth) => SplitEvidence::of_two_sizes(&older, &newer, growth.old_root, &growth.proof),
            None if older.size() != newer.size() => Err(SplitError::ProofMissing),
            None if older.root() > newer.root() => Err(SplitError::Order),
            None => SplitEvidence::of_one_size(&older, &newer).ok_or(SplitError::NoContradiction),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(4)?;
        reader.uint_of(VERSION)?;
        let (older, newer) = (UnverifiedLandmark::read(reader)?, UnverifiedLandmark::read(reader)?);
        let growth = if reader.skip_null()? {
            None
        } else {
            reader.array_of(2)?;
            Some(Growth {
                old_root: reader.bytes_of()?,
                proof: hashes(reader.bytes()?)?,
            })
        };
        Ok(Self { older, newer, growth })
    }
}
