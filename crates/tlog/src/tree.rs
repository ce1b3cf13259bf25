use std::collections::BTreeMap;

use thiserror::Error;

use crate::{Hash, MakeProofError};

/// The hash of a leaf: SHA-256(0x00 || entry). RFC 6962 §2.1
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash::of_parts(&[&[0], entry])
}

/// The hash of an inner node: SHA-256(0x01 || left || right). RFC 6962 §2.1
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of_parts(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// A complete subtree: the leaves from `index << level` on, `1 << level` of them.
/// Once complete it never changes, so its hash can be stored under this id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeId {
    /// Height above the leaves.
    pub level: u8,
    /// Position among the nodes of this level.
    pub index: u64,
}

/// Where hashes of complete subtrees come from: memory, rows, tiles.
pub trait HashSource {
    /// The hash of a complete subtree, or `None` when the source does not have it.
    fn hash(&self, node: NodeId) -> Option<Hash>;
}

impl HashSource for BTreeMap<NodeId, Hash> {
    fn hash(&self, node: NodeId) -> Option<Hash> {
        self.get(&node).copied()
    }
}

/// The root of the tree of the first `size` leaves, from stored hashes.
///
/// # Errors
/// [`MakeProofError::MissingHash`] when the source lacks one.
pub fn root_of(size: u64, source: &impl HashSource) -> Result<Hash, MakeProofError> {
    if size == 0 {
        return Ok(Hash::EMPTY_TREE);
    }
    LeafRange { start: 0, end: size }.hash(source)
}

/// The right edge of a growing tree: enough to append and to know the root, in at most
/// 64 hashes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Frontier {
    size: u64,
    /// The complete subtrees that make up the tree, the largest first.
    subtrees: Vec<Hash>,
}

impl Frontier {
    /// The ids of the hashes that make up the frontier of a tree of this size, the largest
    /// subtree first: what to load for [`Frontier::from_subtrees`].
    #[must_use]
    pub fn nodes(size: u64) -> Vec<NodeId> {
        LeafRange { start: 0, end: size }.nodes()
    }

    /// Goes on from stored hashes, in the order of [`Frontier::nodes`].
    ///
    /// # Errors
    /// [`FrontierError`] when there are more or fewer hashes than the size needs.
    pub fn from_subtrees(size: u64, subtrees: Vec<Hash>) -> Result<Self, FrontierError> {
        if subtrees.len() as u64 != u64::from(size.count_ones()) {
            return Err(FrontierError);
        }
        Ok(Self { size, subtrees })
    }

    /// How many leaves were appended.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The complete subtrees, in the order of [`Frontier::nodes`].
    #[must_use]
    pub fn subtrees(&self) -> &[Hash] {
        &self.subtrees
    }

    /// Appends a leaf.
    pub fn append(&mut self, leaf: Hash) {
        self.append_with(leaf, |_, _| ());
    }

    /// Appends a leaf and hands every subtree that became complete to `store`: the leaf
    /// itself first.
    pub fn append_with(&mut self, leaf: Hash, mut store: impl FnMut(NodeId, Hash)) {
        let mut hash = leaf;
        let mut node = NodeId {
            level: 0,
            index: self.size,
        };
        store(node, hash);
        while node.index & 1 == 1
            && let Some(left) = self.subtrees.pop()
        {
            hash = node_hash(&left, &hash);
            node = NodeId {
                level: node.level + 1,
                index: node.index >> 1,
            };
            store(node, hash);
        }
        self.subtrees.push(hash);
        self.size += 1;
    }

    /// The root of the tree. RFC 6962 §2.1
    #[must_use]
    pub fn root(&self) -> Hash {
        fold(&self.subtrees).unwrap_or(Hash::EMPTY_TREE)
    }
}

/// The number of hashes is not the number of complete subtrees of the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the frontier has another number of hashes than its size needs")]
pub struct FrontierError;

/// A whole tree in memory, with every hash: makes proofs for every size it has had.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tree {
    frontier: Frontier,
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// Appends a leaf.
    pub fn append(&mut self, leaf: Hash) {
        let levels = &mut self.levels;
        self.frontier.append_with(leaf, |node, hash| {
            let level = usize::from(node.level);
            if levels.len() == level {
                levels.push(Vec::new());
            }
            if let Some(hashes) = levels.get_mut(level) {
                hashes.push(hash);
            }
        });
    }

    /// Takes leaves off its end until it has `size` of them; a tree that is not larger stays as it is.
    pub fn truncate(&mut self, size: u64) {
        if size >= self.size() {
            return;
        }
        let nodes = Frontier::nodes(size).into_iter();
        let subtrees = nodes.filter_map(|node| self.hash(node)).collect();
        self.frontier = Frontier { size, subtrees };
        for (level, hashes) in (0_u32..).zip(&mut self.levels) {
            let complete = size.checked_shr(level).unwrap_or_default();
            hashes.truncate(usize::try_from(complete).unwrap_or(usize::MAX));
        }
        self.levels.retain(|hashes| !hashes.is_empty());
    }

    /// How many leaves are in it.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.frontier.size
    }

    /// The root over all leaves.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }
}

