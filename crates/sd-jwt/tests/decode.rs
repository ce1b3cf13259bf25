//! The second path: a finished presentation decoded from its disclosures up.

use sd_jwt::{ClaimPath, DecodeError, PathElement, UnverifiedSdJwt, decode_presentation, limits};
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
    for level in 0..limits::MAX_DISCLOSURE_DEPTH + 1 {
        chain.push(json!(["s", "a", { "_sd": [digest_of(&chain[level])] }]));
    }
    let payload = json!({ "_sd": [digest_of(chain.last().unwrap())] });
    let sent: Vec<String> = chain.iter().map(disclosure).collect();
    assert_eq!(
        decode_presentation(&token(&payload, &sent)).unwrap_err(),
        DecodeError::NoPlace
    );
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
