use jose::claims::ClaimError;
use jose::{JwsError, PrivateJwk, SigningKey, base64url};
use serde_json::Value;
use test_case::test_case;

use super::*;
use crate::CredentialErrorCode;
use crate::fixture::{edwards, key, random};
use crate::identifier::Transport;
use crate::nonce::{NonceError, NoncePurpose};

const NOW: UnixTime = 1_800_000_000;
const ISSUER: &str = "https://issuer.example";

fn verify(proofs: &[String], policy: &ProofPolicy<'_>, now: UnixTime) -> Result<VerifiedKeyProofs, KeyProofError> {
    VerifiedKeyProofs::verify(&Proofs::Jwt(proofs.to_vec()), policy, now)
}

struct Case {
    issuer: Identifier,
    nonces: ServerNonces,
    signer: SigningKey,
}

impl Case {
    fn new() -> Self {
        let issuer = Identifier::parse(ISSUER, Transport::Https).unwrap();
        Self {
            nonces: ServerNonces::new(&[3; 32], &issuer, NoncePurpose::KeyProof, 300),
            signer: key(0),
            issuer,
        }
    }

    fn nonce(&self) -> String {
        self.nonces.issue(NOW, &mut random(7))
    }

    fn policy(&self) -> ProofPolicy<'_> {
        ProofPolicy {
            issuer: &self.issuer,
            algorithms: &[Algorithm::Es256],
            at_most: 2,
            client: ProofClient::Anonymous,
            freshness: ProofFreshness::Nonce(&self.nonces),
            attestation: None,
        }
    }

    fn verify(&self, proofs: &[String]) -> Result<VerifiedKeyProofs, KeyProofError> {
        verify(proofs, &self.policy(), NOW)
    }

    fn header(&self) -> JwsHeader {
        JwsHeader::new(Algorithm::Es256)
            .with_typ(TYP)
            .with_jwk(self.signer.public_jwk().clone())
    }

    fn sign(&self, header: &JwsHeader, payload: &Value) -> String {
        sign_compact(header, payload.to_string().as_bytes(), &self.signer).unwrap()
    }

    fn payload(&self) -> Value {
        json!({ "aud": ISSUER, "iat": NOW, "nonce": self.nonce() })
    }

    fn refusal(&self, header: &JwsHeader, payload: &Value) -> KeyProofError {
        self.verify(&[self.sign(header, payload)]).unwrap_err()
    }
}

#[test]
fn a_proof_made_here_verifies_and_names_key_and_nonce() {
    let case = Case::new();
    let proof = make_key_proof(&case.issuer, Some(&case.nonce()), &case.signer, NOW).unwrap();
    let verified = case.verify(&[proof]).unwrap();
    assert!(verified.keys()[0].same_key(case.signer.public_jwk()));
    assert_eq!(verified.nonces().len(), 1);
}

#[test]
fn a_batch_shares_one_nonce_and_has_a_key_each() {
    let case = Case::new();
    let nonce = case.nonce();
    let other = key(40);
    let proofs = [&case.signer, &other].map(|s| make_key_proof(&case.issuer, Some(&nonce), s, NOW).unwrap());
    let verified = case.verify(&proofs).unwrap();
    assert_eq!((verified.keys().len(), verified.nonces().len()), (2, 1));
    let twice = [proofs[0].clone(), proofs[0].clone()];
    assert_eq!(case.verify(&twice).unwrap_err(), KeyProofError::KeyTwice);
    let three = [proofs[0].clone(), proofs[1].clone(), proofs[0].clone()];
    assert_eq!(case.verify(&three).unwrap_err(), KeyProofError::TooManyProofs);
    assert_eq!(case.verify(&[]).unwrap_err(), KeyProofError::NoProof);
}

#[test]
fn iat_a_day_off_is_no_harm_with_a_fresh_nonce() {
    let case = Case::new();
    let proof = make_key_proof(&case.issuer, Some(&case.nonce()), &case.signer, NOW - 86_400).unwrap();
    assert!(case.verify(&[proof]).is_ok());
}

#[test]
fn without_nonces_iat_must_be_near() {
    let case = Case::new();
    let policy = ProofPolicy {
        freshness: ProofFreshness::IssuedWithin(300),
        ..case.policy()
    };
    let proof = |iat| vec![make_key_proof(&case.issuer, None, &case.signer, iat).unwrap()];
    assert!(verify(&proof(NOW - 300), &policy, NOW).is_ok());
    let old = verify(&proof(NOW - 301), &policy, NOW);
    assert_eq!(old, Err(KeyProofError::IssuedAt));
}

