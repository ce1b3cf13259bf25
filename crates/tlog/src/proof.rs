use thiserror::Error;

use crate::{Hash, HashSource, NodeId, node_hash, tree::LeafRange};

/// Checks that a leaf is at `index` of the tree with this size and root.
/// RFC 9162 §2.1.3.2; the proof must have exactly the length that index and size give.
///
/// # Errors
/// One variant for each rule.
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, root: &Hash, proof: &[Hash]) -> Result<(), InclusionError> {
    if index >= size {
        return Err(InclusionError::IndexBeyondTree);
    }
    let (inner, border) = path_lengths(index, size);
    let (expected, found) = (inner + border, proof.len());
    let (Some(path), true) = (proof.get(..inner), expected == found) else {
        return Err(InclusionError::Length { expected, found });
    };
    let hash = climb_inner(*leaf, path, index);
    if climb_border(hash, &proof[inner..]) != *root {
        return Err(InclusionError::RootMismatch);
    }
    Ok(())
}

/// Why an inclusion proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InclusionError {
    /// The tree has no leaf of this index.
    #[error("the index is not in the tree")]
    IndexBeyondTree,
    /// Too many or too few hashes: a proof for another index or size.
    #[error("the inclusion proof has {found} hashes instead of {expected}")]
    Length {
        /// What index and size ask for.
        expected: usize,
        /// What the proof has.
        found: usize,
    },
    /// The proof leads to another root.
    #[error("the inclusion proof leads to another root")]
    RootMismatch,
}

/// Checks that the tree of `new_size` leaves begins with the tree of `old_size` leaves.
/// RFC 9162 §2.1.4.2; the proof must have exactly the length that the sizes give.
///
/// Every tree begins with the empty tree, so for an old size of zero the proof is empty.
///
/// # Errors
/// One variant for each rule.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Hash,
    new_size: u64,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), ConsistencyError> {
    if old_size > new_size {
        return Err(ConsistencyError::SizesReversed);
    }
    let expected = consistency_length(old_size, new_size);
    if proof.len() != expected {
        return Err(ConsistencyError::Length {
            expected,
            found: proof.len(),
        });
    }
    if old_size == 0 && *old_root != Hash::EMPTY_TREE {
        return Err(ConsistencyError::OldRootMismatch);
    }
    if old_size == new_size && old_root != new_root {
        return Err(ConsistencyError::RootsDiffer);
    }
    if old_size == 0 || old_size == new_size {
        return Ok(());
    }
    // The climb starts at the largest complete subtree that ends where the old tree ends.
    // Where that is the whole old tree, the proof leaves it out.
    let (seed, path) = match proof.split_first() {
        Some((first, rest)) if !old_size.is_power_of_two() => (*first, rest),
        _ => (*old_root, proof),
    };
    let shift = old_size.trailing_zeros();
    let (inner, _) = path_lengths(old_size - 1, new_size);
    let (inner, border) = path.split_at(inner - shift as usize);
    let index = (old_size - 1) >> shift;
    if climb_border(climb_left_only(seed, inner, index), border) != *old_root {
        return Err(ConsistencyError::OldRootMismatch);
    }
    if climb_border(climb_inner(seed, inner, index), border) != *new_root {
        return Err(ConsistencyError::NewRootMismatch);
    }
    Ok(())
}

/// Why a consistency proof is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConsistencyError {
    /// The old tree is larger than the new one.
    #[error("the old size is above the new size")]
    SizesReversed,
    /// Too many or too few hashes: a proof for other sizes.
    #[error("the consistency proof has {found} hashes instead of {expected}")]
    Length {
        /// What the sizes ask for.
        expected: usize,
        /// What the proof has.
        found: usize,
    },
    /// The proof does not lead to the old root.
    #[error("the consistency proof does not lead to the old root")]
    OldRootMismatch,
    /// The proof does not lead to the new root.
    #[error("the consistency proof does not lead to the new root")]
    NewRootMismatch,
    /// One size with two roots: the log shows two faces.
    #[error("two roots for one tree size")]
    RootsDiffer,
}

/// Makes the inclusion proof of a leaf: RFC 6962 §2.1.1, leaf's sibling first.
///
/// # Errors
/// When the tree has no such leaf or the source lacks a hash of
/// [`inclusion_nodes`].
pub fn prove_inclusion(index: u64, size: u64, source: &impl HashSource) -> Result<Vec<Hash>, MakeProofError> {
    inclusion_ranges(index, size)?
        .into_iter()
        .map(|range| range.hash(source))
        .collect()
}

/// The hashes to load before [`prove_inclusion`].
///
/// # Errors
/// [`MakeProofError::OutOfRange`] when the tree has no such leaf.
pub fn inclusion_nodes(index: u64, size: u64) -> Result<Vec<NodeId>, MakeProofError> {
    Ok(inclusion_ranges(index, size)?
        .into_iter()
        .flat_map(LeafRange::nodes)
        .collect())
}

