use std::fmt;

use thiserror::Error;

use crate::{CheckpointError, Hash, UnverifiedCheckpoint, text::parse_decimal};

/// The most consistency proof lines that a request may have. tlog-witness, "add-checkpoint"
pub const MAX_PROOF_LINES: usize = 63;

/// The body of `POST <submission prefix>/add-checkpoint`.
///
/// ```text
/// old 20852014
/// PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
///
/// example.com/behind-the-sofa
/// 20852163
/// CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
///
/// — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AddCheckpoint {
    /// The size that the log believes the witness to have cosigned last.
    pub old_size: u64,
    /// From that size to the checkpoint's.
    pub proof: Vec<Hash>,
    /// The new checkpoint.
    pub checkpoint: UnverifiedCheckpoint,
}

impl AddCheckpoint {
    /// Reads a request body.
    ///
    /// # Errors
    /// One variant for each rule.
    pub fn parse(body: &[u8]) -> Result<Self, AddCheckpointError> {
        let blank = body.windows(2).position(|pair| pair == b"\n\n");
        let blank = blank.ok_or(AddCheckpointError::NoBlankLine)?;
        let head = body.get(..blank).unwrap_or_default();
        let head = std::str::from_utf8(head).map_err(|_| AddCheckpointError::OldSize)?;
        let mut lines = head.split('\n');
        let old_size = lines.next().and_then(|line| line.strip_prefix("old "));
        let old_size = old_size.and_then(parse_decimal).ok_or(AddCheckpointError::OldSize)?;
        let mut proof = Vec::new();
        for line in lines {
            if proof.len() == MAX_PROOF_LINES {
                return Err(AddCheckpointError::TooManyProofLines);
            }
            proof.push(line.parse().map_err(|_| AddCheckpointError::ProofLine)?);
        }
        let note = body.get(blank + 2..).unwrap_or_default();
        Ok(Self {
            old_size,
            proof,
            checkpoint: UnverifiedCheckpoint::parse(note)?,
        })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old_size)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// Why a request body is malformed: 400. tlog-witness, "add-checkpoint"
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddCheckpointError {
    /// No empty line between proof and checkpoint.
    #[error("no blank line before the checkpoint")]
    NoBlankLine,
    /// The first line is not `old` and a decimal number.
    #[error("the old size line is malformed")]
    OldSize,
    /// A proof line is not base64 of 32 bytes.
    #[error("a consistency proof line is malformed")]
    ProofLine,
    /// More than [`MAX_PROOF_LINES`].
    #[error("more than {MAX_PROOF_LINES} consistency proof lines")]
    TooManyProofLines,
    /// The rest is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}
