//! What witness and mirror share: the key, the answers of the witness protocol, and what becomes of them on a disk that
//! does not sync.

mod answer;
mod disk;
mod key;

pub(crate) use answer::{MAX_REQUEST_BYTES, busy, malformed, refused};
pub(crate) use disk::Disk;
pub use key::{KeyFileError, Keygen, load_key};

/// Requests that may wait for their turn. They go on when the caller gives up, so that
/// nothing but this bounds them.
pub(crate) const MOST_WAITING: usize = 64;
