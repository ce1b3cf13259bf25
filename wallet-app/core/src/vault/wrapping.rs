//! The database's key, wrapped by what the person knows: another PIN is another wrapping, and the
//! database stays as it is.

use super::key::{KeyDerivationError, VaultKey};
use crate::clock::OsRandom;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

/// What SQLCipher is opened with: drawn once, and never anything that could be typed.
pub(crate) struct DatabaseKey(Zeroizing<[u8; 32]>);

impl DatabaseKey {
    pub(crate) fn generate() -> Self {
        Self(Zeroizing::new(OsRandom::bytes::<32>()))
    }

    /// The key of a vault of version 1, which was made from the passphrase itself.
    pub(crate) fn of_version_1(key: &VaultKey) -> Self {
        Self(key.database.clone())
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Wraps it for the header of one vault: AES-256-GCM, nonce first.
    pub(crate) fn wrap(&self, key: &VaultKey, vault_id: &str) -> Result<String, KeyDerivationError> {
        let wrapping = wrapping_key(key)?;
        let mut sealed = Zeroizing::new(self.0.to_vec());
        let nonce = wrapping
            .seal_in_place_append_tag(Aad::from(vault_id.as_bytes()), &mut *sealed)
            .map_err(|_| KeyDerivationError)?;
        Ok(jose::base64url::encode([nonce.as_ref().as_slice(), &sealed].concat()))
    }

    /// Takes it out again.
    pub(crate) fn unwrap(text: &str, key: &VaultKey, vault_id: &str) -> Result<Self, UnwrapError> {
        let bytes = jose::base64url::decode(text).map_err(|_| UnwrapError::Malformed)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(UnwrapError::Malformed)?;
        let mut sealed = Zeroizing::new(sealed.to_vec());
        let plain = wrapping_key(key)
            .map_err(|_| UnwrapError::Malformed)?
            .open_in_place(Nonce::from(nonce), Aad::from(vault_id.as_bytes()), &mut sealed)
            .map_err(|_| UnwrapError::OtherKey)?;
        let mut out = Zeroizing::new([0; 32]);
        if plain.len() != out.len() {
            return Err(UnwrapError::Malformed);
        }
        out.copy_from_slice(plain);
        Ok(Self(out))
    }
}

fn wrapping_key(key: &VaultKey) -> Result<RandomizedNonceKey, KeyDerivationError> {
    RandomizedNonceKey::new(&AES_256_GCM, key.wrapping.as_ref()).map_err(|_| KeyDerivationError)
}

/// Why a wrapped key stays wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UnwrapError {
    /// Not what [`DatabaseKey::wrap`] makes.
    #[error("the wrapped key is malformed")]
    Malformed,
    /// Wrapped by another PIN or passphrase, or for another vault.
    #[error("the key was wrapped by another PIN or passphrase")]
    OtherKey,
}

#[cfg(test)]
mod tests {
    use super::super::key::{Passphrase, Stretching};
    use super::*;

    fn vault_key(text: &str) -> VaultKey {
        VaultKey::derive(&Passphrase::new(text), &[1; 16], Stretching::dangerous_cheap(), None).expect("key")
    }

    #[test]
    fn only_the_same_passphrase_and_vault_unwrap() {
        let key = DatabaseKey::generate();
        let wrapped = key.wrap(&vault_key("402918"), "vault").expect("wrapped");
        let unwrap = |text: &str, vault: &str| {
            DatabaseKey::unwrap(&wrapped, &vault_key(text), vault).map(|found| found.as_bytes() == key.as_bytes())
        };
        assert_eq!(unwrap("402918", "vault"), Ok(true));
        assert_eq!(unwrap("402919", "vault"), Err(UnwrapError::OtherKey));
        assert_eq!(unwrap("402918", "other"), Err(UnwrapError::OtherKey));
    }

    #[test]
    fn what_is_cut_short_is_malformed() {
        let found = DatabaseKey::unwrap("AAAA", &vault_key("402918"), "vault").map(|_| ());
        assert_eq!(found, Err(UnwrapError::Malformed));
    }
}
