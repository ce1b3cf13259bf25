//! Entries that break no rule: a function each.

use did::identity::OldKey;
use jose::{PrivateJwk, Signer, SigningKey};
use ledger::{Channel, ClaimPath, Kind, Limits, PrivateBlob, Purpose};
use serde_json::{Value, json};
use testkit::{purpose, scope};

use super::published;
use super::world::{LIST, World};
use crate::rules::did_log::{Handmade, document};

const ALL: [fn(&mut World); 18] = [
    create,
    grant,
    grant_with_a_private_blob,
    revoke_accreditation,
    register_or_update,
    register_or_update,
    revoke_registration,
    snapshot,
    rotate,
    update,
    deactivate,
    map_head,
    policy,
    published::publish_or_supersede,
    published::document,
    published::audit_snapshot,
    published::release,
    published::succession,
];

/// Writes one or a few of them.
pub(super) fn one(world: &mut World) {
    let act = world.dice.pick(&ALL);
    act(world);
}

fn create(world: &mut World) {
    let newcomer = world.newcomer();
    world.back(newcomer);
}

/// Texts with what JSON writes in more than one way.
const NAMES: [&str; 5] = [
    "Amt",
    "Büro \"A\\B\"",
    "Ämter/<Ärzte>",
    "𝄞 \u{7fff} é",
    "e\u{301}\u{2028}",
];

fn grant_payload(world: &mut World, subject: &did::Did) -> Vec<u8> {
    let mut names = json!({"en": world.dice.pick(&NAMES)});
    for language in ["de", "fr", "tr"] {
        if world.dice.once_in(2) {
            names[language] = world.dice.pick(&NAMES).into();
        }
    }
    let now = world.ledger.now();
    let types: Vec<Value> = (0..=world.dice.below(4))
        .map(|number| json!({"until": now + 1000, "vct": format!("urn:type:{number}")}))
        .collect();
    serde_jcs::to_vec(&json!({"name": names, "subject": subject.as_str(), "types": types})).unwrap()
}

fn grant(world: &mut World) {
    let agency = world.take_alive();
    let payload = grant_payload(world, agency.did());
    let leaf = world.by_registrar(Kind::AccreditationGrant, &agency, payload);
    world.ledger.write(&leaf);
    world.back(agency);
}

fn grant_with_a_private_blob(world: &mut World) {
    let agency = world.take_alive();
    let payload = grant_payload(world, agency.did());
    let blob = PrivateBlob {
        salt: [3; 32],
        bytes: b"a contact".to_vec(),
    };
    let leaf = world
        .leaf(Kind::AccreditationGrant, &agency, payload)
        .with_private(blob);
    let leaf = world.ledger.signed_by_registrar(leaf);
    world.ledger.write(&leaf);
    world.back(agency);
}

fn revoke_accreditation(world: &mut World) {
    let mut agency = world.take_agency();
    if world.dice.once_in(3) {
        // What a deactivated organisation had can be revoked.
        world.tick();
        world.ledger.deactivate(&mut agency);
    }
    world.ledger.revoke_accreditation(&agency);
    world.back(agency);
}

fn some_purposes(world: &mut World) -> Vec<Purpose> {
    let count = 1 + world.dice.below(3);
    let one = |number: usize| {
        let mut purpose = purpose(&format!("p{number}"), "urn:a", &["age_over_18"], &["portrait"]);
        if number == 1 {
            purpose.channel = Channel::InPerson;
        }
        if number == 2 {
            let path = |name: &str| ClaimPath::names(&[name]);
            let card = &mut purpose.credentials[0];
            card.optional.push(path("birth_date"));
            card.claim_sets = vec![
                vec![path("age_over_18"), path("portrait")],
                vec![path("birth_date"), path("age_over_18")],
            ];
        }
        purpose
    };
    (0..count).map(one).collect()
}

fn register_or_update(world: &mut World) {
    let shop = world.take_alive();
    let certificates: Vec<[u8; 32]> = (0..=world.dice.below(3))
        .map(|number| [200 - 70 * u8::try_from(number).unwrap(); 32])
        .collect();
    let (purposes, until) = (some_purposes(world), world.ledger.now() + 1000);
    let wanted = scope(shop.did(), world.dice.pick(&NAMES), &certificates, purposes, until);
    world.ledger.register(&wanted, &shop);
    world.back(shop);
}

fn revoke_registration(world: &mut World) {
    let shop = world.take_alive();
    if world.ledger.record(shop.did().as_str()).relying_party().is_none() {
        let (purposes, until) = (some_purposes(world), world.ledger.now() + 1000);
        world
            .ledger
            .register(&scope(shop.did(), "Shop", &[[7; 32]], purposes, until), &shop);
    }
    world.ledger.revoke_registration(&shop);
    world.back(shop);
}

fn snapshot(world: &mut World) {
    let agency = world.take_agency();
    if world.dice.once_in(3) {
        world.ledger.revoke_accreditation(&agency);
    }
    world.tick();
    world.ledger.snapshot(&agency, &[(LIST, b"token")]);
    world.back(agency);
}

fn rotate(world: &mut World) {
    let mut organisation = world.take_alive();
    world.tick();
    let old = world.dice.pick(&[OldKey::Keep, OldKey::TakeOut]);
    world.ledger.rotate(&mut organisation, old);
    world.back(organisation);
}

/// A line that leaves the keys as they are. The DID differs by its key, and nobody uses it again.
fn update(world: &mut World) {
    let seed = u8::try_from(1 + world.dice.below(90)).unwrap();
    let handmade = Handmade::new(document(&[("#a", seed)]));
    if handmade.create(&mut world.ledger).is_err() {
        world.invalid += 1;
        return;
    }
    let mut second = document(&[("#a", seed)]);
    second.insert("service".to_owned(), json!([]));
    handmade
        .write(&mut world.ledger, Kind::DidUpdate, handmade.change(second))
        .unwrap();
}

fn deactivate(world: &mut World) {
    let mut organisation = world.take_alive();
    world.tick();
    world.ledger.deactivate(&mut organisation);
    world.back(organisation);
}

fn map_head(world: &mut World) {
    let leaf = world.ledger.map_head_leaf(&world.ledger.sound_map_head());
    world.ledger.write(&leaf);
}

fn policy(world: &mut World) {
    let mut policy = world.policy();
    if world.dice.once_in(2) {
        let next = SigningKey::new(&PrivateJwk::from_ed25519_seed(&[77; 32])).unwrap();
        policy.governance = world.governance(&[next.public_jwk().thumbprint()]);
    }
    if world.dice.once_in(2) {
        policy.limits = Limits {
            writes_per_hour: 20,
            document_bytes: Some(60_000),
            ..Limits::default()
        };
    }
    world.write_policy(&policy);
}
