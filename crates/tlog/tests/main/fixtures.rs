//! One log, three witnesses, a mirror.

use tlog::{Checkpoint, Cosigner, LogSigner, Policy, SignatureLine, Tree, UnverifiedCheckpoint, leaf_hash};

pub(crate) const ORIGIN: &str = "log.example/holdfast";

pub(crate) fn log() -> LogSigner {
    LogSigner::from_seed(ORIGIN.parse().unwrap(), &[1; 32]).unwrap()
}

/// Another log key with the same name.
pub(crate) fn other_log() -> LogSigner {
    LogSigner::from_seed(ORIGIN.parse().unwrap(), &[2; 32]).unwrap()
}

/// `w1`, `w2`, `w3` or `m1`.
pub(crate) fn cosigner(name: &str) -> Cosigner {
    let mut seed = [9; 32];
    seed[..2].copy_from_slice(name.as_bytes());
    Cosigner::from_seed(format!("{name}.example").parse().unwrap(), &seed).unwrap()
}

/// Two of three witnesses, and the mirror.
pub(crate) fn policy_text() -> String {
    let mut text = format!("log {}\n", log().verifier_key());
    for name in ["w1", "w2", "w3", "m1"] {
        text += &format!("witness {name} {}\n", cosigner(name).verifier_key());
    }
    text + "group witnesses 2 w1 w2 w3\ngroup mirrors any m1\n\
            group both all witnesses mirrors\nquorum both\n"
}

pub(crate) fn policy() -> Policy {
    Policy::parse(policy_text().as_bytes()).unwrap()
}

pub(crate) fn tree(size: u64) -> Tree {
    let mut tree = Tree::default();
    (0..size).for_each(|i| tree.append(leaf_hash(&i.to_be_bytes())));
    tree
}

pub(crate) fn checkpoint(size: u64) -> Checkpoint {
    Checkpoint::new(ORIGIN.parse().unwrap(), size, tree(size).root())
}

pub(crate) fn signed(checkpoint: &Checkpoint) -> UnverifiedCheckpoint {
    UnverifiedCheckpoint::new(checkpoint.clone(), vec![log().sign(checkpoint).unwrap()])
}

/// The checkpoint, signed by the log and cosigned at these times.
pub(crate) fn cosigned(checkpoint: &Checkpoint, times: &[(&str, u64)]) -> UnverifiedCheckpoint {
    let cosignatures = times.iter().map(|(name, time)| cosign(checkpoint, name, *time));
    let lines = [log().sign(checkpoint).unwrap()]
        .into_iter()
        .chain(cosignatures)
        .collect();
    UnverifiedCheckpoint::new(checkpoint.clone(), lines)
}

pub(crate) fn cosign(checkpoint: &Checkpoint, name: &str, time: u64) -> SignatureLine {
    cosigner(name).cosign(checkpoint, time).unwrap()
}

/// The text of a note with its signature lines edited.
pub(crate) fn edit(note: &UnverifiedCheckpoint, from: &str, to: &str) -> Vec<u8> {
    let text = note.to_string();
    assert!(text.contains(from), "{text} has no {from}");
    text.replace(from, to).into_bytes()
}
