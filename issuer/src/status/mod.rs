//! Status lists: signed when they are asked for, anchored from time to time.

mod snapshot;
mod tokens;

pub use snapshot::{Snapshot, SnapshotError, read_snapshot};
pub use tokens::{StatusBits, StatusTokens, TokenFailure};
