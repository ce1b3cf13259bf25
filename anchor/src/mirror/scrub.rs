//! Hashes the stored copy again, day by day. Where it is not what was replayed, nothing more is cosigned; readers, who
//! check what they get, are answered as before.

use std::sync::atomic::Ordering;
use std::time::Duration;

use ledger::{BlobRef, Replica};
use service::{CancellationToken, Condition};
use tlog::{Hash, HashSource, NodeId, leaf_hash};

use super::cosigning::Mirror;
use crate::scrub::{PORTION, rest, until_altered};
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
        let mut next = 0;
        loop {
            let hashes = self.replayed(next).await;
            if hashes.is_empty() {
                return Ok(());
            }
            let end = next + hashes.len() as u64;
            let entries = self.inner.store.entries(next, end).await?;
            let is_good = |(entry, hash): (&FetchedEntry, &Hash)| {
                let is_payload = |named| BlobRef::of(&entry.payload).hash == named;
                leaf_hash(&entry.leaf) == *hash && Replica::payload_hash(&entry.leaf).is_none_or(is_payload)
            };
            if entries.len() != hashes.len() || !entries.iter().zip(&hashes).all(is_good) {
                return Err(ReadError::Damaged("entries"));
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
