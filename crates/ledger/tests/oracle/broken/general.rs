//! Rules for every kind.

use ledger::{Kind, LeafBuilder, LeafPointer, PrivateBlob};
use serde_json::{Value, json};
use testkit::ledger::ORIGIN;

use super::Broken;
use crate::oracle::world::{Outcome, World};
use crate::rules::{PID, changed, grant, grant_leaf};

pub(super) const ALL: &[Broken] = &[
    ("SubjectNotOrigin", policy_of_another_log),
    ("SubjectNotOrigin", map_head_of_another_log),
    ("SubjectNotDid", subject_not_did),
    ("PayloadTooLong", payload_too_long),
    ("PayloadTooLong", payload_too_long_for_the_policy),
    ("PrivateNotAllowed", private_not_allowed),
    ("Conflict", begins_the_chain_again),
    ("Conflict", leaves_a_place_out),
    ("Conflict", another_leaf_before),
    ("Conflict", continues_what_has_not_begun),
    ("Payload", malformed_grant),
    ("Payload", malformed_revocation),
    ("Payload", malformed_map_head),
    ("SubjectDiffers", subject_differs),
];

fn policy_of_another_log(world: &mut World) -> Outcome {
    let leaf = changed(&world.ledger.policy_leaf(&world.policy()), |leaf| {
        leaf.subject = "other.example".to_owned();
    });
    world.ledger.try_write(&leaf)
}

fn map_head_of_another_log(world: &mut World) -> Outcome {
    let head = world.ledger.map_head_leaf(&world.ledger.sound_map_head());
    let head = changed(&head, |leaf| leaf.subject = "other.example".to_owned());
    world.ledger.try_write(&head)
}

fn subject_not_did(world: &mut World) -> Outcome {
    let agency = world.take_alive();
    let subject = world.dice.pick(&["agency.example", "did:web:agency.example", ORIGIN]);
    let leaf = LeafBuilder::new(Kind::AccreditationGrant, subject, None, grant(&agency));
    world.back(agency);
    world.ledger.try_write(&world.ledger.signed_by_registrar(leaf))
}

fn payload_too_long(world: &mut World) -> Outcome {
    let agency = world.take_agency();
    let leaf = world.by_registrar(Kind::AccreditationRevoke, &agency, vec![b' '; 1025]);
    world.back(agency);
    world.ledger.try_write(&leaf)
}

fn payload_too_long_for_the_policy(world: &mut World) -> Outcome {
    let agency = world.take_alive();
    let (mut policy, sound) = (world.policy(), world.policy());
    policy.limits.document_bytes = Some(100);
    world.write_policy(&policy);
    let leaf = world.ledger.signed_by_registrar(grant_leaf(&world.ledger, &agency));
    let outcome = world.ledger.try_write(&leaf);
    let version = policy.version + 1;
    world.write_policy(&ledger::Policy { version, ..sound });
    world.back(agency);
    outcome
}

fn private_not_allowed(world: &mut World) -> Outcome {
    let mut organisation = world.take_alive();
    world.tick();
    let now = world.ledger.now();
    organisation.deactivate(now).unwrap();
    let blob = PrivateBlob {
        salt: [1; 32],
        bytes: b"a contact".to_vec(),
    };
    let line = testkit::ledger::newest_line(&organisation);
    let leaf = world.leaf(Kind::DidDeactivate, &organisation, line).with_private(blob);
    // The line is not written: nobody needs the organisation any more.
    world.ledger.try_write(&leaf.proved_by_payload())
}

fn begins_the_chain_again(world: &mut World) -> Outcome {
    let agency = world.take_agency();
    let leaf = LeafBuilder::new(Kind::AccreditationGrant, agency.did().as_str(), None, grant(&agency));
    world.back(agency);
    world.ledger.try_write(&world.ledger.signed_by_registrar(leaf))
}

/// The next grant, changed after it was signed.
pub(super) fn changed_grant(world: &mut World, change: impl FnOnce(&mut ledger::Leaf)) -> Outcome {
    let agency = world.take_agency();
    let leaf = world.ledger.signed_by_registrar(grant_leaf(&world.ledger, &agency));
    world.back(agency);
    world.ledger.try_write(&changed(&leaf, change))
}

