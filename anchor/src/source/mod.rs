//! Where a log is read from: over HTTP, or from a folder in the same layout.
//! `c2sp.org/tlog-tiles`

mod entries;
mod error;
mod folder;
mod http;
mod tiles;

pub use entries::FetchedEntry;
pub use error::SourceError;
pub(crate) use tiles::tiles_of;

use std::path::PathBuf;

use tlog::Tile;
use url::Url;

use folder::Folder;
use http::Http;

/// A log to be read. Nothing that comes from it is believed: readers hash it and compare.
#[derive(Clone, Debug)]
pub struct LogSource(Place);

#[derive(Clone, Debug)]
enum Place {
    Http(Http),
    Folder(Folder),
}

impl LogSource {
    /// A log or mirror with this prefix.
    #[must_use]
    pub fn http(client: outbound::Client, prefix: Url) -> Self {
        Self(Place::Http(Http::new(client, prefix)))
    }

    /// An export: files named as the paths of the read API.
    #[must_use]
    pub fn folder(path: PathBuf) -> Self {
        Self(Place::Folder(Folder::new(path)))
    }

    /// The newest checkpoint, a signed note.
    ///
    /// # Errors
    /// When it is not there or too large.
    pub async fn checkpoint(&self) -> Result<Vec<u8>, SourceError> {
        self.read("checkpoint", tlog::MAX_NOTE_BYTES).await
    }

    /// A tile of hashes or entries. Where a partial one is gone, the full one is cut to size.
    ///
    /// # Errors
    /// When it is not there or too large.
    pub async fn tile(&self, tile: Tile) -> Result<Vec<u8>, SourceError> {
        match self.read(&tile.to_string(), LARGEST_TILE).await {
            Err(SourceError::Missing { .. }) if !tile.is_full() => {
                let full = self.read(&tile.full().to_string(), LARGEST_TILE).await?;
                entries::cut(tile, full)
            }
            result => result,
        }
    }

    /// The payload with this hash, checked.
    ///
    /// # Errors
    /// When it is not there, too large or another one.
    pub async fn blob(&self, hash: &ledger::Hash) -> Result<Vec<u8>, SourceError> {
        let path = format!("blob/{}", hex::encode(hash));
        let blob = self.read(&path, LARGEST_BLOB).await?;
        if ledger::BlobRef::of(&blob).hash != *hash {
            return Err(SourceError::OtherContent { path });
        }
        Ok(blob)
    }

    /// The newest landmarks, a list. docs/ledger.md §12.1
    ///
    /// # Errors
    /// When they are not there or too large.
    pub async fn landmarks(&self) -> Result<Vec<u8>, SourceError> {
        self.read("landmarks", LARGEST_LANDMARKS).await
    }

    async fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, SourceError> {
        match &self.0 {
            Place::Http(http) => http.read(path, limit).await,
            Place::Folder(folder) => folder.read(path, limit).await,
        }
    }
}

/// 256 entries of the longest kind that the format has.
const LARGEST_TILE: usize = 256 * (2 + u16::MAX as usize);

/// Two landmarks with as many cosignatures as may be. docs/ledger.md §12.1
const LARGEST_LANDMARKS: usize = 16 * 1024;

/// The longest payload of any kind. docs/ledger.md §4
const LARGEST_BLOB: usize = 256 * 1024;
