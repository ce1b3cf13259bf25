//! What an issuer is configured with.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use card_formats::Format;
use oid4vci::{Encryption, Identifier, Transport};
use serde::Deserialize;
use service::Secret;
use service::config::{Common, Config, ConfigError, Profile};
use url::Url;

use crate::attestation::AttestationSettings;
use crate::authorization::{CitizenSettings, WalletClient};
use crate::issue::{Catalogue, CatalogueError, Office};

/// What holds where the file says nothing.
pub const DEFAULT: &str = include_str!("default.toml");

/// How others come to trust what is issued here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trust {
    /// By the ledger: `iss` is an anchored DID, and cards carry a certificate chain besides.
    Ledger,
    /// By the certificate chain alone: `iss` is the public address, a name of the leaf.
    X5c,
}

/// The settings that only an issuer has.
#[derive(Debug, Clone, Deserialize)]
pub struct Own {
    /// How others come to trust what is issued here.
    pub trust: Trust,
    /// The trust pack of the ledger; with `trust = "ledger"`.
    pub trust_pack: Option<PathBuf>,
    /// Where the ledger, or a mirror for reading, answers; with `trust = "ledger"`.
    pub ledger_url: Option<Url>,
    /// How often the own record is read again, in seconds.
    pub ledger_refresh_seconds: u64,
    /// Who may make offers and change the status of cards.
    pub api_token: Secret,
    /// The agency's name per language.
    pub name: BTreeMap<String, String>,
    /// Files of `schemas/` that are issued here.
    pub credential_types: Vec<String>,
    /// In which formats they are issued, by file; SD-JWT VC where a file is not named.
    #[serde(default)]
    pub formats: BTreeMap<String, Vec<Format>>,
    /// Whether an offer that names no format is for all of them; else it is for the first.
    #[serde(default)]
    pub offer_every_format: bool,
    /// For which country the agency issues; where cards come as `mso_mdoc`. ISO/IEC 18013-5 §7.2.1
    pub office: Option<Office>,
    /// How many copies one request may ask for, at least 2.
    pub batch_size: u32,
    /// For how long an offer is good.
    pub offer_seconds: u64,
    /// For how long copies can be issued again with a refresh token; 0: none is given.
    pub refresh_seconds: u64,
    /// The wallets whose people may sign in.
    pub wallets: Vec<WalletClient>,
    /// Where people sign in; without it cards are given out by offers with a code alone.
    pub citizens: Option<CitizenSettings>,
    /// How many authorization requests one address may push in ten minutes. A /48 of IPv6 may push sixteen times that.
    pub pushed_per_address: u32,
    /// How many pushed requests and sign-ins may be under way at one time.
    pub pushed_requests: u64,
    /// Encryption of credential requests on top of TLS: `off`, `offered` or `required`. OpenID4VCI 1.0 §10
    pub request_encryption: Encryption,
    /// Encryption of credential responses on top of TLS.
    pub response_encryption: Encryption,
    /// Types of which every card has to be approved by an officer.
    pub approval: Vec<String>,
    /// For how long a wallet may wait for a card that has to be approved.
    pub deferred_seconds: u64,
    /// How long a wallet waits before it asks again.
    pub deferred_interval_seconds: u64,
    /// Copies that no wallet confirmed in this time are revoked; 0: never. Wallets need not confirm, and cannot once
    /// their access token has run out: this is for agencies whose wallets do in time. OpenID4VCI 1.0 §11
    pub confirm_seconds: u64,
    /// What is asked of wallets about themselves and their keys.
    pub attestation: AttestationSettings,
    /// Where the status lists answer.
    pub status_listen: SocketAddr,
    /// The address others know the status lists by.
    pub status_url: Url,
    /// For how long a copy of a status list is good enough: `ttl`.
    pub status_ttl_seconds: u64,
    /// For how long a status list token is valid: `exp`.
    pub status_token_seconds: u64,
    /// Places of a status list, at least 131072.
    pub status_entries: u64,
    /// How often the lists are anchored when nothing changes.
    pub snapshot_interval_seconds: u64,
    /// How long after a change the lists are anchored, so that several changes go in one snapshot.
    pub snapshot_delay_seconds: u64,
    /// Private key and certificate of the authority that certifies the credential key, PEM; one is made by `init`
    /// where nothing is said.
    pub ca: Option<CaFiles>,
}

/// An authority that is there already.
#[derive(Debug, Clone, Deserialize)]
pub struct CaFiles {
    /// Its certificate.
    pub certificate: PathBuf,
    /// Its private key, readable by the owner alone.
    pub key: PathBuf,
}

