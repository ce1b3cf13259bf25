//! Replaying a log: what a mirror cosigns, and what raises an alarm.

use did::identity::Organisation;
use ledger::{
    Alarm, EndorseError, Family, LeafError, MapHead, Rejection, ReplayError, Replayed, Replica, SnapshotError,
};
use testkit::ledger::ORIGIN;
use testkit::{Ledger, objects};
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

/// A replica that takes over what another made of these entries; `taken` may say something else of one.
fn taken_over(ledger: &Ledger, taken: impl Fn(usize, Replayed) -> Replayed) -> (Replica, Vec<Replayed>) {
    let (mut first, mut second) = (Replica::new(ORIGIN), Replica::new(ORIGIN));
    let mut told = Vec::new();
    for (number, (leaf, payload)) in ledger.entries().iter().enumerate() {
        let replayed = taken(number, first.push(leaf, payload).unwrap());
        told.push(second.dangerous_take_over(leaf, payload, replayed).unwrap());
    }
    (second, told)
}

#[test]
fn what_another_replica_took_is_taken_over_to_the_byte() {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.localhost");
    ledger.accredit(&agency, "Agency", &["urn:a"]);
    publish_document(&mut ledger, &agency, 1);
    ledger.write(&ledger.policy_leaf(&ledger.policy(2)));
    let note = ledger.publish();
    let (replica, told) = taken_over(&ledger, |_, replayed| replayed);
    assert!(told.iter().all(|one| matches!(one, Replayed::Applied(_))));
    assert_eq!(replica.to_bytes().unwrap(), replayed(&ledger).to_bytes().unwrap());
    assert_eq!(replica.endorse(note.dangerous_checkpoint()), Ok(()));
}

#[test]
fn a_replica_that_takes_over_something_else_endorses_nothing() {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.localhost");
    let granted = ledger.entries().len();
    ledger.accredit(&agency, "Agency", &["urn:a"]);
    let note = ledger.publish();
    let unread = |number: usize, replayed: Replayed| {
        if number == granted {
            Replayed::Alarm(LeafError::TooLong.into())
        } else {
            replayed
        }
    };
    let (replica, told) = taken_over(&ledger, unread);
    let map_head = told.last().unwrap();
    assert_eq!(*map_head, Replayed::Alarm(Rejection::MapHeadRoot.into()));
    let refused = replica.endorse(note.dangerous_checkpoint());
    assert_eq!(refused, Err(EndorseError::NoSoundMapHead));
}

/// A version of a document of this organisation; its subject.
fn publish_document(ledger: &mut Ledger, owner: &Organisation, version: u8) -> String {
    let document = objects::document(owner.did(), version, (version > 1).then(|| version - 1));
    ledger.publish_object(owner, Family::Document, &document.subject, document.encode().unwrap());
    document.subject
}

#[test]
fn what_was_pushed_since_a_mark_is_taken_back_to_the_byte() {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.localhost");
    let document = publish_document(&mut ledger, &agency, 1);
    let note = ledger.publish();
    let marked = ledger.entries().len();
    ledger.accredit(&agency, "Agency", &["urn:a"]);
    let shop = ledger.create("shop.localhost");
    ledger.accredit(&shop, "Shop", &["urn:b"]);
    ledger.accredit(&agency, "Agency", &["urn:a", "urn:b"]);
    publish_document(&mut ledger, &agency, 2);
    publish_document(&mut ledger, &shop, 1);
    ledger.write(&ledger.policy_leaf(&ledger.policy(2)));
    ledger.publish();
    let push = |replica: &mut Replica, from: usize, to: usize| {
        for (leaf, payload) in ledger.entries().iter().take(to).skip(from) {
            replica.push(leaf, payload).unwrap();
        }
    };
    let (mut replica, mut never) = (Replica::new(ORIGIN), Replica::new(ORIGIN));
    push(&mut replica, 0, marked);
    push(&mut never, 0, marked);
    replica.mark();
    push(&mut replica, marked, ledger.entries().len());
    let other = replica.push(&ledger.entries()[0].0, b"other");
    assert_eq!(other, Err(ReplayError::PayloadDiffers));
    replica.take_back();
    assert_eq!(replica.to_bytes().unwrap(), never.to_bytes().unwrap());
    assert_eq!(replica.endorse(note.dangerous_checkpoint()), Ok(()));
    let bundle = |replica: &Replica, did: &str| replica.bundle(&note, did, &[]).unwrap();
    for did in [agency.did().as_str(), shop.did().as_str()] {
        assert_eq!(bundle(&replica, did), bundle(&never, did), "{did}");
    }
    let object = |replica: &Replica| replica.object_bundle(&note, Family::Document, &document, &[]);
    assert_eq!(object(&replica).unwrap(), object(&never).unwrap());
    // It goes on from there, and what is kept stays.
    replica.mark();
    push(&mut replica, marked, ledger.entries().len());
    replica.keep();
    replica.take_back();
    push(&mut never, marked, ledger.entries().len());
    assert_eq!(replica.to_bytes().unwrap(), never.to_bytes().unwrap());
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

#[test]
fn a_replica_comes_back_from_its_bytes_and_goes_on_as_if_nothing_had_been() {
    let mut ledger = Ledger::new(NOW);
    let agency = ledger.create("agency.localhost");
    ledger.accredit(&agency, "Agency", &["urn:a"]);
    let shop = ledger.create("shop.localhost");
    let scope = testkit::scope(
        shop.did(),
        "Shop",
        &[[7; 32]],
        vec![testkit::purpose("age", "urn:a", &["age_over_18"], &[])],
        NOW + 1000,
    );
    ledger.register(&scope, &shop);
    ledger.publish();
    let mut replica = replayed(&ledger);
    let mut back = Replica::from_bytes(&replica.to_bytes().unwrap()).unwrap();
    let done = ledger.entries().len();
    ledger.revoke_accreditation(&agency);
    ledger.create("other.localhost");
    let note = ledger.publish();
    for (leaf, payload) in &ledger.entries()[done..] {
        assert_eq!(back.push(leaf, payload), replica.push(leaf, payload));
    }
    assert_eq!(back.endorse(note.dangerous_checkpoint()), Ok(()));
    assert!(back.organisations().eq(replica.organisations()));
    let did = shop.did().as_str();
    assert_eq!(back.bundle(&note, did, &[]), replica.bundle(&note, did, &[]));
    assert_eq!(back.to_bytes(), replica.to_bytes());
}

#[test]
fn an_empty_replica_comes_back() {
    let bytes = Replica::new(ORIGIN).to_bytes().unwrap();
    let back = Replica::from_bytes(&bytes).unwrap();
    assert_eq!((back.size(), back.root()), (0, Replica::new(ORIGIN).root()));
}

#[test]
fn bytes_whose_records_make_another_map_are_no_replica() {
    let mut ledger = Ledger::new(NOW);
    ledger.create("agency.localhost");
    let mut bytes = replayed(&ledger).to_bytes().unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    assert_eq!(Replica::from_bytes(&bytes).unwrap_err(), SnapshotError::MapRoot);
    bytes.push(0);
    assert!(matches!(Replica::from_bytes(&bytes), Err(SnapshotError::Cbor(_))));
}
