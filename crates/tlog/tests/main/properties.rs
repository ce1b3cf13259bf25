//! Bytes from outside: nothing panics, and what is read is written again as it was.

use proptest::prelude::*;
use tlog::{
    AddCheckpoint, Policy, Tile, TransparencyProof, Tree, UnverifiedCheckpoint, UnverifiedNote, VerifierKey, leaf_hash,
    prove_consistency, prove_inclusion, root_of, verify_consistency, verify_inclusion,
};

use crate::fixtures::{checkpoint, cosigned, policy, policy_text, tree};

/// A valid text with one byte range replaced, so that deep rules are reached.
fn damaged(text: String) -> impl Strategy<Value = Vec<u8>> {
    let bytes = text.into_bytes();
    let length = bytes.len();
    (0..length, 0..8_usize, prop::collection::vec(any::<u8>(), 0..4)).prop_map(move |(at, cut, new)| {
        let mut bytes = bytes.clone();
        let end = (at + cut).min(length);
        bytes.splice(at..end, new);
        bytes
    })
}

fn note() -> String {
    cosigned(&checkpoint(11), &[("w1", 10), ("w2", 20), ("w3", 30), ("m1", 40)]).to_string()
}

fn request() -> String {
    let proof = prove_consistency(5, 11, &tree(11)).unwrap();
    let checkpoint = UnverifiedCheckpoint::parse(note().as_bytes()).unwrap();
    AddCheckpoint {
        old_size: 5,
        proof,
        checkpoint,
    }
    .to_string()
}

proptest! {
    #[test]
    fn random_bytes(bytes: Vec<u8>) {
        let _ = UnverifiedNote::parse(&bytes);
        let _ = UnverifiedCheckpoint::parse(&bytes);
        let _ = AddCheckpoint::parse(&bytes);
        let _ = TransparencyProof::parse(&bytes);
        let _ = Policy::parse(&bytes);
    }

    #[test]
    fn random_text(text: String) {
        if let Ok(key) = text.parse::<VerifierKey>() {
            prop_assert_eq!(key.to_string(), text.clone());
        }
        if let Ok(tile) = text.parse::<Tile>() {
            prop_assert_eq!(tile.to_string(), text);
        }
    }

    /// Whatever is changed in a quorate checkpoint, what is accepted still says the same.
    #[test]
    fn damaged_checkpoint(bytes in damaged(note())) {
        if let Ok(read) = UnverifiedCheckpoint::parse(&bytes) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes);
            if let Ok(quorate) = read.verify(&policy()) {
                prop_assert_eq!(quorate.checkpoint(), &checkpoint(11));
                prop_assert!(quorate.time() <= 20);
            }
        }
    }

    #[test]
    fn damaged_request(bytes in damaged(request())) {
        if let Ok(read) = AddCheckpoint::parse(&bytes) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes);
        }
    }

    #[test]
    fn damaged_policy(bytes in damaged(policy_text())) {
        if let Ok(read) = Policy::parse(&bytes) {
            prop_assert_eq!(read.text(), bytes.as_slice());
        }
    }

    #[test]
    fn tile_paths(level in 0..64_u8, index in 0..1_u64 << 50, width in 1..=256_u16) {
        let suffix = if width == 256 { String::new() } else { format!(".p/{width}") };
        let width_of_groups = index.to_string().len().div_ceil(3) * 3;
        let digits = format!("{index:0>width_of_groups$}");
        let groups: Vec<&str> =
            digits.as_bytes().chunks(3).map(|group| std::str::from_utf8(group).unwrap()).collect();
        let path = format!("tile/{level}/{}{suffix}", {
            let (last, leading) = groups.split_last().unwrap();
            leading.iter().map(|group| format!("x{group}/")).collect::<String>() + last
        });
        let tile: Tile = path.parse().unwrap();
        prop_assert_eq!((tile.index(), tile.width()), (index, width));
        prop_assert_eq!(tile.to_string(), path);
    }

    /// Proofs hold, and a change anywhere breaks them.
    #[test]
    fn proofs(size in 1..200_u64, at: prop::sample::Index, bit in 0..256_usize, damage: prop::sample::Index) {
        let mut tree = Tree::default();
        (0..size).for_each(|i| tree.append(leaf_hash(&i.to_be_bytes())));
        let index = at.index(size as usize) as u64;
        let leaf = leaf_hash(&index.to_be_bytes());
        let mut proof = prove_inclusion(index, size, &tree).unwrap();
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &tree.root(), &proof), Ok(()));
        if !proof.is_empty() {
            flip(&mut proof, &damage, bit);
            prop_assert!(verify_inclusion(&leaf, index, size, &tree.root(), &proof).is_err());
        }

        let old = index;
        let old_root = root_of(old, &tree).unwrap();
        let mut proof = prove_consistency(old, size, &tree).unwrap();
        prop_assert_eq!(verify_consistency(old, &old_root, size, &tree.root(), &proof), Ok(()));
        if !proof.is_empty() {
            flip(&mut proof, &damage, bit);
            prop_assert!(
                verify_consistency(old, &old_root, size, &tree.root(), &proof).is_err()
            );
        }
    }
}

fn flip(proof: &mut [tlog::Hash], at: &prop::sample::Index, bit: usize) {
    let hash = &mut proof[at.index(proof.len())];
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    *hash = bytes.into();
}
