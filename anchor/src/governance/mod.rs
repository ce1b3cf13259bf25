//! What governance decides: the policy of the log, and the trust pack. docs/ledger.md §4.1, §5.2 and §9.
//!
//! The keys that sign lie in files; `threshold` of them are given at once.

mod key;
mod log_key;
mod pack;
mod policy;

use std::path::{Path, PathBuf};

use clap::Args;
use jose::{SignError, Signer, SigningKey, UnixTime, base64url, strict_json};
use ledger::{
    EcosystemLinkError, Kind, LeafBuilder, PackSignError, PayloadError, Policy, PolicyRecord, TrustPackError,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tlog::SecretKeyError;

pub use key::{KeyError, read_key};
pub use log_key::LogKeyAction;
pub use pack::PackAction;
pub use policy::ChangePolicy;

use crate::config::{self, Files};
use crate::pack::{PackError, PackFile};
use crate::registrar::{ClientError, LedgerClient, Receipt};

/// A change, and who signs it.
#[derive(Clone, Debug, Args)]
pub struct Decision {
    /// The configuration of the log, TOML.
    #[arg(long)]
    config: PathBuf,
    /// The members that change, JSON; `null` takes one out. What it does not name stays.
    #[arg(long)]
    change: PathBuf,
    /// A governance key that signs, a private JWK. Once for each.
    #[arg(long = "key", required = true)]
    keys: Vec<PathBuf>,
}

/// What a decision came to.
#[derive(Clone, Debug)]
pub struct Decided {
    /// Version of the policy in force; `None` where no policy was written.
    pub policy: Option<u64>,
    /// Version of the trust pack.
    pub pack: u64,
    /// The receipt of the policy entry.
    pub receipt: Option<Receipt>,
}

impl Decided {
    /// One JSON object for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "ok": true,
            "policy_version": self.policy,
            "pack_version": self.pack,
            "index": self.receipt.map(|receipt| receipt.index),
            "time": self.receipt.map(|receipt| receipt.time),
        })
    }
}

/// Why a decision was not written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GovernanceError {
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] service::config::ConfigError),
    /// The trust pack of today cannot be used.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// A governance key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A governance key cannot sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A file cannot be read or written.
    #[error("{path} cannot be read or written")]
    File {
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The change is not JSON of members that there are.
    #[error("the change is not a JSON object of known members")]
    Change,
    /// The new policy breaks a rule of its form.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// The new pack cannot be signed.
    #[error(transparent)]
    PackSign(#[from] PackSignError),
    /// The new pack does not follow the one of today.
    #[error("the new trust pack: {0}")]
    NewPack(#[from] TrustPackError),
    /// The next log key cannot be made.
    #[error("the next log key: {0}")]
    LogKey(#[from] SecretKeyError),
    /// The log is changing its key already.
    #[error("the log is changing its key already: the key before still counts")]
    KeyChanges,
    /// The public address of the log makes no link.
    #[error(transparent)]
    Link(#[from] EcosystemLinkError),
    /// The link makes no code.
    #[error(transparent)]
    Picture(#[from] service::TooLong),
    /// The ledger did not answer as it must.
    #[error(transparent)]
    Client(#[from] ClientError),
}

impl GovernanceError {
    /// The refusal under the log's signature, base64url, where there is one. docs/ledger.md §13
    #[must_use]
    pub fn refusal(&self) -> Option<&str> {
        match self {
            Self::Client(error) => error.refusal(),
            _ => None,
        }
    }

    /// A stable code for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Config(_) | Self::Pack(_) | Self::File { .. } | Self::Link(_) | Self::Picture(_) => "configuration",
            Self::Key(_) | Self::Sign(_) => "governance_key",
            Self::LogKey(_) | Self::KeyChanges => "log_key",
            Self::Change | Self::Payload(_) => "change",
            Self::PackSign(_) | Self::NewPack(_) => "trust_pack",
            Self::Client(error) => error.code(),
        }
    }
}

/// Governance at work: its keys, the pack of today, and the ledger it writes to.
struct Governance {
    keys: Vec<SigningKey>,
    change: Value,
    files: Files,
    pack: PackFile,
    client: LedgerClient,
    now: UnixTime,
}

impl Governance {
    fn open(decision: &Decision, now: UnixTime) -> Result<Self, GovernanceError> {
        let settings = config::load(&decision.config)?;
        let files = Files::new(&settings.common.data_dir);
        let keys = decision.keys.iter().map(|path| read_key(path));
        let pack = PackFile::load(&files.trust_pack(), now)?;
        let client = LedgerClient::new(
            settings.common.public_url.clone(),
            pack.pack.clone(),
            config::outbound_policy(&settings.common),
            settings.own.admin_token.clone(),
        )?;
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
            change: read_change(&decision.change)?,
            files,
            pack,
            client,
            now,
        })
    }

    /// Signs a policy with every key, and hands it in.
    async fn write(&self, record: &PolicyRecord, policy: &Policy) -> Result<Receipt, GovernanceError> {
        let names = self
            .keys
            .iter()
            .map(|key| base64url::encode(key.public_jwk().thumbprint()));
        let names: Vec<String> = names.collect();
        let signers: Vec<(&str, &dyn Signer)> = names
            .iter()
            .zip(&self.keys)
            .map(|(name, key)| (name.as_str(), key as &dyn Signer))
            .collect();
        let leaf = LeafBuilder::new(Kind::Policy, &policy.origin, Some(&record.head), policy.encode()?);
        let submission = leaf.signed_by(self.client.origin(), &signers)?;
        Ok(self.client.submit(&submission).await?)
    }
}

fn read_change(path: &Path) -> Result<Value, GovernanceError> {
    let bytes = std::fs::read(path).map_err(|source| GovernanceError::File {
        path: path.display().to_string(),
        source,
    })?;
    strict_json::parse(&bytes, &strict_json::Limits::METADATA).map_err(|_| GovernanceError::Change)
}

/// The same with the members of a change, and the next version.
fn changed<T: Serialize + DeserializeOwned>(
    before: &T,
    change: &Value,
    version: Option<u64>,
) -> Result<T, GovernanceError> {
    let mut value = serde_json::to_value(before).map_err(|_| GovernanceError::Change)?;
    let members = value.as_object_mut().ok_or(GovernanceError::Change)?;
    for (name, member) in change.as_object().ok_or(GovernanceError::Change)? {
        if member.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), member.clone());
        }
    }
    members.insert("version".to_owned(), version.ok_or(GovernanceError::Change)?.into());
    serde_json::from_value(value).map_err(|_| GovernanceError::Change)
}
