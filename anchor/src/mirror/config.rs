use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

/// What a mirror is configured with, besides what every service has.
#[derive(Debug, Clone, Deserialize)]
pub struct MirrorConfig {
    /// The file that holds the mirror's secret key; nobody else may read it.
    pub key_file: PathBuf,
    /// The ecosystem's trust pack: origin and key of the log, quorum.
    pub trust_pack: PathBuf,
    /// Where the log is read.
    pub ledger_url: Url,
    /// How often the log's published checkpoint is read, in milliseconds.
    #[serde(default = "default_poll_ms")]
    pub poll_ms: u64,
    /// Seconds after which the stored copy is hashed again.
    #[serde(default = "default_scrub_seconds")]
    pub scrub_seconds: u64,
}

fn default_poll_ms() -> u64 {
    500
}

fn default_scrub_seconds() -> u64 {
    24 * 3600
}
