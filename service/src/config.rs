//! Settings from TOML and the environment; what is not known is refused.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};
use url::Url;

use crate::layers::RequestLimits;
use crate::listener::ConnectionLimits;

/// What an environment variable starts with that overrides a key:
/// `HOLDFAST__listen`, `HOLDFAST__limits__body`.
pub const ENVIRONMENT_PREFIX: &str = "HOLDFAST__";

/// The settings of a service: those all services have, and its own.
#[derive(Debug, Clone)]
pub struct Config<T> {
    /// What every service has.
    pub common: Common,
    /// What only this service has.
    pub own: T,
}

/// The settings every service has.
#[derive(Debug, Clone, Deserialize)]
pub struct Common {
    /// Which rules apply; `production` where nothing is said.
    #[serde(default)]
    pub profile: Profile,
    /// Where everything is kept that must survive.
    pub data_dir: PathBuf,
    /// Where the service answers.
    pub listen: SocketAddr,
    /// Where `/livez`, `/readyz` and `/metrics` answer.
    pub ops_listen: SocketAddr,
    /// The address others know the service by.
    pub public_url: Url,
    /// The ports that may be reached; development only.
    #[serde(default)]
    pub outbound_ports: Vec<u16>,
    /// Bounds for requests.
    #[serde(default)]
    pub limits: RequestLimits,
    /// Bounds for connections.
    #[serde(default)]
    pub connections: ConnectionLimits,
}

/// Which rules apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// https and public addresses only.
    #[default]
    Production,
    /// http on `localhost` and `*.localhost`.
    Development,
}

/// Why a service does not start. Each text names the key or the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration {path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{origin} is not TOML: {message}")]
    Syntax {
        /// The file, or where else the text came from.
        origin: String,
        /// Line and reason.
        message: String,
    },
    /// Keys that nothing reads.
    #[error("unknown key {0} in the configuration")]
    UnknownKey(String),
    /// A key is missing, or has a value of the wrong type or form.
    #[error("the configuration is not complete: {0}")]
    Value(String),
    /// A value that may not be used, for example http in production.
    #[error("{key}: {reason}")]
    Refused {
        /// The key.
        key: &'static str,
        /// Why, as the end of a sentence.
        reason: &'static str,
    },
}

impl Common {
    /// The public address as text without a final slash, as protocols write it.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.public_url.as_str().trim_end_matches('/').to_owned()
    }

    fn check(&self) -> Result<(), ConfigError> {
        let refused = |key, reason| Err(ConfigError::Refused { key, reason });
        if self.public_url.query().is_some() || self.public_url.fragment().is_some() {
            return refused("public_url", "must hold neither query nor fragment");
        }
        let local = self
            .public_url
            .host_str()
            .is_some_and(|host| host == "localhost" || host.ends_with(".localhost"));
        match (self.profile, self.public_url.scheme()) {
            (_, "https") => {}
            (Profile::Development, "http") if local => {}
            (Profile::Development, _) => return refused("public_url", "must be https, or http to localhost"),
            (Profile::Production, _) => return refused("public_url", "must be https in the production profile"),
        }
        if self.profile == Profile::Production && !self.outbound_ports.is_empty() {
            return refused("outbound_ports", "is for the development profile only");
        }
        Ok(())
    }
}

