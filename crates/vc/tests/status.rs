//! Bitstring Status List 1.0: entries, lists, and the credential around them.

use jose::{Budget, OverBudget, Work, base64url};
use proptest::prelude::*;
use serde_json::{Value, json};
use test_case::test_case;
use w3c_vc::{
    Bitstring, BitstringError, CredentialError, CredentialStatus, FormError, LookUpError, ProofError, StatusEntry,
    StatusListDraft, StatusListError, StatusPurpose, UnverifiedStatusList, VerifiedStatusList, budget,
};

use crate::fixture::{
    ISSUER, NOW, changed, contexts, document, issued, issuer, object, signer, signing, trusted, verify,
};

const URL: &str = "https://agency.example/status/1";

fn list() -> Bitstring {
    let mut list = Bitstring::new(0);
    list.set(94_567, true).unwrap();
    list
}

fn draft() -> StatusListDraft<'static> {
    StatusListDraft {
        url: URL,
        issuer: ISSUER,
        purpose: StatusPurpose::Revocation,
        valid_from: NOW,
        valid_until: NOW + 600,
        time_to_live: 60_000,
    }
}

fn published() -> String {
    draft()
        .issue(&list(), &contexts(), &signing(&signer(&issuer())))
        .unwrap()
}

fn verified(text: &str, url: &str) -> Result<VerifiedStatusList, StatusListError> {
    UnverifiedStatusList::parse(text)?.verify(&contexts(), &trusted(&issuer()), url, NOW)
}

fn entry(index: u64) -> StatusEntry {
    StatusEntry {
        purpose: StatusPurpose::Revocation,
        index,
        list: URL.to_owned(),
    }
}

#[test]
fn a_bit_that_was_set_is_found() {
    let list = verified(&published(), URL).unwrap();
    assert_eq!(list.is_set(&entry(94_567)), Ok(true));
    assert_eq!(list.is_set(&entry(94_566)), Ok(false));
    assert_eq!(list.list().entries(), 131_072);
    assert_eq!(
        (list.url(), list.time_to_live(), list.valid_from()),
        (URL, Some(60_000), Some(NOW))
    );
    assert!(list.is_current(NOW + 599) && !list.is_current(NOW + 600));
    let beyond = list.is_set(&entry(131_072)).unwrap_err();
    assert!(matches!(beyond, LookUpError::OutOfRange(_)));
    let suspended = StatusEntry {
        purpose: StatusPurpose::Suspension,
        ..entry(1)
    };
    assert_eq!(list.is_set(&suspended), Err(LookUpError::Purpose));
    let elsewhere = StatusEntry {
        list: "https://agency.example/status/2".to_owned(),
        ..entry(1)
    };
    assert_eq!(list.is_set(&elsewhere), Err(LookUpError::OtherList));
}

#[test]
fn the_first_entry_is_the_highest_bit() {
    let mut list = Bitstring::new(131_072);
    list.set(0, true).unwrap();
    list.set(9, true).unwrap();
    assert_eq!(list.bytes()[..2], [0b1000_0000, 0b0100_0000]);
    assert!(list.set(131_072, true).is_err());
    list.set(0, false).unwrap();
    assert_eq!(list.is_set(0), Ok(false));
}

/// A list of the recommendation: 131,072 zero bits. Bitstring Status List 1.0, example 4.
#[test]
fn the_list_of_the_recommendation_is_read() {
    let encoded = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
    let list = Bitstring::decode(encoded, &mut budget::STATUS_LIST.clone()).unwrap();
    assert_eq!(list, Bitstring::new(131_072));
}

#[test]
fn a_list_is_not_taken_for_another() {
    let refused = verified(&published(), "https://agency.example/status/2").unwrap_err();
    assert_eq!(refused, StatusListError::OtherList);
}

/// Signed as a status list with these members of its subject changed.
fn odd(members: Value) -> StatusListError {
    let mut document: Value = serde_json::from_str(&published()).unwrap();
    document.as_object_mut().unwrap().remove("proof");
    for (place, value) in object(members) {
        let (parent, name) = place.rsplit_once('/').unwrap();
        match value {
            Value::Null => drop(
                document
                    .pointer_mut(parent)
                    .unwrap()
                    .as_object_mut()
                    .unwrap()
                    .remove(name),
            ),
            value => document.pointer_mut(parent).unwrap()[name] = value,
        }
    }
    verified(&issued(object(document)).unwrap(), URL).unwrap_err()
}

#[test_case(json!({"/id": null}) => StatusListError::OtherList; "no id")]
#[test_case(json!({"/type": ["VerifiableCredential"], "/credentialSubject": {"id": "urn:x:1"}}) => StatusListError::Type; "no list")]
#[test_case(json!({"/credentialSubject/statusPurpose": null}) => StatusListError::Purpose; "no purpose")]
#[test_case(json!({"/credentialSubject/encodedList": null}) => StatusListError::List(BitstringError::Multibase); "no bits")]
#[test_case(json!({"/credentialSubject/encodedList": "H4sIAAAA"}) => StatusListError::List(BitstringError::Multibase); "no multibase")]
#[test_case(json!({"/credentialSubject/encodedList": "uAAAA"}) => StatusListError::List(BitstringError::Compression); "no gzip")]
#[test_case(json!({"/credentialSubject/ttl": "soon"}) => StatusListError::TimeToLive; "no ttl")]
#[test_case(json!({"/validUntil": "2026-11-20T12:00:00Z", "/validFrom": null}) => StatusListError::Credential(CredentialError::Expired); "an old list")]
#[test_case(json!({"/issuer": "https://other.example/"}) => StatusListError::Credential(CredentialError::OtherIssuer); "another issuer")]
fn each_rule(members: Value) -> StatusListError {
    odd(members)
}

