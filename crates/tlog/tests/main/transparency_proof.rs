use test_case::test_case;
use tlog::{
    CheckpointError, InclusionError, NoteError, ProofVerificationError, QuorumError, TransparencyProof,
    TransparencyProofError, leaf_hash, prove_inclusion,
};

use crate::fixtures::{checkpoint, cosigned, policy, tree};

fn proof() -> TransparencyProof {
    TransparencyProof {
        extra: None,
        index: 4,
        hashes: prove_inclusion(4, 11, &tree(11)).unwrap(),
        checkpoint: cosigned(&checkpoint(11), &[("w1", 10), ("w2", 20), ("m1", 30)]),
    }
}

#[test]
fn round_trip_and_verify() {
    let with_extra = TransparencyProof {
        extra: Some(b"context".to_vec()),
        ..proof()
    };
    for proof in [proof(), with_extra] {
        let parsed = TransparencyProof::parse(proof.to_string().as_bytes()).unwrap();
        assert_eq!(parsed, proof);
        let verified = parsed.verify(&leaf_hash(&4_u64.to_be_bytes()), &policy()).unwrap();
        assert_eq!((verified.index(), verified.checkpoint().size()), (4, 11));
    }
}

#[test]
fn k16_leaf_of_another_subject() {
    assert_eq!(
        proof().verify(&leaf_hash(b"another"), &policy()),
        Err(ProofVerificationError::Inclusion(InclusionError::RootMismatch))
    );
}

#[test]
fn checkpoint_without_quorum() {
    let proof = TransparencyProof {
        checkpoint: cosigned(&checkpoint(11), &[]),
        ..proof()
    };
    assert_eq!(
        proof.verify(&leaf_hash(&4_u64.to_be_bytes()), &policy()),
        Err(ProofVerificationError::Checkpoint(QuorumError::NotReached))
    );
}

#[test_case("c2sp.org/tlog-proof@v2\nindex 1\n\nx", TransparencyProofError::Header; "another version")]
#[test_case("c2sp.org/tlog-proof@v1\nindex 1\n", TransparencyProofError::NoBlankLine; "no checkpoint")]
#[test_case("c2sp.org/tlog-proof@v1\nextra ?\nindex 1\n\nx", TransparencyProofError::Extra; "extra is not base64")]
#[test_case("c2sp.org/tlog-proof@v1\nindex 01\n\nx", TransparencyProofError::Index; "leading zero")]
#[test_case("c2sp.org/tlog-proof@v1\n\nx", TransparencyProofError::Index; "no index")]
#[test_case("c2sp.org/tlog-proof@v1\nindex 1\nAA==\n\nx", TransparencyProofError::Hash; "short hash")]
#[test_case("c2sp.org/tlog-proof@v1\nindex 1\n\nx", TransparencyProofError::Checkpoint(CheckpointError::Note(NoteError::NoBlankLine)); "not a note")]
fn refused(text: &str, error: TransparencyProofError) {
    assert_eq!(TransparencyProof::parse(text.as_bytes()), Err(error));
}

#[test]
fn more_hashes_than_a_tree_has_levels() {
    let proof = TransparencyProof {
        hashes: vec![tlog::Hash::EMPTY_TREE; 65],
        ..proof()
    };
    assert_eq!(
        TransparencyProof::parse(proof.to_string().as_bytes()),
        Err(TransparencyProofError::TooManyHashes)
    );
}
