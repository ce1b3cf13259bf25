//! What the window can ask for. Each command is a line or a few; what it does stands in the wallet.

pub(crate) mod businesses;
pub(crate) mod camera;
pub(crate) mod cards;
pub(crate) mod challenges;
pub(crate) mod links;
pub(crate) mod offers;
pub(crate) mod preferences;
pub(crate) mod profile;
pub(crate) mod requests;
pub(crate) mod services;
pub(crate) mod trusted;

use crate::error::WalletError;
use crate::session::Session;
use std::sync::Arc;
use tauri::State;

/// The session of this process.
pub(crate) type Shell<'a> = State<'a, Arc<Session>>;

/// Does work that blocks, on the disk or the keyring, where nothing else waits for it.
pub(crate) async fn off_main<T: Send + 'static>(
    shell: &Shell<'_>,
    work: impl FnOnce(&Session) -> Result<T, WalletError> + Send + 'static,
) -> Result<T, WalletError> {
    let session = Arc::clone(shell.inner());
    let done = tauri::async_runtime::spawn_blocking(move || work(&session)).await;
    let done = done.unwrap_or_else(|_| Err(WalletError::new("unknown")));
    done.map_err(|error| error.about_folder(shell.profile()))
}
