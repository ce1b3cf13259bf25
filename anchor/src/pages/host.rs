use std::future::Future;

use ledger::Alarm;

use crate::log::Status;
use crate::read::{ReadError, ReadStore};

/// What the pages need of a log or a mirror beside the read API.
pub trait Host: Clone + Send + Sync + 'static {
    /// What answers the read API.
    type Store: ReadStore;

    /// What answers the read API.
    fn store(&self) -> &Self::Store;

    /// Leaf and payload of an entry. Only published ones are asked for.
    fn entry(&self, number: u64) -> impl Future<Output = Result<Option<StoredEntry>, ReadError>> + Send;

    /// The same of entries `from..end`, in order: those that there are, 256 at most.
    fn entries(&self, from: u64, end: u64) -> impl Future<Output = Result<Vec<StoredEntry>, ReadError>> + Send;

    /// Why an entry changed nothing, where it can be read and breaks a rule.
    fn alarm(&self, number: u64) -> impl Future<Output = Option<Alarm>> + Send;

    /// How it is going.
    fn standing(&self) -> Standing;
}

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// The leaf.
    pub leaf: Vec<u8>,
    /// The payload that it names; empty for an entry that is no leaf.
    pub payload: Vec<u8>,
}

/// How the log or the mirror that shows the pages is going.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The log itself.
    Log {
        /// Whether it writes.
        status: Status,
        /// Entries committed; those that are not published wait for their quorum.
        committed: u64,
        /// Whether the cosigners answer.
        is_quorum_reached: bool,
    },
    /// A mirror of the log.
    Mirror {
        /// The name of its key.
        name: String,
        /// Whether the log's newest checkpoint could be read and taken over.
        is_following: bool,
    },
}
