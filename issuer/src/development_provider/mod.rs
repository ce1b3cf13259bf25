//! A small OpenID provider for trying things out: people who do not exist sign in with their id and a password.
//!
//! It stands in for the provider of a real agency, over the same wire: OpenID Connect Core 1.0 with PKCE, Discovery 1.0,
//! RFC 9207. It starts in the development profile alone, knows nobody but the people that `generate-people` makes, and
//! keeps nothing but its keys: a password follows from the id, so nobody has to be registered.

mod description;
mod page;
mod passwords;
mod routes;
mod signing;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use jose::{PrivateJwk, SigningKey};
use serde::Deserialize;
use service::config::{Common, Config, ConfigError, Profile};
use service::description::Description;
use service::files::{PrivateFileError, read_private, write_private};
use service::{Clock, Secret};

pub use passwords::Passwords;

/// What holds where the file says nothing.
pub const DEFAULT: &str = include_str!("default.toml");

/// The settings of the provider.
#[derive(Debug, Clone, Deserialize)]
pub struct Own {
    /// Who may send people here.
    pub clients: Vec<RelyingParty>,
}

/// An issuer that sends people here.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelyingParty {
    /// Its name.
    pub client_id: String,
    /// What it proves that with.
    pub client_secret: Secret,
    /// Where people are sent back to, compared as text.
    pub redirect_uris: Vec<String>,
}

/// The provider. Cheap to clone.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    common: Common,
    own: Own,
    clock: Arc<dyn Clock>,
    key: SigningKey,
    passwords: Passwords,
    codes: Mutex<HashMap<String, Code>>,
}

/// What a code stands for.
struct Code {
    client_id: String,
    redirect_uri: String,
    challenge: oid4vci::PkceChallenge,
    nonce: Option<String>,
    person: String,
    expires_at: u64,
}

/// Why the provider does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// The settings.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There are keys already.
    #[error("there are keys in {0} already")]
    Exists(PathBuf),
    /// A key file is missing or readable by others.
    #[error(transparent)]
    Private(#[from] PrivateFileError),
    /// A key file cannot be written.
    #[error("the keys cannot be written")]
    Write(#[from] std::io::Error),
    /// A key file is not what it should be.
    #[error("the keys are malformed")]
    Malformed,
}

impl Provider {
    /// Makes the keys.
    pub fn create(config: &Config<Own>) -> Result<(), ProviderError> {
        let path = key_file(config);
        if path.exists() {
            return Err(ProviderError::Exists(path));
        }
        let key = PrivateJwk::generate_p256(&mut service::random::fill);
        let keys = serde_json::json!({
            "signing": key.dangerous_to_value(),
            "passwords": jose::base64url::encode(service::random::bytes::<32>()),
        });
        Ok(write_private(&path, keys.to_string().as_bytes())?)
    }

    /// Opens the keys. Whoever runs this in production would let anybody in who reads a file.
    pub fn open(config: Config<Own>, clock: Arc<dyn Clock>) -> Result<Self, ProviderError> {
        if config.common.profile != Profile::Development {
            let (key, reason) = (
                "profile",
                "must be \"development\": this provider knows nobody who exists",
            );
            return Err(ConfigError::Refused { key, reason }.into());
        }
        let keys: serde_json::Value =
            serde_json::from_slice(&read_private(&key_file(&config))?).map_err(|_| ProviderError::Malformed)?;
        let key = PrivateJwk::from_value(&keys["signing"]).map_err(|_| ProviderError::Malformed)?;
        let secret = keys["passwords"].as_str().unwrap_or_default();
        let secret = jose::base64url::decode(secret).map_err(|_| ProviderError::Malformed)?;
        Ok(Self(Arc::new(Inner {
            key: SigningKey::new(&key).map_err(|_| ProviderError::Malformed)?,
            passwords: Passwords::new(&secret).ok_or(ProviderError::Malformed)?,
            codes: Mutex::default(),
            common: config.common,
            own: config.own,
            clock,
        })))
    }

    /// The routes.
    pub fn router(&self) -> Router {
        routes::routes(self.clone())
    }

    /// What they answer.
    #[must_use]
    pub fn description() -> Description {
        description::description()
    }

    /// What people sign in with.
    #[must_use]
    pub fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    fn issuer(&self) -> String {
        self.0.common.base_url()
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("issuer", &self.issuer())
            .finish_non_exhaustive()
    }
}

fn key_file(config: &Config<Own>) -> PathBuf {
    config.common.data_dir.join("keys.json")
}
