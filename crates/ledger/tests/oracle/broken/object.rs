//! Schema, rule, service, document, release, audit snapshot.

use ledger::{Family, Kind, LeafBuilder};
use serde_json::{Value, json};
use testkit::ledger::{ORIGIN, signed_by, thumbprint};
use testkit::objects;

use super::Broken;
use crate::oracle::published::{by_owner, next_audit, next_document, next_version, release_of, with_release_key};
use crate::oracle::world::{Outcome, World};
use crate::rules::stray_key;

pub(super) const ALL: &[Broken] = &[
    ("SubjectNotObject", subject_not_object),
    ("SubjectDiffers", subject_differs),
    ("AlreadyPublished", already_published),
    ("NotPublished", not_published),
    ("SignerNotOwner", signer_not_owner),
    ("DocumentSupersedes", document_supersedes),
    ("ReleaseKeyNotNamed", release_key_not_named),
    ("ReleaseNotNewer", release_not_newer),
    ("AuditSnapshotGap", audit_snapshot_gap),
    ("AuditSnapshotSmaller", audit_snapshot_smaller),
    ("Payload", malformed_rule),
    ("Payload", malformed_service),
];

fn subject_not_object(world: &mut World) -> Outcome {
    let did = world.ledger.registrar().did().to_string();
    let subjects = [
        (Kind::RulePublish, did.clone()),
        (Kind::RulePublish, format!("{did}/service/a")),
        (Kind::ServicePublish, format!("{did}/service/A")),
        (Kind::Document, format!("{did}/document/{}", "a".repeat(65))),
        (Kind::SchemaPublish, format!("{did}/schema/")),
        (Kind::Release, format!("{did}/release/a")),
        (Kind::Release, format!("{ORIGIN}/release/a/b")),
    ];
    let (kind, subject) = &subjects[world.dice.below(subjects.len())];
    let leaf = LeafBuilder::new(*kind, subject, None, b"{}".to_vec());
    world.ledger.try_write(&leaf.proved_by_payload())
}

fn subject_differs(world: &mut World) -> Outcome {
    let owner = world.take_alive();
    let subject = objects::subject(Family::Rule, owner.did(), "another");
    let payload = objects::rule(owner.did()).encode().unwrap();
    let leaf = by_owner(world, &owner, Kind::RulePublish, payload, &subject);
    world.back(owner);
    world.ledger.try_write(&leaf)
}

fn already_published(world: &mut World) -> Outcome {
    let owner = world.newcomer();
    let rule = objects::rule(owner.did());
    let payload = rule.encode().unwrap();
    let first = by_owner(world, &owner, Kind::RulePublish, payload.clone(), &rule.subject);
    world.ledger.write(&first);
    let again = by_owner(world, &owner, Kind::RulePublish, payload, &rule.subject);
    world.back(owner);
    world.ledger.try_write(&again)
}

fn not_published(world: &mut World) -> Outcome {
    let owner = world.newcomer();
    let service = objects::service(owner.did());
    let payload = service.encode().unwrap();
    let leaf = by_owner(world, &owner, Kind::ServiceSupersede, payload, &service.subject);
    world.back(owner);
    world.ledger.try_write(&leaf)
}

fn signer_not_owner(world: &mut World) -> Outcome {
    let owner = world.newcomer();
    let schema = objects::schema(owner.did());
    let payload = schema.encode().unwrap();
    let leaf = world
        .ledger
        .next_object_leaf(Kind::SchemaPublish, &schema.subject, payload);
    world.back(owner);
    world.ledger.try_write(&world.ledger.signed_by_registrar(leaf))
}

fn document_supersedes(world: &mut World) -> Outcome {
    let owner = world.take_alive();
    let (subject, payload) = next_document(world, &owner);
    let mut value: Value = serde_json::from_slice(&payload).unwrap();
    value["supersedes"] = json!(jose::base64url::encode([99; 32]));
    let payload = serde_jcs::to_vec(&value).unwrap();
    let leaf = by_owner(world, &owner, Kind::Document, payload, &subject);
    world.back(owner);
    world.ledger.try_write(&leaf)
}

fn release_key_not_named(world: &mut World) -> Outcome {
    with_release_key(world);
    let (release, stray) = (objects::release([9, 0, 0]), stray_key());
    let payload = release.encode().unwrap();
    let leaf = world.ledger.next_object_leaf(Kind::Release, &release.subject, payload);
    let leaf = leaf.signed_by(ORIGIN, &[(&thumbprint(&stray), &stray)]).unwrap();
    world.ledger.try_write(&leaf)
}

fn release_not_newer(world: &mut World) -> Outcome {
    with_release_key(world);
    let first = release_of(world, [1, next_version(world), 0]);
    world.ledger.write(&first);
    let older = world.dice.pick(&[[1, 0, 0], [0, 99, 0]]);
    let leaf = release_of(world, older);
    world.ledger.try_write(&leaf)
}

/// The second of two audit snapshots, from so much later and over so many more actions.
fn second_audit(world: &mut World, later: u64, more: i64) -> Outcome {
    let agency = world.take_agency();
    let first = signed_by(&agency, next_audit(world, &agency, 0, 1));
    world.ledger.write(&first);
    let second = signed_by(&agency, next_audit(world, &agency, later, more));
    world.back(agency);
    world.ledger.try_write(&second)
}

fn audit_snapshot_gap(world: &mut World) -> Outcome {
    second_audit(world, 1, 0)
}

fn audit_snapshot_smaller(world: &mut World) -> Outcome {
    second_audit(world, 0, -1)
}

/// The first version of something of a newcomer's, changed.
fn malformed(world: &mut World, kind: Kind, change: fn(usize, &mut Value)) -> Outcome {
    let owner = world.newcomer();
    let (subject, payload) = match kind {
        Kind::RulePublish => (
            objects::rule(owner.did()).subject.clone(),
            objects::rule(owner.did()).encode(),
        ),
        _ => (
            objects::service(owner.did()).subject.clone(),
            objects::service(owner.did()).encode(),
        ),
    };
    let mut value: Value = serde_json::from_slice(&payload.unwrap()).unwrap();
    change(world.dice.below(6), &mut value);
    let leaf = by_owner(world, &owner, kind, serde_jcs::to_vec(&value).unwrap(), &subject);
    world.back(owner);
    world.ledger.try_write(&leaf)
}

fn malformed_rule(world: &mut World) -> Outcome {
    malformed(world, Kind::RulePublish, |way, rule| match way {
        0 => rule["subset"] = json!(2),
        1 => rule["claims"] = json!({"1pid.a": "bool"}),
        2 => rule["expression"] = json!("pid.age_over_18 == 'j@doe.example'"),
        3 => rule["queries"][0]["id"] = json!("other"),
        4 => rule["name"] = json!({"en": "For 850601-123456"}),
        _ => rule["queries"][0]["vct_values"] = json!(["b", "a"]),
    })
}

fn malformed_service(world: &mut World) -> Outcome {
    malformed(world, Kind::ServicePublish, |way, service| match way {
        0 => service["fee"]["currency"] = json!("eur"),
        1 => service["fee"]["amount"] = json!(0),
        2 => service["complaints"] = json!("http://office.example/"),
        3 => service["complaints"] = json!("https://j@office.example/"),
        4 => service["page"] = Value::Null,
        _ => service["text"] = json!({"en": "Call +49 (30) 123-4567"}),
    })
}
