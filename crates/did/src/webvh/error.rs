//! Why a log entry is refused.

use jose::OverBudget;
use jose::strict_json::StrictJsonError;

use super::identifier::IdentifierError;
use super::parameters::ParameterError;
use super::version::VersionError;
use crate::data_integrity::ProofError;
use crate::document::DocumentError;

/// Why a log entry does not stand, one variant per rule.
/// did:webvh 1.0, "Read (Resolve)"; a resolver reports each as `invalidDid`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// More bytes, values, proofs, hashes or signatures than the budget allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// The line is not strict JSON.
    #[error("the line is not strict JSON")]
    Json,
    /// The entry is not exactly `versionId`, `versionTime`, `parameters`, `state`, `proof`.
    /// "The DID Log File".
    #[error("the entry does not have the five members of a log entry")]
    Members,
    /// `versionId` or `versionTime` is malformed. Steps 3 and 4.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// A parameter is malformed, unknown or `null`.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// `state` is not a DID document.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// `state.id` is not a did:webvh DID. Step 6.1.
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// There is no list of proofs, or nothing in it. "Authorized Keys".
    #[error("the entry has no proof")]
    NoProof,
    /// A proof is malformed or does not verify. Step 2.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A proof is by a key that is not among the active update keys. Step 2.
    #[error("a proof is not by an active update key")]
    Unauthorized,
    /// The version number is not the one before plus 1. Step 3.1.
    #[error("the version number does not follow")]
    VersionNumber,
    /// The entry hash is not the hash of this entry after the one before. Step 3.3.
    #[error("the entry hash does not match")]
    EntryHash,
    /// `versionTime` is not later than that of the entry before. Step 4.
    #[error("the version time does not increase")]
    TimeNotIncreasing,
    /// The first entry lacks `method`, `scid` or `updateKeys`.
    #[error("a required parameter is missing")]
    MissingParameter,
    /// A later entry sets `scid`.
    #[error("scid is set again")]
    ScidAgain,
    /// The SCID is not the hash of the first entry. Step 5.
    #[error("the SCID does not match the first entry")]
    Scid,
    /// The SCID within `state.id` is another than the log's. Step 6.2.
    #[error("the SCID of the document is another than the log's")]
    ScidMismatch,
    /// Pre-rotation is active and the entry leaves out `updateKeys` or `nextKeyHashes`. Step 7.
    #[error("pre-rotation needs both key lists")]
    PreRotationOmitted,
    /// An update key was not promised by the entry before. Step 7.
    #[error("an update key was not promised")]
    PreRotationKey,
    /// A later entry sets `portable` to true. "DID Portability".
    #[error("portable is set after the first entry")]
    PortableLater,
    /// The DID is renamed although it is not portable. "DID Portability".
    #[error("the DID changes and is not portable")]
    NotPortable,
    /// A renamed DID does not list its old name under `alsoKnownAs`. "DID Portability".
    #[error("the old DID is not in alsoKnownAs")]
    OldNameMissing,
    /// The DID has been deactivated. "Deactivate (Revoke)".
    #[error("the DID is deactivated")]
    Deactivated,
}

impl From<StrictJsonError> for LogError {
    fn from(error: StrictJsonError) -> Self {
        match error {
            StrictJsonError::OverBudget(over) => Self::OverBudget(over),
            _ => Self::Json,
        }
    }
}
