use std::fmt;

use thiserror::Error;

use crate::{
    CheckpointError, Hash, InclusionError, Policy, QuorateCheckpoint, QuorumError, UnverifiedCheckpoint,
    text::{decode_base64, encode_base64, parse_decimal},
    verify_inclusion,
};

/// An inclusion proof has at most as many hashes as a tree has levels.
const MAX_HASHES: usize = 64;

/// A proof, as text, that an entry is in a log: to be checked without a network.
/// `c2sp.org/tlog-proof`
///
/// ```text
/// c2sp.org/tlog-proof@v1
/// index 73894
/// gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
///
/// example.com/fancylog
/// 109482
/// sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=
///
/// — example.com/fancylog hI2DJw[...]1roloI=
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TransparencyProof {
    /// Opaque data of the application; no signature covers it.
    pub extra: Option<Vec<u8>>,
    /// Where the entry is.
    pub index: u64,
    /// The inclusion proof, the leaf's sibling first.
    pub hashes: Vec<Hash>,
    /// The checkpoint that the inclusion proof leads to.
    pub checkpoint: UnverifiedCheckpoint,
}

impl TransparencyProof {
    /// Reads the text form.
    ///
    /// # Errors
    /// One variant for each rule.
    pub fn parse(bytes: &[u8]) -> Result<Self, TransparencyProofError> {
        let blank = bytes.windows(2).position(|pair| pair == b"\n\n");
        let blank = blank.ok_or(TransparencyProofError::NoBlankLine)?;
        let head = bytes.get(..blank).unwrap_or_default();
        let head = std::str::from_utf8(head).map_err(|_| TransparencyProofError::Header)?;
        let mut lines = head.split('\n').peekable();
        if lines.next() != Some("c2sp.org/tlog-proof@v1") {
            return Err(TransparencyProofError::Header);
        }
        let extra = lines.next_if(|line| line.starts_with("extra "));
        let extra = extra
            .and_then(|line| line.strip_prefix("extra "))
            .map(|extra| decode_base64(extra).ok_or(TransparencyProofError::Extra))
            .transpose()?;
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(parse_decimal).ok_or(TransparencyProofError::Index)?;
        let mut hashes = Vec::new();
        for line in lines {
            if hashes.len() == MAX_HASHES {
                return Err(TransparencyProofError::TooManyHashes);
            }
            hashes.push(line.parse().map_err(|_| TransparencyProofError::Hash)?);
        }
        let note = bytes.get(blank + 2..).unwrap_or_default();
        Ok(Self {
            extra,
            index,
            hashes,
            checkpoint: UnverifiedCheckpoint::parse(note)?,
        })
    }

    /// Checks log signature, quorum and inclusion. tlog-proof, "Verifying a tlog proof"
    ///
    /// # Errors
    /// The first step that fails.
    pub fn verify(self, leaf: &Hash, policy: &Policy) -> Result<VerifiedInclusion, ProofVerificationError> {
        let checkpoint = self.checkpoint.verify(policy)?;
        let (size, root) = (checkpoint.size(), checkpoint.root());
        verify_inclusion(leaf, self.index, size, root, &self.hashes)?;
        Ok(VerifiedInclusion {
            index: self.index,
            checkpoint,
        })
    }
}

impl fmt::Display for TransparencyProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "c2sp.org/tlog-proof@v1")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", encode_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// An entry is in the log, and a quorum has seen the tree that it is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedInclusion {
    index: u64,
    checkpoint: QuorateCheckpoint,
}

impl VerifiedInclusion {
    /// Where the entry is.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The tree that it is in.
    #[must_use]
    pub fn checkpoint(&self) -> &QuorateCheckpoint {
        &self.checkpoint
    }
}

/// Why text is not a transparency proof. tlog-proof, "Format"
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TransparencyProofError {
    /// The first line is not `c2sp.org/tlog-proof@v1`.
    #[error("not a transparency proof of version 1")]
    Header,
    /// No empty line before the checkpoint.
    #[error("no blank line before the checkpoint")]
    NoBlankLine,
    /// The extra data is not base64.
    #[error("the extra line is malformed")]
    Extra,
    /// The index line is missing or malformed.
    #[error("the index line is malformed")]
    Index,
    /// A proof line is not base64 of 32 bytes.
    #[error("an inclusion proof line is malformed")]
    Hash,
    /// More hashes than any tree has levels.
    #[error("the inclusion proof is too long")]
    TooManyHashes,
    /// The rest is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Why a transparency proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ProofVerificationError {
    /// The checkpoint cannot be relied on.
    #[error(transparent)]
    Checkpoint(#[from] QuorumError),
    /// The entry is not where the proof says.
    #[error(transparent)]
    Inclusion(#[from] InclusionError),
}
