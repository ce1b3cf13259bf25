//! Entries that break one rule: a function each, which first makes what it needs.

mod authority;
mod did_line;
mod general;
mod object;
mod organisation;
mod policy;
mod succession;

use super::history::name_of;
use super::world::{Outcome, World};

/// What breaks a rule, and which. A rule may be broken in more than one way.
type Broken = (&'static str, fn(&mut World) -> Outcome);

const PARTS: [&[Broken]; 7] = [
    general::ALL,
    authority::ALL,
    did_line::ALL,
    organisation::ALL,
    policy::ALL,
    object::ALL,
    succession::ALL,
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

/// Writes one that only a young log can break, or one in four times one that takes dozens of entries.
pub(super) fn first(world: &mut World, turn: u64) {
    if turn.is_multiple_of(4) {
        write(world, ("DidRetiredCount", did_line::retired_count));
    } else {
        write(world, ("SuccessionBeforeMapHead", succession::before_map_head));
    }
}

/// Writes one after which nothing is taken any more.
pub(super) fn last(world: &mut World) {
    write(world, ("LogClosed", policy::log_closed));
}

fn write(world: &mut World, (rule, act): Broken) {
    let rejection = act(world).expect_err(rule);
    assert_eq!(name_of(&rejection), rule);
    world.invalid += 1;
}
