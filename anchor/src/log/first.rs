//! The entries that a log begins with.

use jose::UnixTime;
use ledger::Submission;

use super::{AppendError, Working};
use crate::store::{Batch, LogStore};

/// The batch that a new log begins with, closed by its map head. Its first entry is the policy; later ones of that
/// kind are admitted like any other entry, where governance signed them (docs/ledger.md §5.2).
///
/// # Errors
/// [`AppendError`] where an entry breaks a rule.
pub async fn first_batch<S: LogStore>(
    store: &S,
    origin: &str,
    submissions: &[Submission],
    now: UnixTime,
) -> Result<Batch, AppendError> {
    let mut working = Working::empty(origin);
    for submission in submissions {
        working.stage(store, submission, now).await?;
    }
    working.seal(store, now).await
}
