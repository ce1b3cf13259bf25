//! Credentials held against the claim rules of their type. draft-ietf-oauth-sd-jwt-vc §5.6, §5.7.

use jose::{OverBudget, Work};
use sd_jwt::type_metadata::{ClaimRuleError, Progress, ResolvedType, TypeReference, TypeResolution};
use sd_jwt::{HeldSdJwt, Integrity, TYP, UnverifiedSdJwt};
use serde_json::{Value, json};
use test_case::test_case;

use crate::fixture::{NOW, credential_in, digest_of, disclosure, holder, typed};
use crate::type_documents::{VCT, resolve};

fn type_with(claims: Value) -> ResolvedType {
    resolve(&[json!({ "vct": VCT, "claims": claims })]).unwrap()
}

/// A truly signed credential with these claims beside what every credential has.
fn credential(claims: &Value, disclosures: &[Value]) -> String {
    let mut payload = json!({ "vct": VCT, "exp": NOW + 100, "cnf": { "jwk": holder().public().to_value() } });
    for (name, value) in claims.as_object().unwrap() {
        payload[name] = value.clone();
    }
    typed(TYP, &payload, &disclosures.iter().map(disclosure).collect::<Vec<_>>())
}

fn held(text: &str) -> HeldSdJwt {
    UnverifiedSdJwt::parse(text).unwrap().dangerous_from_storage().unwrap()
}

/// What wallet and verifier say about a credential.
fn check(rules: Value, claims: &Value, disclosures: &[Value]) -> (Option<&'static str>, Option<&'static str>) {
    let resolved = type_with(rules);
    let text = credential(claims, disclosures);
    let name = |result: Result<(), ClaimRuleError>| match result {
        Ok(()) => None,
        Err(ClaimRuleError::Missing(_)) => Some("missing"),
        Err(ClaimRuleError::NotDisclosable(_)) => Some("not disclosable"),
        Err(ClaimRuleError::Disclosable(_)) => Some("disclosable"),
        Err(ClaimRuleError::Path(_)) => Some("path"),
        Err(other) => panic!("{other}"),
    };
    (
        name(resolved.check_held(&held(&text))),
        name(resolved.check_presented(&credential_in(&text))),
    )
}

