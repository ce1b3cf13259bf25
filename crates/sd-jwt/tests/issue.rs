//! Issuing: RFC 9901 §4.

use jose::{Algorithm, JwsHeader, SignError, UnverifiedJws, base64url};
use proptest::prelude::*;
use sd_jwt::{ClaimPath, IssueError, Padding, PathElement, issue};
use serde_json::{Map, Value, json};
use test_case::test_case;

use crate::fixture::{TYP, issuer, random, signer, verify};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => unreachable!(),
    }
}

fn issued(claims: Value, paths: &[ClaimPath], padding: Padding) -> Result<String, IssueError> {
    issue(
        &JwsHeader::new(Algorithm::Es256).with_typ(TYP),
        object(claims),
        paths,
        padding,
        &mut random(),
        &signer(&issuer()),
    )
}

/// The payload with its digests.
fn payload(text: &str) -> Value {
    let jws = UnverifiedJws::parse(text.split('~').next().unwrap()).unwrap();
    serde_json::from_slice(jws.dangerous_unverified_payload()).unwrap()
}

#[test]
fn debug_shows_no_claims() {
    let text = issued(json!({ "name": "Ada" }), &["name".into()], Padding::None).unwrap();
    let unverified = sd_jwt::UnverifiedPresentation::parse(&text).unwrap();
    let held = sd_jwt::UnverifiedSdJwt::parse(&text)
        .unwrap()
        .dangerous_from_storage()
        .unwrap();
    let selected = held.select(&["name".into()]).unwrap();
    let decoded = sd_jwt::decode_presentation(&text).unwrap();
    let shown = format!("{unverified:?} {held:?} {selected:?} {decoded:?}");
    let disclosure = text.split('~').nth(1).unwrap();
    assert!(!shown.contains("Ada") && !shown.contains(disclosure), "{shown}");
}

#[test]
fn digests_are_padded_sorted_and_of_one_form() {
    let text = issued(json!({ "a": 1, "b": 2 }), &["a".into(), "b".into()], Padding::To(7)).unwrap();
    let payload = payload(&text);
    let digests: Vec<&str> = payload["_sd"]
        .as_array()
        .unwrap()
        .iter()
        .map(|digest| digest.as_str().unwrap())
        .collect();
    assert_eq!(digests.len(), 7);
    assert!(digests.is_sorted(), "the order of the claims does not show");
    assert!(
        digests
            .iter()
            .all(|digest| base64url::decode(digest).unwrap().len() == 32)
    );
    assert_eq!(payload["_sd_alg"], "sha-256");
    assert!(payload.get("a").is_none() && payload.get("b").is_none());
}

#[test]
fn people_with_and_without_a_claim_look_alike() {
    let with = issued(json!({ "a": 1, "b": 2 }), &["a".into(), "b".into()], Padding::To(4)).unwrap();
    let without = issued(json!({ "a": 1 }), &["a".into()], Padding::To(4)).unwrap();
    let length = |text: &str| payload(text).to_string().len();
    assert_eq!(length(&with), length(&without));
}

#[test]
fn each_disclosure_has_a_salt_of_its_own() {
    let text = issued(json!({ "a": 1, "b": 1 }), &["a".into(), "b".into()], Padding::None).unwrap();
    let salts: Vec<Value> = text
        .split('~')
        .skip(1)
        .filter(|part| !part.is_empty())
        .map(|part| serde_json::from_slice::<Value>(&base64url::decode(part).unwrap()).unwrap())
        .map(|disclosure| disclosure[0].clone())
        .collect();
    assert_eq!(salts.len(), 2);
    assert_ne!(salts[0], salts[1]);
    for salt in salts {
        assert_eq!(base64url::decode(salt.as_str().unwrap()).unwrap().len(), 16);
    }
}

#[test]
fn without_disclosable_claims_there_is_no_trace_of_sd() {
    let text = issued(json!({ "a": 1 }), &[], Padding::None).unwrap();
    assert_eq!(payload(&text), json!({ "a": 1 }));
}

#[test_case(json!({ "_sd": [] }), &[] => IssueError::ReservedName; "sd")]
#[test_case(json!({ "a": [{ "...": 1 }] }), &[] => IssueError::ReservedName; "dots_inside")]
#[test_case(json!({ "a": { "_sd_alg": 1 } }), &[] => IssueError::ReservedName; "sd_alg_inside")]
#[test_case(json!({ "a": 1 }), &["b"] => IssueError::NoSuchClaim("b".into()); "no_such_claim")]
#[test_case(json!({ "a": 1 }), &["a", "a"] => IssueError::NoSuchClaim("a".into()); "named_twice")]
#[test_case(json!({ "a": 1, "b": 1, "c": 1, "d": 1 }), &["a", "b", "c", "d"] => IssueError::PaddingTooSmall; "too_many_for_the_padding")]
fn refuses(claims: Value, paths: &[&str]) -> IssueError {
    let paths: Vec<ClaimPath> = paths.iter().map(|name| (*name).into()).collect();
    issued(claims, &paths, Padding::To(3)).unwrap_err()
}

