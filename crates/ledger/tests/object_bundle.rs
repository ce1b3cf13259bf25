//! Bundles of schemas, rules, services, documents, releases and the policy.

use ledger::{BundleError, Family, Kind, Payload, UnverifiedBundle};
use testkit::Ledger;
use testkit::ledger::{ORIGIN, signed_by};
use testkit::objects::{rule, subject};

use crate::bundle::NOW;

/// A ledger with one rule, and its subject.
fn with_rule() -> (Ledger, String) {
    let mut ledger = Ledger::new(NOW);
    let owner = ledger.create("agency.localhost");
    let rule = rule(owner.did());
    let leaf = ledger.next_object_leaf(Kind::RulePublish, &rule.subject, rule.encode().unwrap());
    ledger.write(&signed_by(&owner, leaf));
    (ledger, rule.subject)
}

#[test]
fn a_bundle_says_what_a_rule_is() {
    let (mut ledger, subject) = with_rule();
    let bytes = ledger.object_bundle(Family::Rule, &subject);
    let bundle = UnverifiedBundle::parse(&bytes).unwrap();
    let bundle = bundle
        .verify_object(&ledger.trust_pack(), Family::Rule, &subject)
        .unwrap();
    assert_eq!(bundle.record().unwrap().subject, subject);
    assert_eq!(bundle.time(), NOW);
    let Some(Payload::Rule(rule)) = bundle.payload() else {
        panic!("no rule");
    };
    assert_eq!(rule.subject, subject);
}

#[test]
fn absence_of_a_rule_is_proved() {
    let (mut ledger, present) = with_rule();
    let owner = present.split_once('/').unwrap().0.parse().unwrap();
    let absent = subject(Family::Rule, &owner, "another");
    let bytes = ledger.object_bundle(Family::Rule, &absent);
    let bundle = UnverifiedBundle::parse(&bytes).unwrap();
    let bundle = bundle.verify_object(&ledger.trust_pack(), Family::Rule, &absent);
    assert_eq!(bundle.unwrap().record(), None);
    let refused = UnverifiedBundle::parse(&bytes)
        .unwrap()
        .verify_object(&ledger.trust_pack(), Family::Rule, &present);
    assert!(matches!(refused, Err(BundleError::MapProof(_))));
}

#[test]
fn k16_the_bundle_of_another_family_or_subject_is_refused() {
    let (mut ledger, subject) = with_rule();
    let bytes = ledger.object_bundle(Family::Rule, &subject);
    let pack = ledger.trust_pack();
    for (family, expected) in [(Family::Service, subject.as_str()), (Family::Rule, "another")] {
        let bundle = UnverifiedBundle::parse(&bytes).unwrap();
        let refused = bundle.verify_object(&pack, family, expected);
        assert_eq!(refused, Err(BundleError::OtherSubject), "{family:?}");
    }
    let as_organisation = UnverifiedBundle::parse(&bytes).unwrap().verify(&pack, &subject);
    assert!(matches!(as_organisation, Err(BundleError::Record(_))));
}

#[test]
fn a_payload_that_the_record_of_a_rule_does_not_name_is_refused() {
    let (mut ledger, subject) = with_rule();
    let note = ledger.publish();
    let bytes = ledger
        .replica()
        .object_bundle(&note, Family::Rule, &subject, &[b"{}"])
        .unwrap();
    let refused = UnverifiedBundle::parse(&bytes)
        .unwrap()
        .verify_object(&ledger.trust_pack(), Family::Rule, &subject);
    assert_eq!(refused, Err(BundleError::BlobNotNamed));
}

#[test]
fn a_bundle_says_what_the_policy_is() {
    let (mut ledger, _) = with_rule();
    let bytes = ledger.policy_bundle();
    let bundle = UnverifiedBundle::parse(&bytes)
        .unwrap()
        .verify_policy(&ledger.trust_pack())
        .unwrap();
    assert_eq!(bundle.record().unwrap().origin, ORIGIN);
    assert_eq!(bundle.policy(), Some(ledger.policy(1)));
}
