//! Settings of the log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use service::Secret;
use service::config::{Common, Config, ConfigError, Profile};

use crate::log::Pace;
use crate::portal::PortalSettings;

/// What runs where nothing is said: the development profile on loopback.
const DEFAULT: &str = include_str!("default.toml");
/// The file of the key that a log begins with.
const LOG_KEY: &str = "log.key";

/// The settings only the log has.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    /// What requests must carry that hand in entries written by registrars.
    #[serde(default)]
    pub admin_token: Option<Secret>,
    /// The files of the log's keys, in the data folder where nothing else is said: the newest, and the one before while
    /// the trust pack names it. docs/ledger.md §9.1
    pub log_key_files: Vec<PathBuf>,
    /// How long a batch is collected, in milliseconds.
    pub batch_ms: u64,
    /// Entries at which a batch is closed early.
    pub batch_entries: usize,
    /// Committed entries without quorum at which admission pauses.
    pub backlog: u64,
    /// Seconds after which an idle log is cosigned again.
    pub cosign_seconds: u64,
    /// Seconds after which all of the store is hashed again.
    pub scrub_seconds: u64,
    /// The registrar's portal; where nothing is said, there is none.
    #[serde(default)]
    pub portal: Option<PortalSettings>,
}

impl Settings {
    /// How the log behaves over time.
    #[must_use]
    pub fn pace(&self) -> Pace {
        Pace {
            batch: Duration::from_millis(self.batch_ms),
            batch_entries: self.batch_entries.max(1),
            backlog: self.backlog,
            cosign: Duration::from_secs(self.cosign_seconds.max(1)),
            scrub: Duration::from_secs(self.scrub_seconds.max(1)),
            ..Pace::default()
        }
    }
}

/// Reads the settings.
///
/// # Errors
/// [`ConfigError`]
pub fn load(path: &Path) -> Result<Config<Settings>, ConfigError> {
    service::config::load(DEFAULT, Some(path), std::env::vars())
}

/// Where outbound requests may go.
#[must_use]
pub fn outbound_policy(common: &Common) -> outbound::Policy {
    match common.profile {
        Profile::Production => outbound::Policy::Public,
        Profile::Development => outbound::Policy::Development {
            ports: common.outbound_ports.clone(),
        },
    }
}

/// Names of the files below the data folder.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
    log_keys: Vec<PathBuf>,
}

impl Files {
    /// The files of a data folder, with one log key.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            log_keys: vec![PathBuf::from(LOG_KEY)],
        }
    }

    /// The files that settings name.
    #[must_use]
    pub fn of(settings: &Config<Settings>) -> Self {
        Self::new(&settings.common.data_dir).with_log_keys(settings.own.log_key_files.clone())
    }

    /// The same, with these log keys.
    #[must_use]
    pub fn with_log_keys(self, log_keys: Vec<PathBuf>) -> Self {
        Self { log_keys, ..self }
    }

    /// The secret key that a log begins with.
    #[must_use]
    pub fn log_key(&self) -> PathBuf {
        self.folder.join(LOG_KEY)
    }

    /// The secret keys that the log signs with.
    #[must_use]
    pub fn log_keys(&self) -> Vec<PathBuf> {
        self.log_keys.iter().map(|file| self.folder.join(file)).collect()
    }

    /// The secret key that is the log's next; its id makes the name.
    #[must_use]
    pub fn next_log_key(&self, id: &str) -> PathBuf {
        self.folder.join(format!("log-{id}.key"))
    }

    /// What the next trust pack says of that key.
    #[must_use]
    pub fn next_log_key_change(&self, id: &str) -> PathBuf {
        self.folder.join(format!("log-{id}.change.json"))
    }

    /// The log's verifier key.
    #[must_use]
    pub fn log_vkey(&self) -> PathBuf {
        self.folder.join("log.vkey")
    }

    /// The governance key, which signs trust packs and policies; meant to be kept offline.
    #[must_use]
    pub fn governance(&self) -> PathBuf {
        self.folder.join("governance.json")
    }

    /// The quorum as tlog-policy text.
    #[must_use]
    pub fn policy(&self) -> PathBuf {
        self.folder.join("policy.txt")
    }

    /// The signed trust pack.
    #[must_use]
    pub fn trust_pack(&self) -> PathBuf {
        self.folder.join("trust-pack.json")
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> PathBuf {
        self.folder.join("log.db")
    }

    /// The registrar's private keys.
    #[must_use]
    pub fn registrar_keys(&self) -> PathBuf {
        self.folder.join("registrar/keys.json")
    }

    /// The registrar's DID log.
    #[must_use]
    pub fn registrar_log(&self) -> PathBuf {
        self.folder.join("registrar/did.jsonl")
    }
}
