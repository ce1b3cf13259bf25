//! DID kinds.

use did::identity::{OldKey, Organisation};
use ledger::Kind;
use serde_json::{Map, Value, json};
use testkit::ledger::newest_line;

use super::Broken;
use crate::oracle::world::{Outcome, World};
use crate::rules::did_log::{Handmade, document, fresh, genesis_with, promised};

pub(super) const ALL: &[Broken] = &[
    ("DidLineFeed", line_feed),
    ("DidLine", changed_line),
    ("DidLine", changed_first_line),
    ("DidDiffers", line_of_another),
    ("DidNotPortable", not_portable),
    ("DidWitnesses", witnesses),
    ("DidNotPreRotated", first_line_promises_nothing),
    ("DidNotPreRotated", later_line_promises_nothing),
    ("DidNextKeyHash", next_key_hash),
    ("DidKeyUnsupported", key_of_another_type),
    ("DidKeyUnsupported", key_of_another_did),
    ("DidKeyCount", key_count),
    ("DidKeyReturns", fragment_returns),
    ("DidKeyReturns", key_returns),
    ("DidKindDiffers", kind_differs),
    ("DidKindDiffers", creation_that_deactivates),
    ("DidMissing", line_of_a_stranger),
    ("DidDeactivated", line_after_the_end),
    ("AuthorityForm", creation_without_a_registrar),
];

/// A first line, signed by the registrar.
fn create(world: &mut World, did: &str, line: Vec<u8>) -> Outcome {
    let leaf = world.ledger.next_leaf(Kind::DidCreate, did, line);
    world.ledger.try_write(&world.ledger.signed_by_registrar(leaf))
}

fn create_with(world: &mut World, parameters: Value) -> Outcome {
    let (did, line) = genesis_with(parameters);
    create(world, &did, line.into_bytes())
}

/// A DID of our own making that no other turn has made: it differs by a member of its document.
fn handmade(world: &mut World, mut document: Map<String, Value>) -> Handmade {
    world.tick();
    document.insert(
        "alsoKnownAs".to_owned(),
        json!([format!("urn:now:{}", world.ledger.now())]),
    );
    Handmade::new(document)
}

/// The same, on the ledger.
fn anchored(world: &mut World, document: Map<String, Value>) -> Handmade {
    let handmade = handmade(world, document);
    handmade.create(&mut world.ledger).unwrap();
    handmade
}

fn line_feed(world: &mut World) -> Outcome {
    let handmade = handmade(world, document(&[]));
    create(world, &handmade.did(), format!("{}\n", handmade.line).into_bytes())
}

/// The line after, with one of its members changed and not signed again.
fn changed_line(world: &mut World) -> Outcome {
    let mut organisation = world.take_alive();
    let before: Value = serde_json::from_slice(&newest_line(&organisation)).unwrap();
    world.tick();
    let now = world.ledger.now();
    organisation
        .rotate_assertion_key(OldKey::Keep, now, &mut world.ledger.random())
        .unwrap();
    let mut line: Value = serde_json::from_slice(&newest_line(&organisation)).unwrap();
    match world.dice.below(8) {
        0 => line["versionId"] = before["versionId"].clone(),
        1 => line["versionTime"] = before["versionTime"].clone(),
        2 => line["proof"] = before["proof"].clone(),
        3 => line["parameters"]["updateKeys"] = before["parameters"]["updateKeys"].clone(),
        4 => line["state"]["controller"] = json!("did:example:other"),
        5 => line["further"] = json!(1),
        6 => line["parameters"]["further"] = json!(1),
        _ => line["proof"] = json!([]),
    }
    let leaf = world.leaf(Kind::DidRotate, &organisation, line.to_string().into_bytes());
    // The line is not written: nobody needs the organisation any more.
    world.ledger.try_write(&leaf.proved_by_payload())
}

fn changed_first_line(world: &mut World) -> Outcome {
    let handmade = handmade(world, document(&[("#a", 1)]));
    let mut line: Value = serde_json::from_str(&handmade.line).unwrap();
    match world.dice.below(3) {
        0 => line["versionTime"] = json!("2025-11-20T12:00:01Z"),
        1 => line["parameters"]["portable"] = json!(false),
        _ => line["parameters"]["updateKeys"] = json!([]),
    }
    create(world, &handmade.did(), line.to_string().into_bytes())
}

fn line_of_another(world: &mut World) -> Outcome {
    let (one, other) = (world.take_alive(), world.newcomer());
    let leaf = world.leaf(Kind::DidUpdate, &one, newest_line(&other));
    world.back(one);
    world.back(other);
    world.ledger.try_write(&leaf.proved_by_payload())
}

