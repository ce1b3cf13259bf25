//! Who may attest: the publishers of wallets that a party trusts. OpenID4VCI 1.0 Appendix D and E, HAIP 1.0 §4.4.1

use jose::x5c::{ChainError, Purpose, TrustAnchors, UnverifiedChain};
use jose::{JwkError, JwsHeader, PublicJwk, UnixTime, VerifyingKey};

/// The attesters that are trusted: their keys by `kid`, or the anchors of their certificates. Nothing else makes a key
/// trusted, whatever a header says.
#[derive(Clone, Debug, Default)]
pub struct TrustedAttesters {
    keys: Vec<PublicJwk>,
    anchors: TrustAnchors,
}

impl TrustedAttesters {
    /// Trusts these keys, each with a `kid`, and certificates under these anchors.
    pub fn new(keys: Vec<PublicJwk>, anchors: TrustAnchors) -> Result<Self, AttesterError> {
        for (index, key) in keys.iter().enumerate() {
            let kid = key.kid().ok_or(AttesterError::KeyWithoutId)?;
            if keys[index + 1..].iter().any(|other| other.kid() == Some(kid)) {
                return Err(AttesterError::KeyIdTwice);
            }
        }
        Ok(Self { keys, anchors })
    }

    /// Whether nobody is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.anchors.is_empty()
    }

    /// The trusted key that a header names: one of the trusted keys by `kid`, or that of its certificate.
    pub(crate) fn key(&self, header: &JwsHeader, now: UnixTime) -> Result<VerifyingKey, AttesterError> {
        let known = header
            .kid()
            .and_then(|kid| self.keys.iter().find(|key| key.kid() == Some(kid)));
        match (known, header.x5c(), header.kid()) {
            (Some(key), ..) => Ok(VerifyingKey::new(key)?),
            (None, Some(x5c), _) => {
                let leaf = UnverifiedChain::parse(x5c)?.verify(&self.anchors, now, Purpose::Attestation)?;
                Ok(leaf.verifying_key().clone())
            }
            (None, None, Some(_)) => Err(AttesterError::Unknown),
            (None, None, None) => Err(AttesterError::NoKeyNamed),
        }
    }
}

/// Why an attester is not trusted, or cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttesterError {
    /// A configured key has no `kid`.
    #[error("a trusted key has no kid")]
    KeyWithoutId,
    /// Two configured keys have the same `kid`.
    #[error("two trusted keys have the same kid")]
    KeyIdTwice,
    /// The header names neither a certificate nor a `kid`.
    #[error("the attestation names no key")]
    NoKeyNamed,
    /// The key is not one that is trusted.
    #[error("the attester is not trusted")]
    Unknown,
    /// The certificate does not lead to a trust anchor. HAIP 1.0 §4.4.1
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The trusted key cannot verify signatures.
    #[error(transparent)]
    Key(#[from] JwkError),
}
