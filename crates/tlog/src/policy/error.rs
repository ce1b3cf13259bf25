use thiserror::Error;

use crate::{CosignatureError, KeyName, VerifierKeyError};

/// Why text is not a policy. Lines count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// More bytes, logs, witnesses or groups than we take.
    #[error("the policy is too complex")]
    TooComplex,
    /// A control character other than tab and newline.
    #[error("the policy has a control character")]
    ControlCharacter,
    /// The last line has no newline.
    #[error("the policy does not end in a newline")]
    NoFinalNewline,
    /// A line that is no log, witness, group or quorum.
    #[error("policy line {line}: unknown keyword")]
    Keyword {
        /// The line.
        line: usize,
    },
    /// Too few or too many items.
    #[error("policy line {line}: wrong number of items")]
    Items {
        /// The line.
        line: usize,
    },
    /// The key is no verifier key, or of a type that cannot do this.
    #[error("policy line {line}: {source}")]
    Key {
        /// The line.
        line: usize,
        /// What is wrong with the key.
        source: VerifierKeyError,
    },
    /// The URL is not UTF-8.
    #[error("policy line {line}: the URL is not UTF-8")]
    Url {
        /// The line.
        line: usize,
    },
    /// Two log lines, or two witness lines, with one public key.
    #[error("policy line {line}: the key was listed before")]
    DuplicateKey {
        /// The line.
        line: usize,
    },
    /// The name is taken, or is the predefined `none`.
    #[error("policy line {line}: the name is taken")]
    DuplicateName {
        /// The line.
        line: usize,
    },
    /// A name that no line before has defined.
    #[error("policy line {line}: a name is not defined")]
    UndefinedName {
        /// The line.
        line: usize,
    },
    /// A name is a group member for the second time.
    #[error("policy line {line}: a name is a member already")]
    MemberTwice {
        /// The line.
        line: usize,
    },
    /// Not `all`, `any` or a decimal number from 1 to the number of members.
    #[error("policy line {line}: the threshold is out of range")]
    Threshold {
        /// The line.
        line: usize,
    },
    /// A second quorum line.
    #[error("policy line {line}: the quorum was defined before")]
    SecondQuorum {
        /// The line.
        line: usize,
    },
    /// No quorum line.
    #[error("the policy defines no quorum")]
    NoQuorum,
}

/// Why a checkpoint cannot be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum QuorumError {
    /// The policy has no log of this origin.
    #[error("the policy does not know this log")]
    UnknownOrigin,
    /// No signature of a log key.
    #[error("the log has not signed this checkpoint")]
    NotSignedByLog,
    /// The log's signature does not verify.
    #[error("the log's signature does not verify")]
    LogSignature,
    /// A cosignature of a known cosigner does not verify, so the whole note is refused.
    /// signed-note, "Signatures"
    #[error("the cosignature of {name}: {source}")]
    Cosignature {
        /// Whose.
        name: KeyName,
        /// What is wrong with it.
        source: CosignatureError,
    },
    /// Too few cosignatures, or not those that the groups ask for.
    #[error("the checkpoint has no quorum of cosignatures")]
    NotReached,
    /// The policy is `quorum none`: nothing says when the checkpoint was the newest.
    #[error("the policy asks for no cosignature")]
    NoQuorumAsked,
}
