//! The read API on the log's store.

use std::ops::Range;

use ledger::Family;
use tlog::{Tile, TileContent, encode_entries};

use crate::landmarks::StoredLandmark;
use crate::read::{Attachment, ReadError, ReadStore};
use crate::store::{self, Store};

impl ReadStore for Store {
    async fn checkpoint(&self) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.published().await?.map(|published| published.note))
    }

    /// Tiles reach to what is committed: that is how mirrors see it before they cosign.
    async fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(head) = self.head().await? else {
            return Ok(None);
        };
        if !tile.is_in(head.size) {
            return Ok(None);
        }
        match tile.content() {
            TileContent::Entries => {
                let leaves = self.leaves(tile.positions()).await?;
                let bytes = encode_entries(leaves.iter().map(Vec::as_slice));
                bytes.map(Some).map_err(|error| ReadError(Box::new(error)))
            }
            TileContent::Hashes { level } => {
                let hashes = self.hashes(8 * level, tile.positions()).await?;
                Ok(Some(hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()))
            }
        }
    }

    async fn blob(&self, hash: [u8; 32]) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(Store::blob(self, &hash).await?)
    }

    async fn payloads(&self, entries: Range<u64>) -> Result<Option<Vec<Vec<u8>>>, ReadError> {
        Ok(Store::payloads(self, entries).await?)
    }

    async fn bundle(&self, did: &str, with: &[Attachment]) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(Store::bundle(self, did, with).await?)
    }

    async fn object(&self, family: Family, subject: &str) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(Store::object(self, family, subject).await?)
    }

    async fn objects(&self, family: Family) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(Store::objects(self, family).await?)
    }

    async fn accredited(&self) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(Store::accredited(self).await?)
    }

    async fn landmarks(&self) -> Result<Vec<StoredLandmark>, ReadError> {
        Ok(Store::landmarks(self).await?)
    }

    async fn landmark_file(&self, hour: u64) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(Store::landmark_file(self, hour).await?)
    }
}

impl From<store::ReadError> for ReadError {
    fn from(error: store::ReadError) -> Self {
        Self(Box::new(error))
    }
}
