//! A profile before it is opened: what is there, and removing all of it.

use super::error::UnlockError;
use super::header::{Header, HeaderError, Protection, UnverifiedHeader, remove_file};
use super::instance::InstanceLock;
use super::key::SecretKind;
use super::safe::Safe;
use super::secret_store::{KeyringState, SecretStore, SecretStoreError};
use super::unlock::remove_database;
use crate::clock::Clock;
use serde::Serialize;
use std::path::Path;

/// The folder of a wallet that is not open.
#[derive(Clone, Copy, Debug)]
pub struct Profile;

/// What is in a profile folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum ProfileState {
    /// No wallet yet.
    NotSetUp {
        /// Whether the keyring could hold half of a key.
        keyring: KeyringState,
    },
    /// A wallet, shut.
    Locked(LockedProfile),
}

/// A wallet that is shut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LockedProfile {
    /// What the person is asked for.
    pub kind: SecretKind,
    /// How the vault's key is made.
    pub protection: Protection,
    /// Whether the keyring gives what is needed of it, which is nothing where a passphrase alone
    /// protects the vault. Unless it does, what stands here beside it was not checked, and nothing
    /// opens.
    pub keyring: KeyringState,
    /// Attempts before the next wait.
    pub attempts_left: u32,
    /// Seconds until another attempt is allowed.
    pub wait_s: u64,
}

impl Profile {
    /// Looks without opening: no attempt is counted and no file written.
    pub fn look(folder: &Path, secrets: &dyn SecretStore, clock: &dyn Clock) -> Result<ProfileState, UnlockError> {
        if !Header::exists(folder) {
            let keyring = KeyringState::probe(secrets);
            return Ok(ProfileState::NotSetUp { keyring });
        }
        let (header, keyring) = match Safe::read(folder, secrets) {
            Ok(safe) => (safe.header, KeyringState::Available),
            Err(UnlockError::Keyring(reason)) => {
                let shown = UnverifiedHeader::read(folder)?.dangerous_header().clone();
                (shown, reason.into())
            }
            Err(error) => return Err(error),
        };
        let keyring = match header.protection {
            Protection::Keyring => keyring,
            Protection::PasswordOnly => KeyringState::Available,
        };
        Ok(ProfileState::Locked(LockedProfile {
            kind: header.kind(),
            protection: header.protection,
            keyring,
            attempts_left: header.lockout.attempts_left(),
            wait_s: header.lockout.remaining(&clock.moment()),
        }))
    }

    /// Removes the wallet and all in it. The keyring's half goes first: from then on nothing opens
    /// what may be left behind by a crash, and a second call removes the rest.
    pub fn reset(folder: &Path, secrets: &dyn SecretStore) -> Result<(), UnlockError> {
        let lock = InstanceLock::take(folder)?;
        match UnverifiedHeader::read(folder) {
            Ok(header) if header.dangerous_protection() == Protection::Keyring => {
                forget(secrets, header.dangerous_vault_id());
            }
            Err(HeaderError::Io(error)) => return Err(UnlockError::Io(error)),
            _ => {}
        }
        // Without the header the database's key is gone.
        Header::remove(folder).map_err(UnlockError::Io)?;
        remove_database(folder).map_err(UnlockError::Io)?;
        drop(lock);
        remove_file(&InstanceLock::path(folder)).map_err(UnlockError::Io)
    }
}

/// A keyring that does not answer keeps 32 bytes that open nothing.
fn forget(secrets: &dyn SecretStore, vault_id: &str) {
    match secrets.remove(vault_id) {
        Ok(()) | Err(SecretStoreError::Missing) => {}
        Err(error) => tracing::warn!(%error, "the keyring keeps an entry of a wallet that was removed"),
    }
}
