//! Checkpoints, and the messages that carry them. c2sp.org/tlog-checkpoint, tlog-witness, tlog-proof

use std::sync::LazyLock;

use testkit::{Cosignatures, Ledger};
use tlog::{
    AddCheckpoint, Checkpoint, Hash, LogKey, Policy, TransparencyProof, UnverifiedCheckpoint, leaf_hash,
    prove_inclusion,
};

use super::Target;
use crate::Reached;
use crate::keys::NOW;

pub(super) const TARGET: Target = Target {
    name: "checkpoint",
    asserts: "a checkpoint, a witness request, a transparency proof and a policy are written as they came; no \
              checkpoint verifies but those that the log signed, none reaches the quorum but those that enough \
              cosigned, at no later time; no inclusion holds but that of the leaf",
    body,
    seeds: inputs,
};

/// A log with its policy, and what it signed.
pub(super) struct Log {
    pub(super) log_key: LogKey,
    policy: Policy,
    checkpoints: Vec<Checkpoint>,
    leaf: Hash,
}

/// Notes: without quorum, with it, and a later one.
pub(super) static NOTES: LazyLock<Vec<String>> = LazyLock::new(|| MADE.0.clone());
pub(super) static LEDGER: LazyLock<&'static Log> = LazyLock::new(|| &MADE.1);

static MADE: LazyLock<(Vec<String>, Log, Vec<String>)> = LazyLock::new(|| {
    let mut ledger = Ledger::new(NOW);
    let refused = ledger.publish_with(&Cosignatures::without_quorum(NOW));
    let quorate = ledger.publish();
    ledger.create("agency.example");
    let later = ledger.publish();
    let size = ledger.replica().size();
    let proof = TransparencyProof {
        extra: Some(b"extra".to_vec()),
        index: 1,
        hashes: prove_inclusion(1, size, ledger.replica().tree()).unwrap(),
        checkpoint: later.clone(),
    };
    let old_size = quorate.dangerous_checkpoint().size();
    let request = AddCheckpoint {
        old_size,
        proof: tlog::prove_consistency(old_size, size, ledger.replica().tree()).unwrap(),
        checkpoint: later.clone(),
    };
    let policy = Policy::parse(ledger.pack_content().policy.as_bytes()).unwrap();
    let log = Log {
        log_key: policy.logs()[0].key().clone(),
        policy,
        checkpoints: vec![
            quorate.dangerous_checkpoint().clone(),
            later.dangerous_checkpoint().clone(),
        ],
        leaf: leaf_hash(&ledger.entries()[1].0),
    };
    let notes = [refused, quorate, later].map(|note| note.to_string()).to_vec();
    let others = vec![
        proof.to_string(),
        request.to_string(),
        ledger.pack_content().policy.clone(),
    ];
    (notes, log, others)
});

fn inputs() -> Vec<Vec<u8>> {
    MADE.0
        .iter()
        .chain(&MADE.2)
        .map(|text| text.clone().into_bytes())
        .collect()
}

fn body(input: &[u8]) -> Reached {
    if input.starts_with(b"c2sp.org/") {
        return TransparencyProof::parse(input).map_or(Reached::Refused, |proof| inclusion(proof, input));
    }
    if let Ok(request) = AddCheckpoint::parse(input) {
        assert_eq!(request.to_string().as_bytes(), input);
        return checkpoint(request.checkpoint);
    }
    if let Ok(policy) = Policy::parse(input) {
        assert_eq!(policy.text(), input);
        let quorum = |has: bool| policy.is_satisfied_by(|_| has);
        assert!(quorum(true), "a quorum that nobody can reach");
        return Reached::Read;
    }
    let Ok(read) = UnverifiedCheckpoint::parse(input) else {
        return Reached::Refused;
    };
    assert_eq!(read.to_string().as_bytes(), input);
    checkpoint(read)
}

fn checkpoint(read: UnverifiedCheckpoint) -> Reached {
    let by_log = read.clone().verify_log(std::slice::from_ref(&LEDGER.log_key));
    let by_quorum = read.verify(&LEDGER.policy);
    if let Ok(signed) = &by_log {
        assert!(
            LEDGER.checkpoints.contains(signed.checkpoint()),
            "the log signed no such checkpoint"
        );
    }
    let Ok(quorate) = by_quorum else {
        return Reached::Read;
    };
    assert!(by_log.is_ok(), "a quorum without the log");
    assert!(LEDGER.checkpoints.contains(quorate.checkpoint()));
    assert_eq!(quorate.time(), NOW, "cosigned at another time");
    Reached::Accepted
}

fn inclusion(proof: TransparencyProof, input: &[u8]) -> Reached {
    assert_eq!(proof.to_string().as_bytes(), input);
    let Ok(included) = proof.verify(&LEDGER.leaf, &LEDGER.policy) else {
        return Reached::Read;
    };
    assert_eq!(included.index(), 1, "included elsewhere");
    assert!(LEDGER.checkpoints.contains(included.checkpoint().checkpoint()));
    Reached::Accepted
}
