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
        let after = number.saturating_add(1);
        if after > self.inner.served.read().await.replica().size() {
            return Ok(None);
        }
        let entries = self.inner.store.entries(number, after).await.map_err(failed)?;
        let stored = entries.into_iter().next().map(|entry| StoredEntry {
            leaf: entry.leaf,
            payload: entry.payload,
        });
        Ok(stored)
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
