//! Issuing. ISO/IEC 18013-5 §9.1.2.4, §9.1.2.5

use std::collections::HashSet;

use jose::{PrivateJwk, SignError};
use mdoc::{ElementPath, IssueError, MdocDraft, UnverifiedMdoc, Value};
use proptest::prelude::*;
use test_case::test_case;
use testkit::credential::{random, signer};

use crate::fixture::{
    DAY, DOC_TYPE, FIRST, NOW, SECOND, X5CHAIN, device, draft, issued, issuer, read, transcript, trust, verify,
};
use crate::forge::{encode, inside, member};

fn items(issuer_signed: &Value, name_space: &str) -> Vec<Value> {
    let items = member(member(issuer_signed, "nameSpaces"), name_space).as_array();
    items.unwrap().iter().map(|item| read(&inside(item))).collect()
}

fn mso(issuer_signed: &Value) -> Value {
    let payload = member(issuer_signed, "issuerAuth").as_array().unwrap()[2].as_bytes();
    read(&inside(&read(payload.unwrap())))
}

fn numbers(items: &[Value]) -> Vec<u64> {
    let number = |item: &Value| member(item, "digestID").as_integer().unwrap().try_into().unwrap();
    items.iter().map(number).collect()
}

#[test]
fn what_is_issued_is_what_the_draft_says() {
    let received = UnverifiedMdoc::parse(&issued(draft())).unwrap();
    assert_eq!(received.doc_type(), DOC_TYPE);
    let (held, claims) = received.receive(trust(), device().public(), NOW).unwrap();
    assert_eq!(
        (claims.signed(), claims.valid_from(), claims.valid_until()),
        (NOW - DAY, NOW - DAY, NOW + DAY)
    );
    assert!(claims.device_key().same_key(device().public()));
    let elements: Vec<_> = held
        .elements()
        .map(|element| (element.path(), element.value.clone()))
        .collect();
    let expected: Vec<_> = draft()
        .name_spaces
        .into_iter()
        .flat_map(|(name_space, elements)| {
            let path = move |name| ElementPath::new(name_space.clone(), name);
            elements.into_iter().map(move |(name, value)| (path(name), value))
        })
        .collect();
    assert_eq!(elements, expected);
}

#[test]
fn salts_differ_and_numbers_say_nothing() {
    let many = MdocDraft {
        name_spaces: vec![(
            FIRST.to_owned(),
            (0..40)
                .map(|number| (format!("element_{number}"), true.into()))
                .collect(),
        )],
        ..draft()
    };
    let issue = |seed| {
        let draft = many.clone();
        let issued = draft.issue(X5CHAIN.clone(), &mut random(seed), &signer(&issuer()));
        items(&read(&issued.unwrap()), FIRST)
    };
    let (one, other) = (issue(1), issue(2));
    let salts: HashSet<_> = one
        .iter()
        .chain(&other)
        .map(|item| encode(member(item, "random")))
        .collect();
    assert_eq!(salts.len(), 80);
    assert!(salts.iter().all(|salt| salt.len() >= 16));
    let (one, other) = (numbers(&one), numbers(&other));
    assert_eq!(one.iter().collect::<HashSet<_>>().len(), 40);
    assert_ne!(one, other);
    assert!(!one.is_sorted() && !other.is_sorted());
}

#[test]
fn padding_hides_how_many_elements_there_are() {
    let padded = issued(MdocDraft {
        padding: Some(8),
        ..draft()
    });
    let digests = |name_space| {
        member(member(&mso(&read(&padded)), "valueDigests"), name_space)
            .as_map()
            .unwrap()
            .len()
    };
    assert_eq!((digests(FIRST), digests(SECOND)), (8, 8));
    assert!(numbers(&items(&read(&padded), FIRST)).iter().all(|number| *number < 8));
    let received = UnverifiedMdoc::parse(&padded).unwrap();
    assert!(received.receive(trust(), device().public(), NOW).is_ok());
}

