//! How the person wants the wallet. What decides about safety lies in the vault, where nobody else
//! can change it.

use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};

/// How the person wants the wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    /// After how long without a sign of the person it is locked.
    pub auto_lock: AutoLock,
    /// Whether the sample card of the first run is shown.
    pub sample_card: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            auto_lock: AutoLock::default(),
            sample_card: true,
        }
    }
}

/// After how long without a sign of the person the wallet is locked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum AutoLock {
    /// One minute.
    One,
    /// Five minutes.
    #[default]
    Five,
    /// Fifteen minutes.
    Fifteen,
}

impl AutoLock {
    /// In minutes.
    #[must_use]
    pub fn minutes(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Five => 5,
            Self::Fifteen => 15,
        }
    }
}

/// Not a time that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the wallet is not locked after {0} minutes")]
pub struct UnknownAutoLock(u8);

impl TryFrom<u8> for AutoLock {
    type Error = UnknownAutoLock;

    fn try_from(minutes: u8) -> Result<Self, UnknownAutoLock> {
        [Self::One, Self::Five, Self::Fifteen]
            .into_iter()
            .find(|choice| choice.minutes() == minutes)
            .ok_or(UnknownAutoLock(minutes))
    }
}

impl From<AutoLock> for u8 {
    fn from(choice: AutoLock) -> Self {
        choice.minutes()
    }
}

impl Wallet {
    /// How the person wants the wallet.
    pub fn preferences(&self) -> Result<Preferences, VaultError> {
        self.vault.preferences()
    }

    /// The person wants it otherwise.
    pub fn set_preferences(&self, wanted: &Preferences) -> Result<(), VaultError> {
        let body = serde_json::to_string(wanted).map_err(|_| VaultError::MalformedRecord)?;
        self.vault.write(|transaction| {
            transaction.execute(
                "INSERT INTO preferences (id, body) VALUES (1, ?1)
                 ON CONFLICT (id) DO UPDATE SET body = excluded.body",
                params![body],
            )?;
            Ok(())
        })
    }
}

impl Vault {
    fn preferences(&self) -> Result<Preferences, VaultError> {
        let body: Option<String> = self.read(|connection| {
            connection
                .query_row("SELECT body FROM preferences WHERE id = 1", [], |row| row.get(0))
                .optional()
        })?;
        let parsed = body.map(|body| serde_json::from_str(&body).map_err(|_| VaultError::MalformedRecord));
        Ok(parsed.transpose()?.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_offered_cannot_be_chosen() {
        assert_eq!(AutoLock::try_from(5), Ok(AutoLock::Five));
        assert_eq!(AutoLock::try_from(0), Err(UnknownAutoLock(0)));
        assert!(serde_json::from_str::<Preferences>(r#"{"auto_lock":240}"#).is_err());
    }
}
