//! The place outside the vault file that holds half of its key: the operating system's keyring.

use serde::Serialize;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

/// Why the keyring did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretStoreError {
    /// No keyring answers here, or it broke.
    #[error("there is no system keyring, or it does not answer")]
    Unavailable,
    /// The keyring is there and does not let us in.
    #[error("the system keyring is locked")]
    Locked,
    /// It holds no entry for this wallet.
    #[error("the system keyring has no entry for this wallet")]
    Missing,
    /// What was read is not what was written.
    #[error("the system keyring does not keep what it is given")]
    NotKept,
}

/// Keeps one secret per wallet.
pub trait SecretStore: Send + Sync {
    /// Reads the secret of the wallet `name`.
    fn read(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, SecretStoreError>;
    /// Writes it, replacing what was there.
    fn write(&self, name: &str, secret: &[u8]) -> Result<(), SecretStoreError>;
    /// Removes it.
    fn remove(&self, name: &str) -> Result<(), SecretStoreError>;
}

/// Whether the keyring can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyringState {
    /// It keeps what it is given.
    Available,
    /// It is there and does not let us in.
    Locked,
    /// There is none, it does not answer, or it does not keep what it is given.
    Absent,
    /// It answers, and has lost its half of this wallet's key.
    EntryMissing,
}

impl KeyringState {
    /// Finds out by trying: a keyring may claim to be ready while it is locked.
    pub(crate) fn probe(store: &dyn SecretStore) -> Self {
        let name = "probe";
        match write_and_read_back(store, name, b"holdfast") {
            Ok(()) => store.remove(name).map_or_else(Self::from, |()| Self::Available),
            // Nothing was to be found there before; what is not kept is not missing.
            Err(SecretStoreError::Missing) => Self::Absent,
            Err(error) => error.into(),
        }
    }
}

impl From<SecretStoreError> for KeyringState {
    fn from(error: SecretStoreError) -> Self {
        match error {
            SecretStoreError::Locked => Self::Locked,
            SecretStoreError::Missing => Self::EntryMissing,
            SecretStoreError::Unavailable | SecretStoreError::NotKept => Self::Absent,
        }
    }
}

/// Writes, reads back and compares: a keyring may claim to be ready while it is locked.
pub(crate) fn write_and_read_back(store: &dyn SecretStore, name: &str, secret: &[u8]) -> Result<(), SecretStoreError> {
    store.write(name, secret)?;
    if store.read(name)?.as_slice() == secret {
        Ok(())
    } else {
        Err(SecretStoreError::NotKept)
    }
}

/// Secret Service, Keychain or Credential Manager.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsKeyring;

/// Under which name all our entries stand in the keyring.
const SERVICE: &str = "holdfast-wallet";

impl OsKeyring {
    /// Asks the keyring anew each time: what was agreed with one that did not run yet, or that was
    /// started again since, opens nothing.
    #[cfg(any(unix, windows))]
    #[cfg(not(any(target_os = "ios", target_os = "android")))]
    fn entry(name: &str) -> Result<keyring_core::Entry, SecretStoreError> {
        #[cfg(target_os = "macos")]
        use apple_native_keyring_store::keychain::Store;
        use keyring_core::api::CredentialStoreApi as _;
        #[cfg(target_os = "windows")]
        use windows_native_keyring_store::Store;
        #[cfg(not(any(target_os = "macos", target_os = "windows")))]
        use zbus_secret_service_keyring_store::Store;
        Store::new()
            .and_then(|store| store.build(SERVICE, name, None))
            .map_err(|error| reason(&error))
    }

    #[cfg(any(not(any(unix, windows)), target_os = "ios", target_os = "android"))]
    fn entry(_: &str) -> Result<keyring_core::Entry, SecretStoreError> {
        Err(SecretStoreError::Unavailable)
    }
}

impl SecretStore for OsKeyring {
    fn read(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, SecretStoreError> {
        Self::entry(name)?
            .get_secret()
            .map(Zeroizing::new)
            .map_err(|error| reason(&error))
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), SecretStoreError> {
        Self::entry(name)?.set_secret(secret).map_err(|error| reason(&error))
    }

    fn remove(&self, name: &str) -> Result<(), SecretStoreError> {
        Self::entry(name)?.delete_credential().map_err(|error| reason(&error))
    }
}

fn reason(error: &keyring_core::Error) -> SecretStoreError {
    match error {
        keyring_core::Error::NoEntry => SecretStoreError::Missing,
        keyring_core::Error::NoStorageAccess(_) => SecretStoreError::Locked,
        _ => SecretStoreError::Unavailable,
    }
}

/// A keyring that lives as long as the process: for tests and for trying things out.
#[derive(Debug, Default)]
pub struct MemorySecretStore {
    entries: Mutex<HashMap<String, Zeroizing<Vec<u8>>>>,
}

impl MemorySecretStore {
    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.is_empty()
    }
}

impl SecretStore for MemorySecretStore {
    fn read(&self, name: &str) -> Result<Zeroizing<Vec<u8>>, SecretStoreError> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(name).cloned().ok_or(SecretStoreError::Missing)
    }

    fn write(&self, name: &str, secret: &[u8]) -> Result<(), SecretStoreError> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.insert(name.to_owned(), Zeroizing::new(secret.to_vec()));
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), SecretStoreError> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.remove(name).map(|_| ()).ok_or(SecretStoreError::Missing)
    }
}
