//! Evidence of a split view: what is evidence, and what is none.

use cbor::Writer;
use ledger::{Hash, Landmark, LandmarkError, SplitError, SplitEvidence, UnverifiedLandmark, UnverifiedSplitEvidence};
use testkit::{Cosignatures, Ledger};
use tlog::{ConsistencyError, Tree, leaf_hash, prove_consistency, root_of};

use crate::bundle::NOW;

/// A tree of so many entries that begin with this word.
fn tree(word: &str, size: u64) -> Tree {
    let mut tree = Tree::default();
    for number in 0..size {
        tree.append(leaf_hash(format!("{word} {number}").as_bytes()));
    }
    tree
}

/// What the log signs of a tree, alone.
fn signed(ledger: &Ledger, tree: &Tree) -> UnverifiedLandmark {
    ledger.signed_landmark(tree.size(), tree.root())
}

fn verified(ledger: &Ledger, tree: &Tree) -> Landmark {
    signed(ledger, tree).verify(&ledger.trust_pack()).unwrap()
}

/// An evidence file, by another hand than the library's.
fn file(older: &UnverifiedLandmark, newer: &UnverifiedLandmark, growth: Option<(Hash, Vec<Hash>)>) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.array(4).uint(1);
    older.write(&mut writer);
    newer.write(&mut writer);
    match growth {
        Some((root, proof)) => writer.array(2).bytes(&root).bytes(proof.as_flattened()),
        None => writer.null(),
    };
    writer.into_bytes()
}

fn check(bytes: &[u8], ledger: &Ledger) -> Result<SplitEvidence, SplitError> {
    UnverifiedSplitEvidence::parse(bytes)?.verify(&ledger.trust_pack())
}

/// The root that a tree begins with, and the proof that it grew from there.
fn growth(tree: &Tree, old_size: u64) -> (Hash, Vec<Hash>) {
    let proof = prove_consistency(old_size, tree.size(), tree).unwrap();
    let proof = proof.iter().map(|hash| *hash.as_bytes()).collect();
    (*root_of(old_size, tree).unwrap().as_bytes(), proof)
}

#[test]
fn two_roots_of_one_size_are_evidence() {
    let ledger = Ledger::new(NOW);
    let (one, other) = (verified(&ledger, &tree("one", 5)), verified(&ledger, &tree("other", 5)));
    let evidence = SplitEvidence::of_one_size(&one, &other).unwrap();
    assert_eq!(SplitEvidence::of_one_size(&other, &one), Some(evidence.clone()));
    assert_eq!(check(&evidence.encode(), &ledger), Ok(evidence.clone()));
    let (older, newer) = (evidence.older().to_unverified(), evidence.newer().to_unverified());
    assert_eq!(evidence.encode(), file(&older, &newer, None));
    assert_eq!(check(&file(&newer, &older, None), &ledger), Err(SplitError::Order));
    let needless = file(&older, &newer, Some((newer.dangerous_root(), Vec::new())));
    assert_eq!(check(&needless, &ledger), Err(SplitError::ProofNotNeeded));
    assert_eq!(SplitEvidence::of_one_size(&one, &one), None);
    assert_eq!(
        check(&file(&older, &older, None), &ledger),
        Err(SplitError::NoContradiction)
    );
}

#[test]
fn a_tree_that_does_not_begin_with_the_older_one_is_evidence() {
    let ledger = Ledger::new(NOW);
    // A power of two, where the proof leaves the old root out, and another size.
    for size in [4, 5] {
        let (one, other) = (tree("one", size), tree("other", 9));
        let (older, newer) = (verified(&ledger, &one), verified(&ledger, &other));
        let evidence = SplitEvidence::in_tree(&older, &newer, &other).unwrap().unwrap();
        assert_eq!(check(&evidence.encode(), &ledger), Ok(evidence.clone()));
        let written = file(
            &signed(&ledger, &one),
            &signed(&ledger, &other),
            Some(growth(&other, size)),
        );
        assert_eq!(evidence.encode(), written);
    }
}

#[test]
fn a_log_that_only_grew_gives_no_evidence() {
    let ledger = Ledger::new(NOW);
    let (before, after) = (tree("one", 5), tree("one", 9));
    let (older, newer) = (verified(&ledger, &before), verified(&ledger, &after));
    assert_eq!(SplitEvidence::in_tree(&older, &newer, &after), Ok(None));
    let (root, proof) = growth(&after, 5);
    let none = SplitEvidence::of_two_sizes(&older, &newer, root, &proof);
    assert_eq!(none, Err(SplitError::NoContradiction));
    let written = file(&older.to_unverified(), &newer.to_unverified(), Some((root, proof)));
    assert_eq!(check(&written, &ledger), Err(SplitError::NoContradiction));
}

#[test]
fn without_a_proof_that_holds_two_sizes_are_no_evidence() {
    let ledger = Ledger::new(NOW);
    let (one, other) = (tree("one", 5), tree("other", 9));
    let (older, newer) = (verified(&ledger, &one), verified(&ledger, &other));
    let bare = file(&older.to_unverified(), &newer.to_unverified(), None);
    assert_eq!(check(&bare, &ledger), Err(SplitError::ProofMissing));
    let (root, mut proof) = growth(&other, 5);
    let turned = SplitEvidence::of_two_sizes(&newer, &older, root, &proof);
    assert_eq!(turned, Err(SplitError::Order));
    proof[0][0] ^= 1;
    let refused = SplitEvidence::of_two_sizes(&older, &newer, root, &proof).unwrap_err();
    assert!(matches!(refused, SplitError::Proof(_)), "{refused:?}");
    proof.pop();
    let refused = SplitEvidence::of_two_sizes(&older, &newer, root, &proof).unwrap_err();
    assert!(
        matches!(refused, SplitError::Proof(ConsistencyError::Length { .. })),
        "{refused:?}"
    );
    // The tree of somebody else shows nothing.
    assert_eq!(SplitEvidence::in_tree(&older, &newer, &tree("third", 9)), Ok(None));
}

#[test]
fn evidence_needs_both_signatures_of_the_log() {
    let ledger = Ledger::new(NOW);
    let (one, other) = (tree("one", 5), tree("other", 5));
    let evidence = SplitEvidence::of_one_size(&verified(&ledger, &one), &verified(&ledger, &other)).unwrap();
    let bytes = evidence.encode();
    // The last byte before the empty list of cosignatures and the null is of the second signature.
    let mut changed = bytes.clone();
    let last = changed.len() - 3;
    changed[last] ^= 1;
    let refused = check(&changed, &ledger).unwrap_err();
    assert!(
        matches!(refused, SplitError::Checkpoint(LandmarkError::Quorum(_))),
        "{refused:?}"
    );
    assert_eq!(UnverifiedSplitEvidence::parse(&[0; 33_000]), Err(SplitError::TooLong));
}

#[test]
fn evidence_keeps_the_cosignatures_that_came_with_a_checkpoint() {
    let mut ledger = Ledger::new(NOW);
    let note = ledger.publish_with(&Cosignatures::all(NOW));
    let cosigned = UnverifiedLandmark::from_note(&note).unwrap();
    let cosigned = cosigned.verify(&ledger.trust_pack()).unwrap();
    let other = verified(&ledger, &tree("other", cosigned.size()));
    let evidence = SplitEvidence::of_one_size(&cosigned, &other).unwrap();
    let read = check(&evidence.encode(), &ledger).unwrap();
    let times = [read.older().quorum_time(), read.newer().quorum_time()];
    assert!(times.contains(&Some(NOW)) && times.contains(&None), "{times:?}");
}
