//! Holder keys: one P-256 key per copy of a card, behind a trait that never hands one out.

mod vault_keys;

pub(crate) use vault_keys::VaultKeys;

use crate::vault::VaultError;
use jose::{PublicJwk, Signer};
use std::fmt;
use std::sync::Arc;

/// Names a holder key: its thumbprint. RFC 7638
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(String);

impl KeyId {
    /// The id of a public key.
    #[must_use]
    pub fn of(key: &PublicJwk) -> Self {
        Self(jose::base64url::encode(key.thumbprint()))
    }

    pub(crate) fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// As it is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A thumbprint would link what is shown in a log to what was shown to a business.
impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyId(…)")
    }
}

/// Why a key was not made or not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no such key.
    #[error("there is no such key")]
    Unknown,
    /// The key is there and does not read as one.
    #[error("the stored key is malformed")]
    Malformed,
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Makes keys and signs with them; private keys stay inside.
pub trait KeyStore: Send + Sync {
    /// Makes `count` new P-256 keys. They last until the process ends, or for good once the cards
    /// bound to them are stored.
    fn generate(&self, count: usize) -> Result<Vec<Arc<dyn Signer>>, KeyError>;

    /// A handle that signs with the key.
    fn signer(&self, key: &KeyId) -> Result<Arc<dyn Signer>, KeyError>;

    /// Destroys keys that were made and are not bound to a stored card.
    fn discard(&self, keys: &[KeyId]);
}
