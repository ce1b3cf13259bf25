//! Nodes of the map, and where they are kept.

use std::collections::{BTreeMap, HashMap};

use super::MapChange;
use crate::hash::{Hash, sha256};

/// A node of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapNode {
    /// A key and its value.
    Leaf {
        /// The key.
        key: Hash,
        /// Hash of the record.
        value: Hash,
    },
    /// Two subtrees whose keys differ first at `bit`.
    Inner {
        /// First bit at which the keys below differ.
        bit: u8,
        /// Where the bit is 0.
        left: Hash,
        /// Where the bit is 1.
        right: Hash,
    },
}

impl MapNode {
    /// Hash of the node. docs/ledger.md §7
    pub fn hash(&self) -> Hash {
        match self {
            Self::Leaf { key, value } => sha256(&[key, value]),
            Self::Inner { bit, left, right } => sha256(&[left, right, &[*bit]]),
        }
    }

    /// The bytes whose hash it is, for a store: 64 of a leaf, 65 of an inner node.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Leaf { key, value } => [*key, *value].concat(),
            Self::Inner { bit, left, right } => [left.as_slice(), right, &[*bit]].concat(),
        }
    }

    /// Reads what [`MapNode::to_bytes`] wrote; `None` for another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (left, rest) = bytes.split_first_chunk::<32>()?;
        let (right, rest) = rest.split_first_chunk::<32>()?;
        match rest {
            [] => Some(Self::Leaf {
                key: *left,
                value: *right,
            }),
            [bit] => Some(Self::Inner {
                bit: *bit,
                left: *left,
                right: *right,
            }),
            _ => None,
        }
    }
}

/// Where the nodes of trees are kept.
pub trait MapNodes {
    /// The node of this hash, `None` where it is not kept (or not loaded yet).
    fn node(&self, hash: &Hash) -> Option<MapNode>;
}

/// Nodes in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryNodes(HashMap<Hash, MapNode>);

impl MemoryNodes {
    /// Keeps the nodes of a change, and drops those that it replaced: the trees before can then
    /// not be read any more.
    pub fn replace(&mut self, change: &MapChange) {
        for hash in change.removed() {
            self.0.remove(hash);
        }
        self.extend(change);
    }

    /// Undoes [`MemoryNodes::replace`]; `gone` are the nodes that it dropped.
    pub(crate) fn take_back(&mut self, change: &MapChange, gone: &BTreeMap<Hash, MapNode>) {
        for hash in change.added().keys() {
            self.0.remove(hash);
        }
        let dropped = change.removed().iter();
        self.0
            .extend(dropped.filter_map(|hash| Some((*hash, *gone.get(hash)?))));
    }

    /// Keeps the nodes of a change beside those of the trees before.
    pub fn extend(&mut self, change: &MapChange) {
        self.0.extend(change.added().iter().map(|(hash, node)| (*hash, *node)));
    }

    /// Keeps one node.
    pub fn insert(&mut self, node: MapNode) {
        self.0.insert(node.hash(), node);
    }

    /// How many nodes are kept.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True where no node is kept.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl MapNodes for MemoryNodes {
    fn node(&self, hash: &Hash) -> Option<MapNode> {
        self.0.get(hash).copied()
    }
}
