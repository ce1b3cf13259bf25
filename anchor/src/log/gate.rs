//! Who may join the queue.

use super::{AppendError, Status};

/// Whether a submission may join the queue: the log writes, and not too much that is committed waits for its quorum.
///
/// # Errors
/// [`AppendError::ReadOnly`], [`AppendError::Backlog`]
pub fn gate(status: &Status, committed: u64, published: u64, backlog: u64) -> Result<(), AppendError> {
    if *status != Status::Writing {
        return Err(AppendError::ReadOnly);
    }
    if committed.saturating_sub(published) > backlog {
        return Err(AppendError::Backlog);
    }
    Ok(())
}