#[test]
fn an_element_named_twice_is_refused() {
    let element = ClaimPath::from("a").child(PathElement::Index(0));
    assert_eq!(
        issued(json!({ "a": [1] }), &[element.clone(), element.clone()], Padding::None),
        Err(IssueError::NoSuchClaim(element))
    );
}

#[test]
fn decoys_fill_up_every_place_that_has_digests() {
    let street: &[&str] = &["address", "street"];
    let element = |index| ClaimPath::from("list").child(PathElement::Index(index));
    let deep = element(1).child(PathElement::Name("b".to_owned()));
    let paths = [street.into(), "name".into(), element(1), deep];
    let claims = json!({ "name": "Ada", "address": { "street": "Main St", "country": "US" },
        "list": ["open", { "b": 1, "c": 2 }], "plain": { "x": [1] } });
    let text = issued(claims.clone(), &paths, Padding::Everywhere(4)).unwrap();
    let payload = payload(&text);
    assert_eq!(payload["_sd"].as_array().unwrap().len(), 4);
    assert_eq!(payload["address"]["_sd"].as_array().unwrap().len(), 4);
    assert_eq!(payload["address"]["country"], "US");
    let list = payload["list"].as_array().unwrap();
    assert_eq!(list.len(), 5, "one open element, one hidden, three decoys");
    assert_eq!(list[0], "open");
    assert!(list[1..].iter().all(|element| element["..."].is_string()));
    assert_eq!(
        payload["plain"],
        json!({ "x": [1] }),
        "where nothing can be hidden there are no decoys"
    );
    let verified = verify(&text).unwrap();
    assert_eq!(json!(verified.claims()), claims);
    assert_eq!(
        issued(claims, &paths, Padding::Everywhere(0)),
        Err(IssueError::PaddingTooSmall)
    );
}

#[test]
fn people_with_more_and_fewer_elements_look_alike() {
    let element = |index| ClaimPath::from("list").child(PathElement::Index(index));
    let one = issued(json!({ "list": [1] }), &[element(0)], Padding::Everywhere(3)).unwrap();
    let two = issued(
        json!({ "list": [1, 2] }),
        &[element(0), element(1)],
        Padding::Everywhere(3),
    )
    .unwrap();
    assert_eq!(payload(&one).to_string().len(), payload(&two).to_string().len());
}

#[test]
fn the_key_must_have_the_headers_algorithm() {
    let result = issue(
        &JwsHeader::new(Algorithm::EdDsa).with_typ(TYP),
        Map::new(),
        &[],
        Padding::None,
        &mut random(),
        &signer(&issuer()),
    );
    assert_eq!(result, Err(IssueError::Sign(SignError::AlgorithmMismatch)));
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z\"\\\\é]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Every place in a value, so that each can be made disclosable.
fn places(value: &Value, here: &ClaimPath, into: &mut Vec<ClaimPath>) {
    let inner: Vec<(PathElement, &Value)> = match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| (PathElement::Name(name.clone()), value))
            .collect(),
        Value::Array(array) => array
            .iter()
            .enumerate()
            .map(|(index, value)| (PathElement::Index(index), value))
            .collect(),
        _ => vec![],
    };
    for (element, value) in inner {
        let path = here.child(element);
        into.push(path.clone());
        places(value, &path, into);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_issued_verifies_to_what_went_in(
        claims in prop::collection::btree_map("[a-h]{1,3}", value(), 0..5),
        pattern: u64,
        everywhere: bool,
    ) {
        let claims = Value::Object(claims.into_iter().collect());
        let mut paths = vec![];
        places(&claims, &ClaimPath::default(), &mut paths);
        let mut position = 0_u32;
        paths.retain(|_| {
            position += 1;
            pattern.rotate_left(position) & 1 == 1
        });
        let padding = if everywhere { Padding::Everywhere(16) } else { Padding::To(16) };
        let text = issued(claims.clone(), &paths, padding).unwrap();
        let verified = verify(&text).unwrap();
        prop_assert_eq!(json!(verified.claims()), claims);
        let mut disclosed: Vec<ClaimPath> = verified.disclosed().cloned().collect();
        disclosed.sort();
        paths.sort();
        prop_assert_eq!(disclosed, paths);
    }
}
