//! Why somebody is not believed.

use jose::x5c::ChainError;
use ledger::{BundleError, FreshnessError, PayloadError, TrustPackError};
use outbound::OutboundError;
use tlog::QuorumError;

use crate::vault::VaultError;

/// Why the wallet does not rely on an issuer, a business or the ledger.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// The trust pack is refused.
    #[error(transparent)]
    Pack(#[from] TrustPackError),
    /// Neither the ledger nor a mirror answers, and nothing is held.
    #[error("the public record does not answer")]
    LedgerUnreachable(#[source] OutboundError),
    /// The answer is no list of bundles.
    #[error("the public record answered with something else")]
    MalformedAnswer,
    /// A bundle does not prove what it should.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// What is known is too old, or the clock of the device is wrong.
    #[error(transparent)]
    Freshness(#[from] FreshnessError),
    /// The log signed two histories. The evidence is kept; nothing of this log is believed any more.
    #[error("the public record shows two histories")]
    SplitView,
    /// A payload that a record names is missing or malformed.
    #[error("a public record is incomplete")]
    IncompleteRecord,
    /// A payload that a record names does not read as one.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// Neither recorded nor certified by a configured anchor.
    #[error("nobody the wallet knows vouches for this issuer")]
    UnknownIssuer,
    /// Recorded, and not for this type of card.
    #[error("the issuer may not issue this type of card")]
    NotAccredited,
    /// It has the name of another agency whose cards are held, and the record does not say that it goes on for that one.
    #[error("the issuer has the name of another office and does not go on for it")]
    NameTaken,
    /// The DID was deactivated.
    #[error("the organisation's identity was deactivated")]
    Deactivated,
    /// The key was taken out of the organisation's newest document.
    #[error("the key was taken out of use")]
    KeyRetired,
    /// The key was never in it.
    #[error("the key was never recorded")]
    KeyNotAnchored,
    /// The credential or request names no key.
    #[error("no key is named")]
    NoKeyNamed,
    /// The certificate chain does not hold.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// `iss` is not a name of the certificate.
    #[error("the certificate does not name the issuer")]
    IssuerNotInCertificate,
    /// The request's certificate or DID is not in the record it carries.
    #[error("who asks is not the one in the record that came along")]
    NotInRecord,
    /// The registration ran out.
    #[error("the registration has run out")]
    RegistrationExpired,
    /// The verifier cannot be authenticated.
    #[error("who asks cannot be told")]
    NotAuthenticated,
    /// The folder of trust anchors cannot be read.
    #[error("the folder of trust anchors cannot be read")]
    Anchors(#[source] std::io::Error),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl TrustError {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Pack(TrustPackError::Expired) => "trust_pack_expired",
            Self::Pack(_) => "trust_pack_invalid",
            Self::LedgerUnreachable(_) => "ledger_unreachable",
            Self::Bundle(BundleError::Quorum(QuorumError::NotReached)) => "no_quorum",
            Self::MalformedAnswer | Self::Bundle(_) => "ledger_proof_invalid",
            Self::Freshness(FreshnessError::ClockWrong) => "clock_wrong",
            Self::Freshness(_) => "ledger_stale",
            Self::SplitView => "split_view",
            Self::IncompleteRecord | Self::Payload(_) => "ledger_record_incomplete",
            Self::UnknownIssuer => "issuer_unknown",
            Self::NotAccredited => "issuer_not_accepted",
            Self::NameTaken => "issuer_name_taken",
            Self::Deactivated => "issuer_deactivated",
            Self::KeyRetired => "key_retired",
            Self::KeyNotAnchored | Self::NoKeyNamed => "key_not_anchored",
            Self::Chain(_) | Self::IssuerNotInCertificate => "certificate_not_trusted",
            Self::NotInRecord => "verifier_not_in_record",
            Self::RegistrationExpired => "registration_expired",
            Self::NotAuthenticated => "verifier_not_authenticated",
            Self::Anchors(_) => "anchors_unreadable",
            Self::Vault(VaultError::StorageFull) => "storage_full",
            Self::Vault(_) => "vault",
        }
    }

    /// Whether the wallet could not find out, rather than found out that it must refuse.
    #[must_use]
    pub fn is_could_not_check(&self) -> bool {
        matches!(
            self,
            Self::Pack(TrustPackError::Expired)
                | Self::LedgerUnreachable(_)
                | Self::MalformedAnswer
                | Self::Bundle(_)
                | Self::Freshness(_)
                | Self::SplitView
                | Self::IncompleteRecord
                | Self::Payload(_)
        )
    }
}
