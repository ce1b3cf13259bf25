//! What witness and mirror share: the key, and the answers of the witness protocol.

mod answer;
mod key;

pub(crate) use answer::{MAX_REQUEST_BYTES, malformed, refused};
pub use key::{KeyFileError, Keygen, load_key};
