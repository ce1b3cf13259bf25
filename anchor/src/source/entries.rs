use futures_util::{StreamExt, TryStreamExt, stream};
use ledger::{BlobRef, Replica};
use tlog::{Tile, TileContent, decode_entries, encode_entries};

use super::{LogSource, SourceError};

/// So many payloads are asked for at one time.
const CONCURRENT: usize = 16;

/// Bytes of payloads that come in one, with their lengths; longer ones come alone.
const LARGEST_PAYLOADS: usize = 4 * 1024 * 1024 + 2 * 256;

/// An entry with its payload, which has the hash that the leaf names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedEntry {
    /// The entry of the log.
    pub leaf: Vec<u8>,
    /// Its payload; empty where the entry is no leaf and so names none.
    pub payload: Vec<u8>,
}

impl LogSource {
    /// The entries from number `start` on that are in the tile of entry `start`, in a log of
    /// `size` entries: at most 256. Empty when there are none.
    ///
    /// # Errors
    /// When a tile or payload is not there or another one.
    pub async fn entries(&self, start: u64, size: u64) -> Result<Vec<FetchedEntry>, SourceError> {
        let leaves = self.leaves(start, size).await?;
        if let Some(payloads) = self.payloads(start, &leaves).await {
            let entries = leaves.into_iter().zip(payloads);
            return Ok(entries.map(|(leaf, payload)| FetchedEntry { leaf, payload }).collect());
        }
        let entries = leaves.into_iter().map(|leaf| self.with_payload(leaf));
        stream::iter(entries).buffered(CONCURRENT).try_collect().await
    }

    /// The payloads of these leaves in one request; `None` where the source does not have them so, or not those that
    /// the leaves name. They are asked for one by one then, which tells what is wrong.
    async fn payloads(&self, start: u64, leaves: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
        let count = u16::try_from(leaves.len()).ok().filter(|count| *count > 1)?;
        let path = format!("payloads/{start}-{}", start.checked_add(count.into())?);
        let bytes = self.read(&path, LARGEST_PAYLOADS).await.ok()?;
        let payloads = decode_entries(&bytes, count).ok()?;
        let is_named = |(leaf, payload): (&Vec<u8>, &&[u8])| match Replica::payload_hash(leaf) {
            Some(hash) => BlobRef::of(payload).hash == hash,
            None => payload.is_empty(),
        };
        let all = leaves.iter().zip(&payloads).all(is_named);
        all.then(|| payloads.into_iter().map(<[u8]>::to_vec).collect())
    }

    /// The same without their payloads.
    ///
    /// # Errors
    /// When a tile is not there or another one.
    pub async fn leaves(&self, start: u64, size: u64) -> Result<Vec<Vec<u8>>, SourceError> {
        let Some(tile) = Tile::holding(TileContent::Entries, start, size) else {
            return Ok(Vec::new());
        };
        let bundle = self.tile(tile).await?;
        let entries = decode_entries(&bundle, tile.width()).map_err(|source| SourceError::Bundle {
            path: tile.to_string(),
            source,
        })?;
        let skip = usize::try_from(start - tile.positions().start).unwrap_or(usize::MAX);
        Ok(entries.into_iter().skip(skip).map(<[u8]>::to_vec).collect())
    }

    async fn with_payload(&self, leaf: Vec<u8>) -> Result<FetchedEntry, SourceError> {
        let payload = match Replica::payload_hash(&leaf) {
            Some(hash) => self.blob(&hash).await?,
            None => Vec::new(),
        };
        Ok(FetchedEntry { leaf, payload })
    }
}

/// The beginning of a full tile, as wide as the partial one.
pub(super) fn cut(tile: Tile, full: Vec<u8>) -> Result<Vec<u8>, SourceError> {
    let path = || tile.full().to_string();
    match tile.content() {
        TileContent::Hashes { .. } => {
            let mut hashes = full;
            if hashes.len() != 256 * 32 {
                return Err(SourceError::OtherContent { path: path() });
            }
            hashes.truncate(usize::from(tile.width()) * 32);
            Ok(hashes)
        }
        TileContent::Entries => {
            let bundle = |source| SourceError::Bundle { path: path(), source };
            let entries = decode_entries(&full, tile.full().width()).map_err(bundle)?;
            encode_entries(entries.into_iter().take(usize::from(tile.width()))).map_err(bundle)
        }
    }
}
