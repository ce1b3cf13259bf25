//! Software keys, kept in the vault's database.

use super::{KeyError, KeyId, KeyStore};
use crate::clock::OsRandom;
use crate::vault::{Vault, VaultError};
use jose::{PrivateJwk, PublicJwk, Signer, SigningKey};
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// Keys of the vault, and those made and not yet bound to a stored card.
pub(crate) struct VaultKeys {
    vault: Arc<Vault>,
    staged: Mutex<HashMap<KeyId, PrivateJwk>>,
}

impl VaultKeys {
    pub(crate) fn new(vault: Arc<Vault>) -> Self {
        Self {
            vault,
            staged: Mutex::default(),
        }
    }

    /// Writes a staged key in the transaction that stores the copy bound to it.
    pub(crate) fn keep(&self, transaction: &Transaction<'_>, id: &KeyId) -> Result<(), KeyError> {
        let staged = self.staged();
        let key = staged.get(id).ok_or(KeyError::Unknown)?;
        let bytes = Zeroizing::new(serde_json::to_vec(&key.dangerous_to_value()).map_err(|_| KeyError::Malformed)?);
        transaction
            .execute(
                "INSERT INTO holder_key (id, private_jwk) VALUES (?1, ?2)",
                params![id.as_str(), bytes.as_slice()],
            )
            .map_err(VaultError::from)?;
        Ok(())
    }

    /// Private keys that were made and are not stored, for cards that their issuer needs time for.
    pub(crate) fn dangerous_export(&self, ids: &[KeyId]) -> Result<Vec<Value>, KeyError> {
        let staged = self.staged();
        let key = |id| staged.get(id).ok_or(KeyError::Unknown);
        ids.iter().map(|id| Ok(key(id)?.dangerous_to_value())).collect()
    }

    /// Takes them back, to be bound to the cards that came; their public halves.
    pub(crate) fn stage(&self, keys: &[Value]) -> Result<Vec<PublicJwk>, KeyError> {
        let mut public = Vec::with_capacity(keys.len());
        for value in keys {
            let key = PrivateJwk::from_value(value).map_err(|_| KeyError::Malformed)?;
            public.push(key.public().clone());
            self.staged().insert(KeyId::of(key.public()), key);
        }
        Ok(public)
    }

    fn staged(&self) -> MutexGuard<'_, HashMap<KeyId, PrivateJwk>> {
        self.staged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Vault {
    /// How many private keys there are.
    pub fn holder_keys(&self) -> Result<u64, VaultError> {
        let count: i64 =
            self.read(|connection| connection.query_row("SELECT count(*) FROM holder_key", [], |row| row.get(0)))?;
        crate::cards::unsigned(count)
    }
}

impl KeyStore for VaultKeys {
    fn generate(&self, count: usize) -> Result<Vec<Arc<dyn Signer>>, KeyError> {
        let mut signers: Vec<Arc<dyn Signer>> = Vec::with_capacity(count);
        for _ in 0..count {
            let key = PrivateJwk::generate_p256(&mut OsRandom::fill_slice);
            signers.push(Arc::new(SigningKey::new(&key).map_err(|_| KeyError::Malformed)?));
            self.staged().insert(KeyId::of(key.public()), key);
        }
        Ok(signers)
    }

    fn signer(&self, id: &KeyId) -> Result<Arc<dyn Signer>, KeyError> {
        let stored: Option<Vec<u8>> = self.vault.read(|connection| {
            connection
                .query_row(
                    "SELECT private_jwk FROM holder_key WHERE id = ?1",
                    [id.as_str()],
                    |row| row.get(0),
                )
                .optional()
        })?;
        let bytes = Zeroizing::new(stored.ok_or(KeyError::Unknown)?);
        let value = serde_json::from_slice(&bytes).map_err(|_| KeyError::Malformed)?;
        let key = PrivateJwk::from_value(&value).map_err(|_| KeyError::Malformed)?;
        Ok(Arc::new(SigningKey::new(&key).map_err(|_| KeyError::Malformed)?))
    }

    fn discard(&self, keys: &[KeyId]) {
        let mut staged = self.staged();
        for key in keys {
            staged.remove(key);
        }
    }
}
