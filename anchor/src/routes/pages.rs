//! The pages of the log.

use ledger::Alarm;

use crate::log::Log;
use crate::pages::{Host, Standing, StoredEntry};
use crate::read::ReadError;
use crate::store::Store;

impl Host for Log {
    type Store = Store;

    fn store(&self) -> &Store {
        Log::store(self)
    }

    async fn entry(&self, number: u64) -> Result<Option<StoredEntry>, ReadError> {
        let stored = Log::store(self).entry(number).await?;
        Ok(stored.map(|(leaf, payload)| StoredEntry { leaf, payload }))
    }

    async fn entries(&self, from: u64, end: u64) -> Result<Vec<StoredEntry>, ReadError> {
        let stored = Log::store(self).entries(from..end).await?;
        let stored = stored.into_iter().map(|entry| StoredEntry {
            leaf: entry.leaf,
            payload: entry.payload,
        });
        Ok(stored.collect())
    }

    /// The log admits nothing that `apply` refuses.
    async fn alarm(&self, _: u64) -> Option<Alarm> {
        None
    }

    fn standing(&self) -> Standing {
        Standing::Log {
            status: self.status(),
            committed: self.committed(),
            is_quorum_reached: self.watch_quorum().borrow().is_reached,
        }
    }
}
