//! The wallet's window: its set-up, its keyring, its links.

mod holders;

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokio::process::{Child, Command};

use crate::keyring::{self, Keyring};
use crate::process::{binaries, run};
use crate::stack::Stack;

const APP: &str = "holdfast-wallet-app";

/// Whether there is a display to open a window on.
pub(super) fn display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The running app. Links of ours open it until it ends.
pub(super) struct Window {
    app: Child,
    profile: PathBuf,
    _keyring: Option<Keyring>,
}

impl Window {
    /// Makes this wallet the one that opens our links, and starts it.
    pub(super) async fn open(stack: &Stack) -> Result<Self> {
        let folder = stack.layout().of("window");
        std::fs::create_dir_all(&folder)?;
        let setup = folder.join("setup.json");
        std::fs::write(&setup, serde_json::to_vec_pretty(&set_up(stack)?)?)?;
        // Cards of the demo lie in a keyring of its own where the desktop has none.
        let keyring = if keyring::service_runs().await {
            None
        } else {
            Some(Keyring::start(&folder.join("keyring")).await?)
        };
        let profile = folder.join("wallet");
        let launcher = launcher(&folder, &profile, &setup, keyring.as_ref())?;
        register_links(&launcher).await?;
        let app = Command::new(&launcher)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("the wallet's window does not start");
        match app {
            Ok(app) => Ok(Self {
                app,
                profile,
                _keyring: keyring,
            }),
            Err(error) => Err(give_links_back().await.err().unwrap_or(error)),
        }
    }

    /// Waits until the person closes it.
    pub(super) async fn closed(&mut self) -> Result<()> {
        self.app.wait().await?;
        Ok(())
    }

    /// Gives the links back to whoever had them, and ends the app, also where a
    /// link has opened it again.
    pub(super) async fn end(mut self) -> Result<()> {
        let given_back = give_links_back().await;
        if let Some(pid) = self
            .app
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw)
        {
            kill_process(pid, Signal::TERM)?;
            self.app.wait().await?;
        }
        holders::end(&self.profile).await?;
        given_back
    }
}

async fn register_links(launcher: &Path) -> Result<()> {
    let program = launcher.display().to_string();
    run(APP, &["register-links", "--program", &program], &[])
        .await?
        .success()
        .map(drop)
}

async fn give_links_back() -> Result<()> {
    run(APP, &["unregister-links"], &[]).await?.success().map(drop)
}

/// The file that names the ecosystem to a new wallet.
fn set_up(stack: &Stack) -> Result<serde_json::Value> {
    let layout = stack.layout();
    let (issuers, businesses) = (layout.issuer_anchors(), layout.business_anchors());
    std::fs::create_dir_all(&issuers)?;
    std::fs::create_dir_all(&businesses)?;
    Ok(json!({
        "trust_pack": layout.trust_pack(),
        "ledger_url": layout.url("log")?,
        "mirror_url": layout.url("mirror")?,
        "attester_url": layout.url("attester")?,
        "ports": layout.ports().all(),
        "issuer_anchors": issuers,
        "verifier_anchors": businesses,
    }))
}

/// A program that starts the app as the demo does, from wherever a link is opened.
fn launcher(folder: &Path, profile: &Path, setup: &Path, keyring: Option<&Keyring>) -> Result<PathBuf> {
    let bus = keyring
        .into_iter()
        .flat_map(Keyring::environment)
        .filter(|(name, _)| name == "DBUS_SESSION_BUS_ADDRESS");
    let exports: String = bus
        .map(|(name, value)| format!("export {name}={}\n", quoted(value)))
        .collect();
    let script = format!(
        "#!/bin/sh\n{exports}exec {} --profile {} --setup {} \"$@\"\n",
        quoted(&binaries()?.join(APP).display().to_string()),
        quoted(&profile.display().to_string()),
        quoted(&setup.display().to_string()),
    );
    let path = folder.join("open-wallet");
    std::fs::write(&path, script)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

/// One word for a shell, whatever is in it.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_word_stays_one_word() {
        assert_eq!(quoted("/a b"), "'/a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
