//! Key binding: RFC 9901 §7.3, and the holder's side of it, §7.2.

use jose::claims::ClaimError;
use jose::{Algorithm, JwsError, JwsHeader, PrivateJwk, SignatureError, sign_compact};
use sd_jwt::{
    BindError, Challenge, ClaimPath, HeldSdJwt, KeyBindingError, KeyBindingPolicy, Padding, PathElement,
    PresentationError, SelectError, UnverifiedPresentation, UnverifiedSdJwt, VerifiedPresentation, issue,
};
use serde_json::{Value, json};
use test_case::test_case;

use crate::fixture::{
    AUDIENCE, NONCE, NOW, TYP, digest, disclosure, holder, issuer, key, random, signer, token, verifying,
};

const REQUIRED: KeyBindingPolicy<'_> = KeyBindingPolicy::Required {
    audience: AUDIENCE,
    nonce: NONCE,
};
const CHALLENGE: Challenge<'_> = Challenge {
    audience: AUDIENCE,
    nonce: NONCE,
};

fn held_with(cnf: Value) -> HeldSdJwt {
    let Value::Object(claims) = json!({
        "cnf": cnf,
        "given_name": "Ada",
        "family_name": "Lovelace",
        "address": { "street": "Main St", "country": "US" },
        "categories": ["AM", "B"],
    }) else {
        unreachable!()
    };
    let street: &[&str] = &["address", "street"];
    let category = ClaimPath::from("categories").child(PathElement::Index(1));
    let text = issue(
        &JwsHeader::new(Algorithm::Es256).with_typ(TYP),
        claims,
        &[
            "given_name".into(),
            "family_name".into(),
            "address".into(),
            street.into(),
            category,
        ],
        Padding::To(5),
        &mut random(),
        &signer(&issuer()),
    )
    .unwrap();
    UnverifiedSdJwt::parse(&text)
        .unwrap()
        .verify(&verifying(&issuer()), TYP, NOW)
        .unwrap()
        .into_held()
}

fn held() -> HeldSdJwt {
    held_with(json!({ "jwk": holder().public().to_value() }))
}

fn bound(claims: &[ClaimPath]) -> String {
    held()
        .select(claims)
        .unwrap()
        .bind(CHALLENGE, NOW, &signer(&holder()))
        .unwrap()
}

fn verify_with(text: &str, policy: KeyBindingPolicy<'_>, now: u64) -> Result<VerifiedPresentation, KeyBindingError> {
    UnverifiedPresentation::parse(text)
        .unwrap()
        .verify(&verifying(&issuer()), TYP, policy, now)
        .map_err(|error| match error {
            PresentationError::KeyBinding(error) => error,
            other => panic!("{other}"),
        })
}

fn verify(text: &str) -> Result<VerifiedPresentation, KeyBindingError> {
    verify_with(text, REQUIRED, NOW)
}

#[test]
fn shows_what_was_chosen_and_nothing_else() {
    let verified = verify(&bound(&["given_name".into()])).unwrap();
    assert_eq!(verified.claims()["given_name"], "Ada");
    assert!(!verified.claims().contains_key("family_name"));
    assert!(!verified.claims().contains_key("address"));
    assert_eq!(verified.claims()["categories"], json!(["AM"]));
    let binding = verified.key_binding().unwrap();
    assert_eq!(binding.issued_at(), NOW);
    assert!(binding.holder_key().same_key(holder().public()));
}

#[test]
fn a_claim_inside_another_takes_its_way_along() {
    let street: &[&str] = &["address", "street"];
    let verified = verify(&bound(&[street.into()])).unwrap();
    assert_eq!(
        verified.claims()["address"],
        json!({ "street": "Main St", "country": "US" })
    );
    let country: &[&str] = &["address", "country"];
    let verified = verify(&bound(&[country.into()])).unwrap();
    assert_eq!(verified.claims()["address"], json!({ "country": "US" }));
    let verified = verify(&bound(&["address".into(), "categories".into()])).unwrap();
    assert_eq!(verified.claims()["address"]["street"], "Main St");
    assert_eq!(verified.claims()["categories"], json!(["AM", "B"]));
}

#[test]
fn a_claim_that_is_not_there_cannot_be_chosen() {
    let held = held();
    let missing = [
        ClaimPath::from("age"),
        ClaimPath::default(),
        ClaimPath::from("categories").child(PathElement::Index(2)),
        ClaimPath::from("given_name").child(PathElement::Name("x".into())),
    ];
    for path in missing {
        assert_eq!(
            held.select(std::slice::from_ref(&path)).unwrap_err(),
            SelectError::NoSuchClaim(path)
        );
    }
}