/// Makes the consistency proof between two sizes: RFC 6962 §2.1.2. Empty when the old size
/// is zero or both are equal.
///
/// # Errors
/// When the old size is above the new one or the source lacks a hash of
/// [`consistency_nodes`].
pub fn prove_consistency(old_size: u64, new_size: u64, source: &impl HashSource) -> Result<Vec<Hash>, MakeProofError> {
    consistency_ranges(old_size, new_size)?
        .into_iter()
        .map(|range| range.hash(source))
        .collect()
}

/// The hashes to load before [`prove_consistency`].
///
/// # Errors
/// [`MakeProofError::OutOfRange`] when the old size is above the new one.
pub fn consistency_nodes(old_size: u64, new_size: u64) -> Result<Vec<NodeId>, MakeProofError> {
    Ok(consistency_ranges(old_size, new_size)?
        .into_iter()
        .flat_map(LeafRange::nodes)
        .collect())
}

/// Why a proof cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MakeProofError {
    /// The tree has no such leaf or no such earlier size.
    #[error("index or size are not in the tree")]
    OutOfRange,
    /// A hash that is needed is not there.
    #[error("the hash of node {} at level {} is missing", node.index, node.level)]
    MissingHash {
        /// The subtree whose hash is missing.
        node: NodeId,
    },
}

/// How many steps of an inclusion proof have a sibling on either side, and how many are on
/// the right border, where every sibling is on the left.
fn path_lengths(index: u64, size: u64) -> (usize, usize) {
    let inner = u64::BITS - (index ^ (size - 1)).leading_zeros();
    let border = index.checked_shr(inner).unwrap_or(0).count_ones();
    (inner as usize, border as usize)
}

fn consistency_length(old_size: u64, new_size: u64) -> usize {
    if old_size == 0 || old_size == new_size {
        return 0;
    }
    let (inner, border) = path_lengths(old_size - 1, new_size);
    let seed = usize::from(!old_size.is_power_of_two());
    inner - old_size.trailing_zeros() as usize + border + seed
}

fn climb_inner(seed: Hash, path: &[Hash], index: u64) -> Hash {
    path.iter().enumerate().fold(seed, |hash, (level, sibling)| {
        if (index >> level) & 1 == 0 {
            node_hash(&hash, sibling)
        } else {
            node_hash(sibling, &hash)
        }
    })
}

/// As [`climb_inner`], leaving out what lies to the right: the smaller, older tree.
fn climb_left_only(seed: Hash, path: &[Hash], index: u64) -> Hash {
    path.iter().enumerate().fold(seed, |hash, (level, sibling)| {
        if (index >> level) & 1 == 0 {
            hash
        } else {
            node_hash(sibling, &hash)
        }
    })
}

fn climb_border(seed: Hash, path: &[Hash]) -> Hash {
    path.iter().fold(seed, |hash, sibling| node_hash(sibling, &hash))
}

/// PATH of RFC 6962 §2.1.1, without recursion: from the root down, then turned round.
fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<LeafRange>, MakeProofError> {
    if index >= size {
        return Err(MakeProofError::OutOfRange);
    }
    let mut ranges = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            ranges.push(LeafRange { start: middle, end });
            end = middle;
        } else {
            ranges.push(LeafRange { start, end: middle });
            start = middle;
        }
    }
    ranges.reverse();
    Ok(ranges)
}

/// PROOF of RFC 6962 §2.1.2, without recursion: from the root down, then turned round.
fn consistency_ranges(old_size: u64, new_size: u64) -> Result<Vec<LeafRange>, MakeProofError> {
    if old_size > new_size {
        return Err(MakeProofError::OutOfRange);
    }
    let mut ranges = Vec::new();
    if old_size == 0 || old_size == new_size {
        return Ok(ranges);
    }
    let (mut start, mut end) = (0, new_size);
    while end != old_size {
        let middle = start + split(end - start);
        if old_size <= middle {
            ranges.push(LeafRange { start: middle, end });
            end = middle;
        } else {
            ranges.push(LeafRange { start, end: middle });
            start = middle;
        }
    }
    if start != 0 {
        // What is left is not the whole old tree, whose root the reader has.
        ranges.push(LeafRange { start, end });
    }
    ranges.reverse();
    Ok(ranges)
}

