//! Our proofs, checked by a library by others.

use ::ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use sha2::Sha256;
use tlog::{Hash, Tree, prove_consistency, prove_inclusion};

use crate::fixtures::tree;

const SIZES: [u64; 8] = [1, 2, 3, 7, 8, 65, 256, 300];

fn root(tree: &Tree) -> RootHash<Sha256> {
    RootHash::new((*tree.root().as_bytes()).into(), tree.size())
}

fn bytes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

/// The same with one bit changed, at every byte.
fn changed(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len()).map(move |at| {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1;
        changed
    })
}

#[test]
fn ct_merkle_accepts_every_proof_of_inclusion_and_none_with_a_changed_byte() {
    let accepts = |size: u64, index: u64, leaf: &[u8], proof: Vec<u8>| {
        let proof = InclusionProof::try_from_bytes(proof).unwrap();
        root(&tree(size)).verify_inclusion(&leaf, index, &proof).is_ok()
    };
    for size in SIZES {
        let whole = tree(size);
        for index in [0, size / 2, size - 1] {
            let leaf = index.to_be_bytes();
            let proof = bytes(&prove_inclusion(index, size, &whole).unwrap());
            assert!(accepts(size, index, &leaf, proof.clone()), "{index} of {size}");
            assert!(
                !accepts(size, index, &(index + 1).to_be_bytes(), proof.clone()),
                "another leaf"
            );
            for changed in changed(&proof).step_by(31) {
                assert!(!accepts(size, index, &leaf, changed), "{index} of {size}");
            }
        }
    }
}

#[test]
fn ct_merkle_accepts_every_proof_of_consistency_and_none_with_a_changed_byte() {
    let accepts = |old: u64, new: u64, proof: Vec<u8>| {
        let proof = ConsistencyProof::try_from_bytes(proof).unwrap();
        root(&tree(new)).verify_consistency(&root(&tree(old)), &proof).is_ok()
    };
    for (at, new) in SIZES.into_iter().enumerate() {
        let whole = tree(new);
        for old in &SIZES[..at] {
            let proof = bytes(&prove_consistency(*old, new, &whole).unwrap());
            assert!(accepts(*old, new, proof.clone()), "{old} to {new}");
            for changed in changed(&proof).step_by(31) {
                assert!(!accepts(*old, new, changed), "{old} to {new}");
            }
        }
    }
}