fn not_portable(world: &mut World) -> Outcome {
    create_with(world, json!({"nextKeyHashes": [promised()]}))
}

fn witnesses(world: &mut World) -> Outcome {
    let witness = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
    let rule = json!({"threshold": 1, "witnesses": [{"id": witness}]});
    create_with(
        world,
        json!({"portable": true, "nextKeyHashes": [promised()], "witness": rule}),
    )
}

fn first_line_promises_nothing(world: &mut World) -> Outcome {
    create_with(world, json!({"portable": true, "nextKeyHashes": []}))
}

fn later_line_promises_nothing(world: &mut World) -> Outcome {
    let handmade = anchored(world, document(&[("#a", 1)]));
    let line = handmade.unpromised_change();
    handmade.write(&mut world.ledger, Kind::DidUpdate, line)
}

fn next_key_hash(world: &mut World) -> Outcome {
    create_with(world, json!({"portable": true, "nextKeyHashes": ["zz"]}))
}

fn key_of_another_type(world: &mut World) -> Outcome {
    let method = json!({"verificationMethod": [{"id": "#a", "type": "RsaKey"}], "capabilityInvocation": ["#a"]});
    let handmade = handmade(world, method.as_object().unwrap().clone());
    handmade.create(&mut world.ledger)
}

fn key_of_another_did(world: &mut World) -> Outcome {
    let other = document(&[("did:webvh:QmOther:other.example#a", 1)]);
    let embedded = json!({"capabilityInvocation": other["verificationMethod"]});
    let handmade = handmade(world, embedded.as_object().unwrap().clone());
    handmade.create(&mut world.ledger)
}

fn key_count(world: &mut World) -> Outcome {
    let names: Vec<String> = (0..17).map(|number| format!("#k{number}")).collect();
    let keys: Vec<(&str, u8)> = names.iter().map(String::as_str).zip(1..).collect();
    let handmade = handmade(world, document(&keys));
    handmade.create(&mut world.ledger)
}

/// A second line with these keys, after one with others.
fn second(world: &mut World, first: &[(&str, u8)], second: &[(&str, u8)], kind: Kind) -> Outcome {
    let handmade = anchored(world, document(first));
    let line = handmade.change(document(second));
    handmade.write(&mut world.ledger, kind, line)
}

fn fragment_returns(world: &mut World) -> Outcome {
    second(world, &[("#a", 1), ("#b", 2)], &[("#a", 9), ("#b", 2)], Kind::DidRotate)
}

fn key_returns(world: &mut World) -> Outcome {
    second(world, &[("#a", 1), ("#b", 2)], &[("#c", 1), ("#b", 2)], Kind::DidRotate)
}

/// Thirty-three lines to make one that breaks a rule.
pub(super) fn retired_count(world: &mut World) -> Outcome {
    let mut handmade = anchored(world, fresh(0));
    for round in 1..33 {
        let (line, state) = handmade.signed_change(fresh(round));
        handmade.write(&mut world.ledger, Kind::DidRotate, line).unwrap();
        handmade.state = state;
    }
    let line = handmade.change(fresh(33));
    handmade.write(&mut world.ledger, Kind::DidRotate, line)
}

fn kind_differs(world: &mut World) -> Outcome {
    let one: &[(&str, u8)] = &[("#a", 1)];
    let other: &[(&str, u8)] = &[("#b", 2)];
    let ways = [
        (one, Kind::DidRotate),
        (other, Kind::DidUpdate),
        (one, Kind::DidDeactivate),
    ];
    let (keys, kind) = world.dice.pick(&ways);
    second(world, one, keys, kind)
}

fn creation_that_deactivates(world: &mut World) -> Outcome {
    create_with(
        world,
        json!({"portable": true, "nextKeyHashes": [], "deactivated": true}),
    )
}

fn line_of_a_stranger(world: &mut World) -> Outcome {
    world.tick();
    let now = world.ledger.now();
    let stranger = Organisation::create("stranger.example", now, &mut world.ledger.random()).unwrap();
    let leaf = world.line(Kind::DidUpdate, &stranger);
    world.ledger.try_write(&leaf)
}

fn line_after_the_end(world: &mut World) -> Outcome {
    let mut organisation = world.take_alive();
    world.tick();
    world.ledger.deactivate(&mut organisation);
    let leaf = world.line(Kind::DidUpdate, &organisation);
    world.back(organisation);
    world.ledger.try_write(&leaf)
}

fn creation_without_a_registrar(world: &mut World) -> Outcome {
    let handmade = handmade(world, document(&[]));
    handmade.write(&mut world.ledger, Kind::DidCreate, handmade.line.clone())
}