#[test]
fn only_the_bound_key_can_bind() {
    let selection = |held: &HeldSdJwt, key: &PrivateJwk| {
        held.select(&[])
            .unwrap()
            .bind(CHALLENGE, NOW, &signer(key))
            .unwrap_err()
    };
    assert_eq!(selection(&held(), &key(9)), BindError::WrongKey);
    let unbound = held_with(json!({ "kid": "1" }));
    assert_eq!(selection(&unbound, &holder()), BindError::WrongKey);
}

#[test]
fn a_presentation_without_binding_is_decided_by_policy() {
    let stripped = held().select(&["given_name".into()]).unwrap().into_sd_jwt();
    assert_eq!(verify(&stripped).unwrap_err(), KeyBindingError::Missing);
    let verified = verify_with(&stripped, KeyBindingPolicy::NotRequired, NOW).unwrap();
    assert!(verified.key_binding().is_none());
    // What came along unasked proves nothing.
    let bound = bound(&[]);
    let verified = verify_with(&bound, KeyBindingPolicy::NotRequired, NOW).unwrap();
    assert!(verified.key_binding().is_none());
}

#[test]
fn another_session_or_verifier_refuses() {
    let text = bound(&[]);
    let other = |audience, nonce| verify_with(&text, KeyBindingPolicy::Required { audience, nonce }, NOW).unwrap_err();
    assert_eq!(other(AUDIENCE, "another"), KeyBindingError::NonceMismatch);
    assert_eq!(other("another", NONCE), KeyBindingError::AudienceMismatch);
}

#[test]
fn the_time_window_is_five_minutes_back_and_one_ahead() {
    let text = bound(&[]);
    assert!(verify_with(&text, REQUIRED, NOW + 300).is_ok());
    assert_eq!(
        verify_with(&text, REQUIRED, NOW + 301).unwrap_err(),
        KeyBindingError::TooOld
    );
    assert!(verify_with(&text, REQUIRED, NOW - 60).is_ok());
    assert_eq!(
        verify_with(&text, REQUIRED, NOW - 61).unwrap_err(),
        KeyBindingError::InTheFuture
    );
}

#[test]
fn disclosures_added_or_removed_after_binding_are_noticed() {
    let all = held().compact().to_owned();
    let text = bound(&["given_name".into()]);
    let (sd_jwt, binding) = text.rsplit_once('~').unwrap();
    let kept = sd_jwt.split('~').nth(1).unwrap();
    let another = all
        .split('~')
        .skip(1)
        .find(|other| !other.is_empty() && *other != kept && !verify_alone(other))
        .unwrap();
    let added = format!("{sd_jwt}~{another}~{binding}");
    assert_eq!(verify(&added).unwrap_err(), KeyBindingError::SdHashMismatch);
    let removed = format!("{}~{binding}", sd_jwt.replace(&format!("~{kept}"), ""));
    assert_eq!(verify(&removed).unwrap_err(), KeyBindingError::SdHashMismatch);
}

/// True for a disclosure that lies inside another and cannot be sent alone.
fn verify_alone(disclosure: &str) -> bool {
    let json = String::from_utf8(jose::base64url::decode(disclosure).unwrap()).unwrap();
    json.contains("Main St")
}

/// A presentation with a Key Binding JWT of this header and payload; `null` leaves a claim out.
fn with_binding(typ: &str, changes: Value, signing: &PrivateJwk) -> KeyBindingError {
    let sd_jwt = held().select(&[]).unwrap().into_sd_jwt();
    let mut payload = json!({
        "iat": NOW, "aud": AUDIENCE, "nonce": NONCE, "sd_hash": digest(&sd_jwt),
    });
    for (name, value) in changes.as_object().unwrap() {
        payload[name] = value.clone();
    }
    payload.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let header = JwsHeader::new(Algorithm::Es256).with_typ(typ);
    let binding = sign_compact(&header, payload.to_string().as_bytes(), &signer(signing)).unwrap();
    verify(&(sd_jwt + &binding)).unwrap_err()
}

