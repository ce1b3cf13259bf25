//! `init`: makes a wallet.

use super::ecosystem;
use crate::arguments::{Arguments, Init};
use crate::failure::{Exit, Failure};
use crate::output::Done;
use crate::session::{passphrase, read};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use wallet::{Locking, Mode, Network, OsKeyring, Protection, Settings, Stretching, SystemClock, Wallet};

pub(crate) fn run(arguments: &Arguments, options: &Init) -> Result<Done, Failure> {
    let settings = settings(options)?;
    let passphrase = passphrase(arguments)?;
    let protection = match options.password_only {
        true => Protection::PasswordOnly,
        false => Protection::Keyring,
    };
    let locking = Locking {
        passphrase: &passphrase,
        protection,
        stretching: Stretching::default(),
    };
    let wallet = Wallet::create(
        &arguments.profile,
        &locking,
        settings,
        &OsKeyring,
        Arc::new(SystemClock),
    )?;
    let (name, mode) = wallet.ecosystem();
    let test = match mode {
        Mode::Test => " It is for trying out: its cards mean nothing.",
        Mode::Live => "",
    };
    let text = format!("Your wallet is ready. It belongs to “{name}”.{test}");
    Ok(Done::new(
        "created",
        json!({ "ecosystem": name, "mode": mode, "protection": protection }),
        text,
    ))
}

/// The ecosystem as it is named on the command line, or as it was offered and agreed to.
fn settings(options: &Init) -> Result<Settings, Failure> {
    let network = match options.development {
        true => Network::Development {
            ports: options.ports.clone(),
        },
        false => Network::Public,
    };
    let base = match (&options.ecosystem, &options.trust_pack, &options.ledger_url) {
        (Some(from), _, address) => {
            let settings = ecosystem::offered(from, network, options.confirm)?;
            match address {
                Some(ledger_url) => Settings {
                    ledger_url: ledger_url.clone(),
                    ..settings
                },
                None => settings,
            }
        }
        (None, Some(pack), Some(ledger_url)) => Settings {
            network,
            trust_pack: read(pack)?,
            ledger_url: ledger_url.clone(),
            mirror_url: None,
            attester_url: None,
            issuer_anchors: None,
            verifier_anchors: None,
        },
        _ => return Err(Failure::new(Exit::Usage, "usage")),
    };
    Ok(Settings {
        mirror_url: options.mirror_url.clone(),
        attester_url: options.attester_url.clone(),
        issuer_anchors: options.issuer_anchors.as_deref().map(absolute),
        verifier_anchors: options.verifier_anchors.as_deref().map(absolute),
        ..base
    })
}

/// The wallet may be used from another folder later.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
