//! `holdfast-anchor log-key`: the key that a log has next. docs/ledger.md §9.1

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jose::UnixTime;
use ledger::{PackContent, PreviousLogKey};
use serde_json::{Value, json};
use service::files::{write_atomically, write_private};
use service::{Clock, SystemClock};
use tlog::{KeyName, LogSigner, SecretKeyError};
use zeroize::Zeroizing;

use super::GovernanceError;
use crate::config::{self, Files};
use crate::pack::load_pack;

const DAY: UnixTime = 24 * 3600;
/// A pack says at most 90 days after the time at which it is checked; some check it by a clock that is slow.
const SLOW_CLOCKS: UnixTime = 3600;

/// What is done with the keys of a log.
#[derive(Clone, Debug, Subcommand)]
pub enum LogKeyAction {
    /// Makes the next key, and what the next trust pack says of it. Nothing is signed with it before that pack is in
    /// place and the settings name both.
    Add(AddLogKey),
}

/// The next key of a log.
#[derive(Clone, Debug, Args)]
pub struct AddLogKey {
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// For how many days the key of today counts beside it.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=90))]
    days: u16,
}

impl LogKeyAction {
    /// Does it: one JSON object for programs.
    ///
    /// # Errors
    /// [`GovernanceError`]
    pub fn run(&self) -> Result<Value, GovernanceError> {
        match self {
            Self::Add(add) => add.run(SystemClock.now()),
        }
    }
}

impl AddLogKey {
    fn run(&self, now: UnixTime) -> Result<Value, GovernanceError> {
        let settings = config::load(&self.config)?;
        let files = Files::of(&settings);
        let pack = load_pack(&files.trust_pack(), now)?;
        if pack.previous_log_key().is_some_and(|(_, until)| until > now) {
            return Err(GovernanceError::KeyChanges);
        }
        let signer = make(pack.log_key().verifier_key().name().clone())?;
        let until = now.saturating_add(DAY * UnixTime::from(self.days)) - SLOW_CLOCKS;
        let change = change(pack.content(), &signer.verifier_key().to_string(), until);
        let id = signer.verifier_key().verifier_key().id().to_string();
        let (key_file, change_file) = (files.next_log_key(&id), files.next_log_key_change(&id));
        let secret = signer.dangerous_secret_text()?;
        let text = Zeroizing::new(format!("{}\n", secret.dangerous_as_str()));
        write_private(&key_file, text.as_bytes()).map_err(|source| unwritten(&key_file, source))?;
        write_atomically(&change_file, change.to_string().as_bytes())
            .map_err(|source| unwritten(&change_file, source))?;
        let mut key_files = settings.own.log_key_files;
        key_files.extend(key_file.file_name().map(PathBuf::from));
        Ok(json!({
            "ok": true,
            "vkey": signer.verifier_key().to_string(),
            "key_file": key_file,
            "change": change_file,
            "until": until,
            "log_key_files": key_files,
        }))
    }
}

fn make(name: KeyName) -> Result<LogSigner, SecretKeyError> {
    let mut seed = Zeroizing::new([0; 32]);
    service::random::fill(seed.as_mut());
    LogSigner::from_seed(name, &seed)
}

/// What changes in the pack: the log has the next key, also in the text of its quorum, and had the one of today.
fn change(today: &PackContent, next: &str, until: UnixTime) -> Value {
    json!({
        "log_key": next,
        "policy": today.policy.replace(&today.log_key, next),
        "previous_log_key": PreviousLogKey { until, vkey: today.log_key.clone() },
    })
}

fn unwritten(path: &Path, source: std::io::Error) -> GovernanceError {
    GovernanceError::File {
        path: path.display().to_string(),
        source,
    }
}