/// RFC 8949 §4.2.1
#[test]
fn keys_of_maps_stand_in_order() {
    fn check(value: &Value) {
        match value {
            Value::Map(entries) => {
                let keys: Vec<_> = entries.iter().map(|(key, _)| encode(key)).collect();
                assert!(keys.is_sorted(), "{entries:?}");
                entries.iter().for_each(|(_, value)| check(value));
            }
            Value::Array(elements) => elements.iter().for_each(check),
            Value::Tag(24, inside) => check(&read(inside.as_bytes().unwrap())),
            Value::Tag(_, inside) => check(inside),
            _ => {}
        }
    }
    let issued = read(&issued(draft()));
    check(&issued);
    check(&mso(&issued));
    let held = crate::fixture::held();
    let selection = held.select(&[ElementPath::new(FIRST, "age_over_18")]).unwrap();
    check(&read(&selection.respond(&transcript(), &signer(&device())).unwrap()));
}

#[test_case(|draft| draft.name_spaces.clear() => IssueError::Empty; "nothing")]
#[test_case(|draft| draft.name_spaces[1].1.clear() => IssueError::Empty; "an empty namespace")]
#[test_case(|draft| draft.name_spaces[1].0 = FIRST.to_owned() => IssueError::Duplicate; "a namespace twice")]
#[test_case(|draft| draft.name_spaces[0].1[1].0 = "family_name".to_owned() => IssueError::Duplicate; "an element twice")]
#[test_case(|draft| draft.padding = Some(3) => IssueError::PaddingTooSmall; "more than the padding")]
#[test_case(|draft| draft.valid_until = draft.valid_from => IssueError::Dates; "no time")]
#[test_case(|draft| draft.signed = draft.valid_from + 1 => IssueError::Dates; "signed after its beginning")]
#[test_case(|draft| draft.valid_until = u64::MAX => IssueError::Dates; "beyond the year 9999")]
#[test_case(|draft| draft.device_key = PrivateJwk::from_ed25519_seed(&[1; 32]).public().clone() => IssueError::DeviceKey; "a key of another curve")]
#[test_case(|draft| draft.name_spaces[0].1[0].1 = f64::NAN.into() => IssueError::Value(cbor::CborError::Unsupported); "not a number")]
#[test_case(|draft| draft.name_spaces[0].1[0].1 = Value::Map(vec![(1.into(), 1.into()), (1.into(), 2.into())]) => IssueError::Value(cbor::CborError::DuplicateKey); "a key twice")]
fn cannot_be_issued(wrong: fn(&mut MdocDraft)) -> IssueError {
    let mut draft = draft();
    wrong(&mut draft);
    draft
        .issue(X5CHAIN.clone(), &mut random(5), &signer(&issuer()))
        .unwrap_err()
}

#[test]
fn the_signer_has_a_certificate_and_es256() {
    let issue = |x5chain, key: &PrivateJwk| draft().issue(x5chain, &mut random(5), &signer(key)).unwrap_err();
    assert_eq!(issue(vec![], &issuer()), IssueError::NoCertificate);
    assert_eq!(
        issue(X5CHAIN.clone(), &PrivateJwk::from_ed25519_seed(&[1; 32])),
        IssueError::Sign(SignError::AlgorithmMismatch)
    );
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::from),
        Just(Value::Tag(1004, Box::new("2001-02-03".into()))),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(Value::Array)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_issued_is_shown_as_chosen(
        elements in prop::collection::btree_map("[a-z_]{1,12}", (value(), any::<bool>()), 1..12),
        padding in prop_oneof![Just(None), (12_usize..20).prop_map(Some)],
    ) {
        let all: Vec<_> = elements.iter().map(|(name, (value, _))| (name.clone(), value.clone())).collect();
        let issued = issued(MdocDraft {
            name_spaces: vec![(FIRST.to_owned(), all)],
            padding,
            ..draft()
        });
        prop_assert_eq!(UnverifiedMdoc::parse(&issued).unwrap().encode(), issued.clone());
        let received = UnverifiedMdoc::parse(&issued).unwrap();
        let (held, _) = received.receive(trust(), device().public(), NOW).unwrap();
        let chosen: Vec<_> = elements.iter().filter(|(_, (_, chosen))| *chosen).collect();
        let paths: Vec<_> = chosen.iter().map(|(name, _)| ElementPath::new(FIRST, name.as_str())).collect();
        let response = held.select(&paths).unwrap().respond(&transcript(), &signer(&device())).unwrap();
        let verified = verify(&response).unwrap();
        let shown: Vec<_> = verified.elements().map(|element| (element.identifier, element.value)).collect();
        let expected: Vec<_> = chosen.iter().map(|(name, (value, _))| (name.as_str(), value)).collect();
        prop_assert_eq!(shown, expected);
    }
}
