//! The header with the keyring's half: counting attempts, taking out the database's key, and
//! putting it back under another PIN.

use super::error::UnlockError;
use super::header::{HEADER_VERSION, Header, KeyInHeader, Protection, UnverifiedHeader};
use super::key::{Passphrase, PassphraseRule, SecretKind, VaultKey};
use super::lockout::{LockedFor, Lockout};
use super::secret_store::{SecretStore, SecretStoreError, write_and_read_back};
use super::wrapping::{DatabaseKey, UnwrapError};
use crate::clock::{Clock, OsRandom};
use serde::{Deserialize, Serialize};
use std::path::Path;
use zeroize::Zeroizing;

/// The header with the keyring's half, both checked.
pub(super) struct Safe<'a> {
    folder: &'a Path,
    secrets: &'a dyn SecretStore,
    pub(super) header: Header,
    half: Option<Zeroizing<[u8; 32]>>,
}

impl<'a> Safe<'a> {
    pub(super) fn read(folder: &'a Path, secrets: &'a dyn SecretStore) -> Result<Self, UnlockError> {
        let unverified = UnverifiedHeader::read(folder)?;
        let mut safe = Self {
            folder,
            secrets,
            header: unverified.dangerous_header().clone(),
            half: None,
        };
        if unverified.dangerous_protection() == Protection::PasswordOnly {
            safe.header = unverified.verify(None)?;
            return Ok(safe);
        }
        let entry = KeyringEntry::load(secrets, unverified.dangerous_vault_id())?;
        let half = Zeroizing::new(entry.half);
        safe.header = unverified.verify(Some(&half))?;
        // A header from before the PIN was changed, put back, would open with the old one.
        if safe.header.changes < entry.changes {
            return Err(UnlockError::HeaderAltered);
        }
        safe.header.lockout = safe.header.lockout.newer(entry.lockout.clone());
        safe.half = Some(half);
        Ok(safe)
    }

    /// Tries a PIN or passphrase. It is counted as wrong before it is tried.
    pub(super) fn attempt(&mut self, passphrase: &Passphrase, clock: &dyn Clock) -> Result<DatabaseKey, UnlockError> {
        let now = clock.moment();
        let attempt = self
            .header
            .lockout
            .begin_attempt(&now)
            .map_err(|LockedFor { seconds }| UnlockError::LockedOut { seconds })?;
        self.record(attempt)?;
        let Some(key) = self.take_out(&self.derive(passphrase)?)? else {
            return Err(UnlockError::WrongPassphrase {
                attempts_left: self.header.lockout.attempts_left(),
                wait_s: self.header.lockout.remaining(&now),
            });
        };
        self.record(self.header.lockout.succeeded(&clock.moment()))?;
        Ok(key)
    }

    /// Wraps the database's key by another passphrase. The header is replaced in one step, so that
    /// at every moment either the old passphrase opens the vault or the new one; the keyring, which
    /// hears of it afterwards, only keeps an older header from coming back.
    pub(super) fn wrap_anew(&mut self, passphrase: &Passphrase, key: &DatabaseKey) -> Result<(), UnlockError> {
        let mut next = self.header.clone();
        next.version = HEADER_VERSION;
        next.kind = Some(kind(passphrase, next.protection));
        next.changes += 1;
        next.salt = jose::base64url::encode(OsRandom::bytes::<16>());
        let vault_key = VaultKey::derive(passphrase, &next.salt_bytes()?, next.stretching, self.half.as_deref())?;
        next.check = None;
        next.wrapped_key = Some(key.wrap(&vault_key, &next.vault_id)?);
        next.write(self.folder, self.half.as_deref())?;
        self.header = next;
        self.tell_keyring()
    }

    /// Whether an older wallet wrote the header.
    pub(super) fn is_old(&self) -> bool {
        self.header.version < HEADER_VERSION
    }

    fn derive(&self, passphrase: &Passphrase) -> Result<VaultKey, UnlockError> {
        let salt = self.header.salt_bytes()?;
        Ok(VaultKey::derive(
            passphrase,
            &salt,
            self.header.stretching,
            self.half.as_deref(),
        )?)
    }

    /// The database's key; `None` where the passphrase was another one.
    fn take_out(&self, key: &VaultKey) -> Result<Option<DatabaseKey>, UnlockError> {
        match self.header.key()? {
            KeyInHeader::Derived { check } => {
                let expected = jose::base64url::decode(check).map_err(|_| UnlockError::HeaderDamaged)?;
                let right = aws_lc_rs::constant_time::verify_slices_are_equal(&expected, &key.check);
                Ok(right.ok().map(|()| DatabaseKey::of_version_1(key)))
            }
            KeyInHeader::Wrapped(text) => match DatabaseKey::unwrap(text, key, &self.header.vault_id) {
                Ok(key) => Ok(Some(key)),
                Err(UnwrapError::OtherKey) => Ok(None),
                Err(UnwrapError::Malformed) => Err(UnlockError::HeaderDamaged),
            },
        }
    }

    /// Writes the count to the keyring first: of two that differ the larger sequence counts.
    fn record(&mut self, lockout: Lockout) -> Result<(), UnlockError> {
        self.header.lockout = lockout;
        self.tell_keyring()?;
        Ok(self.header.write(self.folder, self.half.as_deref())?)
    }

    fn tell_keyring(&self) -> Result<(), UnlockError> {
        let Some(half) = &self.half else { return Ok(()) };
        KeyringEntry {
            half: **half,
            lockout: self.header.lockout.clone(),
            changes: self.header.changes,
        }
        .store(self.secrets, &self.header.vault_id)?;
        Ok(())
    }
}

/// What the passphrase has to withstand under this protection.
pub(super) fn rule(protection: Protection) -> PassphraseRule {
    match protection {
        Protection::Keyring => PassphraseRule::WithKeyring,
        Protection::PasswordOnly => PassphraseRule::Alone,
    }
}

/// What the person is asked for from now on. Digits that alone protect a vault are a passphrase.
pub(super) fn kind(passphrase: &Passphrase, protection: Protection) -> SecretKind {
    match protection {
        Protection::Keyring => passphrase.kind(),
        Protection::PasswordOnly => SecretKind::Passphrase,
    }
}

/// What the keyring holds for one wallet.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyringEntry {
    pub(super) half: [u8; 32],
    pub(super) lockout: Lockout,
    #[serde(default)]
    pub(super) changes: u64,
}

impl KeyringEntry {
    pub(super) fn load(secrets: &dyn SecretStore, vault_id: &str) -> Result<Self, SecretStoreError> {
        let bytes = secrets.read(vault_id)?;
        serde_json::from_slice(&bytes).map_err(|_| SecretStoreError::NotKept)
    }

    pub(super) fn store(&self, secrets: &dyn SecretStore, vault_id: &str) -> Result<(), SecretStoreError> {
        let bytes = serde_json::to_vec(self).map_err(|_| SecretStoreError::NotKept)?;
        write_and_read_back(secrets, vault_id, &Zeroizing::new(bytes))
    }
}

impl Drop for KeyringEntry {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.half);
    }
}
