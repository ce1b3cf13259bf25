//! What will be written, and that the person agrees to it first.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use service::files::write_atomically;
use url::Url;

use super::asking::{Asker, Question};
use super::cosigners::{Named, NewCosigner, Role};
use super::{InitError, NewLedger};

/// Port of a log behind a web server.
const LOG_PORT: u16 = 7100;

/// Everything that is known about a new ledger.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    config: PathBuf,
    home: Option<Home>,
    ledger: NewLedger,
    witnesses: Vec<Named>,
    mirrors: Vec<Named>,
}

/// Where a log lives that has no settings yet.
#[derive(Clone, Debug)]
pub(super) struct Home {
    /// Where it will answer.
    pub(super) host: Url,
    /// Where everything is kept; absolute.
    pub(super) folder: PathBuf,
}

const AGREED: Question<'_> = Question {
    flag: "yes",
    why: "Nothing is written yet.",
    asked: "Type yes to write it",
    usual: None,
};

impl Plan {
    /// `ledger` has no cosigners yet; without `home`, there are settings already.
    pub(super) fn new(
        config: PathBuf,
        home: Option<Home>,
        ledger: NewLedger,
        witnesses: Vec<Named>,
        mirrors: Vec<Named>,
    ) -> Self {
        Self {
            config,
            home,
            ledger,
            witnesses,
            mirrors,
        }
    }

    /// The configuration of the log.
    pub(super) fn config(&self) -> &Path {
        &self.config
    }

    /// Shows what will be made, and asks; where nobody is there, whoever wrote the command has agreed.
    pub(super) fn confirm(&self, asker: &mut Asker) -> Result<(), InitError> {
        if !asker.is_there() {
            return Ok(());
        }
        asker.say(&self.summary())?;
        match asker.ask(AGREED, |line| Ok::<_, InitError>(line == "yes")) {
            Ok(true) => Ok(()),
            Ok(false) | Err(InitError::Missing(_)) => Err(InitError::Declined),
            Err(error) => Err(error),
        }
    }

    /// Writes the settings of the log where there are none. The same once more changes nothing.
    pub(super) fn write_settings(&self) -> Result<(), InitError> {
        let Some(home) = &self.home else {
            return Ok(());
        };
        // The registrar's commands reach the log by its address too.
        let reached = std::iter::once(&home.host).chain(self.named().map(Named::url));
        let ports: Vec<u16> = reached.filter_map(Url::port_or_known_default).collect();
        let text = format!(
            "# Written by `holdfast-anchor init`.\n{}",
            common(&home.host, &home.folder.join("log"), LOG_PORT, &ports)
        );
        if self.config.exists() {
            return match std::fs::read_to_string(&self.config)? == text {
                true => Ok(()),
                false => Err(InitError::ConfigExists(self.config.display().to_string())),
            };
        }
        Ok(write_atomically(&self.config, text.as_bytes())?)
    }

    /// The ledger with the keys of all cosigners, and those whose settings are still to be written.
    pub(super) fn with_keys(self, data_dir: &Path) -> Result<(NewLedger, Vec<NewCosigner>), InitError> {
        let (mut ledger, mut new) = (self.ledger, Vec::new());
        for (role, named, keys) in [
            (Role::Witness, self.witnesses, &mut ledger.witnesses),
            (Role::Mirror, self.mirrors, &mut ledger.mirrors),
        ] {
            for (number, one) in (1..).zip(named) {
                match one {
                    Named::Known(key) => keys.push(key),
                    Named::New(url) => {
                        let cosigner = NewCosigner::new(role, number, &url, data_dir);
                        keys.push(cosigner.key()?);
                        new.push(cosigner);
                    }
                }
            }
        }
        Ok((ledger, new))
    }

    fn named(&self) -> impl Iterator<Item = &Named> {
        self.witnesses.iter().chain(&self.mirrors)
    }

    fn summary(&self) -> String {
        let mode = match self.ledger.live {
            true => "live: for real",
            false => "test: nothing counts, and wallets say so",
        };
        let threshold = self.ledger.threshold.unwrap_or(self.witnesses.len() / 2 + 1);
        let mut text = format!(
            "\nThis will be made:\n  ecosystem  {}\n  mode       {mode}\n",
            self.ledger.name
        );
        // Writing to a string does not fail.
        if let Some(home) = &self.home {
            let _ = writeln!(text, "  ledger     {}", home.host);
            let _ = writeln!(text, "  folder     {}", home.folder.display());
        }
        let _ = writeln!(text, "  settings   {}", self.config.display());
        for (what, all) in [("witness", &self.witnesses), ("mirror", &self.mirrors)] {
            for one in all {
                let key = match one {
                    Named::Known(_) => "has a key",
                    Named::New(_) => "its key is made here",
                };
                let _ = writeln!(text, "  {what:<10} {} ({key})", one.url());
            }
        }
        let _ = write!(
            text,
            "  rule       {threshold} of {} witnesses and one mirror must sign\n  registrar  the first one is made, with \
             its keys beside those of the log",
            self.witnesses.len()
        );
        text
    }
}

/// The keys that every service has, TOML. On this machine a service listens where its address says; elsewhere a web
/// server that speaks https passes requests on to `port`.
pub(super) fn common(url: &Url, data_dir: &Path, port: u16, reached: &[u16]) -> String {
    let is_here = url.scheme() == "http";
    let port = match is_here {
        true => url.port_or_known_default().unwrap_or(port),
        false => port,
    };
    let (profile, ports) = match is_here {
        true => ("development", format!("outbound_ports = {reached:?}\n")),
        false => ("production", String::new()),
    };
    format!(
        "profile = \"{profile}\"\ndata_dir = {}\nlisten = \"127.0.0.1:{port}\"\nops_listen = \"127.0.0.1:{}\"\n\
         public_url = {}\n{ports}",
        quoted(&data_dir.display().to_string()),
        port.saturating_add(1),
        quoted(url.as_str())
    )
}

/// A TOML basic string: what JSON escapes is escaped in the same way. TOML 1.0
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
