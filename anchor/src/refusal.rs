//! `holdfast-anchor verify-refusal`: that the log did not take an entry, checked without a network. docs/ledger.md §13

use std::path::PathBuf;

use clap::Args;
use jose::base64url;
use ledger::{RefusalError, UnverifiedRefusal};
use serde_json::{Value, json};
use service::{Clock, SystemClock};

use crate::pack::{PackError, load_pack};

/// Checks a refusal that the log signed.
#[derive(Clone, Debug, Args)]
pub struct VerifyRefusal {
    /// The refusal as it came, base64url.
    file: PathBuf,
    /// The trust pack.
    #[arg(long)]
    trust_pack: PathBuf,
}

/// Why a refusal proves nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyRefusalError {
    /// The trust pack cannot be used.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    File {
        /// The file.
        path: String,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The file is not base64url.
    #[error("the refusal is not base64url")]
    Text,
    /// The log did not sign it.
    #[error(transparent)]
    Refusal(#[from] RefusalError),
}

impl VerifyRefusal {
    /// What the log refused, by its leaf hash, why and when.
    ///
    /// # Errors
    /// [`VerifyRefusalError`]
    pub fn run(&self) -> Result<Value, VerifyRefusalError> {
        let pack = load_pack(&self.trust_pack, SystemClock.now())?;
        let text = std::fs::read_to_string(&self.file).map_err(|source| VerifyRefusalError::File {
            path: self.file.display().to_string(),
            source,
        })?;
        let bytes = base64url::decode(text.trim()).map_err(|_| VerifyRefusalError::Text)?;
        let refusal = UnverifiedRefusal::parse(&bytes)?;
        let leaf_hash = refusal.dangerous_leaf_hash();
        let refusal = refusal.verify(&pack.log_keys(), &leaf_hash)?;
        Ok(json!({
            "ok": true,
            "origin": pack.origin(),
            "leaf_hash": hex::encode(refusal.leaf_hash()),
            "refused": refusal.code(),
            "time": refusal.time(),
        }))
    }
}
