//! Accreditation, relying party, status snapshot, map head.

use did::identity::Organisation;
use ledger::{Kind, MapHead};
use serde_json::json;
use testkit::ledger::signed_by;
use testkit::{purpose, scope};

use super::Broken;
use crate::oracle::world::{LIST, Outcome, World};
use crate::rules::{PID, grant};

pub(super) const ALL: &[Broken] = &[
    ("DidMissing", grant_to_a_stranger),
    ("DidDeactivated", grant_after_the_end),
    ("NotAccredited", nothing_to_revoke),
    ("AlreadyRegistered", already_registered),
    ("NotRegistered", nothing_to_update),
    ("NotRegistered", nothing_to_take_back),
    ("Payload", malformed_scope),
    ("NeverAccredited", never_accredited),
    ("SnapshotNotNewer", snapshot_not_newer),
    ("Payload", malformed_snapshot),
    ("MapHeadRoot", map_head_root),
    ("MapHeadSize", map_head_size),
    ("MapHeadTime", map_head_time),
];

fn grant_to_a_stranger(world: &mut World) -> Outcome {
    world.tick();
    let now = world.ledger.now();
    let stranger = Organisation::create("stranger.example", now, &mut world.ledger.random()).unwrap();
    let leaf = world.by_registrar(Kind::AccreditationGrant, &stranger, grant(&stranger));
    world.ledger.try_write(&leaf)
}

fn grant_after_the_end(world: &mut World) -> Outcome {
    let mut agency = world.take_alive();
    world.tick();
    world.ledger.deactivate(&mut agency);
    let leaf = world.by_registrar(Kind::AccreditationGrant, &agency, grant(&agency));
    world.back(agency);
    world.ledger.try_write(&leaf)
}

fn nothing_to_revoke(world: &mut World) -> Outcome {
    let agency = world.take_agency();
    world.ledger.revoke_accreditation(&agency);
    let leaf = world.by_registrar(Kind::AccreditationRevoke, &agency, World::revocation(&agency));
    world.back(agency);
    world.ledger.try_write(&leaf)
}

fn some_scope(world: &World, shop: &Organisation) -> Vec<u8> {
    let purposes = vec![purpose("age", PID, &["age_over_18"], &[])];
    let wanted = scope(
        shop.did(),
        "Shop",
        &[[7; 32], [9; 32]],
        purposes,
        world.ledger.now() + 1000,
    );
    wanted.encode().unwrap()
}

fn already_registered(world: &mut World) -> Outcome {
    let shop = world.newcomer();
    let first = world.by_registrar(Kind::RelyingPartyRegister, &shop, some_scope(world, &shop));
    world.ledger.write(&first);
    let again = world.by_registrar(Kind::RelyingPartyRegister, &shop, some_scope(world, &shop));
    world.back(shop);
    world.ledger.try_write(&again)
}

fn nothing_to_update(world: &mut World) -> Outcome {
    let shop = world.newcomer();
    let leaf = world.by_registrar(Kind::RelyingPartyUpdate, &shop, some_scope(world, &shop));
    world.back(shop);
    world.ledger.try_write(&leaf)
}

fn nothing_to_take_back(world: &mut World) -> Outcome {
    let shop = world.newcomer();
    let leaf = world.by_registrar(Kind::RelyingPartyRevoke, &shop, World::revocation(&shop));
    world.back(shop);
    world.ledger.try_write(&leaf)
}

fn malformed_scope(world: &mut World) -> Outcome {
    let shop = world.newcomer();
    let mut value: serde_json::Value = serde_json::from_slice(&some_scope(world, &shop)).unwrap();
    match world.dice.below(7) {
        0 => value["access_certificates"] = json!([]),
        1 => value["access_certificates"].as_array_mut().unwrap().reverse(),
        2 => value["purposes"][0]["channel"] = json!("by post"),
        3 => value["purposes"][0]["credentials"][0]["needed"] = json!([[true]]),
        4 => value["purposes"] = json!([value["purposes"][0], value["purposes"][0]]),
        5 => value["purposes"][0]["credentials"][0]["claim_sets"] = json!([[["age_over_18"]], [["age_over_18"]]]),
        _ => value["purposes"][0]["text"] = json!({"fr": "âge"}),
    }
    let leaf = world.by_registrar(Kind::RelyingPartyRegister, &shop, serde_jcs::to_vec(&value).unwrap());
    world.back(shop);
    world.ledger.try_write(&leaf)
}

/// A snapshot of nothing, at this time.
pub(super) fn snapshot_at(agency: &Organisation, time: u64) -> serde_json::Value {
    json!({
        "lists": [{"sha256": jose::base64url::encode([5; 32]), "uri": "https://agency.example/1"}],
        "root": jose::base64url::encode([6; 32]), "size": 1, "subject": agency.did().as_str(), "time": time,
    })
}

fn write_snapshot(world: &mut World, agency: Organisation, payload: &serde_json::Value) -> Outcome {
    let leaf = world.leaf(Kind::StatusSnapshot, &agency, serde_jcs::to_vec(payload).unwrap());
    let leaf = signed_by(&agency, leaf);
    world.back(agency);
    world.ledger.try_write(&leaf)
}

fn never_accredited(world: &mut World) -> Outcome {
    let agency = world.newcomer();
    let payload = snapshot_at(&agency, world.ledger.now());
    write_snapshot(world, agency, &payload)
}

fn snapshot_not_newer(world: &mut World) -> Outcome {
    let agency = world.take_agency();
    world.tick();
    world.ledger.snapshot(&agency, &[(LIST, b"token")]);
    let earlier = u64::from(world.dice.once_in(2));
    let payload = snapshot_at(&agency, world.ledger.now() - earlier);
    write_snapshot(world, agency, &payload)
}

fn malformed_snapshot(world: &mut World) -> Outcome {
    let agency = world.take_agency();
    world.tick();
    let mut payload = snapshot_at(&agency, world.ledger.now());
    match world.dice.below(4) {
        0 => payload["root"] = json!("AAAA"),
        1 => payload["lists"] = json!([payload["lists"][0], payload["lists"][0]]),
        2 => payload["size"] = json!("1"),
        _ => payload["lists"][0]["sha256"] = json!(format!("{}=", jose::base64url::encode([5; 32]))),
    }
    write_snapshot(world, agency, &payload)
}

fn map_head(world: &mut World, change: impl FnOnce(&mut MapHead)) -> Outcome {
    let mut head = world.ledger.sound_map_head();
    change(&mut head);
    world.ledger.try_write(&world.ledger.map_head_leaf(&head))
}

fn map_head_root(world: &mut World) -> Outcome {
    map_head(world, |head| head.root[0] ^= 1)
}

fn map_head_size(world: &mut World) -> Outcome {
    let less = world.dice.once_in(2);
    map_head(world, |head| if less { head.size -= 1 } else { head.size += 1 })
}

fn map_head_time(world: &mut World) -> Outcome {
    let sound = world.ledger.map_head_leaf(&world.ledger.sound_map_head());
    world.ledger.write(&sound);
    map_head(world, |head| head.time -= 1)
}
