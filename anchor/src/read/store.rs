use std::error::Error;
use std::future::Future;
use std::ops::Range;

use ledger::Family;
use tlog::Tile;

use super::Attachment;
use crate::landmarks::StoredLandmark;

/// What the read routes need of a log or a mirror.
///
/// Checkpoint and bundles are those of the newest checkpoint with a quorum. Tiles and blobs
/// may reach further, to what is committed: that is how mirrors see it before they cosign.
pub trait ReadStore: Clone + Send + Sync + 'static {
    /// The newest checkpoint with a quorum, as a signed note; `None` before the first.
    fn checkpoint(&self) -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;

    /// The bytes of a tile; `None` when the tree does not reach that far.
    fn tile(&self, tile: Tile) -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;

    /// The blob with this SHA-256.
    fn blob(&self, hash: [u8; 32]) -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;

    /// The payloads of these entries, in order; `None` where not all are there, or where they are too long to be read
    /// together, and are asked for by their hashes.
    fn payloads(&self, entries: Range<u64>) -> impl Future<Output = Result<Option<Vec<Vec<u8>>>, ReadError>> + Send;

    /// The proof bundle of an organisation, which may prove that there is none; `None` before
    /// the first checkpoint with a quorum.
    fn bundle(&self, did: &str, with: &[Attachment])
    -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;

    /// The proof bundle of a policy, schema, rule, service, document or release, with its payload, which may prove that
    /// there is none; `None` before the first checkpoint with a quorum.
    fn object(&self, family: Family, subject: &str) -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;

    /// The bundles of everything of a family, as a CBOR array; `None` before the first checkpoint with a quorum.
    fn objects(&self, family: Family) -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;

    /// The bundles of every accredited organisation, as a CBOR array; `None` before the first
    /// checkpoint with a quorum.
    fn accredited(&self) -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;

    /// The newest landmarks, at most two, newest first; none before the first.
    fn landmarks(&self) -> impl Future<Output = Result<Vec<StoredLandmark>, ReadError>> + Send;

    /// The landmark file of an hour, which is always the same.
    fn landmark_file(&self, hour: u64) -> impl Future<Output = Result<Option<Vec<u8>>, ReadError>> + Send;
}

/// The store failed; the cause is logged where the answer is made.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot be read")]
pub struct ReadError(#[source] pub Box<dyn Error + Send + Sync>);
