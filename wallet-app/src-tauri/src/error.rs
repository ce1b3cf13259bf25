//! How every command fails: a stable code, and names and numbers for the sentence. Never a value of
//! a card.

use crate::camera::{CameraFailure, PictureProblem};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use wallet::{
    CardError, ComplaintRefused, EcosystemError, IssuanceError, OpenError, PassphraseError, ProofError, RequestRefused,
    ServicesError, ShareError, StatusError, TrustError, UnlockError, VaultError,
};

/// What the window gets instead of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct WalletError {
    code: &'static str,
    params: BTreeMap<&'static str, Param>,
}

/// Part of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Param {
    /// A name.
    Text(String),
    /// A number.
    Number(u64),
}

impl From<String> for Param {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Param {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl WalletError {
    pub(crate) fn new(code: &'static str) -> Self {
        Self {
            code,
            params: BTreeMap::new(),
        }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Param>) -> Self {
        self.params.insert(name, value.into());
        self
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// A command came while the wallet is locked.
    pub(crate) fn locked() -> Self {
        Self::new("wallet_locked")
    }

    /// A handle that was used, closed, or belongs to a wallet that was locked since.
    pub(crate) fn handle_gone() -> Self {
        Self::new("handle_gone")
    }

    /// The PIN or passphrase has not the form that was chosen.
    pub(crate) fn secret_form() -> Self {
        Self::new("secret_refused_form")
    }
}

impl From<UnlockError> for WalletError {
    fn from(error: UnlockError) -> Self {
        match error {
            UnlockError::WrongPassphrase { attempts_left, wait_s } => Self::new("wrong_secret")
                .with("attemptsLeft", u64::from(attempts_left))
                .with("waitS", wait_s),
            UnlockError::LockedOut { seconds } => Self::new("locked_out").with("seconds", seconds),
            UnlockError::PassphraseRefused(PassphraseError::TooShort { needed }) => {
                Self::new("secret_refused_short").with("needed", u64::try_from(needed).unwrap_or(u64::MAX))
            }
            UnlockError::PassphraseRefused(_) => Self::new("secret_refused_common"),
            UnlockError::NewerVersion { found, .. } => Self::new("vault_newer").with("found", u64::from(found)),
            UnlockError::Io(error) => Self::from_io(&error),
            other => Self::new(other.code()),
        }
    }
}

impl WalletError {
    /// What the file system says.
    pub(crate) fn from_io(error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        match error.kind() {
            StorageFull | QuotaExceeded => Self::new("storage_full"),
            _ => Self::new("profile_unusable"),
        }
    }

    /// With the folder of the wallet, where the person has to look at it. For the window alone: no log
    /// names it.
    pub(crate) fn about_folder(self, profile: &Path) -> Self {
        match ABOUT_THE_FOLDER.contains(&self.code) {
            true => self.with("path", profile.to_string_lossy().into_owned()),
            false => self,
        }
    }
}

/// Errors whose sentences name the folder of the wallet.
const ABOUT_THE_FOLDER: [&str; 3] = ["in_use", "profile_unusable", "storage_full"];

impl From<EcosystemError> for WalletError {
    fn from(error: EcosystemError) -> Self {
        match error {
            EcosystemError::Unlock(error) => error.into(),
            other => Self::new(other.code()),
        }
    }
}

impl From<OpenError> for WalletError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unlock(error) => error.into(),
            other => Self::new(other.code()),
        }
    }
}

impl From<CardError> for WalletError {
    fn from(error: CardError) -> Self {
        match error {
            CardError::TooLate => Self::new("undo_too_late"),
            other => Self::new(other.code()),
        }
    }
}

/// Errors whose code says everything.
macro_rules! by_code {
    ($($error:ty),*) => {$(
        impl From<$error> for WalletError {
            fn from(error: $error) -> Self {
                tracing::info!(code = error.code(), "refused");
                Self::new(error.code())
            }
        }
    )*};
}

by_code!(
    VaultError,
    IssuanceError,
    RequestRefused,
    ShareError,
    StatusError,
    TrustError,
    ProofError,
    ServicesError,
    ComplaintRefused,
    CameraFailure,
    PictureProblem
);

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(UnlockError::WrongPassphrase { attempts_left: 3, wait_s: 0 }
        => r#"{"code":"wrong_secret","params":{"attemptsLeft":3,"waitS":0}}"# ; "wrong")]
    #[test_case(UnlockError::LockedOut { seconds: 60 } => r#"{"code":"locked_out","params":{"seconds":60}}"# ; "wait")]
    #[test_case(UnlockError::Busy => r#"{"code":"in_use","params":{}}"# ; "another process")]
    #[test_case(UnlockError::Io(std::io::ErrorKind::ReadOnlyFilesystem.into())
        => r#"{"code":"profile_unusable","params":{}}"# ; "read only")]
    #[test_case(UnlockError::Io(std::io::ErrorKind::StorageFull.into())
        => r#"{"code":"storage_full","params":{}}"# ; "disk full")]
    #[test_case(UnlockError::Vault(VaultError::StorageFull) => r#"{"code":"storage_full","params":{}}"# ; "vault full")]
    fn sentence(error: UnlockError) -> String {
        serde_json::to_string(&WalletError::from(error)).expect("serialises")
    }

    #[test_case("profile_unusable" => r#"{"code":"profile_unusable","params":{"path":"/home/a/wallet"}}"# ; "unusable")]
    #[test_case("storage_full" => r#"{"code":"storage_full","params":{"path":"/home/a/wallet"}}"# ; "full")]
    #[test_case("in_use" => r#"{"code":"in_use","params":{"path":"/home/a/wallet"}}"# ; "in use")]
    #[test_case("wrong_secret" => r#"{"code":"wrong_secret","params":{}}"# ; "about something else")]
    fn j6_the_folder_is_named(code: &'static str) -> String {
        let error = WalletError::new(code).about_folder(Path::new("/home/a/wallet"));
        serde_json::to_string(&error).expect("serialises")
    }
}
