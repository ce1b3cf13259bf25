//! Why no card came.

use crate::attester::AttesterFailure;
use crate::cards::StoreCardError;
use crate::exchange::Busy;
use crate::keys::KeyError;
use crate::trust::TrustError;
use crate::vault::VaultError;
use card_formats::{HeldTypeError, ReceiveError};
use jose::SignError;
use oid4vci::metadata::{AuthorizationServerMetadataError, IssuerMetadataError, SignedMetadataError};
use oid4vci::wallet::{
    AuthorizationStepError, ChallengeError, CredentialFailure, CredentialStepError, HttpResponseError, NonceFailure,
    PrepareError, PushFailure, TokenFailure, TokenStepError,
};
use oid4vci::{
    AuthorizationRequestErrorCode, AuthorizationResponseError, OfferError, OfferLinkError, TokenErrorCode, UrlError,
};
use outbound::OutboundError;

/// Why an offer was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssuanceError {
    /// The link is no offer, or its offer breaks a rule.
    #[error(transparent)]
    Link(#[from] OfferLinkError),
    /// The offer that the link leads to breaks a rule.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// The issuer, or one of its addresses, is a bare IP address.
    #[error("the offer comes from a bare network address")]
    HostIsAddress,
    /// Nobody vouches for the issuer.
    #[error("nobody the wallet knows vouches for this issuer")]
    UnknownIssuer,
    /// Whether the issuer is recorded could not be found out.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The issuer does not answer, or may not be asked.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The issuer answered with something that is not looked into.
    #[error(transparent)]
    Http(#[from] HttpResponseError),
    /// There is no such offer any more: it was used, or its time is over.
    #[error("the offer was used or is over")]
    Gone,
    /// The issuer's metadata breaks a rule.
    #[error(transparent)]
    Metadata(#[from] IssuerMetadataError),
    /// The issuer's signed metadata does not hold.
    #[error(transparent)]
    SignedMetadata(#[from] SignedMetadataError),
    /// The authorization server's metadata breaks a rule.
    #[error(transparent)]
    ServerMetadata(#[from] AuthorizationServerMetadataError),
    /// Offer and metadata do not fit.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The transaction code is missing, not expected, or cannot be the one.
    #[error(transparent)]
    TokenStep(#[from] TokenStepError),
    /// The issuer gave no access token.
    #[error(transparent)]
    Token(#[from] TokenFailure),
    /// The issuer gave no nonce.
    #[error(transparent)]
    Nonce(#[from] NonceFailure),
    /// The request for copies could not be made.
    #[error(transparent)]
    CredentialStep(#[from] CredentialStepError),
    /// The issuer gave no copies.
    #[error(transparent)]
    Credential(#[from] CredentialFailure),
    /// The wallet's publisher did not vouch for it.
    #[error(transparent)]
    Attester(#[from] AttesterFailure),
    /// The server gave no challenge for saying what the wallet is.
    #[error(transparent)]
    Challenge(#[from] ChallengeError),
    /// Where the server gives challenges nobody answers, or may not be asked; what the challenge is for was not sent.
    #[error(transparent)]
    ChallengeUnreachable(OutboundError),
    /// No sign-in could be begun.
    #[error(transparent)]
    Push(#[from] PushFailure),
    /// The offer needs no sign-in.
    #[error(transparent)]
    AuthorizationStep(#[from] AuthorizationStepError),
    /// The answer of the browser is not taken.
    #[error(transparent)]
    SignIn(#[from] AuthorizationResponseError),
    /// No sign-in of this wallet waits for this answer, or not any more.
    #[error("no sign-in waits for this answer")]
    NoSuchSignIn,
    /// An address that was kept cannot be used under this network policy.
    #[error(transparent)]
    Address(#[from] UrlError),
    /// The card's issuer gave nothing to get its copies again with.
    #[error("the copies of this card cannot be got again")]
    NotRefreshable,
    /// There is no such card.
    #[error("there is no such card")]
    NoSuchCard,
    /// The issuer is busy for longer than anybody waits.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The issuer needs time and wants to be asked again.
    #[error("the issuer defers the cards for {interval} seconds")]
    Deferred {
        /// The seconds to wait.
        interval: u64,
    },
    /// There are no such cards waiting for the person's word, or not any more.
    #[error("there are no such cards waiting")]
    NoSuchArrival,
    /// The issuer asked again and again for something fresh.
    #[error("the issuer keeps asking for a fresh nonce")]
    EndlessRetries,
    /// What the issuer sent does not check out; nothing was stored.
    #[error("the issuer sent a card that does not check out: {0}")]
    Refused(#[from] CredentialRefused),
    /// A key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// Keys could not be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The card could not be stored.
    #[error(transparent)]
    Store(#[from] StoreCardError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl IssuanceError {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Link(OfferLinkError::Reference(UrlError::Scheme))
            | Self::Link(OfferLinkError::Offer(OfferError::Issuer(UrlError::Scheme)))
            | Self::Offer(OfferError::Issuer(UrlError::Scheme)) => "offer_not_https",
            Self::Link(_) | Self::Offer(_) => "offer_invalid",
            Self::HostIsAddress => "offer_from_bare_address",
            Self::UnknownIssuer => "issuer_unknown",
            Self::Trust(error) => error.code(),
            Self::Outbound(OutboundError::Blocked | OutboundError::Scheme)
            | Self::ChallengeUnreachable(OutboundError::Blocked | OutboundError::Scheme) => "address_not_allowed",
            Self::Outbound(_) | Self::ChallengeUnreachable(_) => "issuer_unreachable",
            Self::Gone => "offer_gone",
            Self::NoSuchArrival | Self::NoSuchCard => "no_such_card",
            Self::Attester(error) => error.code(),
            Self::Prepare(PrepareError::AttestationNeeded) => "attestation_needed",
            Self::Push(PushFailure::Refused(AuthorizationRequestErrorCode::InvalidClient))
            | Self::Token(TokenFailure::Refused(TokenErrorCode::InvalidClient)) => "wallet_not_accepted",
            Self::Push(PushFailure::Refused(code)) => code.wire_name(),
            Self::SignIn(AuthorizationResponseError::Refused(Some(code))) => code.wire_name(),
            Self::SignIn(AuthorizationResponseError::NoIssuer | AuthorizationResponseError::OtherIssuer) => {
                "sign_in_mixed_up"
            }
            Self::SignIn(AuthorizationResponseError::Refused(None)) | Self::Push(_) => "issuer_failed",
            Self::SignIn(_) | Self::NoSuchSignIn => "no_such_sign_in",
            Self::AuthorizationStep(_) => "sign_in_not_needed",
            Self::TokenStep(TokenStepError::SignInNeeded) => "sign_in_needed",
            Self::Address(_) => "address_not_allowed",
            Self::NotRefreshable => "card_not_refreshable",
            Self::Busy(_) => "issuer_busy",
            Self::Http(_) | Self::Metadata(_) | Self::SignedMetadata(_) | Self::ServerMetadata(_) => {
                "issuer_metadata_invalid"
            }
            Self::Prepare(_) => "offer_does_not_fit",
            Self::TokenStep(TokenStepError::TxCodeMissing) => "tx_code_needed",
            Self::TokenStep(TokenStepError::TxCodeUnexpected) => "tx_code_not_expected",
            Self::TokenStep(TokenStepError::TxCodeInput(_)) => "tx_code_malformed",
            Self::Token(TokenFailure::Refused(code)) => code.wire_name(),
            Self::Credential(CredentialFailure::Refused(code)) => code.wire_name(),
            Self::Deferred { .. } => "issuance_deferred",
            Self::Token(_) | Self::Challenge(_) | Self::Nonce(_) | Self::Credential(_) | Self::EndlessRetries => {
                "issuer_failed"
            }
            Self::Refused(refused) => refused.code(),
            Self::TokenStep(_) | Self::CredentialStep(_) | Self::Sign(_) | Self::Key(_) => "key_unavailable",
            Self::Store(
                StoreCardError::Vault(VaultError::StorageFull)
                | StoreCardError::Key(KeyError::Vault(VaultError::StorageFull)),
            )
            | Self::Vault(VaultError::StorageFull) => "storage_full",
            Self::Store(_) | Self::Vault(_) => "vault",
        }
    }
}

/// Why a credential that came was not stored. RFC 9901 §7.2, OpenID4VCI 1.0 §8.3
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialRefused {
    /// The answer held no copy at all.
    #[error("no copy came")]
    Empty,
    /// Form, signature, dates, claims or the key it is bound to do not hold.
    #[error(transparent)]
    Receive(#[from] ReceiveError),
    /// Nobody vouches for the key that signed it.
    #[error(transparent)]
    Issuer(#[from] TrustError),
    /// Another type than the configuration promises.
    #[error("the card is of another type than offered")]
    OtherType,
    /// Not what the metadata of its type say it must be. draft-ietf-oauth-sd-jwt-vc §5.7
    #[error("the card is not what its type says: {0}")]
    Type(#[from] HeldTypeError),
    /// Copies by different issuers.
    #[error("copies of one card come from different issuers")]
    IssuersDiffer,
    /// Copies of one card that say different things.
    #[error("copies of one card say different things")]
    ValuesDiffer,
    /// What is offered of one card type in several formats says different things, or is there twice in one of them: it is
    /// no card in several formats, and nothing says which of several cards belong together. docs/formats.md
    #[error("what was offered of one type says different things in different formats")]
    FormsDiffer,
    /// Two copies with the same status entry: whoever sees both knows them as one.
    #[error("two copies share a status entry")]
    StatusShared,
    /// The same random value in two copies, as the salt of a claim: whoever sees both knows them as one.
    #[error("two copies share a disclosure")]
    DisclosureShared,
}

impl CredentialRefused {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "card_missing",
            Self::Receive(ReceiveError::AlreadyBound) => "card_with_key_binding",
            Self::Receive(ReceiveError::ForeignHolderKey) => "card_bound_to_foreign_key",
            Self::Receive(_) | Self::Type(_) => "card_invalid",
            Self::Issuer(error) => error.code(),
            Self::OtherType => "card_of_other_type",
            Self::IssuersDiffer | Self::ValuesDiffer => "card_copies_differ",
            Self::FormsDiffer => "card_forms_differ",
            Self::StatusShared | Self::DisclosureShared => "card_copies_linkable",
        }
    }
}
