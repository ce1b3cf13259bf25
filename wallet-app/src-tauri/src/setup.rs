//! The ecosystem a new wallet is set up for, from a file that whoever installs the app provides.

use crate::error::WalletError;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use url::Url;
use wallet::{Network, Settings};

/// The file. Paths are relative to where it lies.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setup {
    /// The trust pack of the ecosystem.
    trust_pack: PathBuf,
    /// Where the public record answers.
    ledger_url: Url,
    /// Where a mirror of it answers.
    mirror_url: Option<Url>,
    /// Where the attester answers that vouches for wallets of this kind.
    attester_url: Option<Url>,
    /// For trying out on this machine: localhost only, http allowed, these ports and no others.
    ports: Option<Vec<u16>>,
    /// A folder with PEM files of further issuers' trust anchors.
    issuer_anchors: Option<PathBuf>,
    /// A folder with PEM files of trust anchors of those who ask.
    verifier_anchors: Option<PathBuf>,
}

/// Why a set-up cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SetupError {
    /// The file, or the trust pack it names, cannot be read.
    #[error("a file of the set-up cannot be read")]
    Io(#[from] std::io::Error),
    /// The file is none.
    #[error("the set-up is malformed")]
    Malformed(#[from] serde_json::Error),
}

impl From<SetupError> for WalletError {
    fn from(error: SetupError) -> Self {
        tracing::warn!(%error, "no ecosystem");
        Self::no_ecosystem()
    }
}

impl WalletError {
    /// There is nothing a wallet could belong to.
    pub(crate) fn no_ecosystem() -> Self {
        Self::new("no_ecosystem")
    }
}

impl Setup {
    /// Whether it is for trying out.
    pub(crate) fn is_development(&self) -> bool {
        self.ports.is_some()
    }

    pub(crate) fn read(file: &Path) -> Result<Self, SetupError> {
        let mut setup: Self = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        let folder = std::path::absolute(file)?
            .parent()
            .map(Path::to_owned)
            .unwrap_or_default();
        setup.trust_pack = folder.join(setup.trust_pack);
        setup.issuer_anchors = setup.issuer_anchors.map(|path| folder.join(path));
        setup.verifier_anchors = setup.verifier_anchors.map(|path| folder.join(path));
        Ok(setup)
    }

    /// As the wallet keeps it.
    pub(crate) fn settings(self) -> Result<Settings, SetupError> {
        Ok(Settings {
            network: self
                .ports
                .map_or(Network::Public, |ports| Network::Development { ports }),
            trust_pack: std::fs::read_to_string(&self.trust_pack)?,
            ledger_url: self.ledger_url,
            mirror_url: self.mirror_url,
            attester_url: self.attester_url,
            issuer_anchors: self.issuer_anchors,
            verifier_anchors: self.verifier_anchors,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("wallet.json");
        std::fs::write(&file, text).expect("written");
        std::fs::write(folder.path().join("pack.json"), "{}").expect("written");
        (folder, file)
    }

    #[test]
    fn ports_make_it_a_trial_and_paths_are_relative_to_the_file() {
        let (folder, file) = written(
            r#"{"trust_pack": "pack.json", "ledger_url": "http://log.localhost:1/", "ports": [1], "issuer_anchors": "a",
                "attester_url": "http://attester.localhost:1/"}"#,
        );
        let setup = Setup::read(&file).expect("read");
        assert!(setup.is_development());
        let settings = setup.settings().expect("settings");
        assert_eq!(settings.network, Network::Development { ports: vec![1] });
        assert_eq!(settings.trust_pack, "{}");
        assert_eq!(settings.issuer_anchors, Some(folder.path().join("a")));
        assert!(settings.attester_url.is_some());
    }

    #[test]
    fn without_ports_it_is_the_public_network() {
        let (_folder, file) = written(r#"{"trust_pack": "pack.json", "ledger_url": "https://log.example/"}"#);
        let setup = Setup::read(&file).expect("read");
        assert!(!setup.is_development());
        assert_eq!(setup.settings().expect("settings").network, Network::Public);
    }

    #[test]
    fn a_member_nobody_knows_is_refused() {
        let (_folder, file) =
            written(r#"{"trust_pack": "p", "ledger_url": "https://log.example/", "trust_all": true}"#);
        assert!(matches!(Setup::read(&file), Err(SetupError::Malformed(_))));
    }
}
