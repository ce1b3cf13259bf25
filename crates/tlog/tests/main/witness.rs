use test_case::test_case;
use tlog::{
    AddCheckpoint, AddCheckpointError, AddCheckpointResponseError, BadSignature, Checkpoint, CheckpointError,
    ConsistencyError, CosignatureError, Hash, NoteError, NoteSignatureError, Refusal, StateMoved, UnverifiedCheckpoint,
    WitnessState, WitnessStateError, cosignatures_from_response, prove_consistency, size_from_conflict,
};

use crate::fixtures::{ORIGIN, checkpoint, cosign, cosigner, log, other_log, signed, tree};

fn request(old_size: u64, new_size: u64) -> AddCheckpoint {
    let proof = prove_consistency(old_size.min(new_size), new_size, &tree(new_size)).unwrap();
    AddCheckpoint {
        old_size,
        proof,
        checkpoint: signed(&checkpoint(new_size)),
    }
}

/// A witness that has recorded a tree of five leaves.
fn witness() -> WitnessState {
    let mut state = WitnessState::new([log().verifier_key().clone()]);
    let to_persist = state.check(request(0, 5)).unwrap();
    let _ = state.record(to_persist).unwrap();
    state
}

fn refusal(request: AddCheckpoint) -> Refusal {
    let state = witness();
    let before = state.clone();
    let refusal = state.check(request).unwrap_err();
    assert_eq!(state, before);
    refusal
}

#[test]
fn cosigns_what_grows() {
    let mut state = witness();
    let to_persist = state.check(request(5, 11)).unwrap();
    assert_eq!(to_persist.previous_size(), 5);
    assert_eq!(to_persist.checkpoint().checkpoint(), &checkpoint(11));
    let recorded = state.record(to_persist).unwrap();
    let line = recorded.cosign(&cosigner("w1"), 1_700_000_000).unwrap();
    let key = cosigner("w1").verifier_key().clone();
    assert_eq!(key.verify(&checkpoint(11), &line), Ok(1_700_000_000));
    let origin = ORIGIN.parse().unwrap();
    assert_eq!(state.newest(&origin), Some(recorded.checkpoint()));
    assert_eq!(state.origins().collect::<Vec<_>>(), [&origin]);
}

#[test]
fn cosigns_the_same_checkpoint_again() {
    let mut state = witness();
    let to_persist = state.check(request(5, 5)).unwrap();
    let recorded = state.record(to_persist).unwrap();
    assert_eq!(recorded.cosign(&cosigner("w1"), 9), Ok(cosign(&checkpoint(5), "w1", 9)));
}

#[test]
fn restored_state_goes_on() {
    let mut state = WitnessState::new([log().verifier_key().clone()]);
    state.restore(signed(&checkpoint(5))).unwrap();
    assert_eq!(state, witness());
}

#[test]
fn stored_checkpoint_of_another_log_is_refused() {
    let mut state = WitnessState::new([other_log().verifier_key().clone()]);
    assert_eq!(
        state.restore(signed(&checkpoint(5))),
        Err(WitnessStateError::Signature(NoteSignatureError::Missing))
    );
    let mut state = WitnessState::new([]);
    assert_eq!(
        state.restore(signed(&checkpoint(5))),
        Err(WitnessStateError::UnknownOrigin)
    );
}

#[test]
fn k13_unknown_origin() {
    let checkpoint = Checkpoint::new("other.example".parse().unwrap(), 11, tree(11).root());
    let signature = log().sign(&self::checkpoint(11)).unwrap();
    let checkpoint = UnverifiedCheckpoint::new(checkpoint, vec![signature]);
    let refusal = refusal(AddCheckpoint {
        checkpoint,
        ..request(5, 11)
    });
    assert_eq!((refusal.status(), refusal), (404, Refusal::UnknownOrigin));
}

#[test]
fn k13_no_valid_signature() {
    let new = checkpoint(11);
    let other = UnverifiedCheckpoint::new(new.clone(), vec![other_log().sign(&new).unwrap()]);
    let missing = refusal(AddCheckpoint {
        checkpoint: other,
        ..request(5, 11)
    });
    assert_eq!(
        (missing.status(), missing),
        (403, Refusal::Signature(NoteSignatureError::Missing))
    );

    let signature = log().sign(&checkpoint(12)).unwrap();
    let wrong = UnverifiedCheckpoint::new(new, vec![signature]);
    let invalid = refusal(AddCheckpoint {
        checkpoint: wrong,
        ..request(5, 11)
    });
    assert_eq!(
        (invalid.status(), invalid),
        (403, Refusal::Signature(NoteSignatureError::Invalid))
    );
}

#[test]
fn k13_old_size_above_the_checkpoint() {
    let refusal = refusal(request(5, 4));
    assert_eq!((refusal.status(), refusal), (400, Refusal::OldSizeAboveCheckpoint));
}

#[test_case(4; "behind")]
#[test_case(6; "ahead")]
#[test_case(0; "as if new")]
fn k13_old_size_is_not_the_stored_one(old_size: u64) {
    let refusal = refusal(request(old_size, 11));
    assert_eq!((refusal.status(), refusal), (409, Refusal::Conflict { size: 5 }));
}

#[test]
fn k13_bad_proof() {
    let good = request(5, 11);
    let flipped = AddCheckpoint {
        proof: vec![Hash::EMPTY_TREE; good.proof.len()],
        ..good.clone()
    };
    let found = good.proof.len() - 1;
    let short = AddCheckpoint {
        proof: good.proof[..found].to_vec(),
        ..good.clone()
    };
    for (request, source) in [
        (flipped, ConsistencyError::OldRootMismatch),
        (
            short,
            ConsistencyError::Length {
                expected: found + 1,
                found,
            },
        ),
    ] {
        let refusal = refusal(request);
        assert_eq!(refusal.status(), 422);
        assert_eq!(refusal.evidence().unwrap().checkpoint(), &checkpoint(11));
        let Refusal::Proof { source: found, .. } = refusal else {
            panic!("{refusal:?}")
        };
        assert_eq!(found, source);
    }
}

