use jose::SigningKey;
use serde_json::Value;
use test_case::test_case;

use super::*;
use crate::fixture::{key, random};
use crate::identifier::{Identifier, Transport};
use crate::nonce::NoncePurpose;

const NOW: UnixTime = 1_800_000_000;

struct Case {
    signer: SigningKey,
    nonces: ServerNonces,
    url: Url,
}

impl Case {
    fn new() -> Self {
        let server = Identifier::parse("https://issuer.example", Transport::Https).unwrap();
        Self {
            signer: key(0),
            nonces: ServerNonces::new(&[1; 32], &server, NoncePurpose::Dpop, 300),
            url: Url::parse("https://issuer.example/token").unwrap(),
        }
    }

    fn nonce(&self) -> String {
        self.nonces.issue(NOW, &mut random(0))
    }

    fn expect<'a>(&'a self, access_token: Option<&'a str>) -> DpopExpectation<'a> {
        DpopExpectation {
            method: "POST",
            url: &self.url,
            access_token,
            nonces: &self.nonces,
            now: NOW,
        }
    }

    fn payload(&self) -> Value {
        json!({ "jti": "abc", "htm": "POST", "htu": "https://issuer.example/token", "iat": NOW, "nonce": self.nonce() })
    }

    fn sign(&self, header: JwsHeader, payload: &Value) -> String {
        sign_compact(&header, payload.to_string().as_bytes(), &self.signer).unwrap()
    }

    fn header(&self) -> JwsHeader {
        JwsHeader::new(self.signer.algorithm())
            .with_typ(TYP)
            .with_jwk(self.signer.public_jwk().clone())
    }

    fn verify(&self, proof: &str, token: Option<&str>) -> Result<VerifiedDpop, DpopError> {
        UnverifiedDpop::parse([proof].into_iter())?.verify(&self.expect(token))
    }

    fn verify_with(&self, name: &str, value: Value, token: Option<&str>) -> Result<VerifiedDpop, DpopError> {
        let mut payload = self.payload();
        payload[name] = value;
        self.verify(&self.sign(self.header(), &payload), token)
    }
}

#[test]
fn a_proof_made_here_verifies_and_names_its_key() {
    let case = Case::new();
    let nonce = case.nonce();
    let target = DpopTarget {
        method: "POST",
        url: &case.url,
        access_token: Some("tok"),
        nonce: Some(&nonce),
    };
    let proof = make_dpop_proof(&target, &case.signer, NOW, &mut random(0)).unwrap();
    let verified = case.verify(&proof, Some("tok")).unwrap();
    assert_eq!(verified.jkt(), case.signer.public_jwk().thumbprint());
    assert_eq!(case.verify(&proof, Some("other")), Err(DpopError::OtherToken));
    assert_eq!(
        case.verify(&proof, Some("tok")).unwrap().replay_key(),
        verified.replay_key()
    );
}

#[test_case("htm", json!("GET") => DpopError::OtherMethod ; "other method")]
#[test_case("htu", json!("https://issuer.example/credential") => DpopError::OtherUrl ; "other url")]
#[test_case("htu", json!("nonsense") => DpopError::OtherUrl ; "no url")]
#[test_case("iat", json!(NOW - 301) => DpopError::IssuedAt ; "too old")]
#[test_case("iat", json!(NOW + 61) => DpopError::IssuedAt ; "ahead of time")]
#[test_case("iat", json!(NOW.to_string()) => DpopError::Claim(ClaimError::NotADate("iat")) ; "iat as a string")]
#[test_case("jti", json!("") => DpopError::Jti ; "empty jti")]
#[test_case("jti", json!("x".repeat(129)) => DpopError::Jti ; "long jti")]
#[test_case("nonce", json!("abc") => DpopError::Nonce(NonceError::Foreign) ; "foreign nonce")]
fn refused(name: &str, value: Value) -> DpopError {
    Case::new().verify_with(name, value, None).unwrap_err()
}

#[test]
fn query_and_fragment_of_htu_do_not_count() {
    assert!(
        Case::new()
            .verify_with("htu", json!("https://ISSUER.example:443/token?a#b"), None)
            .is_ok()
    );
}

#[test_case("jti"; "jti")]
#[test_case("htm"; "htm")]
#[test_case("htu"; "htu")]
#[test_case("iat"; "iat")]
fn a_missing_claim_is_refused(name: &'static str) {
    let case = Case::new();
    let mut payload = case.payload();
    payload.as_object_mut().unwrap().remove(name);
    let proof = case.sign(case.header(), &payload);
    assert_eq!(
        case.verify(&proof, None),
        Err(DpopError::Claim(ClaimError::Missing(name)))
    );
}

#[test]
fn a_proof_without_nonce_is_told_to_use_one() {
    let case = Case::new();
    let mut payload = case.payload();
    payload.as_object_mut().unwrap().remove("nonce");
    let error = case.verify(&case.sign(case.header(), &payload), None).unwrap_err();
    assert_eq!(error, DpopError::NonceMissing);
    assert_eq!(error.token_code(), TokenErrorCode::UseDpopNonce);
    assert_eq!(error.authorization_code(), AuthorizationErrorCode::UseDpopNonce);
}

#[test]
fn a_proof_without_ath_does_not_cover_a_token() {
    let case = Case::new();
    let proof = case.sign(case.header(), &case.payload());
    let error = case.verify(&proof, Some("tok")).unwrap_err();
    assert_eq!(error, DpopError::TokenHashMissing);
    assert_eq!(error.authorization_code(), AuthorizationErrorCode::InvalidDpopProof);
    assert_eq!(error.token_code(), TokenErrorCode::InvalidDpopProof);
}

#[test]
fn the_type_and_the_key_must_be_in_the_header() {
    let case = Case::new();
    let untyped = JwsHeader::new(case.signer.algorithm()).with_jwk(case.signer.public_jwk().clone());
    assert_eq!(
        case.verify(&case.sign(untyped, &case.payload()), None),
        Err(DpopError::Jws(JwsError::WrongType))
    );
    let keyless = JwsHeader::new(case.signer.algorithm()).with_typ(TYP);
    assert_eq!(
        case.verify(&case.sign(keyless, &case.payload()), None),
        Err(DpopError::NoKey)
    );
}

#[test]
fn exactly_one_header_is_taken() {
    let case = Case::new();
    let proof = case.sign(case.header(), &case.payload());
    assert_eq!(
        UnverifiedDpop::parse(std::iter::empty()).unwrap_err(),
        DpopError::Missing
    );
    let twice = UnverifiedDpop::parse([proof.as_str(), proof.as_str()].into_iter());
    assert_eq!(twice.unwrap_err(), DpopError::SeveralProofs);
}
