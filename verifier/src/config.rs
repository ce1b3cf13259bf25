//! Settings of the service beside those that every service has.

use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

use crate::identity::ClientIdKind;

/// What only a verifier has.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// The trust pack of the ecosystem.
    pub trust_pack: PathBuf,
    /// The log, or a mirror of it.
    pub ledger_url: Url,
    /// Mirrors to ask when the first does not answer.
    #[serde(default)]
    pub mirror_urls: Vec<Url>,
    /// The checks.
    pub checks: PathBuf,
    /// How requests name the business.
    #[serde(default)]
    pub client_id: ClientIdKind,
    /// PEM files of trust anchors for issuers that the ledger does not know.
    pub issuer_anchors: PathBuf,
    /// Whether a status list of a foreign issuer is fetched the first time a
    /// card names it. Lists of its aggregation are fetched in any case.
    #[serde(default)]
    pub fetch_foreign_lists: bool,
    /// Seconds between two readings of the ledger.
    pub ledger_refresh_s: u64,
    /// Seconds between two rounds over all status lists.
    pub status_refresh_s: u64,
    /// Seconds that a session is open.
    pub session_s: u64,
    /// Sessions open at one time.
    pub open_sessions: u64,
}

/// What holds where the file says nothing.
pub const DEFAULT: &str = include_str!("default.toml");

impl Settings {
    /// The sources of the ledger, in the order in which they are asked.
    pub fn sources(&self) -> Vec<Url> {
        std::iter::once(&self.ledger_url)
            .chain(&self.mirror_urls)
            .cloned()
            .collect()
    }
}