#[test_case(json!({ "iat": null }) => KeyBindingError::Claim(ClaimError::Missing("iat")); "iat_missing")]
#[test_case(json!({ "iat": "now" }) => KeyBindingError::Claim(ClaimError::NotADate("iat")); "iat_is_text")]
#[test_case(json!({ "iat": 1.5 }) => KeyBindingError::Claim(ClaimError::NotADate("iat")); "iat_is_a_fraction")]
#[test_case(json!({ "iat": u64::MAX }) => KeyBindingError::Claim(ClaimError::NotADate("iat")); "iat_is_huge")]
#[test_case(json!({ "nonce": null }) => KeyBindingError::Claim(ClaimError::Missing("nonce")); "nonce_missing")]
#[test_case(json!({ "nonce": [NONCE] }) => KeyBindingError::Claim(ClaimError::NotAString("nonce")); "nonce_is_a_list")]
#[test_case(json!({ "aud": null }) => KeyBindingError::Claim(ClaimError::Missing("aud")); "aud_missing")]
#[test_case(json!({ "aud": [AUDIENCE, "x"] }) => KeyBindingError::Claim(ClaimError::NotAString("aud")); "aud_is_a_list")]
#[test_case(json!({ "sd_hash": null }) => KeyBindingError::Claim(ClaimError::Missing("sd_hash")); "sd_hash_missing")]
#[test_case(json!({ "sd_hash": "AAAA" }) => KeyBindingError::SdHashMismatch; "sd_hash_of_other_bytes")]
#[test_case(json!({ "exp": NOW }) => KeyBindingError::Expired; "exp")]
#[test_case(json!({ "nbf": NOW + 61 }) => KeyBindingError::NotYetValid; "nbf")]
fn refuses_claims(changes: Value) -> KeyBindingError {
    with_binding("kb+jwt", changes, &holder())
}

#[test_case("openid4vci-proof+jwt"; "proof")]
#[test_case("JWT"; "jwt")]
#[test_case("KB+JWT"; "capitals")]
fn refuses_another_typ(typ: &str) {
    assert_eq!(
        with_binding(typ, json!({}), &holder()),
        KeyBindingError::Jws(JwsError::WrongType)
    );
}

#[test]
fn refuses_another_key() {
    assert_eq!(
        with_binding("kb+jwt", json!({}), &key(9)),
        KeyBindingError::Jws(JwsError::Signature(SignatureError::Invalid))
    );
}

#[test]
fn an_unsigned_binding_is_refused() {
    let sd_jwt = held().select(&[]).unwrap().into_sd_jwt();
    let header = jose::base64url::encode(r#"{"alg":"none","typ":"kb+jwt"}"#);
    let text = format!("{sd_jwt}{header}.e30.");
    assert_eq!(
        verify(&text).unwrap_err(),
        KeyBindingError::Jws(JwsError::AlgorithmNotAllowed)
    );
}

#[test_case(json!({ "kid": "1" }) => KeyBindingError::NoHolderKey; "kid")]
#[test_case(json!({ "jku": "https://keys.example" }) => KeyBindingError::NoHolderKey; "jku")]
#[test_case(json!("text") => KeyBindingError::NoHolderKey; "text")]
#[test_case(json!({ "jwk": { "kty": "RSA" } }) => KeyBindingError::HolderKey(jose::JwkError::UnsupportedKey); "rsa")]
fn the_key_comes_from_cnf_jwk_alone(cnf: Value) -> KeyBindingError {
    let text = token(&json!({ "cnf": cnf }), &[]) + "e30.e30.e30";
    verify(&text).unwrap_err()
}

#[test]
fn a_credential_without_cnf_has_no_holder_key() {
    let text = token(&json!({}), &[]) + "e30.e30.e30";
    assert_eq!(verify(&text).unwrap_err(), KeyBindingError::NoHolderKey);
}

#[test]
fn the_holder_key_itself_may_not_hide_a_private_member() {
    let text = token(&json!({ "cnf": { "jwk": holder().dangerous_to_value() } }), &[]) + "x";
    assert_eq!(
        verify(&text).unwrap_err(),
        KeyBindingError::HolderKey(jose::JwkError::PrivateMember)
    );
}

#[test]
fn an_sd_jwt_for_this_audience_is_accepted() {
    let cnf = json!({ "jwk": holder().public().to_value() });
    let text = token(&json!({ "cnf": cnf, "aud": ["x", AUDIENCE] }), &[]);
    let held = UnverifiedSdJwt::parse(&text).unwrap().dangerous_from_storage().unwrap();
    let bound = held
        .select(&[])
        .unwrap()
        .bind(CHALLENGE, NOW, &signer(&holder()))
        .unwrap();
    assert!(verify(&bound).is_ok());
}

#[test]
fn a_disclosure_is_the_text_the_issuer_made() {
    // Selection copies text; it never encodes again.
    let claim = jose::base64url::encode(r#"["s",  "a", 1]"#);
    let text = token(&json!({ "_sd": [digest(&claim)] }), std::slice::from_ref(&claim));
    let held = UnverifiedSdJwt::parse(&text).unwrap().dangerous_from_storage().unwrap();
    assert_eq!(held.select(&["a".into()]).unwrap().into_sd_jwt(), text);
    assert_ne!(claim, disclosure(&json!(["s", "a", 1])));
}