#[test]
fn k13_proof_from_nothing_is_not_empty() {
    let state = WitnessState::new([log().verifier_key().clone()]);
    let request = AddCheckpoint {
        proof: vec![Hash::EMPTY_TREE],
        ..request(0, 5)
    };
    let refusal = state.check(request).unwrap_err();
    assert_eq!(refusal.status(), 422);
}

#[test]
fn k13_other_root_at_the_same_size() {
    let forked = Checkpoint::new(ORIGIN.parse().unwrap(), 5, tree(6).root());
    let request = AddCheckpoint {
        checkpoint: signed(&forked),
        ..request(5, 5)
    };
    let refusal = refusal(request);
    assert_eq!(refusal.status(), 422);
    assert!(matches!(refusal, Refusal::RootsDiffer { .. }));
    let evidence = refusal.evidence().unwrap();
    assert_eq!(evidence.checkpoint(), &forked);
    assert_eq!(evidence.log_signatures(), [log().sign(&forked).unwrap()]);
}

/// tlog-witness: the race in which a smaller tree replaces a larger one.
#[test]
fn a_smaller_tree_never_replaces_a_larger_one() {
    let mut state = witness();
    let slow = state.check(request(5, 8)).unwrap();
    let fast = state.check(request(5, 11)).unwrap();
    let _ = state.record(fast).unwrap();
    assert_eq!(state.record(slow), Err(StateMoved));
    assert_eq!(
        state.newest(&ORIGIN.parse().unwrap()).unwrap().checkpoint(),
        &checkpoint(11)
    );
}

#[test]
fn request_round_trip() {
    for request in [request(5, 11), request(0, 5)] {
        assert_eq!(AddCheckpoint::parse(request.to_string().as_bytes()), Ok(request));
    }
}

#[test_case("old 5\n", AddCheckpointError::NoBlankLine; "no checkpoint")]
#[test_case("new 5\n\nx", AddCheckpointError::OldSize; "no old size")]
#[test_case("old 05\n\nx", AddCheckpointError::OldSize; "leading zero")]
#[test_case("old 5\nAA==\n\nx", AddCheckpointError::ProofLine; "short hash")]
#[test_case("old 5\n\nx", AddCheckpointError::Checkpoint(CheckpointError::Note(NoteError::NoBlankLine)); "not a note")]
fn request_refused(body: &str, error: AddCheckpointError) {
    assert_eq!(AddCheckpoint::parse(body.as_bytes()), Err(error));
}

#[test]
fn request_with_64_proof_lines_is_refused() {
    let with = |count| AddCheckpoint {
        proof: vec![Hash::EMPTY_TREE; count],
        ..request(5, 5)
    };
    assert_eq!(AddCheckpoint::parse(with(63).to_string().as_bytes()), Ok(with(63)));
    assert_eq!(
        AddCheckpoint::parse(with(64).to_string().as_bytes()),
        Err(AddCheckpointError::TooManyProofLines)
    );
}

#[test]
fn response_gives_the_lines_of_the_key() {
    let checkpoint = checkpoint(5);
    let (w1, w2) = (cosign(&checkpoint, "w1", 9), cosign(&checkpoint, "w2", 9));
    let key = cosigner("w1").verifier_key().clone();
    let read = |body: &str| cosignatures_from_response(body.as_bytes(), &checkpoint, &key);
    assert_eq!(read(&format!("{w2}{w1}")), Ok(vec![w1.clone()]));
    assert_eq!(read(&w2.to_string()), Err(AddCheckpointResponseError::Missing));
    assert_eq!(
        read(""),
        Err(AddCheckpointResponseError::Lines(NoteError::NoFinalNewline))
    );
    assert_eq!(
        read("ok\n"),
        Err(AddCheckpointResponseError::Lines(NoteError::SignatureLine))
    );
    let other = cosign(&self::checkpoint(6), "w1", 9).to_string();
    let bad = CosignatureError::Signature(BadSignature);
    assert_eq!(read(&other), Err(AddCheckpointResponseError::Cosignature(bad)));
}

/// The signature over time zero is made by hand: our cosigner refuses to.
#[test]
fn response_without_a_time_is_refused() {
    use aws_lc_rs::signature::Ed25519KeyPair;
    use base64::{Engine, engine::general_purpose::STANDARD};
    let checkpoint = checkpoint(5);
    let w1 = cosigner("w1");
    let mut seed = [9; 32];
    seed[..2].copy_from_slice(b"w1");
    let message = format!("cosignature/v1\ntime 0\n{}", checkpoint.text());
    let signature = Ed25519KeyPair::from_seed_unchecked(&seed)
        .unwrap()
        .sign(message.as_bytes());
    let key = w1.verifier_key();
    let bytes = [&key.verifier_key().id().0, [0; 8].as_slice(), signature.as_ref()].concat();
    let body = format!("— w1.example {}\n", STANDARD.encode(bytes));
    assert_eq!(
        cosignatures_from_response(body.as_bytes(), &checkpoint, key),
        Err(AddCheckpointResponseError::NoTime)
    );
}

#[test_case("20852163\n" => Some(20_852_163); "size and newline")]
#[test_case("0\n" => Some(0); "zero")]
#[test_case("5" => None; "no newline")]
#[test_case("05\n" => None; "leading zero")]
#[test_case("\n" => None; "empty")]
fn conflict_body(body: &str) -> Option<u64> {
    size_from_conflict(body.as_bytes())
}
