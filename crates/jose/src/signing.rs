use std::fmt;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};

use crate::jwk::PublicKey;
use crate::{Algorithm, JwkError, PrivateJwk, PublicJwk};

/// A signature could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The header names another algorithm than the key has.
    #[error("the header's alg is not the key's algorithm")]
    AlgorithmMismatch,
    /// The key is locked, gone, or its store refused.
    #[error("the key is not available")]
    KeyUnavailable,
    /// The signing library failed.
    #[error("signing failed")]
    Failed,
}

/// Something that signs with one key, wherever the key is kept.
pub trait Signer: Send + Sync {
    /// The algorithm of the key.
    fn algorithm(&self) -> Algorithm {
        self.public_jwk().algorithm()
    }

    /// The public half of the key.
    fn public_jwk(&self) -> &PublicJwk;

    /// Signs `message`; 64 raw bytes for both algorithms.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// A private key in memory, parsed once for signing.
pub struct SigningKey {
    pair: Pair,
    public: PublicJwk,
}

enum Pair {
    Es256(EcdsaKeyPair, SystemRandom),
    EdDsa(Ed25519KeyPair),
}

impl SigningKey {
    /// Parses a private key.
    pub fn new(key: &PrivateJwk) -> Result<Self, JwkError> {
        let secret = key.dangerous_secret_bytes();
        let pair = match key.public().key() {
            PublicKey::P256(point) => Pair::Es256(
                EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, secret, point)
                    .map_err(|_| JwkError::InvalidScalar)?,
                SystemRandom::new(),
            ),
            PublicKey::Ed25519(public) => {
                Pair::EdDsa(Ed25519KeyPair::from_seed_and_public_key(secret, public).map_err(|_| JwkError::Mismatch)?)
            }
        };
        Ok(Self {
            pair,
            public: key.public().clone(),
        })
    }
}

impl TryFrom<&PrivateJwk> for SigningKey {
    type Error = JwkError;

    fn try_from(key: &PrivateJwk) -> Result<Self, JwkError> {
        Self::new(key)
    }
}

impl Signer for SigningKey {
    fn public_jwk(&self) -> &PublicJwk {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature = match &self.pair {
            Pair::Es256(pair, random) => pair.sign(random, message).map_err(|_| SignError::Failed)?,
            Pair::EdDsa(pair) => pair.try_sign(message).map_err(|_| SignError::Failed)?,
        };
        Ok(signature.as_ref().to_vec())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}