fn leaves_a_place_out(world: &mut World) -> Outcome {
    changed_grant(world, |leaf| leaf.seq += 1)
}

fn another_leaf_before(world: &mut World) -> Outcome {
    let other = world.dice.once_in(2);
    changed_grant(world, |leaf| {
        let before = leaf.prev.as_mut().unwrap();
        if other {
            before.hash[31] ^= 1;
        } else {
            before.index += 1;
        }
    })
}

fn continues_what_has_not_begun(world: &mut World) -> Outcome {
    let newcomer = world.newcomer();
    let leaf = world.ledger.signed_by_registrar(grant_leaf(&world.ledger, &newcomer));
    world.back(newcomer);
    let leaf = changed(&leaf, |leaf| {
        leaf.seq = 1;
        leaf.prev = Some(LeafPointer {
            index: 0,
            hash: [0; 32],
        });
    });
    world.ledger.try_write(&leaf)
}

/// Changes that no reader of a grant takes.
const GRANTS: [fn(&mut Value); 11] = [
    |grant| grant["further"] = json!(1),
    |grant| grant["name"] = json!({"de": "Amt"}),
    |grant| grant["name"] = json!({"en": ""}),
    |grant| grant["name"] = json!({"en": "x".repeat(201)}),
    |grant| grant["name"] = json!({"en": "two\nlines"}),
    |grant| grant["name"] = json!({"en": "Agency", "EN": "Agency"}),
    |grant| grant["types"] = json!([]),
    |grant| grant["types"] = json!([{"until": 1, "vct": "b"}, {"until": 1, "vct": "a"}]),
    |grant| grant["types"] = json!([{"until": 1, "vct": "a"}, {"until": 1, "vct": "a"}]),
    |grant| grant["types"] = json!([{"until": 9_007_199_254_740_992_u64, "vct": "a"}]),
    |grant| grant["types"][0]["until"] = json!(-1),
];

fn malformed_grant(world: &mut World) -> Outcome {
    let agency = world.take_alive();
    let sound = grant(&agency);
    let payload = match world.dice.below(GRANTS.len() + 3) {
        0 => [sound.as_slice(), b" "].concat(),
        1 => b"\xff".to_vec(),
        2 => String::from_utf8(sound)
            .unwrap()
            .replacen(PID, "urn:\\u0061", 1)
            .into_bytes(),
        number => {
            let mut value: Value = serde_json::from_slice(&sound).unwrap();
            GRANTS[number - 3](&mut value);
            serde_jcs::to_vec(&value).unwrap()
        }
    };
    let leaf = world.by_registrar(Kind::AccreditationGrant, &agency, payload);
    world.back(agency);
    world.ledger.try_write(&leaf)
}

fn malformed_revocation(world: &mut World) -> Outcome {
    let agency = world.take_agency();
    let payload = json!({"reason": world.dice.pick(&["retired", "Ended", ""]), "subject": agency.did().as_str()});
    let leaf = world.by_registrar(Kind::AccreditationRevoke, &agency, serde_jcs::to_vec(&payload).unwrap());
    world.back(agency);
    world.ledger.try_write(&leaf)
}

fn malformed_map_head(world: &mut World) -> Outcome {
    let mut payload = world.ledger.sound_map_head().encode();
    match world.dice.below(3) {
        0 => payload.push(0),
        1 => payload[0] = 0x84,
        _ => payload.truncate(payload.len() - 1),
    }
    let before = ledger::Records::map_head(world.ledger.replica()).map(|state| state.head);
    let leaf = LeafBuilder::new(Kind::MapHead, ORIGIN, before.as_ref(), payload);
    world.ledger.try_write(&leaf.written_by_log())
}

fn subject_differs(world: &mut World) -> Outcome {
    let (one, other) = (world.take_alive(), world.newcomer());
    let leaf = world.by_registrar(Kind::AccreditationGrant, &one, grant(&other));
    world.back(one);
    world.back(other);
    world.ledger.try_write(&leaf)
}
