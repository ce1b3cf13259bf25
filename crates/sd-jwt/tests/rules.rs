//! RFC 9901 §7.1, step by step.

use jose::claims::ClaimError;
use jose::strict_json::StrictJsonError;
use jose::{Budget, Work};
use sd_jwt::{ClaimPath, KeyBindingPolicy, SdJwtError, UnverifiedPresentation, budget};
use serde_json::{Value, json};
use test_case::test_case;

use crate::fixture::{NOW, TYP, digest, digest_of, disclosure, issuer, over, processed, token, verify, verifying};

#[test]
fn replaces_digests_by_claims() {
    let inner = json!(["s1", "street", "Main St"]);
    let outer = json!(["s2", "address", { "_sd": [digest_of(&inner), "decoy"], "country": "US" }]);
    let element = json!(["s3", "B"]);
    let payload = json!({
        "_sd_alg": "sha-256",
        "_sd": [digest_of(&outer), "another decoy"],
        "categories": ["AM", { "...": digest_of(&element) }, { "...": "withheld" }],
        "empty": { "_sd": ["withheld too"] },
    });
    let verified = verify(&token(&payload, &[inner, outer, element].map(|json| disclosure(&json)))).unwrap();
    assert_eq!(
        json!(verified.claims()),
        json!({
            "address": { "street": "Main St", "country": "US" },
            "categories": ["AM", "B"],
            "empty": {},
        })
    );
    let paths: Vec<String> = verified.disclosed().map(ClaimPath::to_string).collect();
    assert_eq!(paths, ["address.street", "address", "categories[1]"]);
}

#[test]
fn the_hash_algorithm_is_sha_256_or_absent() {
    assert_eq!(processed(&json!({ "a": 1 }), &[]), Ok(json!({ "a": 1 })));
    for other in [json!("sha-1"), json!("md5"), json!("sha-512"), json!(256), json!(null)] {
        let payload = json!({ "_sd_alg": other });
        assert_eq!(processed(&payload, &[]), Err(SdJwtError::UnsupportedHash));
    }
}

