//! Policies and who governs.

use jose::{PrivateJwk, Signer, SigningKey};
use ledger::{Governance, Kind, LeafBuilder, Policy, Predecessor, Records, Successor};
use serde_json::json;
use testkit::ledger::{ORIGIN, thumbprint};

use super::Broken;
use crate::oracle::world::{Outcome, World};
use crate::rules::stray_key;

pub(super) const ALL: &[Broken] = &[
    ("PolicyOrigin", policy_origin),
    ("PolicyVersion", policy_version),
    ("PredecessorDiffers", predecessor_differs),
    ("GovernanceOwnThreshold", own_threshold),
    ("GovernancePreviousThreshold", previous_threshold),
    ("GovernanceKeyNotAnnounced", key_not_announced),
    ("GovernanceOwnThreshold", signature_invalid),
    ("Payload", malformed_policy),
];

/// The next policy leaf, signed by this key.
fn signed(world: &World, payload: Vec<u8>, key: &SigningKey) -> ledger::Submission {
    let head = world.ledger.replica().policy().map(|state| state.record.head);
    let leaf = LeafBuilder::new(Kind::Policy, ORIGIN, head.as_ref(), payload);
    leaf.signed_by(ORIGIN, &[(&thumbprint(key), key)]).unwrap()
}

fn write(world: &mut World, policy: &Policy, key: &SigningKey) -> Outcome {
    let leaf = signed(world, policy.encode().unwrap(), key);
    world.ledger.try_write(&leaf)
}

fn policy_origin(world: &mut World) -> Outcome {
    let mut policy = world.policy();
    policy.origin = "other.example".to_owned();
    // The log key's id depends on its name, so the line is made anew.
    let rest = policy.quorum.split_once('\n').unwrap().1.to_owned();
    policy.quorum = format!("log {}\n{rest}", log_key("other.example"));
    world.ledger.try_write(&world.ledger.policy_leaf(&policy))
}

fn policy_version(world: &mut World) -> Outcome {
    let mut policy = world.policy();
    policy.version = if world.dice.once_in(2) {
        policy.version + 1
    } else {
        policy.version - 1
    };
    world.ledger.try_write(&world.ledger.policy_leaf(&policy))
}

/// The verifier key of a log of this name.
fn log_key(origin: &str) -> String {
    let log = tlog::LogSigner::from_seed(origin.parse().unwrap(), &[70; 32]).unwrap();
    log.verifier_key().to_string()
}

fn predecessor_differs(world: &mut World) -> Outcome {
    let mut policy = world.policy();
    policy.predecessor = Some(Predecessor {
        log_key: log_key("old.example"),
        origin: "old.example".to_owned(),
        root: [3; 32],
        size: 10,
    });
    world.ledger.try_write(&world.ledger.policy_leaf(&policy))
}

/// A policy that names a successor, then whatever was possible before it, then a map head.
pub(super) fn log_closed(world: &mut World) -> Outcome {
    let agency = world.take_agency();
    let mut policy = world.policy();
    policy.successor = Some(Successor {
        log_key: log_key("next.example"),
        origin: "next.example".to_owned(),
    });
    world.write_policy(&policy);
    let leaf = if world.dice.once_in(2) {
        world.by_registrar(Kind::AccreditationRevoke, &agency, World::revocation(&agency))
    } else {
        world.ledger.policy_leaf(&world.policy())
    };
    let outcome = world.ledger.try_write(&leaf);
    let head = world.ledger.map_head_leaf(&world.ledger.sound_map_head());
    world.ledger.write(&head);
    outcome
}

fn own_threshold(world: &mut World) -> Outcome {
    let policy = world.policy();
    write(world, &policy, &stray_key())
}

fn other_key() -> SigningKey {
    SigningKey::new(&PrivateJwk::from_ed25519_seed(&[88; 32])).unwrap()
}

/// A policy that announces another key, then one by that key alone.
fn previous_threshold(world: &mut World) -> Outcome {
    let other = other_key();
    let mut policy = world.policy();
    policy.governance = world.governance(&[other.public_jwk().thumbprint()]);
    world.write_policy(&policy);
    let mut next = world.policy();
    next.governance = Governance::new(vec![other.public_jwk().clone()], Vec::new(), 1).unwrap();
    write(world, &next, &other)
}

fn key_not_announced(world: &mut World) -> Outcome {
    let keys = vec![
        world.ledger.governance().public_jwk().clone(),
        stray_key().public_jwk().clone(),
    ];
    let mut policy = world.policy();
    policy.governance = Governance::new(keys, Vec::new(), 1).unwrap();
    world.ledger.try_write(&world.ledger.policy_leaf(&policy))
}

fn signature_invalid(world: &mut World) -> Outcome {
    let leaf = world.ledger.policy_leaf(&world.policy());
    let leaf = crate::rules::changed(&leaf, |leaf| crate::rules::signatures(leaf)[0].signature[7] ^= 1);
    world.ledger.try_write(&leaf)
}

fn malformed_policy(world: &mut World) -> Outcome {
    let sound = world.policy().encode().unwrap();
    let mut value: serde_json::Value = serde_json::from_slice(&sound).unwrap();
    match world.dice.below(5) {
        0 => value["governance"]["threshold"] = json!(2),
        1 => value["governance"]["threshold"] = json!(0),
        2 => {
            value["quorum"] = value["quorum"]
                .as_str()
                .unwrap()
                .replace("quorum quorum", "quorum witnesses")
                .into()
        }
        3 => value["mirrors"] = json!([]),
        _ => value["trust_pack"]["sha256"] = json!(""),
    }
    let payload = serde_jcs::to_vec(&value).unwrap();
    let leaf = signed(world, payload, world.ledger.governance());
    world.ledger.try_write(&leaf)
}
