//! Making a vault and opening it.

use super::database;
use super::error::UnlockError;
use super::header::{HEADER_VERSION, Header, Protection, UnverifiedHeader};
use super::instance::InstanceLock;
use super::key::{Passphrase, PassphraseRule, Stretching, VaultKey};
use super::lockout::{LockedFor, Lockout};
use super::secret_store::{SecretStore, SecretStoreError, write_and_read_back};
use super::{Vault, VaultError};
use crate::clock::{Clock, OsRandom};
use serde::{Deserialize, Serialize};
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
        passphrase.check(match protection {
            Protection::Keyring => PassphraseRule::WithKeyring,
            Protection::PasswordOnly => PassphraseRule::Alone,
        })?;
        make_private_folder(folder).map_err(UnlockError::Io)?;
        let instance = InstanceLock::take(folder)?;
        if Header::exists(folder) {
            return Err(UnlockError::AlreadySetUp);
        }
        remove_leftovers(folder).map_err(UnlockError::Io)?;
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
            }
            .store(secrets, &vault_id)?;
        }
        let key = VaultKey::derive(passphrase, &salt, stretching, half.as_deref())?;
        let connection = database::create(folder, &key.database)?;
        // The header comes last: a vault exists when it does.
        let header = Header {
            version: HEADER_VERSION,
            vault_id,
            protection,
            salt: jose::base64url::encode(salt),
            stretching,
            check: jose::base64url::encode(key.check),
            lockout,
        };
        header.write(folder, half.as_deref())?;
        Ok(Self {
            connection: Mutex::new(connection),
            protection,
            _instance: instance,
        })
    }

    /// Opens the vault in `folder`. A wrong attempt is counted before it is checked.
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
        let now = clock.moment();
        let attempt = safe
            .header
            .lockout
            .begin_attempt(&now)
            .map_err(|LockedFor { seconds }| UnlockError::LockedOut { seconds })?;
        safe.record(folder, secrets, attempt)?;
        let salt = safe.header.salt_bytes()?;
        let half = safe.half.as_deref();
        let key = VaultKey::derive(passphrase, &salt, safe.header.stretching, half)?;
        let expected = jose::base64url::decode(&safe.header.check).map_err(|_| UnlockError::HeaderDamaged)?;
        if aws_lc_rs::constant_time::verify_slices_are_equal(&expected, &key.check).is_err() {
            return Err(UnlockError::WrongPassphrase {
                attempts_left: safe.header.lockout.attempts_left(),
                wait_s: safe.header.lockout.remaining(&now),
            });
        }
        let right = safe.header.lockout.succeeded(&clock.moment());
        safe.record(folder, secrets, right)?;
        let connection = database::open(folder, &key.database)?;
        let protection = safe.header.protection;
        Ok(Self {
            connection: Mutex::new(connection),
            protection,
            _instance: instance,
        })
    }
}

/// The header with the keyring's half, both checked.
struct Safe {
    header: Header,
    half: Option<Zeroizing<[u8; 32]>>,
}

impl Safe {
    fn read(folder: &Path, secrets: &dyn SecretStore) -> Result<Self, UnlockError> {
        let unverified = UnverifiedHeader::read(folder)?;
        if unverified.dangerous_protection() == Protection::PasswordOnly {
            return Ok(Self {
                header: unverified.verify(None)?,
                half: None,
            });
        }
        let entry = KeyringEntry::load(secrets, unverified.dangerous_vault_id())?;
        let half = Zeroizing::new(entry.half);
        let mut header = unverified.verify(Some(&half))?;
        header.lockout = header.lockout.newer(entry.lockout.clone());
        Ok(Self {
            header,
            half: Some(half),
        })
    }

    /// Writes the count to the keyring first: of two that differ the larger sequence counts.
    fn record(&mut self, folder: &Path, secrets: &dyn SecretStore, lockout: Lockout) -> Result<(), UnlockError> {
        if let Some(half) = &self.half {
            KeyringEntry {
                half: **half,
                lockout: lockout.clone(),
            }
            .store(secrets, &self.header.vault_id)?;
        }
        self.header.lockout = lockout;
        Ok(self.header.write(folder, self.half.as_deref())?)
    }
}

/// What the keyring holds for one wallet.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyringEntry {
    half: [u8; 32],
    lockout: Lockout,
}

impl KeyringEntry {
    fn load(secrets: &dyn SecretStore, vault_id: &str) -> Result<Self, SecretStoreError> {
        let bytes = secrets.read(vault_id)?;
        serde_json::from_slice(&bytes).map_err(|_| SecretStoreError::NotKept)
    }

    fn store(&self, secrets: &dyn SecretStore, vault_id: &str) -> Result<(), SecretStoreError> {
        let bytes = serde_json::to_vec(self).map_err(|_| SecretStoreError::NotKept)?;
        write_and_read_back(secrets, vault_id, &Zeroizing::new(bytes))
    }
}

impl Drop for KeyringEntry {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.half);
    }
}

/// A set-up that was cut off before its header was written has left nothing readable.
fn remove_leftovers(folder: &Path) -> std::io::Result<()> {
    for name in ["vault.db", "vault.db-wal", "vault.db-shm"] {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
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
