//! Who may write.

use did::identity::OldKey;
use jose::SigningKey;
use ledger::{Authority, Kind, Rejection, RejectionClass, SnapshotList, StatusSnapshot};
use testkit::ledger::{ORIGIN, newest_line, signed_by};

use super::{NOW, changed, grant_leaf, signatures, signed_as, stray_key, with_agency, with_organisation};

#[test]
fn authority_form() {
    let (mut ledger, agency) = with_agency();
    let leaf = grant_leaf(&ledger, &agency).proved_by_payload();
    assert_eq!(
        ledger.try_write(&leaf),
        Err(Rejection::AuthorityForm),
        "a grant without signature"
    );
    let leaf = grant_leaf(&ledger, &agency).written_by_log();
    assert_eq!(
        ledger.try_write(&leaf),
        Err(Rejection::AuthorityForm),
        "a grant by the log"
    );
    let head = ledger.map_head_leaf(&ledger.sound_map_head());
    let head = changed(&head, |leaf| leaf.authority = Authority::PayloadProof);
    assert_eq!(
        ledger.try_write(&head),
        Err(Rejection::AuthorityForm),
        "a map head not by the log"
    );
    let policy = changed(&ledger.policy_leaf(&ledger.policy(2)), |leaf| {
        leaf.authority = Authority::Log
    });
    assert_eq!(
        ledger.try_write(&policy),
        Err(Rejection::AuthorityForm),
        "a policy by the log"
    );
    let mut agency = agency;
    agency
        .rotate_assertion_key(OldKey::Keep, NOW, &mut ledger.random())
        .unwrap();
    let leaf = ledger.next_leaf(Kind::DidRotate, agency.did().as_str(), newest_line(&agency));
    let leaf = ledger.signed_by_registrar(leaf);
    assert_eq!(
        ledger.try_write(&leaf),
        Err(Rejection::AuthorityForm),
        "nothing is signed twice"
    );
}

#[test]
fn signature_count() {
    let (mut ledger, agency) = with_organisation();
    let mut submission = ledger.signed_by_registrar(grant_leaf(&ledger, &agency));
    submission = changed(&submission, |leaf| {
        let mut second = signatures(leaf)[0].clone();
        second.key_id.push('2');
        signatures(leaf).push(second);
    });
    assert_eq!(ledger.try_write(&submission), Err(Rejection::SignatureCount));
}

#[test]
fn signer_unknown() {
    let (mut ledger, agency) = with_organisation();
    let leaf = signed_as(grant_leaf(&ledger, &agency), "no did url", &stray_key());
    assert_eq!(ledger.try_write(&leaf), Err(Rejection::SignerUnknown));
    // Named as registrar in the policy, but without a DID on the ledger.
    let nobody = "did:webvh:QmNobody:nobody.example";
    let mut policy = ledger.policy(2);
    policy.registrars.push(nobody.parse().unwrap());
    policy.registrars.sort();
    ledger.write(&ledger.policy_leaf(&policy));
    let leaf = signed_as(
        grant_leaf(&ledger, &agency),
        &format!("{nobody}#ledger-1"),
        &stray_key(),
    );
    assert_eq!(ledger.try_write(&leaf), Err(Rejection::SignerUnknown));
}

#[test]
fn signer_not_registrar() {
    let (mut ledger, agency) = with_agency();
    let leaf = signed_by(&agency, grant_leaf(&ledger, &agency));
    let refused = ledger.try_write(&leaf).unwrap_err();
    assert_eq!(
        (refused.class(), refused),
        (RejectionClass::Unauthorised, Rejection::SignerNotRegistrar)
    );
}

#[test]
fn a_registrar_that_the_policy_names_no_more_is_none() {
    let (mut ledger, agency) = with_organisation();
    let mut policy = ledger.policy(2);
    policy.registrars = vec![agency.did().clone()];
    ledger.write(&ledger.policy_leaf(&policy));
    let leaf = ledger.signed_by_registrar(grant_leaf(&ledger, &agency));
    assert_eq!(ledger.try_write(&leaf), Err(Rejection::SignerNotRegistrar));
}

