use std::fmt;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};

use crate::jwk::{KeyUse, PublicKey};
use crate::{Algorithm, JwkError, PublicJwk};

/// A signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// Not 64 bytes: ES256 is `r || s` and never DER. RFC 7518 §3.4, RFC 8032 §5.1.6.
    #[error("a signature has 64 bytes")]
    Length,
    /// Made by another key or over other bytes, or `r` or `s` is out of range.
    #[error("the signature does not verify")]
    Invalid,
}

/// A public key parsed once and bound to its one algorithm.
///
/// Checking many signatures with the same key costs no further parsing.
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    key: ParsedPublicKey,
}

impl VerifyingKey {
    /// Parses a key; one marked `use: enc`, or for another `alg` than a signature's, verifies
    /// nothing. RFC 7517 §4.2, §4.4.
    pub fn new(jwk: &PublicJwk) -> Result<Self, JwkError> {
        if jwk.key_use() == Some(KeyUse::Encryption) {
            return Err(JwkError::WrongUse);
        }
        if jwk.alg().is_some_and(|alg| alg != jwk.algorithm().as_str()) {
            return Err(JwkError::AlgorithmMismatch);
        }
        let parsed = match jwk.key() {
            PublicKey::P256(point) => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point),
            PublicKey::Ed25519(key) => ParsedPublicKey::new(&ED25519, key),
        };
        Ok(Self {
            algorithm: jwk.algorithm(),
            key: parsed.map_err(|_| JwkError::InvalidPoint)?,
        })
    }

    /// The algorithm that the key is bound to.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Verifies a raw signature of 64 bytes.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureError> {
        if signature.len() != 64 {
            return Err(SignatureError::Length);
        }
        self.key
            .verify_sig(message, signature)
            .map_err(|_| SignatureError::Invalid)
    }
}

impl TryFrom<&PublicJwk> for VerifyingKey {
    type Error = JwkError;

    fn try_from(jwk: &PublicJwk) -> Result<Self, JwkError> {
        Self::new(jwk)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "VerifyingKey({})", self.algorithm)
    }
}