/// Settings that belong together and have been checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What every service has.
    pub common: Common,
    /// What only an issuer has.
    pub own: Own,
    /// The types issued here.
    pub catalogue: Catalogue,
    /// The Credential Issuer Identifier.
    pub identifier: Identifier,
    /// Which URLs may be spoken to.
    pub transport: Transport,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The files or the environment.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The credential types.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

/// The fewest places of a status list.
const FEWEST_ENTRIES: u64 = 1 << 17;

impl Settings {
    /// Checks what was read.
    pub fn new(config: Config<Own>) -> Result<Self, SettingsError> {
        let Config { common, own } = config;
        let transport = match common.profile {
            Profile::Production => Transport::Https,
            Profile::Development => Transport::LoopbackHttp,
        };
        let refused = |key, reason| SettingsError::Config(ConfigError::Refused { key, reason });
        if common.public_url.path() != "/" {
            return Err(refused("public_url", "must have no path"));
        }
        let identifier = Identifier::parse(&common.base_url(), transport)
            .map_err(|_| refused("public_url", "must be an address"))?;
        transport
            .endpoint(own.status_url.as_str())
            .map_err(|_| refused("status_url", "must be https, or http to localhost in development"))?;
        if own.trust == Trust::Ledger && (own.trust_pack.is_none() || own.ledger_url.is_none()) {
            return Err(refused(
                "trust_pack",
                "is needed with ledger_url where trust is \"ledger\"",
            ));
        }
        if own.status_entries < FEWEST_ENTRIES || !own.status_entries.is_multiple_of(4) {
            return Err(refused(
                "status_entries",
                "must be at least 131072, and a multiple of 4",
            ));
        }
        if own.status_ttl_seconds == 0 || own.status_token_seconds <= own.status_ttl_seconds {
            return Err(refused(
                "status_token_seconds",
                "must be more than status_ttl_seconds, which must not be 0",
            ));
        }
        if own.credential_types.is_empty() {
            return Err(refused("credential_types", "must name at least one type"));
        }
        if let Some(citizens) = &own.citizens {
            transport
                .endpoint(&citizens.issuer)
                .map_err(|_| refused("citizens.issuer", "must be https, or http to localhost in development"))?;
            if own.wallets.is_empty() {
                return Err(refused("wallets", "must name a wallet whose people may sign in"));
            }
        }
        if !own.name.contains_key("en") {
            return Err(refused("name", "must have an English name: name.en"));
        }
        check_issuance(&own)?;
        check_office(&own)?;
        let catalogue = Catalogue::load(&own.credential_types, &own.formats)?;
        Ok(Self {
            common,
            own,
            catalogue,
            identifier,
            transport,
        })
    }

    /// The URI of a status list.
    #[must_use]
    pub fn status_list_uri(&self, name: &str) -> String {
        format!("{}/lists/{name}", self.own.status_url.as_str().trim_end_matches('/'))
    }

    /// The URI under which all lists are named.
    #[must_use]
    pub fn aggregation_uri(&self) -> String {
        format!("{}/lists", self.own.status_url.as_str().trim_end_matches('/'))
    }
}

fn check_issuance(own: &Own) -> Result<(), SettingsError> {
    let refused = |key, reason| Err(SettingsError::Config(ConfigError::Refused { key, reason }));
    // A response is encrypted to a key that only an encrypted request may bring. OpenID4VCI 1.0 §8.2
    if own.response_encryption != Encryption::Off && own.request_encryption == Encryption::Off {
        return refused("response_encryption", "needs request_encryption");
    }
    if own.batch_size < 2 {
        return refused("batch_size", "must be at least 2");
    }
    if own.approval.iter().any(|name| !own.credential_types.contains(name)) {
        return refused("approval", "must name types that are issued here");
    }
    if own.deferred_interval_seconds == 0 || own.deferred_seconds <= own.deferred_interval_seconds {
        return refused(
            "deferred_seconds",
            "must be more than deferred_interval_seconds, which must not be 0",
        );
    }
    if own.attestation.trusts_nobody() {
        return refused("attestation", "must name trusted_keys or trusted_anchors");
    }
    Ok(())
}

