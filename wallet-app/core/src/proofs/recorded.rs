//! Status lists as the hourly file names them: for proofs alone, apart from the newest, which say how the cards here are.
//! docs/offline-qr.md §3.3, draft-ietf-oauth-status-list §8.4

use super::HeldProofs;
use crate::cards::CardIssuer;
use crate::status::{Refreshed, StatusError};
use crate::vault::{Vault, VaultError};
use crate::wallet::Wallet;
use jose::{UnixTime, VerifyingKey};
use ledger::{
    Hash, KeyLookup, ListContent, OrganisationRecord, SnapshotEntry, SnapshotList, SnapshotTree, StatusSnapshot,
    VerifiedBundle,
};
use outbound::Limits;
use rusqlite::params;
use sha2::{Digest as _, Sha256};
use status_list::{UnverifiedToken, VerifiedList};
use std::collections::BTreeSet;
use url::Url;

/// So many lists of one issuer are held.
const LISTS: usize = 512;
/// So many bytes they have together.
const BYTES: usize = 16 * 1024 * 1024;

impl Wallet {
    /// Brings the lists that the hourly file names, of every issuer whose cards are held: all of an issuer or none.
    pub(super) async fn refresh_recorded(&self) -> Result<Refreshed, VaultError> {
        let issuers = self.ledger_issuers()?;
        self.vault.forget_recorded_but(&issuers)?;
        let mut refreshed = Refreshed::default();
        for (did, bundle) in self.bundles_of(&issuers)? {
            match self.refresh_recorded_of(&did, &bundle).await {
                Ok(lists) => refreshed.lists += lists,
                Err(error) => refreshed.failures.push(error),
            }
        }
        Ok(refreshed)
    }

    fn ledger_issuers(&self) -> Result<BTreeSet<String>, VaultError> {
        let cards = self.vault.cards()?;
        let dids = cards.into_iter().filter_map(|card| match card.issuer {
            CardIssuer::Ledger { did, .. } => Some(did),
            CardIssuer::Certificate { .. } => None,
        });
        Ok(dids.collect())
    }

    fn bundles_of(&self, issuers: &BTreeSet<String>) -> Result<Vec<(String, VerifiedBundle)>, VaultError> {
        let held = HeldProofs::load(&self.vault, &self.pack, self.clock.now())?;
        let bundles = issuers.iter().filter_map(|did| Some((did.clone(), held.bundle(did)?)));
        Ok(bundles.collect())
    }

    async fn refresh_recorded_of(&self, did: &str, bundle: &VerifiedBundle) -> Result<usize, StatusError> {
        let (Some(record), Some(snapshot)) = (bundle.record(), bundle.status_snapshot()) else {
            return Ok(0);
        };
        if snapshot.lists.is_empty() {
            return Ok(0);
        }
        if snapshot.lists.len() > LISTS {
            return Err(StatusError::TooMuch);
        }
        let mut tokens = Vec::with_capacity(snapshot.lists.len());
        let mut left = BYTES;
        for named in &snapshot.lists {
            let token = match self.vault.named_token(named)? {
                Some(token) => token,
                None => self.fetch_recorded(named, snapshot.time, left).await?,
            };
            left = left.checked_sub(token.len()).ok_or(StatusError::TooMuch)?;
            tokens.push(token);
        }
        if recorded_tree(record, &snapshot, &tokens).is_none() {
            return Err(StatusError::NotAsRecorded);
        }
        self.vault.keep_recorded(did, &snapshot.lists, &tokens)?;
        Ok(tokens.len())
    }

    /// One list as of the snapshot's time. Nothing of it is read before its hash is the one that is recorded.
    async fn fetch_recorded(&self, named: &SnapshotList, time: UnixTime, most: usize) -> Result<String, StatusError> {
        let mut url = Url::parse(&named.uri).map_err(|_| StatusError::Address)?;
        url.query_pairs_mut().append_pair("time", &time.to_string());
        let limits = Limits::STATUS_LIST.with_body(most);
        let answer = self.client.get(&url, &limits).await?.success()?;
        if !is_named(answer.body(), named) {
            return Err(StatusError::NotAsRecorded);
        }
        String::from_utf8(answer.into_body()).map_err(|_| StatusError::NotAsRecorded)
    }
}

