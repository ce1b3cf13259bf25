//! What witness and mirror share: the key, and the answers of the witness protocol.

mod answer;
mod key;

pub(crate) use answer::{MAX_REQUEST_BYTES, busy, malformed, refused};
pub use key::{KeyFileError, Keygen, load_key};

/// Requests that may wait for their turn. They go on when the caller gives up, so that
/// nothing but this bounds them.
pub(crate) const MOST_WAITING: usize = 64;
