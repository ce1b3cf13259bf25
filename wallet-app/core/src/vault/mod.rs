//! The vault: one encrypted database, its sealed header, and the keyring's half of the key.
//!
//! ```text
//! vault.header   salt, cost of Argon2id, the database's key wrapped, wrong attempts so far; sealed
//! vault.db       SQLCipher; every card, key and setting
//! vault.lock     held by the one process that has the profile open
//! keyring        32 secret bytes, and the wrong attempts once more
//! ```
//!
//! The files alone open nothing: the key needs the keyring's half, unless a passphrase alone was
//! chosen at set-up. The count of wrong attempts is kept twice and the newer one counts, so that
//! putting an old file back gives no further guesses. The database has a key of its own, wrapped by
//! what the person knows: to change that is to replace the header, which is one step.

mod database;
mod error;
mod header;
mod instance;
mod key;
mod lockout;
mod profile;
mod safe;
mod secret_store;
mod unlock;
mod wrapping;

#[cfg(test)]
mod tests;

pub use error::{UnlockError, VaultError};
pub use header::{HeaderError, Protection};
pub use key::{Passphrase, PassphraseError, SecretKind, Stretching};
pub use profile::{LockedProfile, Profile, ProfileState};
pub use secret_store::{KeyringState, MemorySecretStore, OsKeyring, SecretStore, SecretStoreError};

use instance::InstanceLock;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// An open vault. While it lives no other process opens the same profile.
pub struct Vault {
    connection: Mutex<Connection>,
    protection: Protection,
    folder: PathBuf,
    _instance: InstanceLock,
}

impl Vault {
    /// How the vault's key is made.
    #[must_use]
    pub fn protection(&self) -> Protection {
        self.protection
    }

    /// Reads; nothing is changed.
    pub(crate) fn read<T>(
        &self,
        body: impl FnOnce(&Connection) -> Result<T, rusqlite::Error>,
    ) -> Result<T, VaultError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(body(&connection)?)
    }

    /// One transaction: all of it happens or none.
    pub(crate) fn write<T, E: From<VaultError>>(
        &self,
        body: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(VaultError::from)?;
        let value = body(&transaction)?;
        transaction.commit().map_err(VaultError::from)?;
        Ok(value)
    }
}

impl Vault {
    /// Writes back and empties the log beside the database, in which what was destroyed still stands.
    pub(crate) fn empty_log(&self) -> Result<(), VaultError> {
        self.read(|connection| connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())))
    }
}

impl Vault {
    /// The vault grows beyond so many pages no more, nor beyond its present size: for tests of what happens where there
    /// is no space left.
    pub fn dangerous_limit_pages(&self, pages: u32) -> Result<(), VaultError> {
        self.read(|connection| connection.pragma_update(None, "max_page_count", pages))
    }

    /// Changes what lies in the vault past every rule: for tests of what happens where a record is damaged.
    pub fn dangerous_execute(&self, sql: &str) -> Result<(), VaultError> {
        self.read(|connection| connection.execute_batch(sql))
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault")
            .field("protection", &self.protection)
            .finish_non_exhaustive()
    }
}
