//! Proofs that a key has a value, or is not in the map. docs/ledger.md §7.

use thiserror::Error;

use super::{Map, MapError, MapNode, MapNodes, bit};
use crate::hash::Hash;
use cbor::{CborError, Reader, Writer};

/// The leaf at which the walk for a key ends, and the inner nodes passed, from the leaf up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapProof {
    other: Option<(Hash, Hash)>,
    bits: Vec<u8>,
    siblings: Vec<Hash>,
}

/// Why a map proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MapProofError {
    /// Bits and siblings differ in number, or bits do not fall strictly.
    #[error("the map proof is malformed")]
    Malformed,
    /// The path does not lead to the root.
    #[error("the map proof does not lead to the root")]
    Root,
    /// A proof of absence where presence was to be proved.
    #[error("the map proof is about another key")]
    OtherLeaf,
    /// No other leaf where absence was to be proved, or it is that of the key itself.
    #[error("the map proof does not show absence")]
    NotAbsent,
    /// The walk for the key does not end at the other leaf.
    #[error("the map proof shows a leaf elsewhere")]
    LeafElsewhere,
}

impl Map {
    /// The value of a key, `None` where it is not in the map, and the proof.
    pub fn prove(&self, nodes: &impl MapNodes, key: &Hash) -> Result<(Option<Hash>, MapProof), MapError> {
        if self.is_empty() {
            return Ok((
                None,
                MapProof {
                    other: None,
                    bits: Vec::new(),
                    siblings: Vec::new(),
                },
            ));
        }
        let (path, found, value) = self.walk(nodes, key)?;
        let bits = path.iter().rev().map(|passed| passed.bit).collect();
        let side = |at, left, right| if bit(key, at) { left } else { right };
        let siblings = path
            .iter()
            .rev()
            .map(|passed| side(passed.bit, passed.left, passed.right))
            .collect();
        if found == *key {
            Ok((
                Some(value),
                MapProof {
                    other: None,
                    bits,
                    siblings,
                },
            ))
        } else {
            Ok((
                None,
                MapProof {
                    other: Some((found, value)),
                    bits,
                    siblings,
                },
            ))
        }
    }
}

impl MapProof {
    /// Positions of the inner nodes, from the leaf up.
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }

    /// The subtrees not taken, from the leaf up.
    pub fn siblings(&self) -> &[Hash] {
        &self.siblings
    }

    /// In the map of this root, `key` has `value`.
    pub fn verify_present(&self, root: &Hash, key: &Hash, value: &Hash) -> Result<(), MapProofError> {
        if self.other.is_some() {
            return Err(MapProofError::OtherLeaf);
        }
        self.check_path(
            root,
            MapNode::Leaf {
                key: *key,
                value: *value,
            },
            key,
        )
    }

    /// In the map of this root, `key` is not.
    pub fn verify_absent(&self, root: &Hash, key: &Hash) -> Result<(), MapProofError> {
        let Some((other, value)) = self.other else {
            let empty = self.bits.is_empty() && self.siblings.is_empty() && *root == Map::empty().root();
            return if empty { Ok(()) } else { Err(MapProofError::NotAbsent) };
        };
        if other == *key {
            return Err(MapProofError::NotAbsent);
        }
        if self.bits.iter().any(|at| bit(&other, *at) != bit(key, *at)) {
            return Err(MapProofError::LeafElsewhere);
        }
        self.check_path(root, MapNode::Leaf { key: other, value }, key)
    }

    fn check_path(&self, root: &Hash, leaf: MapNode, key: &Hash) -> Result<(), MapProofError> {
        if self.bits.len() != self.siblings.len() || !self.bits.is_sorted_by(|below, above| below > above) {
            return Err(MapProofError::Malformed);
        }
        let path = self.bits.iter().zip(&self.siblings);
        let reached = path.fold(leaf.hash(), |below, (at, sibling)| {
            let (left, right) = if bit(key, *at) {
                (*sibling, below)
            } else {
                (below, *sibling)
            };
            MapNode::Inner { bit: *at, left, right }.hash()
        });
        if reached == *root {
            Ok(())
        } else {
            Err(MapProofError::Root)
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.array(3);
        match &self.other {
            Some((key, value)) => writer.array(2).bytes(key).bytes(value),
            None => writer.null(),
        };
        writer.bytes(&self.bits).bytes(self.siblings.as_flattened());
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, CborError> {
        reader.array_of(3)?;
        let other = if reader.skip_null()? {
            None
        } else {
            reader.array_of(2)?;
            Some((reader.bytes_of()?, reader.bytes_of()?))
        };
        let bits = reader.bytes()?.to_vec();
        Ok(Self {
            other,
            bits,
            siblings: hashes(reader.bytes()?)?,
        })
    }
}

/// Hashes written one after the other.
pub(crate) fn hashes(bytes: &[u8]) -> Result<Vec<Hash>, CborError> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    if rest.is_empty() {
        Ok(hashes.to_vec())
    } else {
        Err(CborError::UnexpectedLength)
    }
}
