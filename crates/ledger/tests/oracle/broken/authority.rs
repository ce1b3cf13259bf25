//! Who may write.

use did::identity::OldKey;
use jose::{Algorithm, SigningKey};
use ledger::{Authority, Kind};
use testkit::ledger::signed_by;

use super::Broken;
use super::general::changed_grant;
use super::organisation::snapshot_at;
use crate::oracle::world::{Outcome, World};
use crate::rules::{changed, grant_leaf, signatures, signed_as, stray_key};

pub(super) const ALL: &[Broken] = &[
    ("AuthorityForm", grant_without_signature),
    ("AuthorityForm", map_head_not_by_the_log),
    ("AuthorityForm", policy_by_the_log),
    ("AuthorityForm", line_signed_twice),
    ("SignatureCount", signature_count),
    ("SignerUnknown", signer_is_no_did_url),
    ("SignerUnknown", signer_without_record),
    ("SignerNotRegistrar", signer_not_registrar),
    ("SignerNotSubject", signer_not_subject),
    ("SignerDeactivated", signer_deactivated),
    ("SignerKeyRetired", signer_key_retired),
    ("SignerKeyNotListed", no_such_key),
    ("SignerKeyNotListed", credential_key),
    ("SignatureAlgorithm", signature_algorithm),
    ("SignatureInvalid", signature_invalid),
    ("SignatureInvalid", signature_for_another_log),
];

fn grant_without_signature(world: &mut World) -> Outcome {
    let agency = world.take_alive();
    let leaf = grant_leaf(&world.ledger, &agency);
    world.back(agency);
    let by_log = world.dice.once_in(2);
    let submission = if by_log {
        leaf.written_by_log()
    } else {
        leaf.proved_by_payload()
    };
    world.ledger.try_write(&submission)
}

fn map_head_not_by_the_log(world: &mut World) -> Outcome {
    let head = world.ledger.map_head_leaf(&world.ledger.sound_map_head());
    let head = changed(&head, |leaf| leaf.authority = Authority::PayloadProof);
    world.ledger.try_write(&head)
}

fn policy_by_the_log(world: &mut World) -> Outcome {
    let leaf = world.ledger.policy_leaf(&world.policy());
    let leaf = changed(&leaf, |leaf| leaf.authority = Authority::Log);
    world.ledger.try_write(&leaf)
}

fn line_signed_twice(world: &mut World) -> Outcome {
    let mut organisation = world.take_alive();
    world.tick();
    let now = world.ledger.now();
    organisation
        .rotate_assertion_key(OldKey::Keep, now, &mut world.ledger.random())
        .unwrap();
    let leaf = world.leaf(
        Kind::DidRotate,
        &organisation,
        testkit::ledger::newest_line(&organisation),
    );
    // The line is not written: nobody needs the organisation any more.
    world.ledger.try_write(&world.ledger.signed_by_registrar(leaf))
}

fn signature_count(world: &mut World) -> Outcome {
    changed_grant(world, |leaf| {
        let mut second = signatures(leaf)[0].clone();
        second.key_id.push('2');
        signatures(leaf).push(second);
    })
}

fn signature_algorithm(world: &mut World) -> Outcome {
    changed_grant(world, |leaf| signatures(leaf)[0].algorithm = Algorithm::Es256)
}

fn signature_invalid(world: &mut World) -> Outcome {
    let at = world.dice.below(64);
    changed_grant(world, |leaf| signatures(leaf)[0].signature[at] ^= 1)
}

/// The next grant, under a key id and by a key of somebody's choice.
fn grant_as(world: &mut World, key_id: &str, key: &SigningKey) -> Outcome {
    let agency = world.take_alive();
    let leaf = signed_as(grant_leaf(&world.ledger, &agency), key_id, key);
    world.back(agency);
    world.ledger.try_write(&leaf)
}

fn signer_is_no_did_url(world: &mut World) -> Outcome {
    grant_as(world, "no did url", &stray_key())
}

fn signer_without_record(world: &mut World) -> Outcome {
    let nobody = "did:webvh:QmNobody:nobody.example";
    let sound = world.policy();
    let mut policy = world.policy();
    policy.registrars.push(nobody.parse().unwrap());
    policy.registrars.sort();
    world.write_policy(&policy);
    let outcome = grant_as(world, &format!("{nobody}#ledger-1"), &stray_key());
    let version = policy.version + 1;
    world.write_policy(&ledger::Policy { version, ..sound });
    outcome
}

fn signer_not_registrar(world: &mut World) -> Outcome {
    let agency = world.take_alive();
    let leaf = signed_by(&agency, grant_leaf(&world.ledger, &agency));
    world.back(agency);
    world.ledger.try_write(&leaf)
}

fn signer_not_subject(world: &mut World) -> Outcome {
    let agency = world.take_agency();
    world.tick();
    let payload = snapshot_at(&agency, world.ledger.now());
    let leaf = world.by_registrar(Kind::StatusSnapshot, &agency, serde_jcs::to_vec(&payload).unwrap());
    world.back(agency);
    world.ledger.try_write(&leaf)
}

fn signer_deactivated(world: &mut World) -> Outcome {
    let mut second = world.second_registrar();
    world.tick();
    world.ledger.deactivate(&mut second);
    let agency = world.take_alive();
    let leaf = signed_by(&second, grant_leaf(&world.ledger, &agency));
    world.back(agency);
    world.ledger.try_write(&leaf)
}

fn signer_key_retired(world: &mut World) -> Outcome {
    let mut second = world.second_registrar();
    let retired = second.assertion_key().unwrap().0.to_string();
    world.tick();
    world.ledger.rotate(&mut second, OldKey::TakeOut);
    grant_as(world, &retired, &stray_key())
}

fn no_such_key(world: &mut World) -> Outcome {
    let unknown = format!("{}#ledger-7", world.ledger.registrar().did());
    grant_as(world, &unknown, &stray_key())
}

fn credential_key(world: &mut World) -> Outcome {
    let (name, key) = world.ledger.registrar().assertion_key().unwrap();
    let (name, key) = (name.to_string(), SigningKey::new(key).unwrap());
    grant_as(world, &name, &key)
}

fn signature_for_another_log(world: &mut World) -> Outcome {
    let agency = world.take_alive();
    let (name, key) = world.ledger.registrar().ledger_key().unwrap();
    let key = SigningKey::new(key).unwrap();
    let leaf = grant_leaf(&world.ledger, &agency);
    let leaf = leaf.signed_by("other.example", &[(&name.to_string(), &key)]).unwrap();
    world.back(agency);
    world.ledger.try_write(&leaf)
}
