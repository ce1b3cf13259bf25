//! Attacks on signatures.

use jose::strict_json::StrictJsonError;
use jose::{
    Algorithm, JwkError, JwsError, JwsHeader, PrivateJwk, SignError, SignatureError, Signer, SigningKey, UnverifiedJws,
    VerifyingKey, base64url, sign_compact,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use test_case::test_case;

use crate::counter;

const TYP: &str = "test+jwt";

fn key() -> PrivateJwk {
    PrivateJwk::generate_p256(&mut counter())
}

fn signed(header: &JwsHeader, payload: &[u8]) -> String {
    sign_compact(header, payload, &SigningKey::new(&key()).unwrap()).unwrap()
}

fn good() -> String {
    signed(&JwsHeader::new(Algorithm::Es256).with_typ(TYP), b"{}")
}

/// A token with this header text and a true signature over it.
fn with_header(header: &str) -> String {
    let text = format!("{}.{}", base64url::encode(header), base64url::encode("{}"));
    let signature = SigningKey::new(&key()).unwrap().sign(text.as_bytes()).unwrap();
    format!("{text}.{}", base64url::encode(signature))
}

fn verify(compact: &str) -> Result<(), JwsError> {
    let key = VerifyingKey::new(key().public()).unwrap();
    UnverifiedJws::parse(compact)?.verify(&key, TYP).map(drop)
}

#[test]
fn debug_shows_neither_payload_nor_signature() {
    let compact = signed(&JwsHeader::new(Algorithm::Es256).with_typ(TYP), b"{\"name\":\"Ada\"}");
    let jws = UnverifiedJws::parse(&compact).unwrap();
    assert_eq!(
        format!("{jws:?}"),
        r#"UnverifiedJws { alg: Es256, typ: Some("test+jwt"), .. }"#
    );
    let verified = jws.verify(&VerifyingKey::new(key().public()).unwrap(), TYP).unwrap();
    assert_eq!(
        format!("{verified:?}"),
        r#"VerifiedJws { alg: Es256, typ: Some("test+jwt"), .. }"#
    );
}

#[test]
fn accepts_both_algorithms() {
    assert_eq!(verify(&good()), Ok(()));
    let key = PrivateJwk::generate_ed25519(&mut counter());
    let header = JwsHeader::new(Algorithm::EdDsa)
        .with_typ(TYP)
        .with_kid("1")
        .with_jwk(key.public().clone())
        .with_other("nonce", json!("n"));
    let compact = sign_compact(&header, br#"{"a":1}"#, &SigningKey::new(&key).unwrap()).unwrap();
    let jws = UnverifiedJws::parse(&compact).unwrap();
    assert_eq!(jws.header(), &header);
    let jws = jws.verify(&VerifyingKey::new(key.public()).unwrap(), TYP).unwrap();
    assert_eq!(Value::Object(jws.claims().unwrap()), json!({"a": 1}));
    assert!(compact.as_bytes().starts_with(jws.signed_bytes()));
}

#[test_case(r#"{"alg":"none","typ":"test+jwt"}"# => JwsError::AlgorithmNotAllowed; "alg_none")]
#[test_case(r#"{"alg":"HS256","typ":"test+jwt"}"# => JwsError::AlgorithmNotAllowed; "alg_mac")]
#[test_case(r#"{"alg":"ES384","typ":"test+jwt"}"# => JwsError::AlgorithmNotAllowed; "alg_other_curve")]
#[test_case(r#"{"alg":"es256","typ":"test+jwt"}"# => JwsError::AlgorithmNotAllowed; "alg_in_small_letters")]
#[test_case(r#"{"alg":["ES256"],"typ":"test+jwt"}"# => JwsError::AlgorithmNotAllowed; "alg_is_a_list")]
#[test_case(r#"{"typ":"test+jwt"}"# => JwsError::AlgorithmMissing; "alg_missing")]
#[test_case(r#"{"alg":"EdDSA","typ":"test+jwt"}"# => JwsError::AlgorithmMismatch; "alg_of_another_key")]
#[test_case(r#"{"alg":"ES256","typ":"test+jwt","crit":["x"],"x":1}"# => JwsError::CriticalHeader; "crit")]
#[test_case(r#"{"alg":"ES256","typ":"test+jwt","b64":false}"# => JwsError::UnencodedPayload; "b64")]
#[test_case(r#"{"alg":"ES256","typ":"other+jwt"}"# => JwsError::WrongType; "other_typ")]
#[test_case(r#"{"alg":"ES256","typ":"application/test+jwt"}"# => JwsError::WrongType; "typ_with_prefix")]
#[test_case(r#"{"alg":"ES256","typ":"TEST+JWT"}"# => JwsError::WrongType; "typ_in_capitals")]
#[test_case(r#"{"alg":"ES256"}"# => JwsError::WrongType; "typ_missing")]
#[test_case(r#"{"alg":"ES256","typ":7}"# => JwsError::HeaderMember("typ"); "typ_is_a_number")]
#[test_case(r#"{"alg":"ES256","typ":"test+jwt","kid":7}"# => JwsError::HeaderMember("kid"); "kid_is_a_number")]
#[test_case(r#"{"alg":"ES256","typ":"test+jwt","jwk":{}}"# => JwsError::HeaderJwk(JwkError::UnsupportedKey); "jwk_is_no_key")]
#[test_case(r#"{"alg":"ES256","typ":"test+jwt","jwk":{"d":""}}"# => JwsError::HeaderJwk(JwkError::PrivateMember); "jwk_is_private")]
#[test_case(r#"{"alg":"none","alg":"ES256"}"# => JwsError::HeaderJson(StrictJsonError::DuplicateName); "duplicate_name")]
#[test_case(r#"["ES256"]"# => JwsError::HeaderNotAnObject; "header_is_a_list")]
#[test_case("" => JwsError::HeaderJson(StrictJsonError::Syntax); "header_is_empty")]
fn refuses_header(header: &str) -> JwsError {
    verify(&with_header(header)).unwrap_err()
}

#[test]
fn the_algorithm_is_looked_at_before_the_signature() {
    let unsecured = format!(
        "{}.{}.",
        base64url::encode(r#"{"alg":"none"}"#),
        base64url::encode("{}")
    );
    assert_eq!(verify(&unsecured), Err(JwsError::AlgorithmNotAllowed));
}

#[test]
fn refuses_an_empty_signature() {
    let good = good();
    let (signed, _) = good.rsplit_once('.').unwrap();
    assert_eq!(verify(&format!("{signed}.")), Err(JwsError::EmptySignature));
}

#[test_case("" ; "nothing")]
#[test_case("e30.e30" ; "two_parts")]
#[test_case("e30.e30.e30.e30" ; "four_parts")]
fn refuses_other_numbers_of_parts(compact: &str) {
    assert_eq!(verify(compact), Err(JwsError::NotThreeParts));
}

#[test]
fn refuses_padding_in_each_part() {
    let good = good();
    let parts: Vec<&str> = good.split('.').collect();
    for (index, name) in ["header", "payload", "signature"].into_iter().enumerate() {
        let mut parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
        parts[index].push('=');
        assert_eq!(verify(&parts.join(".")), Err(JwsError::Base64(name)));
    }
}

/// The good token with another signature.
fn with_signature(change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Result<(), JwsError> {
    let good = good();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let signature = change(base64url::decode(signature).unwrap());
    verify(&format!("{signed}.{}", base64url::encode(signature)))
}

#[test]
fn refuses_signatures_out_of_range_or_in_another_form() {
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let invalid = Err(JwsError::Signature(SignatureError::Invalid));
    let length = Err(JwsError::Signature(SignatureError::Length));
    let replace = |at: usize, with: Vec<u8>| {
        move |mut signature: Vec<u8>| {
            signature[at..at + 32].copy_from_slice(&with);
            signature
        }
    };
    assert_eq!(with_signature(replace(0, vec![0; 32])), invalid, "r = 0");
    assert_eq!(with_signature(replace(32, vec![0; 32])), invalid, "s = 0");
    assert_eq!(with_signature(replace(0, order.clone())), invalid, "r = n");
    assert_eq!(with_signature(replace(32, order)), invalid, "s = n");
    assert_eq!(with_signature(replace(32, vec![0xff; 32])), invalid, "s > n");
    assert_eq!(with_signature(|s| s[..63].to_vec()), length, "short");
    assert_eq!(with_signature(|s| [s, vec![0]].concat()), length, "long");
    assert_eq!(with_signature(|s| der(&s)), length, "DER");
}

/// ASN.1 SEQUENCE of the two numbers, as X.509 carries them.
fn der(raw: &[u8]) -> Vec<u8> {
    let number = |bytes: &[u8]| [&[2, 33, 0], bytes].concat();
    let body = [number(&raw[..32]), number(&raw[32..])].concat();
    [vec![0x30, u8::try_from(body.len()).unwrap()], body].concat()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn an_embedded_key_is_no_trusted_key() {
    let attacker = PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(9));
    let header = JwsHeader::new(Algorithm::Es256)
        .with_typ(TYP)
        .with_jwk(attacker.public().clone())
        .with_other("jku", json!("https://attacker.example/keys"));
    let compact = sign_compact(&header, b"{}", &SigningKey::new(&attacker).unwrap()).unwrap();
    assert_eq!(verify(&compact), Err(JwsError::Signature(SignatureError::Invalid)));
}

#[test]
fn other_bytes_do_not_verify() {
    let good = good();
    let parts: Vec<&str> = good.split('.').collect();
    let changed = format!("{}.{}.{}", parts[0], base64url::encode(r#"{"a":1}"#), parts[2]);
    assert_eq!(verify(&changed), Err(JwsError::Signature(SignatureError::Invalid)));
}

#[test]
fn the_payload_is_read_strictly() {
    let claims = |payload: &[u8]| {
        let compact = signed(&JwsHeader::new(Algorithm::Es256).with_typ(TYP), payload);
        let key = VerifyingKey::new(key().public()).unwrap();
        UnverifiedJws::parse(&compact)
            .unwrap()
            .verify(&key, TYP)
            .unwrap()
            .claims()
    };
    assert_eq!(
        claims(br#"{"iss":"a","iss":"b"}"#),
        Err(JwsError::PayloadJson(StrictJsonError::DuplicateName))
    );
    assert_eq!(claims(b"[]"), Err(JwsError::PayloadNotAnObject));
}

#[test]
fn signing_refuses_a_header_of_another_algorithm() {
    let header = JwsHeader::new(Algorithm::EdDsa);
    assert_eq!(
        sign_compact(&header, b"{}", &SigningKey::new(&key()).unwrap()),
        Err(SignError::AlgorithmMismatch)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_refused_or_read(text in "[A-Za-z0-9_.-]{0,80}") {
        let _ = UnverifiedJws::parse(&text);
    }

    #[test]
    fn round_trip(payload: Vec<u8>) {
        let compact = signed(&JwsHeader::new(Algorithm::Es256).with_typ(TYP), &payload);
        let key = VerifyingKey::new(key().public()).unwrap();
        let jws = UnverifiedJws::parse(&compact).unwrap().verify(&key, TYP).unwrap();
        prop_assert_eq!(jws.payload(), payload);
    }

    #[test]
    fn a_changed_letter_is_refused(position in 0_usize..200, letter in "[A-Za-z0-9_-]") {
        let good = good();
        let position = position % good.len();
        let mut changed = good.clone();
        changed.replace_range(position..=position, &letter);
        prop_assume!(changed != good);
        prop_assert!(verify(&changed).is_err());
    }
}
