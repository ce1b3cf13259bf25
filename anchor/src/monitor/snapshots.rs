//! The status lists of an agency against the root that it anchored. docs/ledger.md §4.5

use axum::http::{HeaderValue, StatusCode, header::ACCEPT};
use jose::VerifyingKey;
use ledger::{KeyLookup, ListContent, OrganisationRecord, SnapshotEntry, SnapshotList, SnapshotTree, StatusSnapshot};
use outbound::{Client, Limits, OutboundError, Request};
use sha2::{Digest, Sha256};
use status_list::{UnverifiedToken, VerifiedList};
use url::Url;

use super::bits;
use crate::audit::named::policy_of;
use crate::source::LogSource;

/// Lists of one agency that are read, at most.
const LISTS: usize = 256;
/// Bytes of their tokens and of what those inflate to, at most: both are held until all of them are there.
const BYTES: usize = 64 * 1024 * 1024;
/// What a token is sent as. draft-ietf-oauth-status-list §8.2
const TOKEN: &str = "application/statuslist+jwt";

/// What became of the attempt to build the tree of a snapshot again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rebuilt {
    /// The lists make the root.
    Same,
    /// A list was published again since: the next snapshot is of it.
    Newer,
    /// The lists are others.
    Differs(String),
    /// A list or the payload could not be fetched.
    Unread(String),
}

/// Fetches what the snapshot names, as anybody can, and builds its tree again. Addresses on this machine are only
/// asked where the log itself is on it.
pub(super) async fn rebuild(
    source: &LogSource,
    record: &OrganisationRecord,
    snapshot: &SnapshotEntry,
    is_local: bool,
) -> Rebuilt {
    let payload = match source.blob(&snapshot.payload.hash).await {
        Ok(payload) => payload,
        Err(error) => return Rebuilt::Unread(error.to_string()),
    };
    let named = match StatusSnapshot::parse(&payload) {
        Ok(named) => named,
        Err(error) => return Rebuilt::Differs(error.to_string()),
    };
    if named.lists.len() > LISTS {
        return Rebuilt::Unread(format!("{} lists are more than are read", named.lists.len()));
    }
    let mut lists = Vec::with_capacity(named.lists.len());
    let mut bytes = 0;
    for list in &named.lists {
        let token = match token(list, snapshot.time, is_local).await {
            Ok(token) => token,
            Err(reason) => return Rebuilt::Unread(format!("{}: {reason}", list.uri)),
        };
        let verified = match verify(&token, &list.uri, record, snapshot.time) {
            Ok(verified) => verified,
            Err(reason) => return Rebuilt::Differs(format!("{}: {reason}", list.uri)),
        };
        if !is_named(&token, list) {
            return if verified.issued_at() > snapshot.time {
                Rebuilt::Newer
            } else {
                Rebuilt::Differs(format!("{}: another token than the one named", list.uri))
            };
        }
        bytes += token.len() + verified.list().bytes().len();
        if bytes > BYTES {
            return Rebuilt::Unread("the lists are longer than is read".to_owned());
        }
        lists.push(verified);
    }
    match compare(&lists, snapshot) {
        Rebuilt::Same => bits::compare(record, snapshot, &lists, is_local).await,
        other => other,
    }
}

fn compare(lists: &[VerifiedList], snapshot: &SnapshotEntry) -> Rebuilt {
    let contents: Vec<ListContent<'_>> = lists
        .iter()
        .map(|list| ListContent {
            uri: list.uri(),
            bits: list.list().bits().number(),
            bytes: list.list().bytes(),
        })
        .collect();
    match SnapshotTree::new(&contents) {
        Ok(tree) if tree.root() == snapshot.root && tree.size() == snapshot.size => Rebuilt::Same,
        Ok(_) => Rebuilt::Differs("the lists make another root".to_owned()),
        Err(error) => Rebuilt::Differs(error.to_string()),
    }
}

/// The token as it is served; where that is another one, as it was at the time of the snapshot.
/// draft-ietf-oauth-status-list §8.4
async fn token(list: &SnapshotList, time: u64, is_local: bool) -> Result<Vec<u8>, String> {
    let mut url = Url::parse(&list.uri).map_err(|error| error.to_string())?;
    let newest = fetch(url.clone(), TOKEN, is_local).await?;
    let newest = newest.ok_or_else(|| "there is none".to_owned())?;
    if is_named(&newest, list) {
        return Ok(newest);
    }
    as_of(&mut url, time);
    // Not every agency answers that.
    let then = fetch(url, TOKEN, is_local).await.ok().flatten();
    Ok(then.filter(|token| is_named(token, list)).unwrap_or(newest))
}

/// Asks for a list as it was. draft-ietf-oauth-status-list §8.4
pub(super) fn as_of(url: &mut Url, time: u64) {
    url.query_pairs_mut().append_pair("time", &time.to_string());
}

fn is_named(token: &[u8], list: &SnapshotList) -> bool {
    let hash: [u8; 32] = Sha256::digest(token).into();
    hash == list.sha256
}

/// What stands at an address, as anybody gets it; `None` where nothing does.
pub(super) async fn fetch(url: Url, accept: &'static str, is_local: bool) -> Result<Option<Vec<u8>>, String> {
    let policy = if is_local {
        policy_of(&url)
    } else {
        outbound::Policy::Public
    };
    let client = Client::new(policy).map_err(|error| error.to_string())?;
    let request = Request::get(url).header(ACCEPT, HeaderValue::from_static(accept));
    let answer = client.send(request, &Limits::STATUS_LIST).await;
    match answer.and_then(outbound::Response::success) {
        Ok(answer) => Ok(Some(answer.into_body())),
        Err(OutboundError::Status(StatusCode::NOT_FOUND | StatusCode::GONE)) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// A key of the agency that counts.
pub(super) fn key_of(kid: Option<&str>, record: &OrganisationRecord) -> Result<VerifyingKey, String> {
    match kid.map(|kid| record.assertion_key(kid)) {
        Some(KeyLookup::Current(key)) => VerifyingKey::new(&key).map_err(|error| error.to_string()),
        _ => Err("signed with a key that does not count".to_owned()),
    }
}

/// Signed by the agency with a key that counts. When it runs out says nothing about what it was: it is checked as of
/// the time of the snapshot, or of its own where it is younger.
fn verify(token: &[u8], uri: &str, record: &OrganisationRecord, time: u64) -> Result<VerifiedList, String> {
    let text = std::str::from_utf8(token).map_err(|_| "no text".to_owned())?.trim();
    let parse = || UnverifiedToken::parse(text).map_err(|error| error.to_string());
    let token = parse()?;
    let key = key_of(token.header().kid(), record)?;
    match token.verify(&key, uri, time) {
        // A token of after the snapshot: what counts is that it is the agency's.
        Err(status_list::TokenError::InFuture) => {
            let now = service::Clock::now(&service::SystemClock);
            parse()?.verify(&key, uri, now).map_err(|error| error.to_string())
        }
        verified => verified.map_err(|error| error.to_string()),
    }
}
