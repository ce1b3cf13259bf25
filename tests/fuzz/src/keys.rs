//! The keys that the bodies trust, and those of nobody.

use std::sync::LazyLock;

use jose::{PrivateJwk, PublicJwk, SignError, Signer, SigningKey, UnixTime, VerifyingKey};

/// 2026-11-20T12:00:00Z.
pub(crate) const NOW: UnixTime = 1_795_176_000;

/// An issuer, verifier or list signer whose signatures the bodies accept. Ed25519: signing is the same in
/// every run, and nobody can change a signature that holds.
pub(crate) static TRUSTED: LazyLock<PrivateJwk> = LazyLock::new(|| PrivateJwk::from_ed25519_seed(&[1; 32]));
/// The holder that credentials are bound to.
pub(crate) static HOLDER: LazyLock<PrivateJwk> = LazyLock::new(|| PrivateJwk::from_ed25519_seed(&[2; 32]));
/// What a body signs with to get behind a signature check; no seed is signed with it.
pub(crate) static OWN: LazyLock<PrivateJwk> = LazyLock::new(|| PrivateJwk::from_ed25519_seed(&[3; 32]));
/// As [`OWN`], for ES256.
pub(crate) static OWN_P256: LazyLock<PrivateJwk> = LazyLock::new(|| testkit::credential::key(3));
/// As [`TRUSTED`], for ES256; the seeds that it signed are files, because each signature differs.
pub(crate) static TRUSTED_P256: LazyLock<PrivateJwk> = LazyLock::new(|| testkit::credential::key(4));

pub(crate) fn signer(key: &PrivateJwk) -> SigningKey {
    SigningKey::new(key).expect("a key that signs")
}

pub(crate) fn verifying(key: &PrivateJwk) -> VerifyingKey {
    VerifyingKey::new(signer(key).public_jwk()).expect("a key that verifies")
}

/// ES256 with signatures that are the same in every run. RFC 6979
pub(crate) struct SameEs256 {
    key: p256::ecdsa::SigningKey,
    public: PublicJwk,
}

impl SameEs256 {
    pub(crate) fn new(key: &PrivateJwk) -> Self {
        Self {
            key: p256::ecdsa::SigningKey::from_slice(key.dangerous_secret_bytes()).expect("a P-256 key"),
            public: key.public().clone(),
        }
    }
}

impl Signer for SameEs256 {
    fn public_jwk(&self) -> &PublicJwk {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature: p256::ecdsa::Signature = p256::ecdsa::signature::Signer::sign(&self.key, message);
        Ok(signature.to_bytes().to_vec())
    }
}
