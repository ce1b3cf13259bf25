//! The compact form and the issuer's signature.

use jose::strict_json::StrictJsonError;
use jose::{JwsError, SignatureError, Work, base64url};
use proptest::prelude::*;
use sd_jwt::{HeldSdJwt, KeyBindingPolicy, SdJwtError, UnverifiedPresentation, UnverifiedSdJwt, budget};
use serde_json::{Value, json};

use crate::fixture::{NOW, TYP, issuer, key, over, token, typed, verify, verifying};

#[test]
fn an_issuers_sd_jwt_ends_with_a_tilde() {
    let good = token(&json!({}), &[]);
    let verified = UnverifiedSdJwt::parse(&good)
        .unwrap()
        .verify(&verifying(&issuer()), TYP, NOW)
        .unwrap();
    assert_eq!(json!(verified.claims()), json!({}));
    assert_eq!(verified.disclosed().count(), 0);
    assert_eq!(verified.into_held().compact(), good);
    let bound = format!("{good}e30.e30.e30");
    assert_eq!(
        UnverifiedSdJwt::parse(&bound).unwrap_err(),
        SdJwtError::KeyBindingPresent
    );
    assert!(UnverifiedPresentation::parse(&bound).is_ok());
}

fn refused(text: &str) -> SdJwtError {
    UnverifiedPresentation::parse(text).unwrap_err()
}

#[test]
fn refuses_other_forms() {
    let good = token(&json!({}), &[]);
    assert_eq!(refused(good.trim_end_matches('~')), SdJwtError::NotAnSdJwt);
    assert_eq!(refused(&format!("{good}~")), SdJwtError::EmptyDisclosure);
    assert_eq!(refused(&format!("{good}~WyJzIl0~")), SdJwtError::EmptyDisclosure);
    assert_eq!(refused("~"), SdJwtError::Jws(JwsError::NotThreeParts));
    let allowed = |work| budget::PRESENTATION.allowed(work);
    assert_eq!(refused(&"~".repeat(allowed(Work::Bytes) + 1)), over(Work::Bytes));
    let many = format!("{good}{}", "YQ~".repeat(allowed(Work::Disclosures) + 1));
    assert_eq!(refused(&many), over(Work::Disclosures));
}

#[test]
fn the_payload_is_read_strictly() {
    let with_payload = |payload: &str| {
        let good = token(&json!({}), &[]);
        let parts: Vec<&str> = good.split('.').collect();
        refused(&format!("{}.{}.{}", parts[0], base64url::encode(payload), parts[2]))
    };
    assert_eq!(
        with_payload(r#"{"_sd":[],"_sd":[]}"#),
        SdJwtError::PayloadJson(StrictJsonError::DuplicateName)
    );
    assert_eq!(with_payload("[]"), SdJwtError::PayloadNotAnObject);
}

#[test]
fn the_issuers_signature_and_typ_are_checked() {
    let good = token(&json!({}), &[]);
    let other_key = UnverifiedPresentation::parse(&good).unwrap().verify(
        &verifying(&key(9)),
        TYP,
        KeyBindingPolicy::NotRequired,
        NOW,
    );
    assert_eq!(
        other_key.unwrap_err(),
        SdJwtError::Jws(JwsError::Signature(SignatureError::Invalid)).into()
    );
    let other_typ = typed("dc+sd-jwt", &json!({}), &[]);
    assert_eq!(verify(&other_typ).unwrap_err(), SdJwtError::Jws(JwsError::WrongType));
    let none = format!(
        "{}.{}.~",
        base64url::encode(r#"{"alg":"none","typ":"example+sd-jwt"}"#),
        base64url::encode("{}")
    );
    assert_eq!(refused(&none), SdJwtError::Jws(JwsError::AlgorithmNotAllowed));
}

#[test]
fn hints_are_read_before_verification() {
    let text = token(&json!({ "iss": "did:web:a.example", "vct": "urn:a" }), &[]);
    let unverified = UnverifiedSdJwt::parse(&text).unwrap();
    let hints = unverified.hints();
    assert_eq!(hints.iss, Some("did:web:a.example"));
    assert_eq!(hints.vct, Some("urn:a"));
    assert_eq!(hints.kid, None);
    assert_eq!(hints.x5c, None);
}

#[test]
fn storage_reads_what_was_verified_before() {
    let text = token(&json!({ "exp": 1, "a": 1 }), &[]);
    let held: HeldSdJwt = UnverifiedSdJwt::parse(&text).unwrap().dangerous_from_storage().unwrap();
    assert_eq!(held.claims()["a"], Value::from(1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_text_is_refused_or_read(text in "[A-Za-z0-9_.~-]{0,120}") {
        let _ = UnverifiedPresentation::parse(&text);
        let _ = UnverifiedSdJwt::parse(&text);
        let _ = sd_jwt::decode_presentation(&text);
    }

    #[test]
    fn any_disclosures_are_refused_or_read(texts in prop::collection::vec("[A-Za-z0-9_-]{1,24}", 0..4)) {
        let _ = verify(&token(&json!({ "_sd": ["a"] }), &texts));
    }
}
