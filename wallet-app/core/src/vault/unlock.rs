//! Making a vault, opening it, and changing what opens it.

use super::database;
use super::error::UnlockError;
use super::header::{HEADER_VERSION, Header, Protection, remove_file};
use super::instance::InstanceLock;
use super::key::{Passphrase, Stretching, VaultKey};
use super::lockout::Lockout;
use super::safe::{KeyringEntry, Safe, kind, rule};
use super::secret_store::SecretStore;
use super::wrapping::DatabaseKey;
use super::{Vault, VaultError};
use crate::clock::{Clock, OsRandom};
use std::path::Path;
use std::sync::Mutex;
use zeroize::Zeroizing;

impl Vault {
    /// Makes an empty vault in `folder`.
    pub fn create(
        folder: &Path,
        passphrase: &Passphrase,
        protection: Protection,
        stretching: Stretching,
        secrets: &dyn SecretStore,
        clock: &dyn Clock,
    ) -> Result<Self, UnlockError> {
        passphrase.check(rule(protection))?;
        make_private_folder(folder).map_err(UnlockError::Io)?;
        let instance = InstanceLock::take(folder)?;
        if Header::exists(folder) {
            return Err(UnlockError::AlreadySetUp);
        }
        // A set-up that was cut off before its header was written has left nothing readable.
        remove_database(folder).map_err(UnlockError::Io)?;
        let salt = OsRandom::bytes::<16>();
        let vault_id = jose::base64url::encode(OsRandom::bytes::<16>());
        let lockout = Lockout::new(clock.moment());
        let half = match protection {
            Protection::Keyring => Some(Zeroizing::new(OsRandom::bytes::<32>())),
            Protection::PasswordOnly => None,
        };
        if let Some(half) = &half {
            KeyringEntry {
                half: **half,
                lockout: lockout.clone(),
                changes: 0,
            }
            .store(secrets, &vault_id)?;
        }
        let vault_key = VaultKey::derive(passphrase, &salt, stretching, half.as_deref())?;
        let database_key = DatabaseKey::generate();
        let connection = database::create(folder, &database_key)?;
        // The header comes last: a vault exists when it does.
        let header = Header {
            version: HEADER_VERSION,
            wrapped_key: Some(database_key.wrap(&vault_key, &vault_id)?),
            vault_id,
            protection,
            kind: Some(kind(passphrase, protection)),
            changes: 0,
            salt: jose::base64url::encode(salt),
            stretching,
            check: None,
            lockout,
        };
        header.write(folder, half.as_deref())?;
        Ok(Self {
            connection: Mutex::new(connection),
            protection,
            folder: folder.to_owned(),
            _instance: instance,
        })
    }

    /// Opens the vault in `folder`, and brings one of an older wallet up to date. A wrong attempt
    /// is counted before it is checked.
    pub fn open(
        folder: &Path,
        passphrase: &Passphrase,
        secrets: &dyn SecretStore,
        clock: &dyn Clock,
    ) -> Result<Self, UnlockError> {
        if !Header::exists(folder) {
            return Err(UnlockError::NotSetUp);
        }
        let instance = InstanceLock::take(folder)?;
        let mut safe = Safe::read(folder, secrets)?;
        let key = safe.attempt(passphrase, clock)?;
        let connection = database::open(folder, &key)?;
        if safe.is_old() {
            safe.wrap_anew(passphrase, &key)?;
        }
        Ok(Self {
            connection: Mutex::new(connection),
            protection: safe.header.protection,
            folder: folder.to_owned(),
            _instance: instance,
        })
    }

    /// Another PIN or passphrase from now on. A wrong `current` counts like a wrong attempt at
    /// opening, so that an unlocked wallet is no way round the wait.
    pub fn change_passphrase(
        &self,
        current: &Passphrase,
        next: &Passphrase,
        secrets: &dyn SecretStore,
        clock: &dyn Clock,
    ) -> Result<(), UnlockError> {
        next.check(rule(self.protection))?;
        let mut safe = Safe::read(&self.folder, secrets)?;
        let key = safe.attempt(current, clock)?;
        safe.wrap_anew(next, &key)
    }
}

/// Removes the database and what stands beside it.
pub(super) fn remove_database(folder: &Path) -> std::io::Result<()> {
    for name in ["vault.db", "vault.db-wal", "vault.db-shm"] {
        remove_file(&folder.join(name))?;
    }
    Ok(())
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

impl From<rusqlite::Error> for UnlockError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Vault(VaultError::from(error))
    }
}