/// What an mdoc says about its office has to be said, and in the form that it has there.
fn check_office(own: &Own) -> Result<(), SettingsError> {
    let refused = |key, reason| Err(SettingsError::Config(ConfigError::Refused { key, reason }));
    let capitals = |text: &str| text.bytes().all(|byte| byte.is_ascii_uppercase());
    match &own.office {
        Some(office) if office.country.len() != 2 || !capitals(&office.country) => {
            refused("office.country", "must be a country code of two capital letters")
        }
        Some(office)
            if !(1..=3).contains(&office.distinguishing_sign.len()) || !capitals(&office.distinguishing_sign) =>
        {
            refused("office.distinguishing_sign", "must be one to three capital letters")
        }
        None if own.formats.values().flatten().any(|format| *format == Format::MDOC) => {
            refused("office", "is needed where cards come as mso_mdoc")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const FILE: &str = r#"
        profile = "development"
        data_dir = "/tmp/x"
        public_url = "http://agency.localhost:7001"
        status_url = "http://agency.localhost:7002"
        api_token = "kX3vJ9-abcdefghij"
        trust = "x5c"
        name = { en = "Agency" }
    "#;

    fn settings(extra: &str) -> Result<Settings, SettingsError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("issuer.toml");
        let mut table: toml::Table = FILE.parse().unwrap();
        table.extend(extra.parse::<toml::Table>().unwrap());
        std::fs::write(&path, table.to_string()).unwrap();
        Settings::new(service::config::load(DEFAULT, Some(&path), [])?)
    }

    #[test]
    fn the_default_is_complete() {
        let settings = settings("").unwrap();
        assert_eq!(settings.catalogue.iter().count(), 4);
        assert_eq!(settings.identifier.as_str(), "http://agency.localhost:7001");
        assert_eq!(settings.status_list_uri("a"), "http://agency.localhost:7002/lists/a");
    }

    #[test_case("trust = \"ledger\"" => "trust_pack" ; "ledger without trust pack")]
    #[test_case("batch_size = 1" => "batch_size" ; "batch of one")]
    #[test_case("status_entries = 1024" => "status_entries" ; "small list")]
    #[test_case("status_ttl_seconds = 0" => "status_token_seconds" ; "no ttl")]
    #[test_case("public_url = \"http://agency.localhost/x\"" => "public_url" ; "path")]
    #[test_case("status_url = \"http://agency.example\"" => "status_url" ; "http to a public host")]
    #[test_case("citizens = { issuer = \"http://login.example\", client_id = \"a\", client_secret = \"kX3vJ9-abcdefghij\" }"
        => "citizens.issuer" ; "sign-in over http at a public host")]
    #[test_case("wallets = []\ncitizens = { issuer = \"https://login.example\", client_id = \"a\", client_secret = \"kX3vJ9-abcdefghij\" }"
        => "wallets" ; "sign-in for no wallet")]
    #[test_case("credential_types = []" => "credential_types" ; "nothing issued")]
    #[test_case("request_encryption = \"off\"" => "response_encryption" ; "only responses encrypted")]
    #[test_case("approval = [\"library-card\"]" => "approval" ; "approval of what is not issued")]
    #[test_case("deferred_interval_seconds = 0" => "deferred_seconds" ; "no interval")]
    #[test_case("[attestation]\nkeys = \"required\"" => "attestation" ; "attestations by nobody")]
    #[test_case("office = { country = \"de\", distinguishing_sign = \"D\" }" => "office.country" ; "small letters")]
    #[test_case("office = { country = \"DE\", distinguishing_sign = \"\" }" => "office.distinguishing_sign" ; "no sign")]
    #[test_case("name = { de = \"Amt\" }" => "name" ; "no english name")]
    fn l6_refused(extra: &str) -> &'static str {
        match settings(extra) {
            Err(SettingsError::Config(ConfigError::Refused { key, .. })) => key,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn l6_an_unknown_type_is_named() {
        let error = settings("credential_types = [\"library-card\"]").unwrap_err();
        assert!(matches!(error, SettingsError::Catalogue(CatalogueError::Unknown(name)) if name == "library-card"));
    }

    #[test]
    fn l6_a_format_in_which_a_type_is_not_known_is_refused() {
        let refused = |extra: &str| match settings(extra) {
            Err(SettingsError::Catalogue(error)) => error,
            other => panic!("{other:?}"),
        };
        assert!(
            matches!(refused("formats = { residence = [] }"), CatalogueError::NoSuchForm(name) if name == "residence")
        );
        assert!(matches!(
            refused("formats = { library-card = [\"dc+sd-jwt\"] }"),
            CatalogueError::FormatsOfNothing(name) if name == "library-card"
        ));
    }
}
