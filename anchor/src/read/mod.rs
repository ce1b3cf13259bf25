//! The read API, the same for the log and its mirrors: tiles, checkpoint, blobs, bundles,
//! landmarks. `c2sp.org/tlog-tiles` and docs/ledger.md §8, §12

mod accredited;
mod attachment;
mod landmarks;
mod routes;
mod store;

pub use attachment::{Attachment, AttachmentError};
pub use routes::routes;
pub use store::{ReadError, ReadStore};
