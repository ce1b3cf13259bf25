//! Opening the wallet of a profile.

use crate::arguments::Arguments;
use crate::failure::{Exit, Failure};
use std::cell::OnceCell;
use std::future::Future;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use wallet::{OsKeyring, Passphrase, Renewal, SystemClock, Wallet};

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

/// The wallet that the commands of one process share.
#[derive(Default)]
pub(crate) struct Opened(OnceCell<Rc<Wallet>>);

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.get().is_some() { "Opened" } else { "Closed" })
    }
}

/// Opens the wallet, once for all commands of a session. The keyring speaks to the session bus by
/// itself, so this happens before there is an executor.
pub(crate) fn open(arguments: &Arguments) -> Result<Rc<Wallet>, Failure> {
    if let Some(wallet) = arguments.opened.0.get() {
        return Ok(Rc::clone(wallet));
    }
    let passphrase = passphrase(arguments)?;
    let wallet = Rc::new(Wallet::open(
        &arguments.profile,
        &passphrase,
        &OsKeyring,
        Arc::new(SystemClock),
    )?);
    Ok(Rc::clone(arguments.opened.0.get_or_init(|| wallet)))
}

/// Opens the wallet's vault to take the next trust pack, also where the wallet itself does not open any more.
pub(crate) fn renewal(arguments: &Arguments) -> Result<Renewal, Failure> {
    if let Some(wallet) = arguments.opened.0.get() {
        return Ok(wallet.renewal()?);
    }
    let passphrase = passphrase(arguments)?;
    Ok(Renewal::open(
        &arguments.profile,
        &passphrase,
        &OsKeyring,
        &SystemClock,
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