/// Reads settings: the embedded default, then the file, then the environment,
/// each over the one before; tables are merged key by key.
///
/// An environment value is read as TOML where it is a boolean, a number, an
/// array or a quoted string, and as plain text otherwise.
///
/// # Errors
/// [`ConfigError`]; a key that neither [`Common`] nor `T` knows is refused.
pub fn load<T: DeserializeOwned>(
    default: &str,
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Config<T>, ConfigError> {
    let mut table = parse("the embedded default", default)?;
    if let Some(path) = file {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        merge(&mut table, parse(&path.display().to_string(), &text)?);
    }
    for (name, text) in environment {
        if let Some(key) = name.strip_prefix(ENVIRONMENT_PREFIX) {
            merge(&mut table, nested(key, environment_value(&text)));
        }
    }
    let common_table: Table = COMMON_KEYS.iter().filter_map(|&key| table.remove_entry(key)).collect();
    let common: Common = read(common_table)?;
    common.check()?;
    Ok(Config {
        common,
        own: read(table)?,
    })
}

const COMMON_KEYS: &[&str] = &[
    "profile",
    "data_dir",
    "listen",
    "ops_listen",
    "public_url",
    "outbound_ports",
    "limits",
    "connections",
];

fn parse(origin: &str, text: &str) -> Result<Table, ConfigError> {
    text.parse().map_err(|error: toml::de::Error| ConfigError::Syntax {
        origin: origin.to_owned(),
        message: without_the_line(text, &error),
    })
}

/// Number of the line and reason. The line itself may hold a secret, which the error's own
/// text would show.
fn without_the_line(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let number = before.map_or(1, |before| before.matches('\n').count() + 1);
    format!("line {number}: {}", error.message())
}

fn read<T: DeserializeOwned>(table: Table) -> Result<T, ConfigError> {
    let mut unknown = BTreeSet::new();
    let value = serde_ignored::deserialize(table, |path| {
        unknown.insert(path.to_string());
    })
    .map_err(|error| ConfigError::Value(error.to_string().trim().replace('\n', " ")))?;
    match unknown.into_iter().next() {
        Some(key) => Err(ConfigError::UnknownKey(key)),
        None => Ok(value),
    }
}

fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => merge(below, above),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

fn nested(key: &str, value: Value) -> Table {
    match key.split_once("__") {
        Some((first, rest)) => Table::from_iter([(first.to_owned(), Value::Table(nested(rest, value)))]),
        None => Table::from_iter([(key.to_owned(), value)]),
    }
}

fn environment_value(text: &str) -> Value {
    let parsed = format!("value = {text}")
        .parse::<Table>()
        .ok()
        .and_then(|mut table| table.remove("value"));
    match parsed {
        Some(value) if !matches!(value, Value::Datetime(_)) => value,
        _ => Value::String(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, ConfigError, Profile, load};
    use crate::Secret;
    use serde::Deserialize;
    use test_case::test_case;

    #[derive(Debug, Deserialize)]
    struct Own {
        api_token: Secret,
        #[serde(default)]
        names: Vec<String>,
    }

    const DEFAULT: &str = r#"
        data_dir = "/var/lib/holdfast"
        listen = "127.0.0.1:8080"
        ops_listen = "127.0.0.1:8081"
        public_url = "https://agency.example"
    "#;

    fn with(file: &str, environment: &[(&str, &str)]) -> Result<Config<Own>, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, file).unwrap();
        load(
            DEFAULT,
            Some(&path),
            environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        )
    }

    const TOKEN: &str = "api_token = \"kX3vJ9-abcdefghij\"\n";

    #[test]
    fn file_overrides_default_and_environment_overrides_file() {
        let file = format!("{TOKEN}listen = \"127.0.0.1:1\"\n[limits]\nbody = 10\n");
        let environment = [
            ("HOLDFAST__listen", "127.0.0.1:2"),
            ("HOLDFAST__limits__concurrency", "3"),
            ("HOLDFAST__names", "['a']"),
            ("PATH", "/bin"),
        ];
        let config = with(&file, &environment).unwrap();
        assert_eq!(config.common.listen.port(), 2);
        assert_eq!((config.common.limits.body, config.common.limits.concurrency), (10, 3));
        assert_eq!(config.common.profile, Profile::Production);
        assert_eq!(config.own.names, ["a"]);
        assert_eq!(config.own.api_token.dangerous_reveal(), "kX3vJ9-abcdefghij");
        assert_eq!(config.common.base_url(), "https://agency.example");
    }

    #[test_case("lissten = 1\n", "lissten"; "own")]
    #[test_case("[limits]\nboddy = 1\n", "limits.boddy"; "nested")]
    fn l6_an_unknown_key_is_refused_and_named(extra: &str, key: &str) {
        let error = with(&format!("{TOKEN}{extra}"), &[]).unwrap_err();
        assert!(
            matches!(&error, ConfigError::UnknownKey(found) if found == key),
            "{error}"
        );
    }

    #[test]
    fn l6_an_unknown_key_in_the_environment_is_refused_and_named() {
        let error = with(TOKEN, &[("HOLDFAST__nonsense", "1")]).unwrap_err();
        assert_eq!(error.to_string(), "unknown key nonsense in the configuration");
    }

    #[test]
    fn l6_a_missing_secret_is_named() {
        let error = with("", &[]).unwrap_err();
        assert!(
            matches!(&error, ConfigError::Value(text) if text.contains("api_token")),
            "{error}"
        );
    }

    #[test]
    fn l6_a_default_secret_is_named_and_not_shown() {
        let error = with("api_token = \"changeme-changeme-changeme\"\n", &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("api_token") && error.contains("placeholder"), "{error}");
        assert!(!error.contains("changeme"), "{error}");
    }

    #[test]
    fn l6_a_wrong_type_is_named() {
        let error = with(&format!("{TOKEN}outbound_ports = \"x\"\n"), &[])
            .unwrap_err()
            .to_string();
        assert!(error.contains("outbound_ports"), "{error}");
    }

    #[test]
    fn l6_bad_toml_names_the_file_and_the_line() {
        let error = with("a = = 1\n", &[]).unwrap_err();
        assert!(
            matches!(&error, ConfigError::Syntax { origin, message }
            if origin.ends_with("config.toml") && message.contains("line 1")),
            "{error}"
        );
    }

    #[test_case("api_token = \"kX3vJ9-abcdefghij\n"; "no closing quote")]
    #[test_case("api_token = kX3vJ9-abcdefghij\n"; "no quotes")]
    #[test_case("api_token = 31415926535897932\n"; "a number")]
    #[test_case("api_token = [\"kX3vJ9-abcdefghij\"]\n"; "a list")]
    fn l6_a_secret_that_is_written_wrongly_is_not_shown(file: &str) {
        let error = with(file, &[]).unwrap_err().to_string();
        assert!(!error.contains("kX3vJ9") && !error.contains("31415926"), "{error}");
        assert!(error.contains("line 1") || error.contains("api_token"), "{error}");
    }

    #[test_case("public_url = \"http://agency.example\"\n" => "public_url"; "http in production")]
    #[test_case("profile = \"development\"\npublic_url = \"http://agency.example\"\n" => "public_url"; "http to a public host")]
    #[test_case("public_url = \"https://agency.example/?x=1\"\n" => "public_url"; "query")]
    #[test_case("outbound_ports = [4000]\n" => "outbound_ports"; "ports in production")]
    fn l6_what_may_not_be_used_is_refused(extra: &str) -> &'static str {
        match with(&format!("{TOKEN}{extra}"), &[]) {
            Err(ConfigError::Refused { key, .. }) => key,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn development_may_use_http_to_localhost() {
        let file = format!("{TOKEN}profile = \"development\"\npublic_url = \"http://agency.localhost:4000\"\n");
        assert_eq!(
            with(&file, &[]).unwrap().common.base_url(),
            "http://agency.localhost:4000"
        );
    }
}
