//! Why proofs could not be refreshed.

use crate::status::StatusError;
use crate::trust::TrustError;
use crate::vault::VaultError;
use ledger::LandmarkFileError;
use outbound::OutboundError;

/// Why what is held for use without a network stays as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// Neither the ledger nor a mirror gave the file.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// What they gave proves nothing.
    #[error(transparent)]
    File(#[from] LandmarkFileError),
    /// The ledger is not believed.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The file is here; the status lists are not.
    #[error(transparent)]
    Status(#[from] StatusError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl ProofError {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Outbound(OutboundError::Blocked | OutboundError::Scheme) => "address_not_allowed",
            Self::Outbound(_) => "proofs_unreachable",
            Self::File(_) => "proofs_invalid",
            Self::Trust(error) => error.code(),
            Self::Status(error) => error.code(),
            Self::Vault(error) => error.code(),
        }
    }
}
