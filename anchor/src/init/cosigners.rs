//! Witnesses and mirrors of a new ledger: those that have a key, and those that get one with the ledger.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use service::config::Common;
use service::files::write_atomically;
use url::Url;

use super::plan::{common, quoted};
use super::quorum::CosignerArg;
use super::{InitError, Made};
use crate::cosigner::{Keygen, load_key};

/// Ports of cosigners behind a web server on one machine: tens above that of the log.
const FIRST_PORT: u16 = 7110;

/// A witness or mirror as it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// It has a key.
    Known(CosignerArg),
    /// Its key is made along with the ledger; this is where it will answer.
    New(Url),
}

/// What a cosigner does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It signs that everybody is shown the same.
    Witness,
    /// It replays every entry too.
    Mirror,
}

/// A cosigner whose key was made along with the ledger.
#[derive(Clone, Debug)]
pub(super) struct NewCosigner {
    role: Role,
    url: Url,
    folder: PathBuf,
    port: u16,
}

/// Not a host or an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is no host such as ledger.example, and no address such as https://ledger.example")]
pub(super) struct NotAnAddress;

/// Neither a key with an address nor a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("This is neither a verifier key, a space and an address, nor a host")]
pub(super) struct NotACosigner;

/// The address that a host stands for: https, and http on this machine.
///
/// # Errors
/// [`NotAnAddress`]
pub(super) fn address(text: &str) -> Result<Url, NotAnAddress> {
    let with_scheme = if text.contains("://") {
        text.to_owned()
    } else {
        let host = text.split([':', '/']).next().unwrap_or_default();
        let is_here = host == "localhost" || host.ends_with(".localhost");
        format!("{}://{text}", if is_here { "http" } else { "https" })
    };
    let url: Url = with_scheme.parse().map_err(|_| NotAnAddress)?;
    let is_web = matches!(url.scheme(), "http" | "https");
    let is_bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    match is_web && is_bare && url.has_host() {
        true => Ok(url),
        false => Err(NotAnAddress),
    }
}

impl FromStr for Named {
    type Err = NotACosigner;

    fn from_str(text: &str) -> Result<Self, NotACosigner> {
        match text.contains(' ') {
            true => text.parse().map(Self::Known).map_err(|_| NotACosigner),
            false => address(text).map(Self::New).map_err(|_| NotACosigner),
        }
    }
}

impl Named {
    /// Where it answers.
    pub(super) fn url(&self) -> &Url {
        match self {
            Self::Known(cosigner) => &cosigner.url,
            Self::New(url) => url,
        }
    }
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Witness => "witness",
            Self::Mirror => "mirror",
        }
    }

    fn nth_port(self, number: u16) -> u16 {
        let place = match self {
            Self::Witness => number,
            // Witnesses are few; a mirror stands after all of them.
            Self::Mirror => number.saturating_add(20),
        };
        FIRST_PORT.saturating_add(place.saturating_sub(1).saturating_mul(10))
    }
}

impl NewCosigner {
    /// The `number`th of its kind, in a folder of its own below the folder of the log.
    pub(super) fn new(role: Role, number: u16, url: &Url, data_dir: &Path) -> Self {
        Self {
            role,
            url: url.clone(),
            folder: data_dir.join("cosigners").join(format!("{}-{number}", role.name())),
            port: role.nth_port(number),
        }
    }

    /// Its key, which is made where it is missing, as the quorum names it.
    pub(super) fn key(&self) -> Result<CosignerArg, InitError> {
        let file = self.key_file();
        let key = if file.exists() {
            load_key(&file)?.verifier_key().clone()
        } else {
            let name = self.key_name().parse().map_err(InitError::CosignerName)?;
            Keygen::new(name, file).make()?
        };
        Ok(CosignerArg {
            vkey: key.to_string(),
            url: self.url.clone(),
        })
    }

    /// Writes the settings it starts with, once there is a ledger.
    pub(super) fn write_settings(&self, log: &Common, made: &Made) -> Result<PathBuf, InitError> {
        let ports: Vec<u16> = log.public_url.port_or_known_default().into_iter().collect();
        let more = match self.role {
            Role::Witness => format!("logs = [{}]\n", quoted(&made.vkey)),
            Role::Mirror => format!(
                "trust_pack = {}\nledger_url = {}\n",
                quoted(&self.folder.join("trust-pack.json").display().to_string()),
                quoted(log.public_url.as_str())
            ),
        };
        let text = format!(
            "# Written by `holdfast-anchor init`. Where the folder moves, its paths below move along.\n{}key_file = {}\n{more}",
            common(&self.url, &self.folder.join("data"), self.port, &ports),
            quoted(&self.key_file().display().to_string()),
        );
        if self.role == Role::Mirror {
            let pack = std::fs::read(&made.trust_pack)?;
            write_atomically(&self.folder.join("trust-pack.json"), &pack)?;
        }
        let file = self.folder.join("config.toml");
        write_atomically(&file, text.as_bytes())?;
        Ok(file)
    }

    fn key_file(&self) -> PathBuf {
        self.folder.join("key")
    }

    /// `<host>/<role>-<number>`: no two are alike where several are on one host.
    fn key_name(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let own = self.folder.file_name().unwrap_or_default().to_string_lossy();
        format!("{host}/{own}")
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("ledger.example" => Some("https://ledger.example/".to_owned()); "a host")]
    #[test_case("https://ledger.example/town" => Some("https://ledger.example/town".to_owned()); "an address")]
    #[test_case("ledger.localhost:7100" => Some("http://ledger.localhost:7100/".to_owned()); "this machine")]
    #[test_case("ledger.example:8443" => Some("https://ledger.example:8443/".to_owned()); "a port")]
    #[test_case("" => None; "nothing")]
    #[test_case("two words" => None; "two words")]
    #[test_case("ftp://ledger.example" => None; "no web address")]
    #[test_case("https://ledger.example/?q=1" => None; "a query")]
    #[test_case("https://me@ledger.example" => None; "a user")]
    fn the_address_that_a_host_stands_for(text: &str) -> Option<String> {
        address(text).ok().map(|url| url.to_string())
    }

    #[test]
    fn a_cosigner_has_a_key_or_only_a_host() {
        let key = tlog::Cosigner::from_seed("w.example".parse().unwrap(), &[1; 32]).unwrap();
        let text = format!("{} https://w.example", key.verifier_key());
        assert!(matches!(text.parse::<Named>(), Ok(Named::Known(_))));
        assert!(matches!("w.example".parse::<Named>(), Ok(Named::New(_))));
        assert_eq!("w.example and more".parse::<Named>(), Err(NotACosigner));
        assert_eq!("".parse::<Named>(), Err(NotACosigner));
    }
}
