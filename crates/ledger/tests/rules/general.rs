//! Rules for every kind.

use ledger::{
    Entry, Family, Kind, LeafBuilder, LeafPointer, PayloadError, PrivateBlob, Rejection, RejectionClass, Replica,
    Revocation, RevocationReason, Successor,
};
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
fn subject_not_object() {
    let (mut ledger, agency) = with_organisation();
    let did = agency.did().as_str();
    let origin = testkit::ledger::ORIGIN;
    let refused = [
        (Kind::RulePublish, did.to_owned()),
        (Kind::RulePublish, format!("{did}/service/a")),
        (Kind::RulePublish, format!("{did}/rule/A")),
        (Kind::RulePublish, "did:web:agency.example/rule/a".to_owned()),
        (Kind::Document, format!("{did}/document/{}", "a".repeat(65))),
        (Kind::SchemaPublish, format!("{did}/schema/")),
        (Kind::Release, format!("{did}/release/a")),
        (Kind::Release, format!("{origin}/release/a/b")),
    ];
    for (kind, subject) in refused {
        let leaf = LeafBuilder::new(kind, &subject, None, b"{}".to_vec()).proved_by_payload();
        assert_eq!(ledger.try_write(&leaf), Err(Rejection::SubjectNotObject), "{subject}");
    }
}

#[test]
fn log_closed() {
    let (mut ledger, agency) = with_agency();
    let log = tlog::LogSigner::from_seed("next.example".parse().unwrap(), &[77; 32]).unwrap();
    let mut policy = ledger.policy(2);
    policy.successor = Some(Successor {
        log_key: log.verifier_key().to_string(),
        origin: "next.example".to_owned(),
    });
    ledger.write(&ledger.policy_leaf(&policy));
    let grant = ledger.signed_by_registrar(grant_leaf(&ledger, &agency));
    assert_eq!(ledger.try_write(&grant), Err(Rejection::LogClosed));
    let again = ledger.policy_leaf(&ledger.policy(3));
    assert_eq!(ledger.try_write(&again), Err(Rejection::LogClosed));
    let head = ledger.map_head_leaf(&ledger.sound_map_head());
    ledger.write(&head);
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

/// The longest payload of each kind. docs/ledger.md §4
const CAPS: [(Kind, usize); 21] = [
    (Kind::Policy, 65_536),
    (Kind::DidCreate, 16_384),
    (Kind::DidUpdate, 16_384),
    (Kind::DidRotate, 16_384),
    (Kind::DidDeactivate, 16_384),
    (Kind::AccreditationGrant, 65_536),
    (Kind::AccreditationRevoke, 1_024),
    (Kind::RelyingPartyRegister, 65_536),
    (Kind::RelyingPartyUpdate, 65_536),
    (Kind::RelyingPartyRevoke, 1_024),
    (Kind::StatusSnapshot, 262_144),
    (Kind::MapHead, 128),
    (Kind::SchemaPublish, 65_536),
    (Kind::SchemaSupersede, 65_536),
    (Kind::RulePublish, 8_192),
    (Kind::RuleSupersede, 8_192),
    (Kind::ServicePublish, 16_384),
    (Kind::ServiceSupersede, 16_384),
    (Kind::Document, 4_096),
    (Kind::AuditSnapshot, 1_024),
    (Kind::Release, 65_536),
];

/// A leaf of this kind that breaks rules after those about its subject.
fn of_kind(kind: Kind, did: &str, payload: Vec<u8>) -> LeafBuilder {
    let origin = testkit::ledger::ORIGIN;
    let subject = match kind.family() {
        Some(Family::Policy) | None => origin.to_owned(),
        Some(Family::Organisation) => did.to_owned(),
        Some(Family::Release) => format!("{origin}/release/a"),
        Some(family) => format!("{did}/{}/a", family.word().unwrap()),
    };
    LeafBuilder::new(kind, &subject, None, payload)
}

#[test]
fn payload_too_long_for_each_kind() {
    let (mut ledger, agency) = with_agency();
    assert_eq!(CAPS.map(|(kind, _)| kind), Kind::ALL);
    for (kind, cap) in CAPS {
        let mut refused = |length: usize| {
            let leaf = of_kind(kind, agency.did().as_str(), vec![b' '; length]);
            ledger.try_write(&leaf.proved_by_payload()).unwrap_err()
        };
        assert_ne!(refused(cap), Rejection::PayloadTooLong, "{kind}");
        assert_eq!(refused(cap + 1), Rejection::PayloadTooLong, "{kind}");
    }
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
fn private_not_allowed_but_for_what_registrars_decide() {
    let (mut ledger, agency) = with_agency();
    for kind in Kind::ALL {
        let blob = PrivateBlob {
            salt: [1; 32],
            bytes: b"a contact".to_vec(),
        };
        let leaf = of_kind(kind, agency.did().as_str(), b"{ }".to_vec()).with_private(blob);
        let refused = ledger.try_write(&leaf.proved_by_payload()).unwrap_err();
        let allowed = (5..=9).contains(&kind.number());
        assert_eq!(refused != Rejection::PrivateNotAllowed, allowed, "{kind}");
    }
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

/// Each entry breaks the rule that is named and those after it. docs/ledger.md §5
#[test]
fn the_first_rule_that_is_broken_is_named() {
    let (mut ledger, agency) = with_agency();
    let other = ledger.create("other.localhost");
    let kind = Kind::AccreditationGrant;
    let did = agency.did().as_str();
    let long = || vec![b' '; 64 * 1024 + 1];

    let nobody = LeafBuilder::new(kind, "agency.example", None, long()).written_by_log();
    let entry = Entry::parse(0, &nobody.leaf().encode(), nobody.payload()).unwrap();
    let empty = Replica::new(testkit::ledger::ORIGIN);
    assert_eq!(ledger::apply(&empty, &entry), Err(Rejection::PolicyMissing));
    assert_eq!(ledger.try_write(&nobody), Err(Rejection::SubjectNotDid));
    let too_long = LeafBuilder::new(kind, did, None, long()).written_by_log();
    assert_eq!(ledger.try_write(&too_long), Err(Rejection::PayloadTooLong));
    let out_of_chain = LeafBuilder::new(kind, did, None, b"{ }".to_vec()).written_by_log();
    let refused = ledger.try_write(&out_of_chain);
    assert!(
        matches!(refused, Err(Rejection::Conflict { head: Some(_) })),
        "{refused:?}"
    );
    let malformed = ledger.next_leaf(kind, did, b"{ }".to_vec()).written_by_log();
    assert_eq!(
        ledger.try_write(&malformed),
        Err(Rejection::Payload(PayloadError::NotCanonical))
    );
    let about_another = ledger.next_leaf(kind, did, grant(&other)).written_by_log();
    assert_eq!(ledger.try_write(&about_another), Err(Rejection::SubjectDiffers));
    let revocation = Revocation {
        reason: RevocationReason::Ended,
        subject: other.did().clone(),
    };
    let nothing_to_revoke = ledger
        .next_leaf(
            Kind::AccreditationRevoke,
            other.did().as_str(),
            revocation.encode().unwrap(),
        )
        .written_by_log();
    assert_eq!(ledger.try_write(&nothing_to_revoke), Err(Rejection::NotAccredited));
    let by_the_log = ledger.next_leaf(kind, did, grant(&agency)).written_by_log();
    assert_eq!(ledger.try_write(&by_the_log), Err(Rejection::AuthorityForm));
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