#[test]
fn digests_are_over_the_text_as_sent() {
    let spaced = jose::base64url::encode(r#"["salt" ,  "a", 1 ]"#);
    let payload = json!({ "_sd": [digest(&spaced)] });
    let verified = verify(&token(&payload, &[spaced])).unwrap();
    assert_eq!(json!(verified.claims()), json!({ "a": 1 }));
}

/// A payload whose `_sd` refers to each disclosure.
fn object(disclosures: &[Value]) -> Result<Value, SdJwtError> {
    let digests: Vec<String> = disclosures.iter().map(digest_of).collect();
    processed(&json!({ "_sd": digests, "taken": true }), disclosures)
}

#[test_case(json!(["s", "_sd", 1]) => SdJwtError::ReservedDisclosureName; "named_sd")]
#[test_case(json!(["s", "...", 1]) => SdJwtError::ReservedDisclosureName; "named_dots")]
#[test_case(json!(["s", "_sd_alg", 1]) => SdJwtError::ReservedDisclosureName; "named_sd_alg")]
#[test_case(json!(["s", "taken", false]) => SdJwtError::ClaimExists; "name_exists")]
#[test_case(json!(["s", 1]) => SdJwtError::ArrayDisclosureInObject; "two_elements_in_an_object")]
#[test_case(json!(["s", 1, 1]) => SdJwtError::MalformedDisclosure; "name_is_a_number")]
#[test_case(json!([1, "a", 1]) => SdJwtError::MalformedDisclosure; "salt_is_a_number")]
#[test_case(json!(["s"]) => SdJwtError::MalformedDisclosure; "one_element")]
#[test_case(json!(["s", "a", 1, 2]) => SdJwtError::MalformedDisclosure; "four_elements")]
#[test_case(json!({ "s": 1 }) => SdJwtError::MalformedDisclosure; "object")]
#[test_case(json!(["s", "a", { "_sd_alg": "sha-256" }]) => SdJwtError::ReservedName; "sd_alg_inside")]
#[test_case(json!(["s", "a", { "...": "x" }]) => SdJwtError::ReservedName; "dots_inside")]
#[test_case(json!(["s", "a", { "_sd": "x" }]) => SdJwtError::MalformedSd; "sd_is_text_inside")]
fn refuses_disclosure(json: Value) -> SdJwtError {
    object(&[json]).unwrap_err()
}

#[test]
fn two_disclosures_of_one_name_are_refused() {
    let two = [json!(["s", "a", 1]), json!(["t", "a", 2])];
    assert_eq!(object(&two), Err(SdJwtError::ClaimExists));
}

#[test]
fn a_disclosed_claim_never_replaces_a_signed_one_deep_inside() {
    let claim = json!(["s", "age", 99]);
    let payload = json!({ "a": [{ "age": 17, "_sd": [digest_of(&claim)] }] });
    assert_eq!(processed(&payload, &[claim]), Err(SdJwtError::ClaimExists));
}

#[test_case(json!({ "_sd": "text" }) => SdJwtError::MalformedSd; "sd_is_text")]
#[test_case(json!({ "_sd": [1] }) => SdJwtError::MalformedSd; "sd_of_numbers")]
#[test_case(json!({ "_sd": null }) => SdJwtError::MalformedSd; "sd_is_null")]
#[test_case(json!({ "a": [{ "...": "d", "x": 1 }] }) => SdJwtError::MalformedPlaceholder; "placeholder_with_more")]
#[test_case(json!({ "a": [{ "...": 1 }] }) => SdJwtError::MalformedPlaceholder; "placeholder_of_a_number")]
#[test_case(json!({ "...": "d" }) => SdJwtError::ReservedName; "dots_in_the_payload")]
#[test_case(json!({ "a": { "...": "d" } }) => SdJwtError::ReservedName; "dots_in_an_object")]
#[test_case(json!({ "a": { "_sd_alg": "sha-256" } }) => SdJwtError::ReservedName; "sd_alg_in_an_object")]
#[test_case(json!({ "_sd": ["d", "d"] }) => SdJwtError::DuplicateDigest; "digest_twice")]
#[test_case(json!({ "_sd": ["d"], "a": [{ "...": "d" }] }) => SdJwtError::DuplicateDigest; "digest_in_two_places")]
fn refuses_payload(payload: Value) -> SdJwtError {
    processed(&payload, &[]).unwrap_err()
}

#[test]
fn a_three_element_disclosure_in_an_array_is_refused() {
    let named = json!(["s", "a", 1]);
    let payload = json!({ "a": [{ "...": digest_of(&named) }] });
    assert_eq!(processed(&payload, &[named]), Err(SdJwtError::ObjectDisclosureInArray));
}

#[test]
fn a_digest_in_the_payload_and_in_a_disclosure_is_refused() {
    let outer = json!(["s", "a", { "_sd": ["d"] }]);
    let payload = json!({ "_sd": [digest_of(&outer), "d"] });
    assert_eq!(processed(&payload, &[outer]), Err(SdJwtError::DuplicateDigest));
}

#[test]
fn a_disclosure_without_a_digest_is_refused() {
    assert_eq!(
        processed(&json!({ "_sd": ["other"] }), &[json!(["s", "a", 1])]),
        Err(SdJwtError::UnreferencedDisclosure)
    );
    // Its digest stands in a disclosure that was not sent.
    let inner = json!(["s", "a", 1]);
    let outer = json!(["t", "b", { "_sd": [digest_of(&inner)] }]);
    assert_eq!(
        processed(&json!({ "_sd": [digest_of(&outer)] }), &[inner]),
        Err(SdJwtError::UnreferencedDisclosure)
    );
}

#[test]
fn a_disclosure_sent_twice_is_refused() {
    let claim = json!(["s", "a", 1]);
    assert_eq!(
        processed(&json!({ "_sd": [digest_of(&claim)] }), &[claim.clone(), claim]),
        Err(SdJwtError::DuplicateDisclosure)
    );
}

#[test]
fn disclosures_are_read_strictly() {
    let read = |text: &str| verify(&token(&json!({}), &[text.to_owned()])).unwrap_err();
    assert_eq!(read("WyJzIl0="), SdJwtError::DisclosureBase64);
    assert_eq!(
        read(&jose::base64url::encode(r#"["s","a",{"b":1,"b":2}]"#)),
        SdJwtError::DisclosureJson(StrictJsonError::DuplicateName)
    );
}

#[test_case(json!({ "exp": NOW }) => SdJwtError::Expired; "expired_now")]
#[test_case(json!({ "exp": NOW + 1, "nbf": NOW + 1 }) => SdJwtError::NotYetValid; "not_yet")]
#[test_case(json!({ "exp": "2030-01-01" }) => SdJwtError::Claim(ClaimError::NotADate("exp")); "exp_is_text")]
#[test_case(json!({ "exp": null }) => SdJwtError::Claim(ClaimError::NotADate("exp")); "exp_is_null")]
#[test_case(json!({ "nbf": 1.5 }) => SdJwtError::Claim(ClaimError::NotADate("nbf")); "nbf_is_a_fraction")]
#[test_case(json!({ "iat": -1 }) => SdJwtError::Claim(ClaimError::NotADate("iat")); "iat_is_negative")]
#[test_case(json!({ "aud": "someone else" }) => SdJwtError::OtherAudience; "aud")]
fn refuses_validity(payload: Value) -> SdJwtError {
    processed(&payload, &[]).unwrap_err()
}

#[test]
fn dates_hold_at_their_edges() {
    let payload = json!({ "exp": NOW + 1, "nbf": NOW, "iat": NOW });
    assert_eq!(processed(&payload, &[]), Ok(payload));
}

#[test]
fn b6_disclosures_sixteen_deep_are_the_limit() {
    let nested = |levels: usize| {
        let mut disclosures = vec![json!(["s", "a", 0])];
        for level in 1..levels {
            let inner = digest_of(&disclosures[level - 1]);
            disclosures.push(json!(["s", "a", { "_sd": [inner] }]));
        }
        let payload = json!({ "_sd": [digest_of(&disclosures[levels - 1])] });
        processed(&payload, &disclosures).map(drop)
    };
    assert_eq!(nested(16), Ok(()));
    assert_eq!(nested(17), Err(over(Work::Nesting)));
    let start = std::time::Instant::now();
    assert_eq!(nested(1_000), Err(over(Work::Nesting)));
    assert_eq!(nested(1_001), Err(over(Work::Disclosures)));
    assert!(start.elapsed().as_secs() < 5, "ten times the 500 ms allowed");
}

#[test]
fn plain_levels_inside_disclosures_are_limited_too() {
    let deep = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    let inner = json!(["s", "b", deep(25)]);
    let mut value = json!({ "_sd": [digest_of(&inner)] });
    for _ in 0..10 {
        value = json!({ "x": value });
    }
    let outer = json!(["t", "a", value]);
    let payload = json!({ "_sd": [digest_of(&outer)] });
    assert_eq!(processed(&payload, &[inner, outer]), Err(over(Work::Depth)));
}

#[test]
fn b6_too_many_digests_are_refused_with_bounded_work() {
    let digests = |count: usize| -> Vec<String> { (0..count).map(|n| n.to_string()).collect() };
    assert_eq!(processed(&json!({ "_sd": digests(4_096) }), &[]), Ok(json!({})));
    assert_eq!(
        processed(&json!({ "_sd": digests(4_097) }), &[]),
        Err(over(Work::Digests))
    );
    let start = std::time::Instant::now();
    assert_eq!(
        processed(&json!({ "_sd": digests(50_000) }), &[]),
        Err(over(Work::Digests))
    );
    // Of the length that real digests have, they are more text than is read at all.
    let real: Vec<String> = (0..100_000).map(|n| digest(&n.to_string())).collect();
    let placeholders: Vec<Value> = real.iter().map(|digest| json!({ "...": digest })).collect();
    assert_eq!(processed(&json!({ "_sd": real }), &[]), Err(over(Work::Bytes)));
    assert_eq!(processed(&json!({ "a": placeholders }), &[]), Err(over(Work::Bytes)));
    assert!(start.elapsed().as_secs() < 5, "ten times the 500 ms allowed");
}

#[test]
fn b6_the_work_of_a_good_presentation_is_counted() {
    let inner = json!(["s1", "street", "Main St"]);
    let outer = json!(["s2", "address", { "_sd": [digest_of(&inner), "decoy"] }]);
    let text = token(
        &json!({ "_sd": [digest_of(&outer), "another decoy"] }),
        &[inner, outer].map(|json| disclosure(&json)),
    );
    let verified = verify(&text).unwrap();
    let work = verified.work();
    assert_eq!(work.spent(Work::Bytes), text.len());
    assert_eq!(work.spent(Work::Disclosures), 2);
    assert_eq!(work.spent(Work::Nesting), 2);
    assert_eq!(work.spent(Work::Digests), 4);
    assert_eq!(work.spent(Work::Hashes), 2);
    assert_eq!(work.spent(Work::Signatures), 1);
}

/// Verifies a good presentation within a budget of the reader's own.
fn within(budget: Budget) -> Option<SdJwtError> {
    let claim = json!(["s", "a", [1, 2, 3]]);
    let text = token(&json!({ "_sd": [digest_of(&claim), "decoy"] }), &[disclosure(&claim)]);
    UnverifiedPresentation::parse_within(&text, budget)
        .map_err(sd_jwt::PresentationError::from)
        .and_then(|presentation| presentation.verify(&verifying(&issuer()), TYP, KeyBindingPolicy::NotRequired, NOW))
        .err()
        .map(|error| match error {
            sd_jwt::PresentationError::SdJwt(error) => error,
            other => panic!("{other}"),
        })
}

#[test_case(Work::Bytes, 100 => Some(over(Work::Bytes)); "bytes")]
#[test_case(Work::Disclosures, 0 => Some(over(Work::Disclosures)); "disclosures")]
#[test_case(Work::Hashes, 0 => Some(over(Work::Hashes)); "hashes")]
#[test_case(Work::Digests, 1 => Some(over(Work::Digests)); "digests")]
#[test_case(Work::Digests, 2 => None; "just enough digests")]
#[test_case(Work::Nesting, 0 => Some(over(Work::Nesting)); "nesting")]
#[test_case(Work::Depth, 1 => Some(SdJwtError::PayloadJson(StrictJsonError::OverBudget(jose::OverBudget(Work::Depth)))); "levels")]
#[test_case(Work::Signatures, 0 => Some(SdJwtError::Jws(jose::JwsError::OverBudget(jose::OverBudget(Work::Signatures)))); "signatures")]
fn b6_each_kind_of_work_has_an_end_of_its_own(work: Work, allowed: usize) -> Option<SdJwtError> {
    within(budget::PRESENTATION.allow(work, allowed))
}
