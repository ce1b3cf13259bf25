use jose::{JwsHeader, Signer, SigningKey, sign_compact};
use serde_json::json;
use test_case::test_case;

use super::*;
use crate::fixture::{edwards, key};
use crate::identifier::Transport;
use crate::wallet::{ClientAttestation, KeyAttestation};

const NOW: UnixTime = 1_800_000_000;
const ATTESTER: &str = "https://attester.example";
const NONCE: &str = "of the issuer";

fn jwk(seed: u8) -> Value {
    key(seed).public_jwk().to_value()
}

fn header(typ: &str) -> JwsHeader {
    JwsHeader::new(Algorithm::Es256).with_typ(typ).with_kid("1")
}

fn with_attester<T>(read: impl FnOnce(&OwnAttester<'_>) -> T) -> T {
    read(&OwnAttester {
        identifier: &Identifier::parse(ATTESTER, Transport::Https).unwrap(),
        algorithms: &[Algorithm::Es256],
        now: NOW,
    })
}

fn signed(header: &JwsHeader, claims: &Value, signer: &SigningKey) -> String {
    sign_compact(header, claims.to_string().as_bytes(), signer).unwrap()
}

fn of_wallet() -> Value {
    json!({
        "iss": ATTESTER, "sub": "wallet", "wallet_name": "Wallet", "iat": NOW, "exp": NOW + 60,
        "cnf": { "jwk": jwk(2) },
    })
}

fn read_of_wallet(compact: &str) -> Result<ClientAttestation, AttestationReadError> {
    with_attester(|attester| ClientAttestation::parse(compact, key(2).public_jwk(), attester))
}

fn of_keys() -> Value {
    json!({ "iss": ATTESTER, "iat": NOW, "exp": NOW + 60, "nonce": NONCE, "attested_keys": [jwk(2), jwk(3)] })
}

fn read_of_keys(compact: &str) -> Result<KeyAttestation, AttestationReadError> {
    let (first, second) = (key(2), key(3));
    let keys = [first.public_jwk(), second.public_jwk()];
    with_attester(|attester| KeyAttestation::parse(compact, &keys, Some(NONCE), attester))
}

fn without(claims: &mut Value, name: &str) {
    claims.as_object_mut().unwrap().remove(name);
}

#[test]
fn what_was_asked_for_is_read() {
    let compact = signed(&header("oauth-client-attestation+jwt"), &of_wallet(), &key(1));
    assert_eq!(read_of_wallet(&compact).unwrap().client_id(), "wallet");
    let compact = signed(&header("key-attestation+jwt"), &of_keys(), &key(1));
    assert_eq!(read_of_keys(&compact).unwrap().into_compact(), compact);
}

#[test]
fn what_an_attester_may_leave_out_is_not_missed() {
    let (mut wallet, mut keys) = (of_wallet(), of_keys());
    for claims in [&mut wallet, &mut keys] {
        without(claims, "iss");
    }
    without(&mut wallet, "iat");
    wallet["cnf"]["jwk"]["use"] = json!("sig");
    let swapped = json!([jwk(3), jwk(2)]);
    keys["attested_keys"] = swapped;
    keys["key_storage"] = json!(["iso_18045_basic"]);
    let compact = signed(&header("oauth-client-attestation+jwt"), &wallet, &key(1));
    assert!(read_of_wallet(&compact).is_ok());
    let compact = signed(&header("key-attestation+jwt"), &keys, &key(1));
    assert!(read_of_keys(&compact).is_ok());
}

#[test_case(|c| without(c, "exp") => AttestationReadError::Claim(ClaimError::Missing("exp")) ; "no exp")]
#[test_case(|c| c["exp"] = json!("soon") => AttestationReadError::Claim(ClaimError::NotADate("exp")) ; "exp as text")]
#[test_case(|c| c["exp"] = json!(NOW) => AttestationReadError::Expired ; "over when it begins")]
#[test_case(|c| { c["iat"] = json!(NOW - 90_000); c["exp"] = json!(NOW - 86_400); } => AttestationReadError::Expired ; "expired")]
#[test_case(|c| { c["iat"] = json!(NOW + 86_401); c["exp"] = json!(NOW + 90_000); } => AttestationReadError::NotYetValid ; "from ahead")]
#[test_case(|c| c["iss"] = json!("https://other.example") => AttestationReadError::OtherAttester ; "of another attester")]
#[test_case(|c| c["iss"] = json!(1) => AttestationReadError::Claim(ClaimError::NotAString("iss")) ; "iss as number")]
#[test_case(|c| c["status"] = json!({}) => AttestationReadError::SaysMore ; "a place of its own")]
#[test_case(|c| c["serial"] = json!(1) => AttestationReadError::SaysMore ; "a number of its own")]
fn h6_core_neither_attestation_is_passed_on(change: fn(&mut Value)) -> AttestationReadError {
    let (mut wallet, mut keys) = (of_wallet(), of_keys());
    change(&mut wallet);
    change(&mut keys);
    let compact = signed(&header("oauth-client-attestation+jwt"), &wallet, &key(1));
    let refused = read_of_wallet(&compact).unwrap_err();
    let compact = signed(&header("key-attestation+jwt"), &keys, &key(1));
    assert_eq!(read_of_keys(&compact).unwrap_err(), refused);
    refused
}

#[test_case(|c| without(c, "sub") => AttestationReadError::Claim(ClaimError::Missing("sub")) ; "no sub")]
#[test_case(|c| without(c, "cnf") => AttestationReadError::NoKey ; "no cnf")]
#[test_case(|c| c["cnf"] = json!({ "kid": "1" }) => AttestationReadError::NoKey ; "no key in cnf")]
#[test_case(|c| c["cnf"]["kid"] = json!("1") => AttestationReadError::SaysMore ; "a name beside the key")]
#[test_case(|c| c["cnf"]["jwk"]["kid"] = json!("1") => AttestationReadError::SaysMore ; "a name in the key")]
#[test_case(|c| c["cnf"]["jwk"]["d"] = json!("AQ") => AttestationReadError::Key(JwkError::PrivateMember) ; "private key")]
#[test_case(|c| c["cnf"]["jwk"] = json!({ "kty": "EC", "crv": "P-384" }) => AttestationReadError::Key(JwkError::UnsupportedKey) ; "another curve")]
#[test_case(|c| c["cnf"]["jwk"] = edwards(2).public_jwk().to_value() => AttestationReadError::Algorithm ; "a curve that is not ours")]
#[test_case(|c| c["cnf"]["jwk"] = jwk(9) => AttestationReadError::OtherKeys ; "another key")]
fn h6_core_an_attestation_of_the_wallet_that_is_not_passed_on(change: fn(&mut Value)) -> AttestationReadError {
    let mut claims = of_wallet();
    change(&mut claims);
    read_of_wallet(&signed(&header("oauth-client-attestation+jwt"), &claims, &key(1))).unwrap_err()
}

#[test_case(|c| without(c, "iat") => AttestationReadError::Claim(ClaimError::Missing("iat")) ; "no iat")]
#[test_case(|c| without(c, "nonce") => AttestationReadError::OtherNonce ; "no nonce")]
#[test_case(|c| c["nonce"] = json!("another") => AttestationReadError::OtherNonce ; "another nonce")]
#[test_case(|c| without(c, "attested_keys") => AttestationReadError::NoKey ; "no keys")]
#[test_case(|c| c["attested_keys"] = json!([jwk(2)]) => AttestationReadError::OtherKeys ; "one key less")]
#[test_case(|c| c["attested_keys"] = json!([jwk(2), jwk(3), jwk(9)]) => AttestationReadError::OtherKeys ; "one key more")]
#[test_case(|c| c["attested_keys"][1] = jwk(9) => AttestationReadError::OtherKeys ; "another key")]
#[test_case(|c| c["attested_keys"][1] = c["attested_keys"][0].clone() => AttestationReadError::OtherKeys ; "a key twice")]
#[test_case(|c| c["attested_keys"][0]["d"] = json!("AQ") => AttestationReadError::Key(JwkError::PrivateMember) ; "private key")]
#[test_case(|c| c["attested_keys"][0]["kid"] = json!("1") => AttestationReadError::SaysMore ; "a name in a key")]
#[test_case(|c| c["attested_keys"][0] = edwards(2).public_jwk().to_value() => AttestationReadError::Algorithm ; "a curve that is not ours")]
fn h9_core_an_attestation_of_keys_that_is_not_passed_on(change: fn(&mut Value)) -> AttestationReadError {
    let mut claims = of_keys();
    change(&mut claims);
    read_of_keys(&signed(&header("key-attestation+jwt"), &claims, &key(1))).unwrap_err()
}

#[test]
fn h6_core_headers_that_are_not_passed_on() {
    let typ = "oauth-client-attestation+jwt";
    let read =
        |header: &JwsHeader, signer: &SigningKey| read_of_wallet(&signed(header, &of_wallet(), signer)).unwrap_err();
    let wrong_type = AttestationReadError::Jws(JwsError::WrongType);
    assert_eq!(read(&header("key-attestation+jwt"), &key(1)), wrong_type);
    assert_eq!(
        read(&JwsHeader::new(Algorithm::Es256).with_kid("1"), &key(1)),
        wrong_type
    );
    let other_algorithm = JwsHeader::new(Algorithm::EdDsa).with_typ(typ).with_kid("1");
    assert_eq!(read(&other_algorithm, &edwards(1)), AttestationReadError::Algorithm);
    let nameless = JwsHeader::new(Algorithm::Es256).with_typ(typ);
    assert_eq!(read(&nameless, &key(1)), AttestationReadError::NoKeyNamed);
    let own_key = header(typ).with_jwk(key(1).public_jwk().clone());
    assert_eq!(read(&own_key, &key(1)), AttestationReadError::SaysMore);
    let numbered = header(typ).with_other("serial", json!(1));
    assert_eq!(read(&numbered, &key(1)), AttestationReadError::SaysMore);
}
