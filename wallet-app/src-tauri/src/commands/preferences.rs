//! What the person set, and the clipboard.

use super::{Shell, off_main};
use crate::dto::Preferences;
use crate::error::WalletError;

#[tauri::command]
pub(crate) async fn preferences(shell: Shell<'_>) -> Result<Preferences, WalletError> {
    off_main(&shell, |session| {
        let kept = match session.open() {
            Ok(open) => open.wallet.preferences()?,
            Err(_) => wallet::Preferences::default(),
        };
        Ok(Preferences::of(session.looks(), &kept))
    })
    .await
}

/// While the wallet is locked only language and theme are kept.
#[tauri::command]
pub(crate) async fn set_preferences(shell: Shell<'_>, wanted: Preferences) -> Result<(), WalletError> {
    off_main(&shell, move |session| {
        let looks = wanted.looks();
        looks
            .store(session.profile())
            .map_err(|error| WalletError::from_io(&error))?;
        if let Ok(open) = session.open() {
            open.wallet.set_preferences(&wanted.kept())?;
        }
        Ok(())
    })
    .await
}

#[tauri::command]
pub(crate) async fn copy(shell: Shell<'_>, text: String) -> Result<(), WalletError> {
    off_main(&shell, move |session| session.clipboard.copy(text)).await
}
