//! Hashes the stored copy again, day by day. Where it is not what was replayed, nothing more is cosigned; readers, who
//! check what they get, are answered as before.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ledger::{BlobRef, Replica};
use service::{CancellationToken, Condition};
use sqlx::Connection;
use tlog::{Hash, HashSource, NodeId, leaf_hash};

use super::cosigning::Mirror;
use super::store::entries;
use crate::scrub::{PORTION, altered, rest, until_altered};
use crate::source::FetchedEntry;
use crate::store::ReadError;

/// Passes over the stored copy until stopped; `intact` holds as long as it is what was replayed.
pub async fn scrub(mirror: Mirror, every: Duration, intact: Condition, stop: CancellationToken) {
    intact.set(true);
    let passed = || {
        mirror.inner.scrub_passes.inc();
    };
    let unread = || {
        mirror.inner.scrub_unread.inc();
    };
    let Some(part) = until_altered(|| mirror.pass(), passed, unread, every, &stop).await else {
        return;
    };
    mirror.inner.is_intact.store(false, Ordering::SeqCst);
    mirror.inner.scrub_mismatches.inc();
    intact.set(false);
    tracing::error!(part, "the stored copy has changed: the mirror cosigns no more");
}

impl Mirror {
    async fn pass(&self) -> Result<(), ReadError> {
        let store = &self.inner.store;
        let (mut next, mut unread) = (0, None);
        loop {
            let hashes = self.replayed(next).await;
            if hashes.is_empty() {
                return unread.map_or(Ok(()), Err);
            }
            let end = next + hashes.len() as u64;
            if compare(store.entries(next, end).await, &hashes).is_err() {
                let mut afresh = store.read_afresh().await?;
                let again = compare(entries(&mut afresh, next, end).await, &hashes);
                drop(afresh.close().await);
                match again {
                    Ok(()) => {}
                    Err(error) if altered(&error).is_some() => return Err(error),
                    Err(error) => unread = unread.or(Some(error)),
                }
            }
            next = end;
            rest().await;
        }
    }

    /// The hashes of the next leaves, as they were replayed.
    async fn replayed(&self, start: u64) -> Vec<Hash> {
        let served = self.inner.served.read().await;
        let tree = served.replica().tree();
        let end = tree.size().min(start + PORTION);
        let hash = |index| tree.hash(NodeId { level: 0, index });
        (start..end).filter_map(hash).collect()
    }
}

/// Holds what was read against what was replayed.
fn compare(read: Result<Vec<FetchedEntry>, sqlx::Error>, hashes: &[Hash]) -> Result<(), ReadError> {
    let entries = read?;
    let is_good = |(entry, hash): (&FetchedEntry, &Hash)| {
        let is_payload = |named| BlobRef::of(&entry.payload).hash == named;
        leaf_hash(&entry.leaf) == *hash && Replica::payload_hash(&entry.leaf).is_none_or(is_payload)
    };
    if entries.len() != hashes.len() || !entries.iter().zip(hashes).all(is_good) {
        return Err(ReadError::Damaged("entries"));
    }
    Ok(())
}
