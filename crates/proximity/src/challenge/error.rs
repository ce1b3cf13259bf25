//! Why a challenge is refused or cannot be made. docs/offline-qr.md §2

use cbor::CborError;
use jose::SignError;
use ledger::{BundleError, FreshnessError, LandmarkError};
use thiserror::Error;

/// Which rule a challenge breaks. docs/offline-qr.md §2, in the order of the checks
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChallengeError {
    /// More than 16384 bytes.
    #[error("the challenge is too long")]
    TooLong,
    /// Not packed bytes, or more of them than a challenge has.
    #[error("the challenge does not unpack")]
    Packing,
    /// Not deterministic CBOR of a challenge's shape.
    #[error("not a challenge: {0}")]
    Form(#[from] CborError),
    /// The ephemeral key is not a P-256 point.
    #[error("the key of the challenge is not a P-256 key")]
    Key,
    /// What is asked for is not a DCQL query. OpenID4VP 1.0 §6
    #[error("the query is malformed")]
    Query,
    /// The bundle proves nothing about the business.
    #[error("the bundle of the business: {0}")]
    Bundle(#[from] BundleError),
    /// What the bundle proves is too old, or the clock is wrong.
    #[error("the bundle of the business: {0}")]
    Freshness(#[from] FreshnessError),
    /// Made in the future.
    #[error("the challenge is not yet valid")]
    NotYetValid,
    /// Run out.
    #[error("the challenge has expired")]
    Expired,
    /// Valid for more than 600 seconds, or for none.
    #[error("the challenge is valid for too long")]
    Lifetime,
    /// The ledger has no registration of the business.
    #[error("the business is not registered")]
    NotRegistered,
    /// The DID of the business has ended.
    #[error("the business's DID is deactivated")]
    Deactivated,
    /// The key was taken out of the DID document.
    #[error("the key of the business was taken out")]
    KeyRetired,
    /// The record does not list the key for signing, or it is not P-256.
    #[error("the key is not one of the business's")]
    KeyNotInRecord,
    /// The signature does not hold.
    #[error("the challenge is not signed by the business")]
    Signature,
    /// The registration has run out.
    #[error("the registration of the business has run out")]
    RegistrationExpired,
    /// The bundle does not carry the registered scope.
    #[error("the registered scope is missing")]
    ScopeMissing,
    /// The scope has no such purpose.
    #[error("the purpose is not registered")]
    Purpose,
    /// The purpose is registered for another channel.
    #[error("the purpose is registered for another channel")]
    Channel,
    /// A landmark is not signed by the log.
    #[error("a landmark: {0}")]
    Landmark(#[from] LandmarkError),
}

impl ChallengeError {
    /// Stable name of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "challenge_too_long",
            Self::Packing => "challenge_packing",
            Self::Form(_) => "challenge_form",
            Self::Key => "challenge_key",
            Self::Query => "challenge_query",
            Self::Bundle(_) => "challenge_bundle",
            Self::Freshness(FreshnessError::Stale { .. }) => "challenge_stale",
            Self::Freshness(_) => "clock_wrong",
            Self::NotYetValid => "challenge_not_yet_valid",
            Self::Expired => "challenge_expired",
            Self::Lifetime => "challenge_lifetime",
            Self::NotRegistered => "not_registered",
            Self::Deactivated => "business_deactivated",
            Self::KeyRetired => "key_retired",
            Self::KeyNotInRecord => "key_not_in_record",
            Self::Signature => "challenge_signature",
            Self::RegistrationExpired => "registration_expired",
            Self::ScopeMissing => "scope_missing",
            Self::Purpose => "purpose_not_recorded",
            Self::Channel => "purpose_channel",
            Self::Landmark(_) => "challenge_landmark",
        }
    }
}

/// Why a challenge cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MakeChallengeError {
    /// A field breaks its rule: a reader would refuse it.
    #[error("the challenge: {0}")]
    Field(ChallengeError),
    /// Valid for more than 600 seconds, or for none.
    #[error("a challenge is valid for 1 to 600 seconds")]
    Lifetime,
    /// The signing key is not P-256.
    #[error("a challenge is signed with ES256")]
    SigningKey,
    /// It does not fit into 16 frames.
    #[error("the challenge does not fit into 16 codes")]
    TooLong,
    /// The key could not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}
