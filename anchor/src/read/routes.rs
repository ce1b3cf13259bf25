use std::ops::Range;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ledger::Family;
use serde::Deserialize;
use service::Problem;
use tlog::{Tile, encode_entries};

use super::accredited::Accredited;
use super::{Attachment, ReadError, ReadStore, landmarks};

/// Payloads that are given in one at most: those of a tile of entries.
const MOST_PAYLOADS: u64 = 256;

/// As long as a subject in the ledger may be. docs/ledger.md §2
const LONGEST_DID: usize = 512;

const NOTE: &str = "text/plain; charset=utf-8";
const BYTES: &str = "application/octet-stream";
pub(super) const CBOR: &str = "application/cbor";

/// May be kept for good: the address names the content.
pub(super) const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// Changes with the next checkpoint.
pub(super) const BRIEF: &str = "public, max-age=1";

/// The routes of the read API.
pub fn routes<S: ReadStore>(store: S) -> Router {
    let set = Accredited::new(store.clone());
    Router::new()
        .route("/checkpoint", get(checkpoint::<S>))
        .route("/tile/{*path}", get(tile::<S>))
        .route("/blob/{hash}", get(blob::<S>))
        .route("/payloads/{range}", get(payloads::<S>))
        .route("/bundle", get(bundle::<S>))
        .route("/bundle/object", get(object::<S>))
        .route("/bundles/{family}", get(objects::<S>))
        .route("/bundles/accredited", get(accredited::<S>).with_state(set))
        .with_state(store.clone())
        .merge(landmarks::routes(store))
}

/// tlog-tiles, "Checkpoints"
async fn checkpoint<S: ReadStore>(State(store): State<S>) -> Response {
    published(store.checkpoint().await, NOTE)
}

/// tlog-tiles, "Merkle Tree" and "Log entries"
async fn tile<S: ReadStore>(State(store): State<S>, Path(path): Path<String>) -> Response {
    let Ok(tile) = format!("tile/{path}").parse::<Tile>() else {
        return Problem::not_found().into_response();
    };
    immutable(store.tile(tile).await)
}

/// A payload by its hash.
async fn blob<S: ReadStore>(State(store): State<S>, Path(hash): Path<String>) -> Response {
    let mut bytes = [0; 32];
    let lower = !hash.bytes().any(|b| b.is_ascii_uppercase());
    if !lower || hex::decode_to_slice(&hash, &mut bytes).is_err() {
        return Problem::not_found().into_response();
    }
    immutable(store.blob(bytes).await)
}

/// The payloads of some entries, so that who replays the log need not ask for each. docs/ledger.md §4
async fn payloads<S: ReadStore>(State(store): State<S>, Path(range): Path<String>) -> Response {
    let Some(entries) = entries_of(&range) else {
        return Problem::not_found().into_response();
    };
    let payloads = store.payloads(entries).await;
    // One that is too long for its length field is asked for alone.
    immutable(payloads.map(|payloads| encode_entries(payloads?.iter().map(Vec::as_slice)).ok()))
}

/// `start-end`, written in the one way: these entries have one address.
fn entries_of(text: &str) -> Option<Range<u64>> {
    let number = |text: &str| text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    let (start, end) = text.split_once('-')?;
    let entries = number(start)?..number(end)?;
    let count = entries.end.checked_sub(entries.start)?;
    (1..=MOST_PAYLOADS).contains(&count).then_some(entries)
}

#[derive(Deserialize)]
struct BundleQuery {
    did: String,
    #[serde(default)]
    with: String,
}

/// The newest state of an organisation's record, or that there is none. docs/ledger.md §8
async fn bundle<S: ReadStore>(State(store): State<S>, Query(query): Query<BundleQuery>) -> Response {
    let with = match Attachment::parse_list(&query.with) {
        Ok(with) if query.did.len() <= LONGEST_DID => with,
        _ => {
            let title = "A DID is needed, and with it only attachments that are known.";
            return Problem::new(StatusCode::BAD_REQUEST, "invalid_request", title).into_response();
        }
    };
    published(store.bundle(&query.did, &with).await, CBOR)
}

#[derive(Deserialize)]
struct ObjectQuery {
    family: String,
    subject: String,
}

/// The newest state of a policy, schema, rule, service, document or release, or that there is none. docs/ledger.md §8
async fn object<S: ReadStore>(State(store): State<S>, Query(query): Query<ObjectQuery>) -> Response {
    let family = match query.family.as_str() {
        "policy" => Some(Family::Policy),
        word => family_of(word),
    };
    match family {
        Some(family) if query.subject.len() <= LONGEST_DID => {
            published(store.object(family, &query.subject).await, CBOR)
        }
        _ => {
            let title = "A family and a subject are needed.";
            Problem::new(StatusCode::BAD_REQUEST, "invalid_request", title).into_response()
        }
    }
}

/// Everything of a family: all schemas, rules, services, documents or releases.
async fn objects<S: ReadStore>(State(store): State<S>, Path(family): Path<String>) -> Response {
    match family_of(&family) {
        Some(family) => published(store.objects(family).await, CBOR),
        None => Problem::not_found().into_response(),
    }
}

fn family_of(word: &str) -> Option<Family> {
    let families = [
        Family::Schema,
        Family::Rule,
        Family::Service,
        Family::Document,
        Family::Release,
    ];
    families.into_iter().find(|family| family.word() == Some(word))
}

/// What verifiers and wallets fetch on a timer, so that nobody learns whom they meet.
async fn accredited<S: ReadStore>(State(set): State<Accredited<S>>) -> Response {
    published(set.bundles().await, CBOR)
}

pub(super) fn published(found: Result<Option<impl IntoResponse>, ReadError>, content_type: &'static str) -> Response {
    match found {
        Ok(Some(bytes)) => ([(CONTENT_TYPE, content_type), (CACHE_CONTROL, BRIEF)], bytes).into_response(),
        Ok(None) => nothing_published(),
        Err(error) => failed(&error),
    }
}

pub(super) fn nothing_published() -> Response {
    let title = "No checkpoint has a quorum yet.";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "nothing_published", title)
        .retry_after(1)
        .into_response()
}

fn immutable(found: Result<Option<Vec<u8>>, ReadError>) -> Response {
    match found {
        Ok(Some(bytes)) => ([(CONTENT_TYPE, BYTES), (CACHE_CONTROL, IMMUTABLE)], bytes).into_response(),
        Ok(None) => Problem::not_found().into_response(),
        Err(error) => failed(&error),
    }
}

pub(super) fn failed(error: &ReadError) -> Response {
    tracing::error!(error = error as &dyn std::error::Error, "a read failed");
    Problem::internal().into_response()
}

#[cfg(test)]
mod tests {
    use super::entries_of;

    #[test]
    fn as_many_payloads_as_a_tile_has_are_asked_for_in_one_and_no_more() {
        assert_eq!(entries_of("0-256"), Some(0..256));
        assert_eq!(entries_of("300-556"), Some(300..556));
        for refused in [
            "0-257",
            "300-557",
            "0-18446744073709551615",
            "0-18446744073709551616",
            "7-7",
            "8-7",
        ] {
            assert_eq!(entries_of(refused), None, "{refused}");
        }
    }
}
