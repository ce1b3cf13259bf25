//! What can I use? Nothing here asks anybody.

use super::{Shell, off_main};
use crate::error::WalletError;
use wallet::Services;

/// Every service of agencies, and what it means for the person.
#[tauri::command]
pub(crate) async fn services(shell: Shell<'_>) -> Result<Services, WalletError> {
    let open = shell.open()?;
    off_main(&shell, move |_| Ok(open.wallet.services()?)).await
}
