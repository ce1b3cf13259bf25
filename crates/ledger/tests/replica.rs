//! Replaying a log: what a mirror cosigns, and what raises an alarm.

use ledger::{Alarm, EndorseError, LeafError, MapHead, Rejection, ReplayError, Replayed, Replica};
use testkit::Ledger;
use testkit::ledger::ORIGIN;
use tlog::Checkpoint;

const NOW: u64 = 1_763_640_000;

fn replayed(ledger: &Ledger) -> Replica {
    let mut replica = Replica::new(ORIGIN);
    for (leaf, payload) in ledger.entries() {
        replica.push(leaf, payload).unwrap();
    }
    replica
}

fn checkpoint(replica: &Replica) -> Checkpoint {
    Checkpoint::new(ORIGIN.parse().unwrap(), replica.size(), replica.root().into())
}

#[test]
fn a_replica_comes_to_the_same_state() {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.localhost");
    ledger.accredit(&agency, "Agency", &["urn:a"]);
    let note = ledger.publish();
    let replica = replayed(&ledger);
    assert_eq!(replica.endorse(note.dangerous_checkpoint()), Ok(()));
    let ours = replica.bundle(&note, agency.did().as_str(), &[]).unwrap();
    assert_eq!(
        ours,
        ledger.lean_bundle(agency.did().as_str()),
        "a mirror serves the same bytes"
    );
}

#[test]
fn a_mirror_does_not_endorse_a_false_map_root() {
    let mut ledger = Ledger::new(NOW);
    ledger.create("agency.localhost");
    let lie = MapHead {
        root: [7; 32],
        ..ledger.sound_map_head()
    };
    assert_eq!(
        ledger.try_write(&ledger.map_head_leaf(&lie)),
        Err(Rejection::MapHeadRoot)
    );
    let replica = replayed(&ledger);
    assert_eq!(
        replica.endorse(&checkpoint(&replica)),
        Err(EndorseError::NoSoundMapHead)
    );
}

#[test]
fn a_mirror_does_not_endorse_a_checkpoint_without_map_head() {
    let mut ledger = Ledger::new(NOW);
    ledger.publish();
    ledger.create("agency.localhost");
    let replica = replayed(&ledger);
    assert_eq!(
        replica.endorse(&checkpoint(&replica)),
        Err(EndorseError::NoSoundMapHead)
    );
}

#[test]
fn a_mirror_does_not_endorse_another_tree() {
    let mut ledger = Ledger::new(NOW);
    ledger.publish();
    let replica = replayed(&ledger);
    let (size, root) = (replica.size(), replica.root());
    let at = |origin: &str, size, root: [u8; 32]| Checkpoint::new(origin.parse().unwrap(), size, root.into());
    assert_eq!(
        replica.endorse(&at("other.example", size, root)),
        Err(EndorseError::OtherLog)
    );
    assert_eq!(replica.endorse(&at(ORIGIN, size + 1, root)), Err(EndorseError::Size));
    assert_eq!(replica.endorse(&at(ORIGIN, size, [1; 32])), Err(EndorseError::Root));
    assert_eq!(replica.endorse(&at(ORIGIN, size, root)), Ok(()));
}

#[test]
fn a_payload_that_the_log_withholds_stops_the_replay() {
    let ledger = Ledger::new(NOW);
    let mut replica = Replica::new(ORIGIN);
    let (leaf, _) = &ledger.entries()[0];
    assert_eq!(replica.push(leaf, b""), Err(ReplayError::PayloadDiffers));
    assert_eq!(replica.size(), 0);
}

#[test]
fn an_entry_of_an_unknown_kind_changes_nothing_and_raises_an_alarm() {
    let mut ledger = Ledger::new(NOW);
    ledger.publish();
    let mut replica = replayed(&ledger);
    let before = replica.clone();
    let mut leaf = ledger.entries()[1].0.clone();
    leaf[2] = 21;
    let alarm = replica.push(&leaf, b"").unwrap();
    assert_eq!(alarm, Replayed::Alarm(Alarm::Unreadable(LeafError::UnknownKind(21))));
    assert_eq!(Replica::payload_hash(&leaf), None);
    assert_eq!(replica.size(), before.size() + 1, "it stays in the log");
    assert!(replica.organisations().eq(before.organisations()));
}

#[test]
fn a_rejected_entry_stays_in_the_log_and_changes_nothing() {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.localhost");
    let before: Vec<_> = ledger.replica().organisations().cloned().collect();
    let (leaf, payload) = ledger.entries().last().unwrap().clone();
    let mut replica = replayed(&ledger);
    let replayed = replica.push(&leaf, &payload).unwrap();
    assert!(matches!(
        replayed,
        Replayed::Alarm(Alarm::Rejected(Rejection::Conflict { head: Some(_) }))
    ));
    assert_eq!(replica.size(), ledger.replica().size() + 1);
    assert!(replica.organisations().eq(before.iter()));
    let _ = agency;
}
