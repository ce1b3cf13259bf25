//! Who has to have seen a checkpoint before anybody relies on it. `c2sp.org/tlog-policy`

mod error;
mod parse;
mod quorum;

pub use error::{PolicyError, QuorumError};

use std::fmt;

use crate::{Checkpoint, CosignerKey, LogKey, NoteSignatureError, Origin, UnixTime, UnverifiedCheckpoint};
use quorum::Quorum;

/// The logs, the cosigners and the quorum rule of a policy file.
///
/// ```text
/// log <vkey>
/// witness w1 <vkey>
/// witness w2 <vkey>
/// witness w3 <vkey>
/// witness m1 <vkey>
/// group witnesses 2 w1 w2 w3
/// group mirrors any m1
/// group all-of-it all witnesses mirrors
/// quorum all-of-it
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Policy {
    text: Vec<u8>,
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    quorum: Quorum,
}

/// A log that a policy accepts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyLog {
    key: LogKey,
    url: Option<String>,
}

impl PolicyLog {
    /// The log's key; its name is the origin.
    #[must_use]
    pub fn key(&self) -> &LogKey {
        &self.key
    }

    /// Where the log is read, when the policy says so.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

/// A cosigner that a policy knows: a witness or a mirror.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyWitness {
    name: Vec<u8>,
    key: CosignerKey,
    url: Option<String>,
}

impl PolicyWitness {
    /// The name inside the policy, which means nothing outside of it. Opaque bytes.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// The cosigner's key.
    #[must_use]
    pub fn key(&self) -> &CosignerKey {
        &self.key
    }

    /// The submission prefix, when the policy gives one.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

impl Policy {
    /// Reads a policy file.
    ///
    /// # Errors
    /// One variant for each rule.
    pub fn parse(text: &[u8]) -> Result<Self, PolicyError> {
        parse::parse(text)
    }

    /// The file as it was read.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The logs, in the order of the file.
    #[must_use]
    pub fn logs(&self) -> &[PolicyLog] {
        &self.logs
    }

    /// The witnesses and mirrors, in the order of the file.
    #[must_use]
    pub fn witnesses(&self) -> &[PolicyWitness] {
        &self.witnesses
    }

    /// Whether no quorum can be reached without the witness or group of this name. A ledger
    /// with verifying mirrors asks this for their group before it relies on a policy.
    #[must_use]
    pub fn needs(&self, name: &[u8]) -> bool {
        self.quorum.needs(name)
    }

    /// Whether cosignatures of exactly those cosigners for which `has` says yes would
    /// satisfy the quorum. The policy `quorum none` is always satisfied.
    #[must_use]
    pub fn is_satisfied_by(&self, has: impl Fn(&CosignerKey) -> bool) -> bool {
        let none = matches!(self.quorum, Quorum::None);
        none || self.quorum_time(|key| has(key).then_some(0)).is_some()
    }

    /// The latest instant at which the cosignatures made at the given times still satisfy
    /// the quorum: for k of n the k-th newest, and so on through the groups. One fast or
    /// lying cosigner more than the quorum needs cannot move it.
    ///
    /// `None` when the quorum is not reached, or the policy asks for none and so says
    /// nothing about time.
    #[must_use]
    pub fn quorum_time(&self, time: impl Fn(&CosignerKey) -> Option<UnixTime>) -> Option<UnixTime> {
        let times: Vec<_> = self.witnesses.iter().map(|witness| time(&witness.key)).collect();
        self.quorum.time(&times)
    }

    /// Log signature, every known cosignature, quorum.
    pub(crate) fn verify(&self, note: UnverifiedCheckpoint) -> Result<QuorateCheckpoint, QuorumError> {
        let keys = self.keys_of(note.dangerous_checkpoint().origin());
        if keys.is_empty() {
            return Err(QuorumError::UnknownOrigin);
        }
        let signatures = note.signatures().to_vec();
        let checkpoint = note.verify_log(&keys)?.checkpoint().clone();
        let mut times = vec![None; self.witnesses.len()];
        for (witness, newest) in self.witnesses.iter().zip(&mut times) {
            for line in signatures.iter().filter(|line| line.is_by(witness.key.verifier_key())) {
                let time = witness.key.verify(&checkpoint, line).map_err(|source| {
                    let name = witness.key.verifier_key().name().clone();
                    QuorumError::Cosignature { name, source }
                })?;
                *newest = (*newest).max(Some(time));
            }
        }
        let time = self.quorum.time(&times).ok_or(match self.quorum {
            Quorum::None => QuorumError::NoQuorumAsked,
            _ => QuorumError::NotReached,
        })?;
        Ok(QuorateCheckpoint { checkpoint, time })
    }

    fn keys_of(&self, origin: &Origin) -> Vec<LogKey> {
        let is_of = |key: &&LogKey| key.verifier_key().name().as_str() == origin.as_str();
        self.logs.iter().map(PolicyLog::key).filter(is_of).cloned().collect()
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Policy({})", String::from_utf8_lossy(&self.text))
    }
}

/// A checkpoint that its log signed and a quorum cosigned: the only kind to rely on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QuorateCheckpoint {
    checkpoint: Checkpoint,
    time: UnixTime,
}

impl QuorateCheckpoint {
    /// What was signed.
    #[must_use]
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Which log.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        self.checkpoint.origin()
    }

    /// How many leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.checkpoint.size()
    }

    /// The Merkle tree's root.
    #[must_use]
    pub fn root(&self) -> &crate::Hash {
        self.checkpoint.root()
    }

    /// The latest instant at which the cosignatures still satisfied the quorum: that long
    /// nobody can have hidden a larger tree.
    #[must_use]
    pub fn time(&self) -> UnixTime {
        self.time
    }
}

impl From<NoteSignatureError> for QuorumError {
    fn from(error: NoteSignatureError) -> Self {
        match error {
            NoteSignatureError::Missing => Self::NotSignedByLog,
            NoteSignatureError::Invalid => Self::LogSignature,
        }
    }
}
