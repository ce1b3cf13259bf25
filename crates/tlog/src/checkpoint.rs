use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::{
    Hash, KeyName, LogKey, NoteError, NoteSignatureError, Policy, QuorateCheckpoint, QuorumError, SignatureLine,
    UnverifiedNote, note::verified_lines, text::parse_decimal,
};

/// What identifies a log: the first line of its checkpoints, and the name of its key.
/// tlog-checkpoint, "Note text"
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Origin(String);

impl Origin {
    /// The origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        if text.is_empty() {
            return Err(OriginError::Empty);
        }
        if text.bytes().any(|b| b < 0x20) {
            return Err(OriginError::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }
}

impl From<&KeyName> for Origin {
    /// Every key name is an origin: a log's key carries it.
    fn from(name: &KeyName) -> Self {
        Self(name.as_str().to_owned())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why text is not an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OriginError {
    /// There is no text.
    #[error("the origin is empty")]
    Empty,
    /// A control character, newline included.
    #[error("the origin has a control character")]
    ControlCharacter,
}

/// The head of a log: so many leaves, this root. A statement, signed or not.
///
/// ```text
/// example.com/behind-the-sofa
/// 20852163
/// CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    origin: Origin,
    size: u64,
    root: Hash,
}

impl Checkpoint {
    /// Puts the three parts together.
    #[must_use]
    pub fn new(origin: Origin, size: u64, root: Hash) -> Self {
        Self { origin, size, root }
    }

    /// Which log.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// How many leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The Merkle tree's root.
    #[must_use]
    pub fn root(&self) -> &Hash {
        &self.root
    }

    /// The note text: three lines with their newlines. This is what is signed.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// Reads the note text. Extension lines are refused: no log of ours has them, and
    /// nobody could audit them.
    pub(crate) fn parse_text(text: &str) -> Result<Self, CheckpointError> {
        let text = text.strip_suffix('\n').ok_or(CheckpointError::MissingLine)?;
        let mut lines = text.split('\n');
        let origin = lines.next().ok_or(CheckpointError::MissingLine)?.parse()?;
        let size = lines.next().ok_or(CheckpointError::MissingLine)?;
        let size = parse_decimal(size).ok_or(CheckpointError::Size)?;
        let root = lines.next().ok_or(CheckpointError::MissingLine)?;
        let root = root.parse().map_err(|_| CheckpointError::RootHash)?;
        match lines.next() {
            None => Ok(Self { origin, size, root }),
            Some(_) => Err(CheckpointError::ExtensionLine),
        }
    }
}

/// A checkpoint with signatures that nobody has checked yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnverifiedCheckpoint {
    checkpoint: Checkpoint,
    signatures: Vec<SignatureLine>,
}

impl UnverifiedCheckpoint {
    /// Puts signature lines under a checkpoint, for sending.
    #[must_use]
    pub fn new(checkpoint: Checkpoint, signatures: Vec<SignatureLine>) -> Self {
        Self { checkpoint, signatures }
    }

    /// Reads a signed note whose text is a checkpoint.
    ///
    /// # Errors
    /// One variant for each rule of the format.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let (text, signatures) = UnverifiedNote::parse(bytes)?.into_parts();
        Ok(Self {
            checkpoint: Checkpoint::parse_text(&text)?,
            signatures,
        })
    }

    /// What the note says, before any signature was verified: good for choosing keys only.
    #[must_use]
    pub fn dangerous_checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The signature lines, in order.
    #[must_use]
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Checks the log's own signature, as witnesses do. tlog-witness, "add-checkpoint"
    ///
    /// Of several keys (log key rotation) one has to have signed.
    ///
    /// # Errors
    /// When no given key signed, or a line that names one of them does not verify.
    pub fn verify_log(self, keys: &[LogKey]) -> Result<LogCheckpoint, NoteSignatureError> {
        let origin = self.checkpoint.origin.as_str();
        let keys = keys.iter().map(LogKey::verifier_key);
        let keys = keys.filter(|key| key.name().as_str() == origin);
        let log_signatures = verified_lines(&self.checkpoint.text(), &self.signatures, keys)?;
        Ok(LogCheckpoint {
            checkpoint: self.checkpoint,
            log_signatures,
        })
    }

    /// Checks the log's signature and the quorum of cosigners.
    ///
    /// # Errors
    /// See [`QuorumError`].
    pub fn verify(self, policy: &Policy) -> Result<QuorateCheckpoint, QuorumError> {
        policy.verify(self)
    }
}

impl fmt::Display for UnverifiedCheckpoint {
    /// The signed note.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.checkpoint.text())?;
        self.signatures.iter().try_for_each(|line| line.fmt(f))
    }
}

/// A checkpoint that its log has signed. Whether others saw the same is not known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogCheckpoint {
    checkpoint: Checkpoint,
    log_signatures: Vec<SignatureLine>,
}

impl LogCheckpoint {
    /// What the log signed.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The log's signatures that were verified; others that the note had are gone.
    #[must_use]
    pub fn log_signatures(&self) -> &[SignatureLine] {
        &self.log_signatures
    }

    /// The note with the log's signatures and more lines under it.
    #[must_use]
    pub fn to_note(&self, more: &[SignatureLine]) -> UnverifiedCheckpoint {
        let signatures = [self.log_signatures.as_slice(), more].concat();
        UnverifiedCheckpoint {
            checkpoint: self.checkpoint.clone(),
            signatures,
        }
    }
}

/// Why bytes are not a checkpoint. tlog-checkpoint, "Note text"
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// Not a signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// Fewer than three lines.
    #[error("a checkpoint has an origin, a size and a root hash")]
    MissingLine,
    /// The first line is no origin.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// The size is not a decimal number without leading zeroes.
    #[error("the tree size is malformed")]
    Size,
    /// The root is not base64 of 32 bytes.
    #[error("the root hash is malformed")]
    RootHash,
    /// A fourth line; our logs have none.
    #[error("extension lines are not accepted")]
    ExtensionLine,
}
