//! The status snapshot: what the ledger is told about the lists. docs/ledger.md §4.5

use did::{Did, DidSyntaxError};
use jose::UnixTime;
use ledger::{ListContent, PayloadError, SnapshotList, SnapshotTree, SnapshotTreeError, StatusSnapshot};
use sha2::{Digest, Sha256};
use status_list::StatusPurpose;

use super::tokens::{StatusTokens, TokenFailure, content, sign_bits};
use crate::config::Settings;
use crate::identity::Signing;
use crate::store::list_history::NamedToken;
use crate::store::{Store, status_lists};

/// The payload of a snapshot, and which state of the store it covers.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The payload's bytes.
    pub payload: Vec<u8>,
    /// The time it states.
    pub time: UnixTime,
    /// What the lists' versions added up to.
    pub versions: u64,
    /// The tokens that it names, by the hashes in it, and what lies beside them.
    pub tokens: Vec<NamedToken>,
}

/// Why there is no snapshot.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// A list cannot be read or signed.
    #[error(transparent)]
    Token(#[from] TokenFailure),
    /// The lists cannot be read.
    #[error("the status lists cannot be read")]
    Store(#[from] sqlx::Error),
    /// The lists do not make a tree.
    #[error(transparent)]
    Tree(#[from] SnapshotTreeError),
    /// The payload breaks a rule of the ledger.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// The issuer has no DID.
    #[error(transparent)]
    Did(#[from] DidSyntaxError),
}

/// Reads all lists as they are now. The snapshot names the tokens that are being served.
pub async fn read_snapshot(
    store: &Store,
    tokens: &StatusTokens,
    signing: &Signing,
    settings: &Settings,
    now: UnixTime,
    not_before: UnixTime,
) -> Result<Snapshot, SnapshotError> {
    let lists = status_lists::all(store.reader()).await?;
    let mut named = Vec::with_capacity(lists.len());
    let mut contents = Vec::with_capacity(lists.len());
    let mut kept = Vec::with_capacity(lists.len());
    for list in &lists {
        let uri = settings.status_list_uri(&list.name);
        let token = tokens.token(store, list, signing, settings, now).await?;
        let sha256: [u8; 32] = Sha256::digest(&token).into();
        named.push(SnapshotList {
            sha256,
            uri: uri.clone(),
        });
        let content = content(store, list).await?;
        let bits = StatusPurpose::ALL.into_iter().map(|purpose| {
            let bits = sign_bits(&content, list, purpose, signing, settings, now);
            bits.map(|bits| (purpose, bits))
        });
        kept.push(NamedToken {
            list: list.id,
            sha256,
            token,
            bits: bits.collect::<Result<_, _>>().map_err(TokenFailure::Sign)?,
        });
        contents.push((uri, content));
    }
    named.sort_by(|a, b| a.uri.cmp(&b.uri));
    let contents: Vec<ListContent<'_>> = contents
        .iter()
        .map(|(uri, list)| ListContent {
            uri,
            bits: list.bits().number(),
            bytes: list.bytes(),
        })
        .collect();
    let tree = SnapshotTree::new(&contents)?;
    let time = now.max(not_before);
    let did: Did = signing.did.parse()?;
    let snapshot = StatusSnapshot {
        lists: named,
        root: tree.root(),
        size: tree.size(),
        subject: did,
        time,
    };
    let versions = lists.iter().map(|list| list.version).sum();
    Ok(Snapshot {
        payload: snapshot.encode()?,
        time,
        versions,
        tokens: kept,
    })
}
