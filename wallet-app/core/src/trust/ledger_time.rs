//! The newest time the ledger was seen at. It is stored and never lowered.

use crate::cards::{seconds, unsigned};
use crate::vault::{Vault, VaultError};
use jose::UnixTime;

impl Vault {
    /// The newest quorum time ever accepted; 0 at first.
    pub fn newest_ledger_time(&self) -> Result<UnixTime, VaultError> {
        let stored: i64 = self.read(|connection| {
            connection.query_row("SELECT newest_seen FROM ledger_time WHERE id = 1", [], |row| row.get(0))
        })?;
        unsigned(stored)
    }

    /// Raises it; an older time changes nothing.
    pub(crate) fn saw_ledger_time(&self, time: UnixTime) -> Result<(), VaultError> {
        self.write(|transaction| {
            transaction.execute(
                "UPDATE ledger_time SET newest_seen = max(newest_seen, ?1) WHERE id = 1",
                [seconds(time)],
            )?;
            Ok(())
        })
    }
}
