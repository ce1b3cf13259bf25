//! A whole log, and what this crate makes of it.

use ledger::{Alarm, Family, Records, Replayed, Replica, map_key};
use serde_json::{Map, Value, json};
use testkit::ledger::ORIGIN;

use super::broken;
use super::dice::Dice;
use super::sound;
use super::world::World;

/// Entries of an ordinary history, more or less.
const LENGTH: usize = 18;
/// One history in so many does not begin with a policy.
const HEADLESS: u64 = 50;
/// One in so many breaks what only a young log does, or what takes dozens of entries.
const RARELY: u64 = 25;

/// Leaves with their payloads.
pub(super) struct History(Vec<(Vec<u8>, Vec<u8>)>);

impl History {
    /// A third of it breaks rules, one after the other, so that none waits for its turn long.
    pub(super) fn roll(seed: u64) -> Self {
        let mut world = World::new(Dice::new(seed));
        let turns = u64::try_from(broken::count()).unwrap();
        let mut turn = seed * 5 % turns;
        if seed.is_multiple_of(RARELY) {
            broken::first(&mut world, seed / RARELY);
        }
        while world.ledger.entries().len() < LENGTH {
            // What is made for those that break a rule breaks none: a little more than a third.
            if 5 * world.invalid < 2 * world.ledger.entries().len() {
                broken::one(&mut world, usize::try_from(turn % turns).unwrap());
                turn += 1;
            } else {
                sound::one(&mut world);
            }
        }
        if seed % RARELY == 1 {
            broken::last(&mut world);
        }
        let mut entries = world.ledger.entries().to_vec();
        if seed % HEADLESS == HEADLESS - 1 {
            // The first policy comes late, and whatever counts on its place breaks a rule too.
            entries[..4].rotate_left(1);
        }
        if seed.is_multiple_of(3) {
            entries.push(unreadable(&entries, &mut world.dice));
        }
        Self(entries)
    }

    /// What the oracle is asked.
    pub(super) fn question(&self) -> Value {
        let entry =
            |(leaf, payload): &(Vec<u8>, Vec<u8>)| json!({"leaf": hex::encode(leaf), "payload": hex::encode(payload)});
        json!({"origin": ORIGIN, "entries": self.0.iter().map(entry).collect::<Vec<_>>()})
    }

    /// What this crate says.
    pub(super) fn expected(&self) -> Expected {
        let mut replica = Replica::new(ORIGIN);
        let (mut rules, mut map_roots) = (Vec::new(), Vec::new());
        for (leaf, payload) in &self.0 {
            rules.push(match replica.push(leaf, payload).unwrap() {
                Replayed::Applied(_) => None,
                Replayed::Alarm(Alarm::Rejected(rejection)) => Some(name_of(&rejection)),
                Replayed::Alarm(_) => Some("Unreadable".to_owned()),
            });
            map_roots.push(hex::encode(replica.map_root()));
        }
        Expected {
            rules,
            map_roots,
            log_root: hex::encode(replica.root()),
            records: records(&replica),
        }
    }
}

/// An entry that is no leaf: another kind, another version, one byte more or less.
fn unreadable(entries: &[(Vec<u8>, Vec<u8>)], dice: &mut Dice) -> (Vec<u8>, Vec<u8>) {
    let (mut leaf, payload) = entries[0].clone();
    match dice.below(4) {
        0 => leaf[2] = 0x17,
        1 => leaf[1] = 2,
        2 => leaf.push(0),
        _ => leaf.truncate(leaf.len() - 1),
    }
    (leaf, payload)
}

/// The name of a rule, without what it was broken by.
pub(super) fn name_of(rejection: &ledger::Rejection) -> String {
    let text = format!("{rejection:?}");
    text.split([' ', '(']).next().unwrap().to_owned()
}

/// The bytes of every record by its key in the map.
fn records(replica: &Replica) -> Map<String, Value> {
    let own = |record: &ledger::OrganisationRecord| {
        let key = map_key(Family::Organisation, record.did());
        (hex::encode(key), Value::from(hex::encode(record.encode())))
    };
    let mut records: Map<String, Value> = replica.organisations().map(own).collect();
    records.extend(replica.objects().map(|record| {
        let key = map_key(record.family, &record.subject);
        (hex::encode(key), Value::from(hex::encode(record.encode())))
    }));
    if let Some(policy) = replica.policy() {
        let key = hex::encode(map_key(Family::Policy, ORIGIN));
        records.insert(key, hex::encode(policy.record.encode()).into());
    }
    records
}

/// Answers to a history.
pub(super) struct Expected {
    /// Which rule each entry breaks.
    pub(super) rules: Vec<Option<String>>,
    map_roots: Vec<String>,
    log_root: String,
    records: Map<String, Value>,
}

impl Expected {
    pub(super) fn to_json(&self) -> Value {
        let answers: Vec<Value> = self.rules.iter().zip(&self.map_roots).map(|both| json!(both)).collect();
        json!({"answers": answers, "log_root": self.log_root, "records": self.records})
    }

    /// Fails at the first answer that is another one.
    pub(super) fn compare(&self, seed: u64, other: &Value) {
        let own = self.to_json();
        for (index, answer) in own["answers"].as_array().unwrap().iter().enumerate() {
            assert_eq!(
                answer, &other["answers"][index],
                "history {seed}, entry {index}: ours, then the oracle's"
            );
        }
        assert_eq!(
            own["records"], other["records"],
            "history {seed}: ours, then the oracle's"
        );
        assert_eq!(
            own["log_root"], other["log_root"],
            "history {seed}: ours, then the oracle's"
        );
    }
}