impl HashSource for Tree {
    fn hash(&self, node: NodeId) -> Option<Hash> {
        let level = self.levels.get(usize::from(node.level))?;
        level.get(usize::try_from(node.index).ok()?).copied()
    }
}

/// Leaves `start..end` of which a tree has one node: the start is aligned to a power of two
/// that is not smaller than the length.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct LeafRange {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl LeafRange {
    /// The complete subtrees that make up the range, from left to right.
    pub(crate) fn nodes(self) -> Vec<NodeId> {
        let mut nodes = Vec::new();
        let mut start = self.start;
        while start < self.end {
            let level = (self.end - start).ilog2().min(start.trailing_zeros());
            // A level is below 64.
            nodes.push(NodeId {
                level: level as u8,
                index: start >> level,
            });
            start += 1 << level;
        }
        nodes
    }

    /// The Merkle tree hash of the range.
    pub(crate) fn hash(self, source: &impl HashSource) -> Result<Hash, MakeProofError> {
        let hashes = self
            .nodes()
            .into_iter()
            .map(|node| source.hash(node).ok_or(MakeProofError::MissingHash { node }))
            .collect::<Result<Vec<_>, _>>()?;
        fold(&hashes).ok_or(MakeProofError::OutOfRange)
    }
}

/// Hashes complete subtrees of falling size into one, from the right.
fn fold(subtrees: &[Hash]) -> Option<Hash> {
    subtrees
        .iter()
        .rev()
        .copied()
        .reduce(|right, left| node_hash(&left, &right))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6962 §2.1, word by word.
    fn reference(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::EMPTY_TREE,
            [leaf] => *leaf,
            _ => {
                let k = leaves.len().next_power_of_two() / 2;
                node_hash(&reference(&leaves[..k]), &reference(&leaves[k..]))
            }
        }
    }

    #[test]
    fn roots_are_those_of_the_definition() {
        let leaves: Vec<Hash> = (0..=300_u32).map(|i| leaf_hash(&i.to_be_bytes())).collect();
        let mut tree = Tree::default();
        assert_eq!(tree.root(), reference(&[]));
        for (i, leaf) in leaves.iter().enumerate() {
            tree.append(*leaf);
            assert_eq!(tree.root(), reference(&leaves[..=i]));
        }
        for size in 0..=leaves.len() {
            assert_eq!(root_of(size as u64, &tree), Ok(reference(&leaves[..size])));
        }
    }

    #[test]
    fn frontier_goes_on_from_stored_hashes() {
        let mut stored = BTreeMap::new();
        let mut frontier = Frontier::default();
        for i in 0..77_u8 {
            let subtrees = Frontier::nodes(frontier.size()).iter().map(|n| stored[n]).collect();
            let loaded = Frontier::from_subtrees(frontier.size(), subtrees).unwrap();
            assert_eq!(loaded, frontier);
            frontier.append_with(leaf_hash(&[i]), |node, hash| {
                assert_eq!(stored.insert(node, hash), None);
            });
        }
        assert_eq!(root_of(77, &stored), Ok(frontier.root()));
    }

    #[test]
    fn frontier_with_a_hash_too_many_is_refused() {
        assert_eq!(
            Frontier::from_subtrees(2, vec![Hash::EMPTY_TREE; 2]),
            Err(FrontierError)
        );
    }

    #[test]
    fn a_tree_that_was_cut_is_the_one_that_never_grew() {
        let grown = |size: u8| {
            let mut tree = Tree::default();
            (0..size).for_each(|i| tree.append(leaf_hash(&[i])));
            tree
        };
        for size in 0..=70 {
            let mut cut = grown(70);
            cut.truncate(u64::from(size));
            assert_eq!(cut, grown(size), "{size}");
            cut.truncate(71);
            assert_eq!(cut, grown(size), "{size}");
        }
    }

    #[test]
    fn a_missing_hash_is_named() {
        let node = NodeId { level: 1, index: 0 };
        let source = BTreeMap::new();
        assert_eq!(root_of(2, &source), Err(MakeProofError::MissingHash { node }));
    }
}