const BOTH: fn(&'static str) -> (Option<&'static str>, Option<&'static str>) = |word| (Some(word), Some(word));
const FINE: (Option<&str>, Option<&str>) = (None, None);

#[test]
fn sd_always_is_for_claims_that_can_be_withheld() {
    let claim = json!(["s", "name", "Ada"]);
    let rules = |sd: &str| json!([{ "path": ["name"], "sd": sd }]);
    let disclosed = json!({ "_sd": [digest_of(&claim)] });
    let plain = json!({ "name": "Ada" });
    assert_eq!(check(rules("always"), &disclosed, std::slice::from_ref(&claim)), FINE);
    assert_eq!(check(rules("always"), &plain, &[]), BOTH("not disclosable"));
    assert_eq!(check(rules("never"), &plain, &[]), FINE);
    assert_eq!(
        check(rules("never"), &disclosed, std::slice::from_ref(&claim)),
        BOTH("disclosable")
    );
    assert_eq!(check(rules("allowed"), &plain, &[]), FINE);
    assert_eq!(check(rules("allowed"), &disclosed, &[claim]), FINE);
    assert_eq!(
        check(rules("always"), &json!({}), &[]),
        FINE,
        "what is not there breaks no rule"
    );
}

#[test]
fn a_claim_inside_a_disclosure_is_not_one_itself() {
    let outer = json!(["s", "address", { "country": "US" }]);
    let claims = json!({ "_sd": [digest_of(&outer)] });
    let rules = |sd: &str| json!([{ "path": ["address", "country"], "sd": sd }]);
    assert_eq!(
        check(rules("always"), &claims, std::slice::from_ref(&outer)),
        BOTH("not disclosable")
    );
    assert_eq!(check(rules("never"), &claims, &[outer]), FINE);
}

#[test]
fn every_element_that_a_path_selects_is_looked_at() {
    let hidden = json!(["s", { "type": "Master" }]);
    let rules = |sd: &str| json!([{ "path": ["degrees", null], "sd": sd }]);
    let mixed = json!({ "degrees": [{ "type": "Bachelor" }, { "...": digest_of(&hidden) }] });
    assert_eq!(
        check(rules("always"), &mixed, std::slice::from_ref(&hidden)),
        BOTH("not disclosable")
    );
    assert_eq!(
        check(rules("never"), &mixed, std::slice::from_ref(&hidden)),
        BOTH("disclosable")
    );
    let all = json!({ "degrees": [{ "...": digest_of(&hidden) }] });
    assert_eq!(check(rules("always"), &all, &[hidden]), FINE);
}

#[test]
fn an_element_kept_back_is_there_and_can_be_withheld() {
    let kept_back = json!({ "degrees": [{ "...": "kept back" }] });
    let rules = |rule: Value| json!([rule]);
    assert_eq!(
        check(
            rules(json!({ "path": ["degrees", null], "sd": "never" })),
            &kept_back,
            &[]
        )
        .1,
        Some("disclosable")
    );
    assert_eq!(
        check(
            rules(json!({ "path": ["degrees", null], "sd": "always", "mandatory": true })),
            &kept_back,
            &[]
        )
        .1,
        None
    );
    let inside = json!({ "path": ["degrees", null, "type"], "sd": "never", "mandatory": true });
    assert_eq!(
        check(rules(inside), &kept_back, &[]).1,
        None,
        "what it contains is unknown"
    );
}

#[test]
fn places_are_counted_as_issued() {
    let second = json!(["s", "B"]);
    let claims = json!({ "list": [{ "...": "kept back" }, { "...": digest_of(&second) }, "open"] });
    let at = |index: usize, sd: &str| {
        let rules = json!([{ "path": ["list", index], "sd": sd }]);
        check(rules, &claims, std::slice::from_ref(&second)).1
    };
    assert_eq!((at(0, "always"), at(0, "never")), (None, Some("disclosable")));
    assert_eq!((at(1, "always"), at(1, "never")), (None, Some("disclosable")));
    assert_eq!((at(2, "always"), at(2, "never")), (Some("not disclosable"), None));
    assert_eq!((at(3, "always"), at(3, "never")), (None, None), "beyond the end");
}

#[test]
fn a_path_that_does_not_fit_is_an_error() {
    let claims = json!({ "name": "Ada", "list": [1], "address": {} });
    for path in [
        json!(["name", "first"]),
        json!(["name", null]),
        json!(["address", 0]),
        json!(["list", "x"]),
    ] {
        assert_eq!(check(json!([{ "path": path }]), &claims, &[]), BOTH("path"), "{path}");
    }
    for path in [json!([null]), json!([0])] {
        assert_eq!(
            check(json!([{ "path": path }]), &claims, &[]),
            BOTH("path"),
            "the payload is an object"
        );
    }
    for path in [json!(["x", "y"]), json!(["list", 7]), json!(["address", "city"])] {
        assert_eq!(check(json!([{ "path": path }]), &claims, &[]), FINE, "{path}");
    }
}

#[test_case(json!({ "name": "Ada" }) => FINE; "there")]
#[test_case(json!({ "other": 1 }) => BOTH("missing"); "not there and nothing hidden")]
#[test_case(json!({ "_sd": ["kept back"] }) => (Some("missing"), None); "perhaps hidden: a verifier cannot know and the wallet can")]
fn mandatory(claims: Value) -> (Option<&'static str>, Option<&'static str>) {
    check(json!([{ "path": ["name"], "mandatory": true }]), &claims, &[])
}

#[test]
fn what_must_never_be_hidden_is_missing_when_it_does_not_show() {
    let rules = json!([{ "path": ["name"], "mandatory": true, "sd": "never" }]);
    assert_eq!(check(rules, &json!({ "_sd": ["decoy"] }), &[]), BOTH("missing"));
    let inside = json!([
        { "path": ["address"], "sd": "never" },
        { "path": ["address", "city"], "mandatory": true },
    ]);
    assert_eq!(check(inside, &json!({ "_sd": ["decoy"] }), &[]), BOTH("missing"));
}

#[test]
fn a_mandatory_claim_may_be_hidden_deep_inside() {
    let rules = json!([{ "path": ["address", "city"], "mandatory": true, "sd": "always" }]);
    let claims = json!({ "address": { "_sd": ["kept back"] } });
    assert_eq!(check(rules.clone(), &claims, &[]), (Some("missing"), None));
    assert_eq!(check(rules, &json!({ "address": {} }), &[]), BOTH("missing"));
}

#[test]
fn metadata_of_another_type_or_of_another_hash_are_not_used() {
    let document = json!({ "vct": VCT });
    let resolved = resolve(std::slice::from_ref(&document)).unwrap();
    let other = resolve(&[json!({ "vct": "urn:other" })]).unwrap();
    let text = credential(&json!({}), &[]);
    assert_eq!(other.check_held(&held(&text)), Err(ClaimRuleError::OtherType));
    assert_eq!(resolved.check_held(&held(&text)), Ok(()));
    let integrity = Integrity::of(document.to_string().as_bytes());
    let bound = credential(&json!({ "vct#integrity": integrity.as_str() }), &[]);
    assert_eq!(
        resolved.check_presented(&credential_in(&bound)),
        Err(ClaimRuleError::IntegrityUnchecked),
        "held without a look at the hash that the credential names"
    );
    let presentation = credential_in(&bound);
    let reference = TypeReference::of(presentation.credential());
    let resolution = TypeResolution::begin(reference);
    let Progress::Resolved(checked) = resolution.supply(document.to_string().as_bytes()).unwrap() else {
        unreachable!()
    };
    assert_eq!(checked.check_presented(&presentation), Ok(()));
}

#[test]
fn paths_that_select_without_end_are_stopped() {
    let claims = json!({ "list": vec![vec![vec![0; 50]; 50]; 50] });
    let text = credential(&claims, &[]);
    let rule = |n: usize| json!({ "path": ["list", null, null, n] });
    let few = type_with((0..10).map(rule).collect());
    assert_eq!(few.check_held(&held(&text)), Ok(()));
    let many = type_with((0..1_000).map(rule).collect());
    let refused = many.check_held(&held(&text));
    assert_eq!(refused, Err(ClaimRuleError::OverBudget(OverBudget(Work::Values))));
}
