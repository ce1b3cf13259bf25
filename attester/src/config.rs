//! What an attester is configured with.

use std::path::PathBuf;

use oid4vci::{Identifier, Transport};
use serde::Deserialize;
use service::config::{Common, Config, ConfigError, Profile};
use url::Url;

/// What holds where the file says nothing.
pub const DEFAULT: &str = include_str!("default.toml");

/// The settings that only an attester has.
#[derive(Debug, Clone, Deserialize)]
pub struct Own {
    /// The client id of the wallets: one for all of a kind, never one for a wallet, and the one that they name
    /// themselves by. It is compared as text, so it is kept as text. OpenID4VCI 1.0 §15.4.4, RFC 6749 §2.2
    pub client_id: String,
    /// The wallet's name.
    pub wallet_name: Option<String>,
    /// Where more is said about the wallet.
    pub wallet_link: Option<Url>,
    /// For how many seconds an attestation of a wallet is good.
    pub wallet_seconds: u64,
    /// For how many seconds an attestation of keys is good.
    pub key_seconds: u64,
    /// How many keys one attestation may cover.
    pub batch_size: usize,
    /// The chain of certificates of the signing key, PEM, leaf first and without the anchor; sent along where there is
    /// one. HAIP 1.0 §4.4.1
    pub chain: Option<PathBuf>,
}

/// Settings that belong together and have been checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What every service has.
    pub common: Common,
    /// What only an attester has.
    pub own: Own,
    /// The attester's own name: its public address.
    pub identifier: Identifier,
}

impl Settings {
    /// Checks what was read.
    pub fn new(config: Config<Own>) -> Result<Self, ConfigError> {
        let Config { common, own } = config;
        let refused = |key, reason| ConfigError::Refused { key, reason };
        let transport = match common.profile {
            Profile::Production => Transport::Https,
            Profile::Development => Transport::LoopbackHttp,
        };
        let identifier = Identifier::parse(&common.base_url(), transport)
            .map_err(|_| refused("public_url", "must be an address"))?;
        if own.wallet_seconds == 0 || own.key_seconds == 0 || own.batch_size == 0 {
            return Err(refused(
                "wallet_seconds",
                "must not be 0, nor key_seconds and batch_size",
            ));
        }
        // RFC 6749 Appendix A.1
        let printable = |text: &str| !text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !printable(&own.client_id) {
            return Err(refused("client_id", "must be printable ASCII, and not empty"));
        }
        Ok(Self {
            common,
            own,
            identifier,
        })
    }
}
