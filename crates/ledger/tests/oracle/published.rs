//! What organisations publish, and successions: entries of the kinds from 12 on that break no rule.

use did::identity::Organisation;
use ledger::{Kind, LeafBuilder, Records, ReleaseKeys, Submission};
use serde_json::{Value, json};
use testkit::ledger::{ORIGIN, signed_by, signed_by_both, thumbprint};
use testkit::objects;

use super::world::World;
use crate::rules::grant;

/// The next leaf about a schema, rule, service or document, signed by its owner.
pub(super) fn by_owner(world: &World, owner: &Organisation, kind: Kind, payload: Vec<u8>, subject: &str) -> Submission {
    signed_by(owner, world.ledger.next_object_leaf(kind, subject, payload))
}

/// How many versions there are of a subject.
pub(super) fn versions(world: &World, subject: &str) -> u64 {
    let record = world.ledger.replica().object(subject);
    record.map_or(0, |record| record.head.seq + 1)
}

pub(super) fn publish_or_supersede(world: &mut World) {
    let owner = world.take_alive();
    let did = owner.did();
    let (subject, payload, kinds) = match world.dice.below(3) {
        0 => {
            let schema = objects::schema(did);
            let payload = schema.encode().unwrap();
            (schema.subject, payload, [Kind::SchemaPublish, Kind::SchemaSupersede])
        }
        1 => {
            let rule = objects::rule(did);
            let payload = rule.encode().unwrap();
            (rule.subject, payload, [Kind::RulePublish, Kind::RuleSupersede])
        }
        _ => {
            let service = objects::service(did);
            let payload = service.encode().unwrap();
            (service.subject, payload, [Kind::ServicePublish, Kind::ServiceSupersede])
        }
    };
    let kind = kinds[usize::from(versions(world, &subject) > 0)];
    let leaf = by_owner(world, &owner, kind, payload, &subject);
    world.ledger.write(&leaf);
    world.back(owner);
}

/// The next version of a document, which supersedes the one before.
pub(super) fn next_document(world: &World, owner: &Organisation) -> (String, Vec<u8>) {
    let subject = objects::document(owner.did(), 1, None).subject;
    let before = u8::try_from(versions(world, &subject)).unwrap();
    let document = objects::document(owner.did(), before + 1, (before > 0).then_some(before));
    (subject, document.encode().unwrap())
}

pub(super) fn document(world: &mut World) {
    let owner = world.take_alive();
    let (subject, payload) = next_document(world, &owner);
    let leaf = by_owner(world, &owner, Kind::Document, payload, &subject);
    world.ledger.write(&leaf);
    world.back(owner);
}

/// The next audit snapshot of an agency, from so much later and over so many more actions.
pub(super) fn next_audit(world: &World, agency: &Organisation, later: u64, more: i64) -> LeafBuilder {
    let record = world.ledger.record(agency.did().as_str());
    let (until, size) = record
        .audit_snapshot()
        .map_or((world.ledger.now(), 10), |before| (before.time, before.size));
    let from = until + later;
    let size = size.checked_add_signed(more).unwrap();
    let snapshot = objects::audit_snapshot(agency.did(), from, from + 3600, size);
    world.leaf(Kind::AuditSnapshot, agency, snapshot.encode().unwrap())
}

pub(super) fn audit_snapshot(world: &mut World) {
    let agency = world.take_agency();
    let more = i64::try_from(world.dice.below(3)).unwrap();
    let leaf = signed_by(&agency, next_audit(world, &agency, 0, more));
    world.ledger.write(&leaf);
    world.back(agency);
}

/// The policy in force names a release key from now on.
pub(super) fn with_release_key(world: &mut World) {
    let policy = world.ledger.replica().policy().expect("a policy");
    if policy.policy.release_keys == ReleaseKeys::default() {
        let policy = world.policy();
        world.write_policy(&policy);
    }
}

/// A release of this version, signed by the release key.
pub(super) fn release_of(world: &World, version: [u32; 3]) -> Submission {
    let release = objects::release(version);
    let key = world.ledger.governance();
    let leaf = world
        .ledger
        .next_object_leaf(Kind::Release, &release.subject, release.encode().unwrap());
    leaf.signed_by(ORIGIN, &[(&thumbprint(key), key)]).unwrap()
}

/// The version after the newest.
pub(super) fn next_version(world: &World) -> u32 {
    u32::try_from(versions(world, &objects::release([0; 3]).subject)).unwrap()
}

pub(super) fn release(world: &mut World) {
    with_release_key(world);
    let leaf = release_of(world, [1, next_version(world), 0]);
    world.ledger.write(&leaf);
}

/// The next grant to an agency that goes on for another.
pub(super) fn succeeds(world: &World, subject: &Organisation, old: &str) -> LeafBuilder {
    let mut payload: Value = serde_json::from_slice(&grant(subject)).unwrap();
    payload["succeeds"] = json!(old);
    world.leaf(Kind::AccreditationGrant, subject, serde_jcs::to_vec(&payload).unwrap())
}

pub(super) fn succession(world: &mut World) {
    let (old, new, second) = (world.take_agency(), world.newcomer(), world.second_registrar());
    let head = world.ledger.map_head_leaf(&world.ledger.sound_map_head());
    world.ledger.write(&head);
    let leaf = succeeds(world, &new, old.did().as_str());
    let leaf = signed_by_both(world.ledger.registrar(), &second, leaf);
    world.ledger.write(&leaf);
    if world.dice.once_in(2) {
        // A plain grant keeps what the succession said.
        let leaf = world.by_registrar(Kind::AccreditationGrant, &new, grant(&new));
        world.ledger.write(&leaf);
    }
    world.back(old);
    world.back(new);
}
