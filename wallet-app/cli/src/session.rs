//! Opening the wallet of a profile.

use crate::arguments::Arguments;
use crate::failure::{Exit, Failure};
use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use wallet::{OsKeyring, Passphrase, SystemClock, Wallet};

/// The PIN or passphrase, from a file or from the environment.
pub(crate) fn passphrase(arguments: &Arguments) -> Result<Passphrase, Failure> {
    match &arguments.pin_file {
        Some(path) => passphrase_in(path),
        None => std::env::var("HOLDFAST_PIN")
            .map(|text| as_typed(&text))
            .map_err(|_| Failure::new(Exit::Usage, "pin_needed")),
    }
}

/// The PIN or passphrase in a file.
pub(crate) fn passphrase_in(path: &Path) -> Result<Passphrase, Failure> {
    Ok(as_typed(&read(path)?))
}

/// Without the end of the line, which nobody typed.
fn as_typed(text: &str) -> Passphrase {
    Passphrase::new(text.trim_end_matches(['\r', '\n']))
}

/// Opens the wallet. The keyring speaks to the session bus by itself, so this happens before there
/// is an executor.
pub(crate) fn open(arguments: &Arguments) -> Result<Wallet, Failure> {
    let passphrase = passphrase(arguments)?;
    Ok(Wallet::open(
        &arguments.profile,
        &passphrase,
        &OsKeyring,
        Arc::new(SystemClock),
    )?)
}

/// Reads a text file that was named on the command line.
pub(crate) fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|_| Failure::new(Exit::Usage, "file_unreadable").with_detail(path.display().to_string()))
}

/// Runs what speaks to others.
pub(crate) fn wait_for<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| Failure::new(Exit::WalletRefused, "network_unusable"))?;
    Ok(runtime.block_on(future))
}
