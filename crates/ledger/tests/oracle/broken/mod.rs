//! Entries that break one rule: a function each, which first makes what it needs.

mod authority;
mod did_line;
mod general;
mod organisation;
mod policy;

use super::history::name_of;
use super::world::{Outcome, World};

/// What breaks a rule, and which. A rule may be broken in more than one way.
type Broken = (&'static str, fn(&mut World) -> Outcome);

const PARTS: [&[Broken]; 5] = [
    general::ALL,
    authority::ALL,
    did_line::ALL,
    organisation::ALL,
    policy::ALL,
];

/// How many there are.
pub(super) fn count() -> usize {
    PARTS.iter().map(|part| part.len()).sum()
}

/// Writes the one of this number.
pub(super) fn one(world: &mut World, number: usize) {
    let broken = *PARTS.iter().copied().flatten().nth(number).unwrap();
    write(world, broken);
}

/// Writes one that takes dozens of entries to make.
pub(super) fn rare(world: &mut World) {
    write(world, ("DidRetiredCount", did_line::retired_count));
}

fn write(world: &mut World, (rule, act): Broken) {
    let rejection = act(world).expect_err(rule);
    assert_eq!(name_of(&rejection), rule);
    world.invalid += 1;
}