/// Whether these bytes are the token that a snapshot names.
fn is_named(token: &[u8], named: &SnapshotList) -> bool {
    let hash: Hash = Sha256::digest(token).into();
    hash == named.sha256
}

/// The tree over the tokens of a snapshot, in its order, as they were then; `None` where it is not the one recorded.
pub(super) fn recorded_tree(
    record: &OrganisationRecord,
    snapshot: &StatusSnapshot,
    tokens: &[String],
) -> Option<SnapshotTree> {
    let mut lists = Vec::with_capacity(tokens.len());
    for (named, token) in snapshot.lists.iter().zip(tokens) {
        let token = UnverifiedToken::parse(token).ok()?;
        let KeyLookup::Current(jwk) = record.assertion_key(token.header().kid()?) else {
            return None;
        };
        let key = VerifyingKey::new(&jwk).ok()?;
        lists.push(token.verify(&key, &named.uri, snapshot.time).ok()?);
    }
    tree_of(record.status_snapshot()?, &lists)
}

/// The tree over lists, where it is the one recorded.
pub(super) fn tree_of(recorded: &SnapshotEntry, lists: &[VerifiedList]) -> Option<SnapshotTree> {
    let contents = lists.iter().map(|list| ListContent {
        uri: list.uri(),
        bits: list.list().bits().number(),
        bytes: list.list().bytes(),
    });
    let tree = SnapshotTree::new(&contents.collect::<Vec<_>>()).ok();
    tree.filter(|tree| tree.root() == recorded.root && tree.size() == recorded.size)
}

impl Vault {
    /// The tokens that a snapshot names, in its order; `None` where one is not held.
    pub(super) fn named_tokens(&self, snapshot: &StatusSnapshot) -> Result<Option<Vec<String>>, VaultError> {
        let tokens = snapshot.lists.iter().map(|named| self.named_token(named));
        tokens.collect()
    }

    /// The token of this hash: of the lists for proofs, or the newest.
    fn named_token(&self, named: &SnapshotList) -> Result<Option<String>, VaultError> {
        let held: Vec<String> = self.read(|connection| {
            let mut statement = connection.prepare(
                "SELECT token FROM recorded_list WHERE uri = ?1
                 UNION ALL SELECT token FROM status_list WHERE uri = ?1",
            )?;
            let rows = statement.query_map([&named.uri], |row| row.get(0))?;
            rows.collect()
        })?;
        Ok(held.into_iter().find(|token| is_named(token.as_bytes(), named)))
    }

    /// Keeps all lists of an issuer in the place of those that were held.
    fn keep_recorded(&self, did: &str, lists: &[SnapshotList], tokens: &[String]) -> Result<(), VaultError> {
        self.write(|transaction| {
            transaction.execute("DELETE FROM recorded_list WHERE did = ?1", [did])?;
            for (list, token) in lists.iter().zip(tokens) {
                transaction.execute(
                    "INSERT INTO recorded_list (did, uri, token) VALUES (?1, ?2, ?3)",
                    params![did, list.uri, token],
                )?;
            }
            Ok(())
        })
    }

    /// Drops the lists of issuers of which there is no card any more.
    fn forget_recorded_but(&self, issuers: &BTreeSet<String>) -> Result<(), VaultError> {
        let held: Vec<String> = self.read(|connection| {
            let mut statement = connection.prepare("SELECT DISTINCT did FROM recorded_list")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect()
        })?;
        for did in held.iter().filter(|did| !issuers.contains(*did)) {
            self.write::<(), VaultError>(|transaction| {
                transaction.execute("DELETE FROM recorded_list WHERE did = ?1", [did])?;
                Ok(())
            })?;
        }
        Ok(())
    }
}
