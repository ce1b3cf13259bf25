use jose::claims::ClaimError;
use jose::{JwkError, JwsError};

use crate::error_code::CredentialErrorCode;
use crate::key_attestation::KeyAttestationError;
use crate::nonce::NonceError;

/// Why key proofs are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyProofError {
    /// The array of proofs is empty.
    #[error("no key proof")]
    NoProof,
    /// More proofs than `batch_size`. OpenID4VCI 1.0 §12.2.4
    #[error("more key proofs than the batch size")]
    TooManyProofs,
    /// Not a JWS of the right type whose signature holds; `alg` is `none` or a MAC; the header has a private key.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// An algorithm that is not in the metadata.
    #[error("the algorithm is not supported for key proofs")]
    Algorithm,
    /// None of `jwk`, `kid` and `x5c`.
    #[error("the header names no key")]
    NoKey,
    /// More than one of `jwk`, `kid` and `x5c`.
    #[error("the header names more than one key")]
    SeveralKeys,
    /// `kid` or `x5c`, where the metadata offers `jwk` alone.
    #[error("the key is not given as jwk")]
    KeyForm,
    /// The key cannot verify signatures.
    #[error(transparent)]
    Key(#[from] JwkError),
    /// A claim is missing or of the wrong type.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// `iss` although the client is anonymous.
    #[error("an anonymous client gave itself a name")]
    IssuerOfAnonymousClient,
    /// `iss` is another client.
    #[error("the proof is of another client")]
    OtherClient,
    /// `aud` is not this issuer.
    #[error("the proof is for another issuer")]
    Audience,
    /// No `nonce` although there is a nonce endpoint.
    #[error("the proof has no nonce")]
    NonceMissing,
    /// The nonce is not ours or has run out.
    #[error(transparent)]
    Nonce(NonceError),
    /// The nonce was used before.
    #[error("the nonce was used before")]
    NonceUsed,
    /// `iat` is too far away.
    #[error("the proof is too old or ahead of time")]
    IssuedAt,
    /// Two proofs for one key: each key is bound to at most one credential. OpenID4VCI 1.0 §8.3
    #[error("two proofs for one key")]
    KeyTwice,
    /// The proof type `attestation` where attestations are not evaluated.
    #[error("key attestations are not supported")]
    AttestationNotSupported,
    /// No `key_attestation` although one is required. OpenID4VCI 1.0 §12.2.4
    #[error("the proof has no key attestation")]
    AttestationMissing,
    /// `key_attestation` is not a string.
    #[error("key_attestation is not a string")]
    AttestationNotText,
    /// The proof is signed with a key that its attestation does not vouch for. OpenID4VCI 1.0 Appendix D.1
    #[error("the key of the proof is not attested")]
    KeyNotAttested,
    /// The key attestation is refused.
    #[error("key attestation: {0}")]
    Attestation(#[from] KeyAttestationError),
}

impl KeyProofError {
    /// The code on the wire. OpenID4VCI 1.0 §8.3.1.2
    #[must_use]
    pub const fn code(&self) -> CredentialErrorCode {
        match self {
            Self::Nonce(_) | Self::NonceUsed | Self::Attestation(KeyAttestationError::Nonce(_)) => {
                CredentialErrorCode::InvalidNonce
            }
            _ => CredentialErrorCode::InvalidProof,
        }
    }
}
