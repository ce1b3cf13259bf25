//! Leaves, submissions, payloads and records of the ledger. docs/ledger.md §2 to §6

use std::sync::LazyLock;

use ledger::{
    Authority, Entry, Kind, Leaf, ObjectRecord, OrganisationRecord, Payload, PolicyRecord, Records, Submission,
    UnverifiedRefusal, apply, encode_submissions, parse_submissions,
};
use testkit::{Ledger, purpose, scope};

use super::Target;
use crate::Reached;
use crate::keys::NOW;

pub(super) const TARGET: Target = Target {
    name: "leaf",
    asserts: "a leaf, a submission and a record have one encoding; no submission changes the state but those that \
              the registrar or the organisation signed, and the record that results is written and read the same",
    body,
    seeds: inputs,
};

const VCT: &str = "urn:holdfast:vct:person-identification:1";

/// A ledger, and submissions that would all be taken next.
struct Scene {
    ledger: Ledger,
    next: Vec<Submission>,
    records: Vec<Vec<u8>>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let mut ledger = Ledger::new(NOW);
    let mut agency = ledger.create("agency.example");
    ledger.accredit(&agency, "Office of Residents", &[VCT]);
    let shop = ledger.create("shop.example");
    let did = agency.did().to_string();
    let mut next = Vec::new();
    let wanted = scope(
        shop.did(),
        "Shop",
        &[[7; 32]],
        vec![purpose("age", VCT, &["age_over_18"], &[])],
        NOW + 1000,
    );
    let registration = ledger.next_leaf(
        Kind::RelyingPartyRegister,
        shop.did().as_str(),
        wanted.encode().unwrap(),
    );
    next.push(ledger.signed_by_registrar(registration));
    let renewed = ledger::Accreditation {
        name: ledger::Localized::english("Office").unwrap(),
        subject: agency.did().clone(),
        succeeds: None,
        types: vec![ledger::AccreditedType {
            until: NOW + 100,
            vct: VCT.to_owned(),
        }],
    };
    let renewed = ledger.next_leaf(Kind::AccreditationGrant, &did, renewed.encode().unwrap());
    next.push(ledger.signed_by_registrar(renewed));
    let rule = testkit::objects::rule(agency.did());
    let rule_leaf = ledger.next_object_leaf(Kind::RulePublish, &rule.subject, rule.encode().unwrap());
    next.push(testkit::ledger::signed_by(&agency, rule_leaf));
    let document = testkit::objects::document(agency.did(), 1, None);
    let document_leaf = ledger.next_object_leaf(Kind::Document, &document.subject, document.encode().unwrap());
    next.push(testkit::ledger::signed_by(&agency, document_leaf));
    let actions = testkit::objects::audit_snapshot(agency.did(), NOW, NOW + 1, 1);
    let actions = ledger.next_leaf(Kind::AuditSnapshot, &did, actions.encode().unwrap());
    next.push(testkit::ledger::signed_by(&agency, actions));
    let snapshot = ledger::StatusSnapshot {
        lists: Vec::new(),
        root: [1; 32],
        size: 1,
        subject: agency.did().clone(),
        time: NOW,
    };
    let snapshot = ledger.next_leaf(Kind::StatusSnapshot, &did, snapshot.encode().unwrap());
    next.push(testkit::ledger::signed_by(&agency, snapshot));
    agency
        .rotate_assertion_key(
            did::identity::OldKey::Keep,
            NOW + 1,
            &mut testkit::credential::random(1),
        )
        .unwrap();
    let rotation = ledger.next_leaf(Kind::DidRotate, &did, testkit::ledger::newest_line(&agency));
    next.push(rotation.proved_by_payload());
    let mut records: Vec<Vec<u8>> = ledger
        .replica()
        .organisations()
        .map(OrganisationRecord::encode)
        .collect();
    records.push(ledger.replica().policy().unwrap().record.encode());
    Scene { ledger, next, records }
});

fn inputs() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = SCENE.next.iter().map(Submission::encode).collect();
    all.extend(SCENE.ledger.entries().iter().map(|(leaf, _)| leaf.clone()));
    all.extend(SCENE.records.iter().cloned());
    all.push(encode_submissions(&SCENE.next));
    all
}

fn body(input: &[u8]) -> Reached {
    let mut reached = Reached::Refused;
    if let Ok(leaf) = Leaf::parse(input) {
        assert_eq!(leaf.encode(), input, "a leaf has one encoding");
        assert_ne!(leaf.to_be_signed("a.example"), leaf.to_be_signed("b.example"));
        reached = Reached::Read;
    }
    if let Ok(record) = OrganisationRecord::parse(input) {
        assert_eq!(record.encode(), input, "a record has one encoding");
        reached = Reached::Read;
    }
    if let Ok(record) = PolicyRecord::parse(input) {
        assert_eq!(record.encode(), input, "a record has one encoding");
        reached = Reached::Read;
    }
    if let Ok(record) = ObjectRecord::parse(input) {
        assert_eq!(record.encode(), input, "a record has one encoding");
        reached = Reached::Read;
    }
    if let Ok(refusal) = UnverifiedRefusal::parse(input) {
        let verified = refusal.verify(&[SCENE.ledger.log_signer().verifier_key().clone()], &[0; 32]);
        assert!(verified.is_err(), "the log refused nothing");
        reached = Reached::Read;
    }
    if let Ok(submissions) = parse_submissions(input) {
        let read: Result<Vec<Submission>, _> = submissions.into_iter().collect();
        if let Ok(submissions) = read {
            assert_eq!(
                encode_submissions(&submissions),
                input,
                "a list of submissions has one encoding"
            );
        }
        return Reached::Read;
    }
    let Ok(submission) = Submission::parse(input) else {
        return reached;
    };
    assert_eq!(submission.encode(), input, "a submission has one encoding");
    applied(&submission)
}

fn applied(submission: &Submission) -> Reached {
    let (leaf, replica) = (submission.leaf(), SCENE.ledger.replica());
    let entry = Entry::parse(replica.size(), &leaf.encode(), submission.payload()).expect("a submission is an entry");
    let read = Payload::parse(leaf.kind, submission.payload()).is_ok();
    let Ok(change) = apply(replica, &entry) else {
        return Reached::Read;
    };
    assert!(
        read || leaf.authority == Authority::PayloadProof,
        "a payload that is not one changed the state"
    );
    // The log is its own authority for map heads: it may say when it wrote one.
    if leaf.kind == Kind::MapHead {
        return Reached::Accepted;
    }
    let statement = |leaf: &Leaf| leaf.to_be_signed(replica.origin());
    let signed = SCENE
        .next
        .iter()
        .any(|known| statement(known.leaf()) == statement(leaf) && known.payload() == submission.payload());
    assert!(signed, "an entry that nobody signed changed the state");
    if let ledger::Change::Object(record) = &change {
        assert_eq!(ObjectRecord::parse(&record.encode()).as_ref(), Ok(&**record));
    }
    if let ledger::Change::Organisation(record) = change {
        assert_eq!(OrganisationRecord::parse(&record.encode()).as_ref(), Ok(&*record));
    }
    Reached::Accepted
}