#[test]
fn a_changed_list_is_noticed() {
    let clean = Bitstring::new(0).encode();
    let text = changed(&published(), "/credentialSubject/encodedList", json!(clean));
    let refused = verified(&text, URL).unwrap_err();
    assert_eq!(refused, StatusListError::Credential(ProofError::Signature.into()));
}

#[test]
fn inflation_stops_at_the_limit() {
    let mut little = Budget::NOTHING.allow(Work::Inflated, 16_384);
    let fits = Bitstring::new(131_072).encode();
    assert!(Bitstring::decode(&fits, &mut little).is_ok());
    assert_eq!(little.left(Work::Inflated), 0);
    let mut little = Budget::NOTHING.allow(Work::Inflated, 16_384);
    let bomb = Bitstring::new(1 << 27).encode();
    assert!(bomb.len() < 50_000);
    let over = BitstringError::OverBudget(OverBudget(Work::Inflated));
    assert_eq!(Bitstring::decode(&bomb, &mut little), Err(over));
}

#[test]
fn what_follows_the_list_or_is_missing_from_it_is_noticed() {
    let whole = base64url::decode(&Bitstring::new(0).encode()[1..]).unwrap();
    let decode = |bytes: &[u8]| {
        let encoded = format!("u{}", base64url::encode(bytes));
        Bitstring::decode(&encoded, &mut budget::STATUS_LIST.clone())
    };
    assert!(decode(&whole).is_ok());
    for cut in 0..whole.len() {
        assert_eq!(decode(&whole[..cut]), Err(BitstringError::Compression), "{cut}");
    }
    assert_eq!(decode(&[&whole[..], &[0]].concat()), Err(BitstringError::Compression));
    assert_eq!(
        decode(&[&whole[..], &whole[..]].concat()),
        Err(BitstringError::Compression)
    );
}

fn with_status(status: Value) -> Result<Vec<CredentialStatus>, CredentialError> {
    let mut document = document();
    document.insert("credentialStatus".to_owned(), status.clone());
    let text = match issued(document) {
        Ok(text) => text,
        Err(w3c_vc::IssueError::Form(error)) => return Err(error.into()),
        Err(other) => panic!("{other}"),
    };
    verify(&text).map(|verified| verified.credential().status().to_vec())
}

#[test]
fn entries_are_read_and_those_of_other_kinds_are_not_passed_over() {
    let revocation = entry(7).to_value();
    let mut suspension = revocation.clone();
    suspension["statusPurpose"] = json!("suspension");
    let mut message = revocation.clone();
    message["statusPurpose"] = json!("message");
    let mut wide = revocation.clone();
    wide["statusSize"] = json!(2);
    let other = json!({"id": "urn:x:1", "type": "urn:x:Status"});
    let read = with_status(json!([revocation, suspension, message, wide, other])).unwrap();
    let suspended = StatusEntry {
        purpose: StatusPurpose::Suspension,
        ..entry(7)
    };
    assert_eq!(read[0], CredentialStatus::Bitstring(entry(7)));
    assert_eq!(read[1], CredentialStatus::Bitstring(suspended));
    assert_eq!(
        read[2..],
        [
            CredentialStatus::Other,
            CredentialStatus::Other,
            CredentialStatus::Other
        ]
    );
}

#[test_case("statusListIndex", json!(7); "an index that is a number")]
#[test_case("statusListIndex", json!("-7"); "a negative index")]
#[test_case("statusListIndex", json!("+7"); "an index with a sign")]
#[test_case("statusListIndex", json!("07"); "a leading zero")]
#[test_case("statusListIndex", json!(""); "an empty index")]
#[test_case("statusListIndex", json!("99999999999999999999"); "beyond 64 bits")]
#[test_case("statusListCredential", json!("list"); "no url")]
#[test_case("statusPurpose", json!(1); "no purpose")]
fn a_malformed_entry_is_refused(member: &str, value: Value) {
    let mut status = entry(7).to_value();
    status[member] = value;
    let refused = with_status(status).unwrap_err();
    assert_eq!(refused, CredentialError::Form(FormError::Malformed("credentialStatus")));
}

proptest! {
    #[test]
    fn what_was_written_is_read_and_nothing_else_changes(writes in proptest::collection::vec((0_u64..131_072, any::<bool>()), 0..50)) {
        let mut list = Bitstring::new(0);
        let mut model = std::collections::HashMap::new();
        for (index, on) in writes {
            list.set(index, on).unwrap();
            model.insert(index, on);
        }
        let read = Bitstring::decode(&list.encode(), &mut budget::STATUS_LIST.clone()).unwrap();
        prop_assert_eq!(&read, &list);
        for (index, on) in &model {
            prop_assert_eq!(read.is_set(*index), Ok(*on));
        }
        let set = u64::from(read.bytes().iter().map(|byte| byte.count_ones()).sum::<u32>());
        prop_assert_eq!(set, u64::try_from(model.values().filter(|on| **on).count()).unwrap());
    }

    #[test]
    fn no_bytes_break_inflation_or_pass_the_limit(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut budget = Budget::NOTHING.allow(Work::Inflated, 65_536);
        if let Ok(list) = Bitstring::decode(&format!("u{}", base64url::encode(bytes)), &mut budget) {
            prop_assert!(list.bytes().len() <= 65_536);
        }
    }
}
