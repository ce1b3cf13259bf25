//! What the wallet was set up with. It lies inside the vault: a file beside it that named the
//! ledger or the trust anchors could be edited by whoever finds the folder.

use crate::vault::{Vault, VaultError};
use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use url::Url;

/// Settings of one wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What the wallet may connect to.
    pub network: Network,
    /// The trust pack, as its file was.
    pub trust_pack: String,
    /// Where the ledger answers.
    pub ledger_url: Url,
    /// Where a mirror of it answers, asked when the ledger does not.
    pub mirror_url: Option<Url>,
    /// Where the attester of the wallet's publisher answers; without one, issuers that want wallets or keys attested give
    /// this wallet nothing.
    pub attester_url: Option<Url>,
    /// PEM files of further issuers' trust anchors.
    pub issuer_anchors: Option<PathBuf>,
    /// PEM files of trust anchors of businesses of other ecosystems.
    pub verifier_anchors: Option<PathBuf>,
}

/// What the wallet may connect to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// https to public addresses.
    Public,
    /// http to `localhost` and `*.localhost`, on these ports and no others.
    Development {
        /// The ports.
        ports: Vec<u16>,
    },
}

impl Network {
    pub(crate) fn policy(&self) -> outbound::Policy {
        match self {
            Self::Public => outbound::Policy::Public,
            Self::Development { ports } => outbound::Policy::Development { ports: ports.clone() },
        }
    }

    pub(crate) fn transport(&self) -> oid4vci::Transport {
        match self {
            Self::Public => oid4vci::Transport::Https,
            Self::Development { .. } => oid4vci::Transport::LoopbackHttp,
        }
    }

    /// Whether a link may be opened after an answer was sent: https, or this machine under
    /// development.
    pub(crate) fn may_open(&self, url: &Url) -> bool {
        self.transport().endpoint(url.as_str()).is_ok()
    }
}

impl Settings {
    pub(crate) fn store(&self, vault: &Vault) -> Result<(), VaultError> {
        let body = serde_json::to_string(self).map_err(|_| VaultError::MalformedRecord)?;
        vault.write(|transaction| {
            transaction.execute(
                "INSERT INTO settings (id, body) VALUES (1, ?1)
                 ON CONFLICT (id) DO UPDATE SET body = excluded.body",
                params![body],
            )?;
            Ok(())
        })
    }

    /// `None` when set-up was cut off before the settings were stored.
    pub(crate) fn load(vault: &Vault) -> Result<Option<Self>, VaultError> {
        let body: Option<String> = vault.read(|connection| {
            connection
                .query_row("SELECT body FROM settings WHERE id = 1", [], |row| row.get(0))
                .optional()
        })?;
        body.map(|body| serde_json::from_str(&body).map_err(|_| VaultError::MalformedRecord))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::Network;
    use test_case::test_case;

    #[test_case("https://shop.example/done" => true ; "https")]
    #[test_case("http://shop.example/done" => false ; "http")]
    #[test_case("http://localhost:8080/done" => false ; "this machine")]
    #[test_case("javascript:alert(1)" => false ; "a script")]
    #[test_case("file:///etc/passwd" => false ; "a file")]
    #[test_case("intent://x" => false ; "an intent")]
    fn f15_opened_in_earnest(target: &str) -> bool {
        Network::Public.may_open(&target.parse().expect("url"))
    }
}
