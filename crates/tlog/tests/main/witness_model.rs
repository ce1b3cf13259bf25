//! A witness against a log with two faces, in any order of requests.

use proptest::prelude::*;
use tlog::{
    AddCheckpoint, Checkpoint, Hash, Refusal, Tree, UnverifiedCheckpoint, WitnessState, leaf_hash, prove_consistency,
    root_of,
};

use crate::fixtures::{ORIGIN, log};

/// The two faces have their first leaves in common.
const COMMON: u64 = 6;
const LARGEST: u64 = 24;

fn face(number: u64) -> Tree {
    let mut tree = Tree::default();
    for leaf in 0..LARGEST {
        let face = if leaf < COMMON { 0 } else { number };
        tree.append(leaf_hash(&[face.to_be_bytes(), leaf.to_be_bytes()].concat()));
    }
    tree
}

/// What the log sends: which face, from and to which size, and whether the proof is damaged.
#[derive(Clone, Copy, Debug)]
struct Step {
    face: usize,
    old_size: u64,
    new_size: u64,
    damaged: bool,
}

fn step() -> impl Strategy<Value = Step> {
    (0..2_usize, 0..=LARGEST, 0..=LARGEST, prop::bool::weighted(0.1)).prop_map(|(face, old_size, new_size, damaged)| {
        Step {
            face,
            old_size,
            new_size,
            damaged,
        }
    })
}

fn request(tree: &Tree, step: Step) -> AddCheckpoint {
    let mut proof = prove_consistency(step.old_size.min(step.new_size), step.new_size, tree).unwrap();
    if step.damaged {
        proof.push(Hash::EMPTY_TREE);
    }
    let root = root_of(step.new_size, tree).unwrap();
    let checkpoint = Checkpoint::new(ORIGIN.parse().unwrap(), step.new_size, root);
    let signature = log().sign(&checkpoint).unwrap();
    AddCheckpoint {
        old_size: step.old_size,
        proof,
        checkpoint: UnverifiedCheckpoint::new(checkpoint, vec![signature]),
    }
}

proptest! {
    /// Whatever is sent: what is recorded only grows, stays on one face, and every answer is
    /// the one that the protocol names.
    #[test]
    fn one_face_only(steps in prop::collection::vec((step(), any::<bool>()), 1..40)) {
        let faces = [face(1), face(2)];
        let mut state = WitnessState::new([log().verifier_key().clone()]);
        let (mut size, mut root) = (0, Hash::EMPTY_TREE);
        for (mut step, honest) in steps {
            if honest {
                step.old_size = size;
            }
            let tree = &faces[step.face];
            let continues = root_of(size, tree).unwrap() == root;
            let before = state.clone();
            match state.check(request(tree, step)) {
                Ok(to_persist) => {
                    prop_assert!(!step.damaged && continues);
                    prop_assert!(step.old_size == size && step.new_size >= size);
                    let recorded = state.record(to_persist).unwrap();
                    size = recorded.checkpoint().checkpoint().size();
                    root = *recorded.checkpoint().checkpoint().root();
                    prop_assert_eq!(size, step.new_size);
                }
                Err(refusal) => {
                    prop_assert_eq!(&state, &before);
                    let expected = if step.old_size > step.new_size {
                        400
                    } else if step.old_size != size {
                        409
                    } else {
                        prop_assert!(step.damaged || !continues);
                        422
                    };
                    prop_assert_eq!(refusal.status(), expected);
                    if let Refusal::Conflict { size: named } = refusal {
                        prop_assert_eq!(named, size);
                    }
                }
            }
        }
    }
}
