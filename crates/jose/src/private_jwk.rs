use std::fmt;
use std::sync::Arc;

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::jwk::{PublicKey, bytes32};
use crate::{JwkError, PublicJwk, RandomSource, base64url};

/// A private key: P-256 (signatures and ECDH-ES) or Ed25519.
///
/// Its memory is cleared when dropped and `Debug` shows the public half only. RFC 7517 §4.
#[derive(Clone)]
pub struct PrivateJwk {
    secret: Zeroizing<[u8; 32]>,
    public: PublicJwk,
    /// A P-256 key as it agrees with others: its public half was computed and checked for that already. Its memory is
    /// cleared by aws-lc.
    agreement: Option<Arc<PrivateKey>>,
}

impl PrivateJwk {
    /// Makes a P-256 key from 32 random bytes.
    #[must_use]
    pub fn generate_p256(random: &mut dyn RandomSource) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        random.fill(secret.as_mut());
        loop {
            match Self::from_p256_scalar(&secret) {
                Ok(key) => return key,
                // One draw in 2^32 is not below the group order; the hash of it is another.
                Err(_) => *secret = Sha256::digest(secret.as_slice()).into(),
            }
        }
    }

    /// Makes an Ed25519 key from 32 random bytes. RFC 8032 §5.1.5.
    #[must_use]
    pub fn generate_ed25519(random: &mut dyn RandomSource) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        random.fill(seed.as_mut());
        Self::from_ed25519_seed(&seed)
    }

    /// Makes a P-256 key from its private value. SEC1 §3.2.1.
    pub fn from_p256_scalar(scalar: &[u8; 32]) -> Result<Self, JwkError> {
        let key = PrivateKey::from_private_key(&ECDH_P256, scalar).map_err(|_| JwkError::InvalidScalar)?;
        let point = key.compute_public_key().map_err(|_| JwkError::InvalidScalar)?;
        Ok(Self {
            secret: Zeroizing::new(*scalar),
            public: PublicJwk::from_p256_sec1(point.as_ref())?,
            agreement: Some(Arc::new(key)),
        })
    }

    /// Makes an Ed25519 key from its seed; every seed is a key. RFC 8032 §5.1.5.
    #[must_use]
    pub fn from_ed25519_seed(seed: &[u8; 32]) -> Self {
        #[expect(clippy::expect_used, reason = "every 32 bytes are a seed; only memory can run out")]
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("32 bytes are a seed");
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        Self {
            secret: Zeroizing::new(*seed),
            public: PublicJwk::from_ed25519(&public),
            agreement: None,
        }
    }

    /// Reads a private JWK and checks that its public members belong to the private one.
    pub fn from_value(value: &Value) -> Result<Self, JwkError> {
        let members = value.as_object().ok_or(JwkError::NotAnObject)?;
        let public = PublicJwk::from_members(members)?;
        let secret = Zeroizing::new(bytes32(members, "d")?);
        let key = match public.key() {
            PublicKey::P256(_) => Self::from_p256_scalar(&secret)?,
            PublicKey::Ed25519(_) => Self::from_ed25519_seed(&secret),
        };
        if !key.public.same_key(&public) {
            return Err(JwkError::Mismatch);
        }
        Ok(Self { public, ..key })
    }

    /// The JWK with its private member, for storage under encryption or in a key file.
    #[must_use]
    pub fn dangerous_to_value(&self) -> Value {
        let mut value = self.public.to_value();
        value["d"] = json!(base64url::encode(self.secret.as_slice()));
        value
    }

    /// The same key with this `kid`.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.public = self.public.with_kid(kid);
        self
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &PublicJwk {
        &self.public
    }

    /// The key as it agrees with others; `None` for Ed25519. RFC 7518 §4.6
    pub(crate) fn agreement(&self) -> Option<&PrivateKey> {
        self.agreement.as_deref()
    }

    /// The private value of P-256 or the seed of Ed25519.
    #[must_use]
    pub fn dangerous_secret_bytes(&self) -> &[u8; 32] {
        &self.secret
    }
}

impl fmt::Debug for PrivateJwk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PrivateJwk")
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}
