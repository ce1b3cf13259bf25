//! What can go wrong with the vault.

use super::header::HeaderError;
use super::instance::InstanceError;
use super::key::{KeyDerivationError, PassphraseError};
use super::secret_store::SecretStoreError;
use rusqlite::ErrorCode;

/// Why a vault was not opened or not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// The folder holds no wallet, or its header was deleted: what is left cannot be opened.
    #[error("there is no wallet in this folder")]
    NotSetUp,
    /// The folder already holds a wallet.
    #[error("there is already a wallet in this folder")]
    AlreadySetUp,
    /// Another process has it open.
    #[error("another wallet process has this profile open")]
    Busy,
    /// Too many wrong attempts: none is made now.
    #[error("locked for {seconds} seconds more")]
    LockedOut {
        /// Seconds to wait.
        seconds: u64,
    },
    /// The PIN or passphrase is not the right one.
    #[error("this is not the right PIN or passphrase")]
    WrongPassphrase {
        /// Attempts before the next wait.
        attempts_left: u32,
        /// Seconds to wait before the next attempt.
        wait_s: u64,
    },
    /// The PIN or passphrase is not accepted at set-up.
    #[error("this PIN or passphrase cannot be used: {0}")]
    PassphraseRefused(#[from] PassphraseError),
    /// The keyring does not give its half of the key.
    #[error(transparent)]
    Keyring(#[from] SecretStoreError),
    /// Somebody changed the header: the wait after wrong attempts, or anything else in it.
    #[error("the vault header was altered; the vault stays shut")]
    HeaderAltered,
    /// The header cannot be read.
    #[error("the vault header is damaged")]
    HeaderDamaged,
    /// A newer wallet wrote this vault.
    #[error("this vault needs a newer wallet (version {found}; this one knows {supported})")]
    NewerVersion {
        /// Version found.
        found: u32,
        /// Newest version this wallet knows.
        supported: u32,
    },
    /// The database cannot be opened or read.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The folder cannot be read or written.
    #[error("the profile folder cannot be read or written")]
    Io(#[source] std::io::Error),
}

impl UnlockError {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSetUp => "not_set_up",
            Self::AlreadySetUp => "already_set_up",
            Self::Busy => "in_use",
            Self::LockedOut { .. } => "locked_out",
            Self::WrongPassphrase { .. } => "wrong_pin",
            Self::PassphraseRefused(_) => "pin_refused",
            Self::Keyring(SecretStoreError::Locked) => "keyring_locked",
            Self::Keyring(SecretStoreError::Missing) => "keyring_entry_missing",
            Self::Keyring(_) => "keyring_unavailable",
            Self::HeaderAltered => "vault_altered",
            Self::HeaderDamaged => "vault_damaged",
            Self::NewerVersion { .. } => "vault_newer",
            Self::Vault(error) => error.code(),
            Self::Io(error) if error.kind() == std::io::ErrorKind::StorageFull => "storage_full",
            Self::Io(_) => "profile_unusable",
        }
    }
}

impl From<HeaderError> for UnlockError {
    fn from(error: HeaderError) -> Self {
        match error {
            HeaderError::Missing => Self::NotSetUp,
            HeaderError::Malformed => Self::HeaderDamaged,
            HeaderError::Altered => Self::HeaderAltered,
            HeaderError::NewerVersion { found } => Self::NewerVersion {
                found,
                supported: super::header::HEADER_VERSION,
            },
            HeaderError::Io(error) => Self::Io(error),
        }
    }
}

impl From<InstanceError> for UnlockError {
    fn from(error: InstanceError) -> Self {
        match error {
            InstanceError::Busy => Self::Busy,
            InstanceError::Io(error) => Self::Io(error),
        }
    }
}

impl From<KeyDerivationError> for UnlockError {
    fn from(_: KeyDerivationError) -> Self {
        Self::HeaderDamaged
    }
}

/// Why the open database did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// Bytes were changed, lost or cut off: nothing of it is shown as if it were all.
    #[error("the vault file is damaged")]
    Corrupted,
    /// No room left.
    #[error("there is no space left for the vault")]
    StorageFull,
    /// The database refused for another reason.
    #[error("the vault could not be used")]
    Storage(#[source] rusqlite::Error),
    /// A record does not read as what this wallet writes.
    #[error("a record in the vault is malformed")]
    MalformedRecord,
}

impl VaultError {
    /// Stable name of the reason.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Corrupted | Self::MalformedRecord => "vault_damaged",
            Self::StorageFull => "storage_full",
            Self::Storage(_) => "profile_unusable",
        }
    }
}

impl From<rusqlite::Error> for VaultError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupted,
            Some(ErrorCode::DiskFull) => Self::StorageFull,
            _ => Self::Storage(error),
        }
    }
}
