//! Rules for every kind.

use ledger::{Entry, Kind, LeafBuilder, LeafPointer, PayloadError, PrivateBlob, Rejection, RejectionClass, Replica};
use testkit::Ledger;

use super::{NOW, changed, grant, grant_leaf, with_agency, with_organisation};

#[test]
fn policy_missing() {
    let ledger = Ledger::new(NOW);
    let (leaf, payload) = &ledger.entries()[1];
    let entry = Entry::parse(0, leaf, payload).unwrap();
    let empty = Replica::new(testkit::ledger::ORIGIN);
    assert_eq!(ledger::apply(&empty, &entry), Err(Rejection::PolicyMissing));
}

#[test]
fn subject_not_origin() {
    let mut ledger = Ledger::new(NOW);
    let policy = changed(&ledger.policy_leaf(&ledger.policy(2)), |leaf| {
        leaf.subject = "other.example".to_owned()
    });
    assert_eq!(ledger.try_write(&policy), Err(Rejection::SubjectNotOrigin));
    let head = changed(&ledger.map_head_leaf(&ledger.sound_map_head()), |leaf| {
        leaf.subject = "other".to_owned()
    });
    assert_eq!(ledger.try_write(&head), Err(Rejection::SubjectNotOrigin));
}

#[test]
fn subject_not_did() {
    let (mut ledger, agency) = with_organisation();
    for subject in ["agency.example", "did:web:agency.example", testkit::ledger::ORIGIN] {
        let leaf = LeafBuilder::new(Kind::AccreditationGrant, subject, None, grant(&agency));
        let refused = ledger.try_write(&ledger.signed_by_registrar(leaf));
        assert_eq!(refused, Err(Rejection::SubjectNotDid), "{subject}");
    }
}

#[test]
fn payload_too_long() {
    let (mut ledger, agency) = with_organisation();
    let leaf = ledger.next_leaf(
        Kind::AccreditationGrant,
        agency.did().as_str(),
        vec![b' '; 64 * 1024 + 1],
    );
    let refused = ledger.try_write(&ledger.signed_by_registrar(leaf)).unwrap_err();
    assert_eq!(
        (refused.class(), refused),
        (RejectionClass::TooLong, Rejection::PayloadTooLong)
    );
}

#[test]
fn payload_too_long_for_the_policy() {
    let (mut ledger, agency) = with_organisation();
    let mut policy = ledger.policy(2);
    policy.limits.document_bytes = Some(100);
    ledger.write(&ledger.policy_leaf(&policy));
    let submission = ledger.signed_by_registrar(grant_leaf(&ledger, &agency));
    assert!(submission.payload().len() > 100);
    assert_eq!(ledger.try_write(&submission), Err(Rejection::PayloadTooLong));
}

#[test]
fn private_not_allowed() {
    let (mut ledger, agency) = with_agency();
    let blob = || PrivateBlob {
        salt: [1; 32],
        bytes: b"a contact".to_vec(),
    };
    let leaf = grant_leaf(&ledger, &agency).with_private(blob());
    ledger.write(&ledger.signed_by_registrar(leaf));
    let head = ledger.sound_map_head();
    let leaf = LeafBuilder::new(Kind::MapHead, testkit::ledger::ORIGIN, None, head.encode()).with_private(blob());
    assert_eq!(
        ledger.try_write(&leaf.written_by_log()),
        Err(Rejection::PrivateNotAllowed)
    );
}

#[test]
fn conflict() {
    let (mut ledger, agency) = with_agency();
    let head = *ledger
        .record(agency.did().as_str())
        .head(ledger::Part::Accreditation)
        .unwrap();
    let expected = || Err(Rejection::Conflict { head: Some(head) });
    // Two next versions, made at the same time: the second finds another head.
    let first = ledger.signed_by_registrar(grant_leaf(&ledger, &agency));
    let again = LeafBuilder::new(Kind::AccreditationGrant, agency.did().as_str(), None, grant(&agency));
    assert_eq!(
        ledger.try_write(&ledger.signed_by_registrar(again)),
        expected(),
        "begins the chain again"
    );
    let skipped = changed(&first, |leaf| leaf.seq += 1);
    assert_eq!(ledger.try_write(&skipped), expected(), "leaves a place out");
    let stale = changed(&first, |leaf| {
        leaf.prev = Some(LeafPointer {
            hash: [0; 32],
            ..head.leaf
        })
    });
    assert_eq!(ledger.try_write(&stale), expected(), "another leaf before");
    ledger.write(&first);
    let refused = ledger.try_write(&first).unwrap_err();
    assert!(matches!(refused, Rejection::Conflict { head: Some(newer) } if newer.seq == head.seq + 1));
    assert_eq!(refused.class(), RejectionClass::Conflict);
}

#[test]
fn conflict_where_the_chain_has_not_begun() {
    let (mut ledger, agency) = with_organisation();
    let submission = changed(&ledger.signed_by_registrar(grant_leaf(&ledger, &agency)), |leaf| {
        leaf.seq = 1;
        leaf.prev = Some(LeafPointer {
            index: 0,
            hash: [0; 32],
        });
    });
    assert_eq!(ledger.try_write(&submission), Err(Rejection::Conflict { head: None }));
}

#[test]
fn payload_does_not_follow_its_schema() {
    let (mut ledger, agency) = with_organisation();
    let leaf = ledger.next_leaf(Kind::AccreditationGrant, agency.did().as_str(), b"{ }".to_vec());
    let refused = ledger.try_write(&ledger.signed_by_registrar(leaf));
    assert_eq!(refused, Err(Rejection::Payload(PayloadError::NotCanonical)));
}

#[test]
fn subject_differs() {
    let (mut ledger, agency) = with_organisation();
    let other = ledger.create("other.localhost");
    let leaf = ledger.next_leaf(Kind::AccreditationGrant, agency.did().as_str(), grant(&other));
    assert_eq!(
        ledger.try_write(&ledger.signed_by_registrar(leaf)),
        Err(Rejection::SubjectDiffers)
    );
}

#[test]
fn an_entry_is_applied_the_same_way_every_time() {
    let (ledger, _) = with_agency();
    let replay = || {
        let mut replica = Replica::new(testkit::ledger::ORIGIN);
        ledger
            .entries()
            .iter()
            .map(|(leaf, payload)| replica.push(leaf, payload).unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(replay(), replay());
}

#[test]
fn history_is_never_deleted() {
    let (mut ledger, agency) = with_agency();
    let before = ledger.entries().to_vec();
    ledger.revoke_accreditation(&agency);
    assert_eq!(ledger.entries()[..before.len()], before);
    let record = ledger.record(agency.did().as_str());
    assert!(record.accreditation_entry().is_none());
    assert_eq!(
        record.head(ledger::Part::Accreditation).unwrap().seq,
        1,
        "the chain goes on"
    );
}

#[test]
fn erasing_a_private_blob_changes_no_proof() {
    let (mut ledger, agency) = with_agency();
    let blob = PrivateBlob {
        salt: [1; 32],
        bytes: b"a contact".to_vec(),
    };
    let leaf = grant_leaf(&ledger, &agency).with_private(blob);
    let submission = ledger.signed_by_registrar(leaf);
    ledger.write(&submission);
    // A replay has leaf and public payload only: the blob may be gone.
    let mut replica = Replica::new(testkit::ledger::ORIGIN);
    let note = ledger.publish();
    for (leaf, payload) in ledger.entries() {
        replica.push(leaf, payload).unwrap();
    }
    assert_eq!(replica.endorse(note.dangerous_checkpoint()), Ok(()));
    assert!(submission.leaf().private.is_some());
}
