//! The second path: a finished presentation decoded from its disclosures up.

use jose::{OverBudget, Work};
use sd_jwt::{ClaimPath, DecodeError, PathElement, UnverifiedSdJwt, decode_presentation};
use serde_json::json;
use test_case::test_case;

use crate::fixture::{digest_of, disclosure, token};

#[test]
fn lists_what_is_shown_and_what_is_always_visible() {
    let inner = json!(["s1", "street", "Main St"]);
    let outer = json!(["s2", "address", { "_sd": [digest_of(&inner)], "country": "US" }]);
    let element = json!(["s3", "B"]);
    let payload = json!({
        "iss": "i",
        "_sd_alg": "sha-256",
        "_sd": [digest_of(&outer), "withheld"],
        "categories": [{ "...": "withheld too" }, { "...": digest_of(&element) }],
    });
    let sent = [&inner, &outer, &element].map(disclosure);
    let decoded = decode_presentation(&token(&payload, &sent)).unwrap();
    let mut visible = decoded.always_visible;
    visible.sort();
    assert_eq!(visible, ["categories".into(), "iss".into()] as [ClaimPath; 2]);
    let paths: Vec<String> = decoded.disclosed.iter().map(|claim| claim.path.to_string()).collect();
    assert_eq!(paths, ["address.street", "address", "categories[1]"]);
    assert_eq!(decoded.disclosed[0].value, "Main St");
    assert_eq!((decoded.audience, decoded.nonce), (None, None));
}

#[test]
fn agrees_with_the_first_path() {
    let inner = json!(["s1", 1]);
    let outer = json!(["s2", "list", [{ "...": digest_of(&inner) }, 2]]);
    let text = token(
        &json!({ "_sd": [digest_of(&outer)] }),
        &[&inner, &outer].map(disclosure),
    );
    let held = UnverifiedSdJwt::parse(&text).unwrap().dangerous_from_storage().unwrap();
    let first: Vec<&ClaimPath> = held.disclosable().collect();
    let decoded = decode_presentation(&text).unwrap();
    let second: Vec<&ClaimPath> = decoded.disclosed.iter().map(|claim| &claim.path).collect();
    assert_eq!(first, second);
    let element = ClaimPath::from("list").child(PathElement::Index(0));
    assert_eq!(first[0], &element);
}

#[test]
fn a_disclosure_without_one_place_is_refused() {
    let claim = json!(["s", "a", 1]);
    let digest = digest_of(&claim);
    let decode = |payload| decode_presentation(&token(&payload, &[disclosure(&claim)])).unwrap_err();
    assert_eq!(decode(json!({})), DecodeError::NoPlace, "no place");
    assert_eq!(
        decode(json!({ "_sd": [digest, digest] })),
        DecodeError::NoPlace,
        "two places"
    );
    assert_eq!(
        decode(json!({ "list": [{ "...": digest }] })),
        DecodeError::NoPlace,
        "a member in an array"
    );
}

#[test]
fn a_chain_of_disclosures_is_followed_no_further_than_the_limit() {
    let mut chain = vec![json!(["s", "a", 0])];
    for level in 0..16 {
        chain.push(json!(["s", "a", { "_sd": [digest_of(&chain[level])] }]));
    }
    let payload = json!({ "_sd": [digest_of(chain.last().unwrap())] });
    let sent: Vec<String> = chain.iter().map(disclosure).collect();
    assert_eq!(
        decode_presentation(&token(&payload, &sent)).unwrap_err(),
        DecodeError::OverBudget(OverBudget(Work::Nesting))
    );
}

/// A card with open objects and arrays in which something can be hidden.
fn half_open() -> (String, Vec<serde_json::Value>) {
    let street = json!(["s1", "street", "Main St"]);
    let element = json!(["s2", "B"]);
    let payload = json!({
        "iss": "i",
        "address": { "_sd": [digest_of(&street), "decoy"], "country": "US", "geo": { "lat": 1 } },
        "categories": ["AM", { "...": digest_of(&element) }],
        "all_hidden": { "_sd": ["decoy too"] },
    });
    let sent = [street, element];
    (token(&payload, &sent.each_ref().map(disclosure)), sent.to_vec())
}

#[test]
fn of_an_open_object_its_open_members_are_always_visible() {
    let (text, _) = half_open();
    let mut visible: Vec<String> = decode_presentation(&text)
        .unwrap()
        .always_visible
        .iter()
        .map(ClaimPath::to_string)
        .collect();
    visible.sort();
    let expected = ["address.country", "address.geo", "all_hidden", "categories[0]", "iss"];
    assert_eq!(visible, expected);
}

#[test]
fn both_paths_agree_about_what_is_always_visible() {
    let (text, sent) = half_open();
    let held = UnverifiedSdJwt::parse(&text).unwrap().dangerous_from_storage().unwrap();
    for claims in [vec![], vec![ClaimPath::from(&["address", "street"][..])]] {
        let shown = held.select(&claims).unwrap().into_sd_jwt();
        let mut second = decode_presentation(&shown).unwrap().always_visible;
        let mut first = held.always_visible();
        first.sort();
        second.sort();
        assert_eq!(first, second);
    }
    assert_eq!(sent.len(), held.disclosable().count());
}

#[test]
fn a_decoy_in_the_middle_of_an_array_counts_in_both_paths() {
    let hidden = json!(["s", "B"]);
    let payload = json!({ "list": [{ "...": "decoy" }, "A", { "...": digest_of(&hidden) }, "C"] });
    let text = token(&payload, &[disclosure(&hidden)]);
    let held = UnverifiedSdJwt::parse(&text).unwrap().dangerous_from_storage().unwrap();
    let places = |paths: Vec<ClaimPath>| -> Vec<String> { paths.iter().map(ClaimPath::to_string).collect() };
    assert_eq!(places(held.always_visible()), ["list[1]", "list[3]"]);
    let second = decode_presentation(&text).unwrap().always_visible;
    assert_eq!(places(second), ["list[1]", "list[3]"]);
}

#[test_case("" => DecodeError::NotAPresentation; "empty")]
#[test_case("e30.e30.e30" => DecodeError::NotAPresentation; "no_tilde")]
#[test_case("e30.e30~" => DecodeError::NotAPresentation; "two_parts")]
#[test_case("e30.W10.e30~" => DecodeError::Malformed; "payload_is_a_list")]
#[test_case("e30.e30.e30~e30~" => DecodeError::Malformed; "disclosure_is_an_object")]
#[test_case("e30.e30.e30~=~" => DecodeError::Malformed; "not_base64url")]
#[test_case("e30.e30.e30~x" => DecodeError::NotAPresentation; "binding_is_no_jwt")]
fn refuses(text: &str) -> DecodeError {
    decode_presentation(text).unwrap_err()
}
