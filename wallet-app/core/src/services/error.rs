//! Why the list of services is not known.

use crate::trust::TrustError;
use crate::vault::VaultError;
use outbound::OutboundError;

/// Why the list of services stays as it was, or nothing can be said by it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServicesError {
    /// Neither the ledger nor a mirror gave the list.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// Something in the list does not prove what it says, or the ledger is not believed.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl ServicesError {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Outbound(OutboundError::Blocked | OutboundError::Scheme) => "address_not_allowed",
            Self::Outbound(_) => "ledger_unreachable",
            Self::Trust(error) => error.code(),
            Self::Vault(error) => error.code(),
        }
    }
}