/// The largest power of two below `length`, which is at least 2.
fn split(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tree, leaf_hash, root_of};

    fn tree(size: u64) -> Tree {
        let mut tree = Tree::default();
        (0..size).for_each(|i| tree.append(leaf_hash(&i.to_be_bytes())));
        tree
    }

    #[test]
    fn every_inclusion_proof_up_to_70_leaves() {
        let tree = tree(70);
        for size in 1..=70 {
            let root = root_of(size, &tree).unwrap();
            for index in 0..size {
                let proof = prove_inclusion(index, size, &tree).unwrap();
                let leaf = leaf_hash(&index.to_be_bytes());
                assert_eq!(verify_inclusion(&leaf, index, size, &root, &proof), Ok(()));
            }
        }
    }

    #[test]
    fn every_consistency_proof_up_to_70_leaves() {
        let tree = tree(70);
        for new in 0..=70 {
            let new_root = root_of(new, &tree).unwrap();
            for old in 0..=new {
                let old_root = root_of(old, &tree).unwrap();
                let proof = prove_consistency(old, new, &tree).unwrap();
                assert_eq!(verify_consistency(old, &old_root, new, &new_root, &proof), Ok(()));
            }
        }
    }

    #[test]
    fn k16_inclusion_proof_wrong_too_long_or_for_another_size() {
        let tree = tree(11);
        let (leaf, root) = (leaf_hash(&4_u64.to_be_bytes()), tree.root());
        let proof = prove_inclusion(4, 11, &tree).unwrap();
        let verify = |leaf, index, size, proof: &[Hash]| verify_inclusion(leaf, index, size, &root, proof);
        let length = |expected, found| Err(InclusionError::Length { expected, found });

        assert_eq!(verify(&leaf, 4, 11, &proof), Ok(()));
        assert_eq!(verify(&leaf, 11, 11, &proof), Err(InclusionError::IndexBeyondTree));
        assert_eq!(verify(&leaf, 0, 0, &[]), Err(InclusionError::IndexBeyondTree));
        assert_eq!(verify(&leaf, 4, 11, &proof[..3]), length(4, 3));
        assert_eq!(
            verify(&leaf, 4, 11, &[proof.as_slice(), &[root]].concat()),
            length(4, 5)
        );
        assert_eq!(verify(&leaf, 4, 8, &proof), length(3, 4));
        assert_eq!(verify(&leaf, 5, 11, &proof), Err(InclusionError::RootMismatch));
        let other = leaf_hash(b"another organisation");
        assert_eq!(verify(&other, 4, 11, &proof), Err(InclusionError::RootMismatch));
    }

    #[test]
    fn k16_consistency_proof_wrong_too_long_or_for_another_size() {
        let tree = tree(11);
        let (old, new) = (root_of(6, &tree).unwrap(), tree.root());
        let proof = prove_consistency(6, 11, &tree).unwrap();
        let length = |expected, found| Err(ConsistencyError::Length { expected, found });

        assert_eq!(verify_consistency(6, &old, 11, &new, &proof), Ok(()));
        assert_eq!(
            verify_consistency(11, &new, 6, &old, &proof),
            Err(ConsistencyError::SizesReversed)
        );
        assert_eq!(verify_consistency(6, &old, 11, &new, &proof[..3]), length(4, 3));
        assert_eq!(
            verify_consistency(6, &old, 11, &new, &[proof.as_slice(), &[new]].concat()),
            length(4, 5)
        );
        assert_eq!(verify_consistency(8, &old, 11, &new, &proof), length(1, 4));
        assert_eq!(verify_consistency(0, &Hash::EMPTY_TREE, 11, &new, &proof), length(0, 4));
        assert_eq!(
            verify_consistency(0, &new, 11, &new, &[]),
            Err(ConsistencyError::OldRootMismatch)
        );
        assert_eq!(
            verify_consistency(6, &new, 11, &new, &proof),
            Err(ConsistencyError::OldRootMismatch)
        );
        assert_eq!(
            verify_consistency(6, &old, 11, &old, &proof),
            Err(ConsistencyError::NewRootMismatch)
        );
        assert_eq!(
            verify_consistency(11, &old, 11, &new, &[]),
            Err(ConsistencyError::RootsDiffer)
        );
    }

    #[test]
    fn proofs_out_of_range_are_not_made() {
        let tree = tree(3);
        assert_eq!(prove_inclusion(3, 3, &tree), Err(MakeProofError::OutOfRange));
        assert_eq!(prove_consistency(4, 3, &tree), Err(MakeProofError::OutOfRange));
    }

    #[test]
    fn a_tree_of_the_largest_size_overflows_nothing() {
        let length = inclusion_ranges(u64::MAX - 1, u64::MAX).unwrap().len();
        let found = 0;
        assert_eq!(
            verify_inclusion(&Hash::EMPTY_TREE, u64::MAX - 1, u64::MAX, &Hash::EMPTY_TREE, &[]),
            Err(InclusionError::Length {
                expected: length,
                found
            })
        );
        let length = consistency_ranges(1 << 63, u64::MAX).unwrap().len();
        assert_eq!(
            verify_consistency(1 << 63, &Hash::EMPTY_TREE, u64::MAX, &Hash::EMPTY_TREE, &[]),
            Err(ConsistencyError::Length {
                expected: length,
                found
            })
        );
    }
}
