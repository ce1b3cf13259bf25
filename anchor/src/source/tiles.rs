//! Hash tiles, from which proofs are made. tlog-tiles, "Merkle Tree"

use std::collections::BTreeSet;

use tlog::{NodeId, Tile, TileHashes};

use super::{LogSource, SourceError};

/// The tiles in which these nodes are, in a log of `size` entries; each once.
pub(crate) fn tiles_of(nodes: &[NodeId], size: u64) -> BTreeSet<Tile> {
    nodes.iter().filter_map(|node| Tile::of_node(*node, size)).collect()
}

impl LogSource {
    /// The hashes of these nodes in a log of `size` entries. They prove nothing before the root that they lead to is
    /// that of a checkpoint.
    ///
    /// # Errors
    /// When a tile is not there or is none.
    pub async fn hashes(&self, nodes: &[NodeId], size: u64) -> Result<TileHashes, SourceError> {
        let mut hashes = TileHashes::default();
        for tile in tiles_of(nodes, size) {
            let bytes = self.tile(tile).await?;
            let other = |_| SourceError::OtherContent { path: tile.to_string() };
            hashes.insert(tile, &bytes).map_err(other)?;
        }
        Ok(hashes)
    }
}