#[test]
fn signer_not_subject() {
    let (mut ledger, agency) = with_agency();
    let snapshot = StatusSnapshot {
        lists: vec![SnapshotList {
            sha256: [1; 32],
            uri: "https://agency.example/1".to_owned(),
        }],
        root: [0; 32],
        size: 1,
        subject: agency.did().clone(),
        time: NOW,
    };
    let leaf = ledger.next_leaf(Kind::StatusSnapshot, agency.did().as_str(), snapshot.encode().unwrap());
    assert_eq!(
        ledger.try_write(&ledger.signed_by_registrar(leaf)),
        Err(Rejection::SignerNotSubject)
    );
}

#[test]
fn signer_deactivated() {
    let (mut ledger, agency) = with_organisation();
    let mut second = ledger.create("second.localhost");
    let mut policy = ledger.policy(2);
    policy.registrars.push(second.did().clone());
    policy.registrars.sort();
    ledger.write(&ledger.policy_leaf(&policy));
    ledger.deactivate(&mut second);
    let leaf = signed_by(&second, grant_leaf(&ledger, &agency));
    assert_eq!(ledger.try_write(&leaf), Err(Rejection::SignerDeactivated));
}

#[test]
fn signer_key_not_listed() {
    let (mut ledger, agency) = with_organisation();
    let unknown = format!("{}#ledger-7", ledger.registrar().did());
    let leaf = signed_as(grant_leaf(&ledger, &agency), &unknown, &stray_key());
    assert_eq!(
        ledger.try_write(&leaf),
        Err(Rejection::SignerKeyNotListed),
        "no such key"
    );
    let (name, key) = ledger.registrar().assertion_key().unwrap();
    let key = SigningKey::new(key).unwrap();
    let leaf = signed_as(grant_leaf(&ledger, &agency), &name.to_string(), &key);
    assert_eq!(
        ledger.try_write(&leaf),
        Err(Rejection::SignerKeyNotListed),
        "a credential key"
    );
}

#[test]
fn signer_key_retired() {
    let (mut ledger, agency) = with_organisation();
    let mut second = ledger.create("second.localhost");
    let mut policy = ledger.policy(2);
    policy.registrars.push(second.did().clone());
    policy.registrars.sort();
    ledger.write(&ledger.policy_leaf(&policy));
    let (retired, _) = second.assertion_key().unwrap();
    ledger.rotate(&mut second, OldKey::TakeOut);
    let leaf = signed_as(grant_leaf(&ledger, &agency), &retired.to_string(), &stray_key());
    assert_eq!(ledger.try_write(&leaf), Err(Rejection::SignerKeyRetired));
}

#[test]
fn signature_algorithm() {
    let (mut ledger, agency) = with_organisation();
    let submission = changed(&ledger.signed_by_registrar(grant_leaf(&ledger, &agency)), |leaf| {
        signatures(leaf)[0].algorithm = jose::Algorithm::Es256;
    });
    assert_eq!(ledger.try_write(&submission), Err(Rejection::SignatureAlgorithm));
}

#[test]
fn signature_invalid() {
    let (mut ledger, agency) = with_organisation();
    let submission = ledger.signed_by_registrar(grant_leaf(&ledger, &agency));
    let broken = changed(&submission, |leaf| signatures(leaf)[0].signature[0] ^= 1);
    assert_eq!(ledger.try_write(&broken), Err(Rejection::SignatureInvalid));
    let moved = changed(&submission, |leaf| leaf.private = None);
    assert!(ledger.try_write(&moved).is_ok(), "the very same leaf");
}

#[test]
fn a_signature_for_another_log_is_invalid() {
    let (mut ledger, agency) = with_organisation();
    let (name, key) = ledger.registrar().ledger_key().unwrap();
    let key = SigningKey::new(key).unwrap();
    let leaf = grant_leaf(&ledger, &agency)
        .signed_by("other.example", &[(&name.to_string(), &key)])
        .unwrap();
    assert_eq!(ledger.try_write(&leaf), Err(Rejection::SignatureInvalid));
    assert_ne!(ORIGIN, "other.example");
}
