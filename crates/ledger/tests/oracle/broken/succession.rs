//! An agency that goes on for one that lost its keys.

use did::identity::Organisation;
use testkit::ledger::signed_by_both;

use super::Broken;
use crate::oracle::published::succeeds;
use crate::oracle::world::{Outcome, World};
use crate::rules::{changed, signatures};

pub(super) const ALL: &[Broken] = &[
    ("SuccessionOfItself", of_itself),
    ("SuccessionUnknown", of_a_stranger),
    ("SuccessionNeverAccredited", of_who_was_never_accredited),
    ("SignatureCount", one_signature),
    ("SuccessionOneRegistrar", one_registrar),
    ("SignerNotRegistrar", by_the_old_agency),
];

/// What a succession of this one comes to, by two registrars, after a map head.
fn succeed(world: &mut World, new: Organisation, old: &str) -> Outcome {
    let second = world.second_registrar();
    let head = world.ledger.map_head_leaf(&world.ledger.sound_map_head());
    world.ledger.write(&head);
    let leaf = succeeds(world, &new, old);
    let leaf = signed_by_both(world.ledger.registrar(), &second, leaf);
    world.back(new);
    world.ledger.try_write(&leaf)
}

fn of_itself(world: &mut World) -> Outcome {
    let new = world.take_alive();
    let old = new.did().to_string();
    succeed(world, new, &old)
}

fn of_a_stranger(world: &mut World) -> Outcome {
    let new = world.take_alive();
    succeed(world, new, "did:webvh:QmNobody:nobody.example")
}

fn of_who_was_never_accredited(world: &mut World) -> Outcome {
    let (new, old) = (world.take_alive(), world.newcomer());
    let name = old.did().to_string();
    world.back(old);
    succeed(world, new, &name)
}

/// Only where no map head was written yet.
pub(super) fn before_map_head(world: &mut World) -> Outcome {
    let (old, new, second) = (world.take_agency(), world.newcomer(), world.second_registrar());
    let leaf = succeeds(world, &new, old.did().as_str());
    let leaf = signed_by_both(world.ledger.registrar(), &second, leaf);
    world.back(old);
    world.back(new);
    world.ledger.try_write(&leaf)
}

/// An agency, one that goes on for it, and a map head.
fn two(world: &mut World) -> (Organisation, Organisation) {
    let head = world.ledger.map_head_leaf(&world.ledger.sound_map_head());
    world.ledger.write(&head);
    (world.take_agency(), world.newcomer())
}

fn one_signature(world: &mut World) -> Outcome {
    let (old, new) = two(world);
    let leaf = world
        .ledger
        .signed_by_registrar(succeeds(world, &new, old.did().as_str()));
    world.back(old);
    world.back(new);
    world.ledger.try_write(&leaf)
}

fn one_registrar(world: &mut World) -> Outcome {
    let (old, new) = two(world);
    let leaf = world
        .ledger
        .signed_by_registrar(succeeds(world, &new, old.did().as_str()));
    let leaf = changed(&leaf, |leaf| {
        let mut second = signatures(leaf)[0].clone();
        second.key_id.push('2');
        signatures(leaf).push(second);
    });
    world.back(old);
    world.back(new);
    world.ledger.try_write(&leaf)
}

fn by_the_old_agency(world: &mut World) -> Outcome {
    let (old, new) = two(world);
    let leaf = succeeds(world, &new, old.did().as_str());
    let leaf = signed_by_both(world.ledger.registrar(), &old, leaf);
    world.back(old);
    world.back(new);
    world.ledger.try_write(&leaf)
}
