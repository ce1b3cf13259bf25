//! The read API, the same for the log and its mirrors: tiles, checkpoint, blobs, bundles.
//! `c2sp.org/tlog-tiles` and docs/ledger.md §8

mod accredited;
mod attachment;
mod routes;
mod store;

pub use attachment::{Attachment, AttachmentError};
pub(crate) use routes::description;
pub use routes::routes;
pub use store::{ReadError, ReadStore};
