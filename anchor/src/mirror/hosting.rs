//! The pages of a mirror: what it has checked itself.

use std::sync::atomic::Ordering;

use ledger::Alarm;

use super::cosigning::Mirror;
use super::reading::failed;
use crate::pages::{Host, Standing, StoredEntry};
use crate::read::ReadError;

impl Host for Mirror {
    type Store = Self;

    fn store(&self) -> &Self {
        self
    }

    async fn entry(&self, number: u64) -> Result<Option<StoredEntry>, ReadError> {
        let entries = self.entries(number, number.saturating_add(1)).await?;
        Ok(entries.into_iter().next())
    }

    async fn entries(&self, from: u64, end: u64) -> Result<Vec<StoredEntry>, ReadError> {
        if end > self.inner.served.read().await.replica().size() {
            return Ok(Vec::new());
        }
        let entries = self.inner.store.entries(from, end).await.map_err(failed)?;
        let stored = entries.into_iter().map(|entry| StoredEntry {
            leaf: entry.leaf,
            payload: entry.payload,
        });
        Ok(stored.collect())
    }

    async fn alarm(&self, number: u64) -> Option<Alarm> {
        self.inner.served.read().await.alarm(number).cloned()
    }

    fn standing(&self) -> Standing {
        Standing::Mirror {
            name: self.verifier_key().verifier_key().name().to_string(),
            is_following: self.inner.is_following.load(Ordering::Relaxed),
        }
    }
}
