use std::collections::BTreeMap;

use thiserror::Error;

use crate::{Hash, HashSource, NodeId, Tile, TileContent, node_hash};

/// Fetched hash tiles, from which roots and proofs are computed. tlog-tiles, "Merkle Tree"
///
/// Tiles prove nothing by themselves: compare the root they give with a verified checkpoint.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TileHashes(BTreeMap<(u8, u64), Vec<Hash>>);

impl TileHashes {
    /// Adds a tile. A wider tile of the same place replaces a narrower one.
    ///
    /// # Errors
    /// One variant for each rule.
    pub fn insert(&mut self, tile: Tile, bytes: &[u8]) -> Result<(), TileHashesError> {
        let TileContent::Hashes { level } = tile.content() else {
            return Err(TileHashesError::NotHashes);
        };
        let (hashes, rest) = bytes.as_chunks::<32>();
        if hashes.len() != usize::from(tile.width()) || !rest.is_empty() {
            return Err(TileHashesError::Length);
        }
        let hashes: Vec<Hash> = hashes.iter().copied().map(Hash::from_bytes).collect();
        let stored = self.0.entry((level, tile.index())).or_default();
        if stored.len() < hashes.len() {
            *stored = hashes;
        }
        Ok(())
    }
}

impl HashSource for TileHashes {
    fn hash(&self, node: NodeId) -> Option<Hash> {
        let height = u32::from(node.level % 8);
        let first = node.index.checked_mul(1 << height)?;
        let tile = self.0.get(&(node.level / 8, first / 256))?;
        let first = usize::try_from(first % 256).ok()?;
        let mut hashes = tile.get(first..first + (1 << height))?.to_vec();
        while hashes.len() > 1 {
            hashes = hashes.as_chunks::<2>().0.iter().map(|[l, r]| node_hash(l, r)).collect();
        }
        hashes.pop()
    }
}

/// Why bytes are not the hash tile they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TileHashesError {
    /// The tile holds entries.
    #[error("the tile holds entries, not hashes")]
    NotHashes,
    /// Not 32 bytes for each hash of its width.
    #[error("the tile has another length than its width says")]
    Length,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tree, leaf_hash, prove_consistency, prove_inclusion, root_of};

    /// The bytes that a log of this size serves for a tile.
    fn serve(tree: &Tree, tile: Tile) -> Vec<u8> {
        let TileContent::Hashes { level } = tile.content() else {
            panic!("a tile of hashes")
        };
        let hash = |index| {
            tree.hash(NodeId {
                level: level * 8,
                index,
            })
            .unwrap()
        };
        tile.positions().flat_map(|index| *hash(index).as_bytes()).collect()
    }

    #[test]
    fn roots_and_proofs_from_tiles_are_those_of_the_tree() {
        let size = 70_000;
        let mut tree = Tree::default();
        (0..size).for_each(|i: u64| tree.append(leaf_hash(&i.to_be_bytes())));
        let mut tiles = TileHashes::default();
        for level in 0..3 {
            for tile in Tile::grown(TileContent::Hashes { level }, 0, size) {
                tiles.insert(tile, &serve(&tree, tile)).unwrap();
            }
        }
        assert_eq!(root_of(size, &tiles), Ok(tree.root()));
        for (index, old) in [(0, 1), (69_999, 69_632), (65_535, 65_536), (255, 300)] {
            assert_eq!(
                prove_inclusion(index, size, &tiles),
                prove_inclusion(index, size, &tree)
            );
            assert_eq!(
                prove_consistency(old, size, &tiles),
                prove_consistency(old, size, &tree)
            );
        }
    }

    #[test]
    fn refused() {
        let mut tiles = TileHashes::default();
        let insert = |tiles: &mut TileHashes, path: &str, length| tiles.insert(path.parse().unwrap(), &vec![0; length]);
        assert_eq!(insert(&mut tiles, "tile/0/000.p/2", 63), Err(TileHashesError::Length));
        assert_eq!(insert(&mut tiles, "tile/0/000.p/2", 96), Err(TileHashesError::Length));
        assert_eq!(
            insert(&mut tiles, "tile/entries/000.p/2", 64),
            Err(TileHashesError::NotHashes)
        );
        assert_eq!(tiles, TileHashes::default());
    }

    #[test]
    fn a_narrower_tile_takes_nothing_away() {
        let mut tiles = TileHashes::default();
        tiles.insert("tile/0/000.p/2".parse().unwrap(), &[7; 64]).unwrap();
        tiles.insert("tile/0/000.p/1".parse().unwrap(), &[7; 32]).unwrap();
        assert!(tiles.hash(NodeId { level: 1, index: 0 }).is_some());
    }
}
