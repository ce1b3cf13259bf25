//! Settings of the service beside those that every service has.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use service::Secret;
use url::Url;

use crate::identity::ClientIdKind;
use crate::lan::LanSettings;

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
    /// Whether a status list of an issuer that the ledger does not know is fetched
    /// the first time a card names it. Lists of its aggregation are fetched in any
    /// case.
    #[serde(default)]
    pub fetch_foreign_lists: bool,
    /// Between two readings of the ledger, and of issuers' metadata.
    pub ledger_refresh_s: Pace,
    /// Between two rounds over all status lists.
    pub status_refresh_s: Pace,
    /// Seconds that a session is open.
    pub session_s: u64,
    /// Sessions open at one time.
    pub open_sessions: u64,
    /// Pages that follow a session at one time.
    pub event_streams: usize,
    /// Wrong tokens, and wrong ids of sessions, from one address in ten minutes.
    pub guesses_per_address: u32,
    /// The bearer token of those who add businesses, as a registrar's portal does; nobody can where
    /// nothing is said.
    pub provisioning_token: Option<Secret>,
    /// The bearer token with which the business of the configuration opens sessions of the sandbox, and does nothing
    /// else; it has no sandbox where nothing is said.
    pub sandbox_token: Option<Secret>,
    /// Checks that anybody may try out, from one address in ten minutes.
    pub tries_per_address: u32,
    /// The example shop; there is none where nothing is said.
    pub shop: Option<ShopSettings>,
    /// Where phones in the same network reach the pages.
    #[serde(default)]
    pub lan: LanSettings,
}

/// The example shop, under `[shop]`.
#[derive(Debug, Clone, Deserialize)]
pub struct ShopSettings {
    /// The check that a customer must pass.
    pub check: String,
    /// How many checks one address may start in ten minutes.
    #[serde(default = "checks_per_address")]
    pub checks_per_address: u32,
}

/// Time between two rounds of a timer: seconds, a tenth at least and a day at
/// most; a fraction is taken.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "f64")]
pub struct Pace(Duration);

impl Pace {
    /// The time.
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl TryFrom<f64> for Pace {
    type Error = &'static str;

    fn try_from(seconds: f64) -> Result<Self, Self::Error> {
        if (0.1..=86_400.0).contains(&seconds) {
            Ok(Self(Duration::from_secs_f64(seconds)))
        } else {
            Err("between 0.1 and 86400 seconds")
        }
    }
}

fn checks_per_address() -> u32 {
    30
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_between_a_tenth_of_a_second_and_a_day() {
        for seconds in [0.1, 0.5, 60.0, 86_400.0] {
            assert!(Pace::try_from(seconds).is_ok(), "{seconds}");
        }
        for seconds in [0.0, 0.05, -1.0, 86_401.0, f64::INFINITY, f64::NAN] {
            assert!(Pace::try_from(seconds).is_err(), "{seconds}");
        }
    }
}
