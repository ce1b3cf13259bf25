//! Setting a key of the map: work along one path.

use std::collections::{BTreeMap, BTreeSet};

use super::{Map, MapError, MapNode, MapNodes, bit, first_difference};
use crate::hash::Hash;

/// Nodes that a new tree needs beside those of the tree before, and those it needs no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapChange {
    map: Map,
    added: BTreeMap<Hash, MapNode>,
    removed: BTreeSet<Hash>,
}

/// An inner node that was passed on the way to a leaf.
#[derive(Clone, Copy)]
pub(super) struct Passed {
    pub(super) hash: Hash,
    pub(super) bit: u8,
    pub(super) left: Hash,
    pub(super) right: Hash,
}

impl MapChange {
    /// The new tree.
    pub fn map(&self) -> Map {
        self.map
    }

    /// New nodes, by hash.
    pub fn added(&self) -> &BTreeMap<Hash, MapNode> {
        &self.added
    }

    /// Nodes that are not in the new tree any more.
    pub fn removed(&self) -> &BTreeSet<Hash> {
        &self.removed
    }

    /// Both changes in one: nodes that only the tree between them has are left out.
    #[must_use]
    pub fn then(mut self, later: Self) -> Self {
        for hash in later.removed {
            if self.added.remove(&hash).is_none() {
                self.removed.insert(hash);
            }
        }
        for (hash, node) in later.added {
            if !self.removed.remove(&hash) {
                self.added.insert(hash, node);
            }
        }
        self.map = later.map;
        self
    }

    fn none(map: Map) -> Self {
        Self {
            map,
            added: BTreeMap::new(),
            removed: BTreeSet::new(),
        }
    }

    fn add(&mut self, node: MapNode) -> Hash {
        let hash = node.hash();
        self.added.insert(hash, node);
        hash
    }
}

impl Map {
    /// The tree in which `key` has `value`.
    pub fn insert(&self, nodes: &impl MapNodes, key: &Hash, value: &Hash) -> Result<MapChange, MapError> {
        let mut change = MapChange::none(*self);
        if self.is_empty() {
            change.map = Map::at(change.add(MapNode::Leaf {
                key: *key,
                value: *value,
            }));
            return Ok(change);
        }
        let (mut path, found, found_value) = self.walk(nodes, key)?;
        let leaf = MapNode::Leaf {
            key: *key,
            value: *value,
        };
        let below = match first_difference(key, &found) {
            None if found_value == *value => return Ok(change),
            None => {
                change.removed.insert(
                    MapNode::Leaf {
                        key: found,
                        value: found_value,
                    }
                    .hash(),
                );
                change.add(leaf)
            }
            Some(at) => {
                let split = path.iter().position(|passed| passed.bit > at).unwrap_or(path.len());
                let found_leaf = MapNode::Leaf {
                    key: found,
                    value: found_value,
                }
                .hash();
                let sibling = path.get(split).map_or(found_leaf, |passed| passed.hash);
                path.truncate(split);
                let leaf = change.add(leaf);
                let (left, right) = if bit(key, at) { (sibling, leaf) } else { (leaf, sibling) };
                change.add(MapNode::Inner { bit: at, left, right })
            }
        };
        let root = path.iter().rev().fold(below, |below, passed| {
            change.removed.insert(passed.hash);
            let (left, right) = if bit(key, passed.bit) {
                (passed.left, below)
            } else {
                (below, passed.right)
            };
            change.add(MapNode::Inner {
                bit: passed.bit,
                left,
                right,
            })
        });
        change.map = Map::at(root);
        Ok(change)
    }

    /// The inner nodes passed on the way for `key`, from the root down, and the leaf at its end.
    pub(super) fn walk(&self, nodes: &impl MapNodes, key: &Hash) -> Result<(Vec<Passed>, Hash, Hash), MapError> {
        let mut path: Vec<Passed> = Vec::new();
        let mut hash = self.root;
        loop {
            match nodes.node(&hash).ok_or(MapError::MissingNode(hash))? {
                MapNode::Leaf { key, value } => return Ok((path, key, value)),
                MapNode::Inner { bit: at, left, right } => {
                    if path.last().is_some_and(|above| above.bit >= at) {
                        return Err(MapError::Malformed);
                    }
                    path.push(Passed {
                        hash,
                        bit: at,
                        left,
                        right,
                    });
                    hash = if bit(key, at) { right } else { left };
                }
            }
        }
    }
}