#[test_case("aud", json!("https://other.example") => (KeyProofError::Audience, CredentialErrorCode::InvalidProof) ; "other issuer")]
#[test_case("aud", json!([ISSUER]) => (KeyProofError::Claim(ClaimError::NotAString("aud")), CredentialErrorCode::InvalidProof) ; "aud as a list")]
#[test_case("iat", json!(NOW.to_string()) => (KeyProofError::Claim(ClaimError::NotADate("iat")), CredentialErrorCode::InvalidProof) ; "iat as a string")]
#[test_case("iss", json!("client") => (KeyProofError::IssuerOfAnonymousClient, CredentialErrorCode::InvalidProof) ; "iss of an anonymous client")]
#[test_case("nonce", json!("abc") => (KeyProofError::Nonce(NonceError::Foreign), CredentialErrorCode::InvalidNonce) ; "foreign nonce")]
fn a_claim_refused(name: &str, value: Value) -> (KeyProofError, CredentialErrorCode) {
    let case = Case::new();
    let mut payload = case.payload();
    payload[name] = value;
    let error = case.refusal(&case.header(), &payload);
    let code = error.code();
    (error, code)
}

#[test_case("aud" => KeyProofError::Claim(ClaimError::Missing("aud")) ; "aud")]
#[test_case("iat" => KeyProofError::Claim(ClaimError::Missing("iat")) ; "iat")]
#[test_case("nonce" => KeyProofError::NonceMissing ; "nonce")]
fn a_claim_missing(name: &str) -> KeyProofError {
    let case = Case::new();
    let mut payload = case.payload();
    payload.as_object_mut().unwrap().remove(name);
    case.refusal(&case.header(), &payload)
}

#[test]
fn an_expired_nonce_is_an_invalid_nonce() {
    let case = Case::new();
    let proof = case.sign(&case.header(), &case.payload());
    let error = verify(&[proof], &case.policy(), NOW + 300).unwrap_err();
    assert_eq!(error, KeyProofError::Nonce(NonceError::Expired));
    assert_eq!(KeyProofError::NonceUsed.code(), CredentialErrorCode::InvalidNonce);
}

#[test]
fn a_named_client_may_only_name_itself() {
    let case = Case::new();
    let policy = ProofPolicy {
        client: ProofClient::Named("wallet"),
        ..case.policy()
    };
    let mut payload = case.payload();
    payload["iss"] = json!("wallet");
    assert!(verify(&[case.sign(&case.header(), &payload)], &policy, NOW).is_ok());
    payload["iss"] = json!("other");
    let error = verify(&[case.sign(&case.header(), &payload)], &policy, NOW).unwrap_err();
    assert_eq!(error, KeyProofError::OtherClient);
}

#[test]
fn exactly_one_key_must_be_named_and_as_jwk() {
    let case = Case::new();
    let bare = || JwsHeader::new(Algorithm::Es256).with_typ(TYP);
    let payload = case.payload();
    assert_eq!(case.refusal(&bare(), &payload), KeyProofError::NoKey);
    assert_eq!(
        case.refusal(&bare().with_kid("did:example:1#a"), &payload),
        KeyProofError::KeyForm
    );
    assert_eq!(
        case.refusal(&bare().with_x5c(json!(["AA"])), &payload),
        KeyProofError::KeyForm
    );
    assert_eq!(
        case.refusal(&case.header().with_kid("a"), &payload),
        KeyProofError::SeveralKeys
    );
    assert_eq!(
        case.refusal(&case.header().with_x5c(json!(["AA"])), &payload),
        KeyProofError::SeveralKeys
    );
}

#[test]
fn another_type_is_refused() {
    let case = Case::new();
    let header = JwsHeader::new(Algorithm::Es256)
        .with_typ("kb+jwt")
        .with_jwk(case.signer.public_jwk().clone());
    assert_eq!(
        case.refusal(&header, &case.payload()),
        KeyProofError::Jws(JwsError::WrongType)
    );
}

#[test]
fn a_private_key_in_the_header_is_refused() {
    let case = Case::new();
    let private = PrivateJwk::generate_p256(&mut random(0)).dangerous_to_value();
    let header = json!({ "typ": TYP, "alg": "ES256", "jwk": private });
    let signed = format!(
        "{}.{}",
        base64url::encode(header.to_string()),
        base64url::encode(case.payload().to_string())
    );
    let signature = case.signer.sign(signed.as_bytes()).unwrap();
    let error = case
        .verify(&[format!("{signed}.{}", base64url::encode(signature))])
        .unwrap_err();
    assert!(matches!(error, KeyProofError::Jws(JwsError::HeaderJwk(_))), "{error:?}");
    assert_eq!(error.code(), CredentialErrorCode::InvalidProof);
}

#[test]
fn an_algorithm_outside_the_metadata_is_refused() {
    let case = Case::new();
    let ed25519 = edwards(0);
    let proof = make_key_proof(&case.issuer, Some(&case.nonce()), &ed25519, NOW).unwrap();
    assert_eq!(case.verify(&[proof]).unwrap_err(), KeyProofError::Algorithm);
}

#[test]
fn a_proof_signed_by_another_key_is_refused() {
    let case = Case::new();
    let other = key(40);
    let header = JwsHeader::new(Algorithm::Es256)
        .with_typ(TYP)
        .with_jwk(other.public_jwk().clone());
    let error = case.refusal(&header, &case.payload());
    assert!(matches!(error, KeyProofError::Jws(JwsError::Signature(_))), "{error:?}");
}
