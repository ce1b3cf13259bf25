//! The ledger as anybody reads it: the published checkpoint and every entry under it.

use anyhow::{Context, Result, ensure};
use tlog::{Frontier, Hash, Policy, Tile, TileContent, UnverifiedCheckpoint, decode_entries, leaf_hash};

use crate::http::Http;

/// A checkpoint with quorum, and the entries that make up its tree.
#[derive(Debug)]
pub(super) struct Tree {
    /// The note as it was served.
    pub(super) note: String,
    entries: Vec<Vec<u8>>,
}

impl Tree {
    /// Reads all of it from a log or a mirror.
    ///
    /// # Errors
    /// There is no quorum, or the entries do not give the root.
    pub(super) async fn read(http: &Http, url: &str, policy: &Policy) -> Result<Self> {
        let note = http.get(&format!("{url}/checkpoint")).await?.success()?;
        let note = String::from_utf8(note.into_body())?;
        let checkpoint = UnverifiedCheckpoint::parse(note.as_bytes())?.verify(policy)?;
        let mut entries: Vec<Vec<u8>> = Vec::new();
        while let Some(tile) = Tile::holding(TileContent::Entries, entries.len() as u64, checkpoint.size()) {
            let bundle = http.get(&format!("{url}/{tile}")).await?.success()?;
            let found = decode_entries(bundle.body(), tile.width())?;
            entries.extend(found.into_iter().map(<[u8]>::to_vec));
        }
        let tree = Self { note, entries };
        ensure!(
            tree.root_at(checkpoint.size())? == *checkpoint.root(),
            "the entries of {url} do not give the root of its checkpoint"
        );
        Ok(tree)
    }

    /// How many entries.
    pub(super) fn size(&self) -> u64 {
        self.entries.len() as u64
    }

    /// An entry.
    pub(super) fn entry(&self, index: u64) -> Option<&[u8]> {
        let place = usize::try_from(index).ok()?;
        self.entries.get(place).map(Vec::as_slice)
    }

    /// The root when the tree was so large.
    ///
    /// # Errors
    /// It never was.
    pub(super) fn root_at(&self, size: u64) -> Result<Hash> {
        let first = usize::try_from(size).ok().and_then(|size| self.entries.get(..size));
        let mut frontier = Frontier::default();
        for entry in first.with_context(|| format!("a tree of {} never had {size} entries", self.size()))? {
            frontier.append(leaf_hash(entry));
        }
        Ok(frontier.root())
    }
}
