use jose::SigningKey;
use jose::x5c::TrustAnchors;
use test_case::test_case;

use super::*;
use crate::credential_request::Proofs;
use crate::error_code::CredentialErrorCode;
use crate::fixture::{key, random};
use crate::identifier::{Identifier, Transport};
use crate::key_proof::{
    KeyProofError, ProofClient, ProofPolicy, VerifiedKeyProofs, make_attested_key_proof, make_key_proof,
};
use crate::nonce::{NoncePurpose, ServerNonces};

const NOW: UnixTime = 1_800_000_000;
const ISSUER: &str = "https://issuer.example";

struct Case {
    attester: SigningKey,
    attesters: TrustedAttesters,
    issuer: Identifier,
    nonces: ServerNonces,
    keys: [SigningKey; 2],
    key_storage: Vec<String>,
    required: bool,
}

impl Case {
    fn new() -> Self {
        let attester = key(1);
        let issuer = Identifier::parse(ISSUER, Transport::Https).unwrap();
        let trusted = attester.public_jwk().clone().with_kid("1");
        Self {
            attesters: TrustedAttesters::new(vec![trusted], TrustAnchors::default()).unwrap(),
            attester,
            nonces: ServerNonces::new(&[3; 32], &issuer, NoncePurpose::KeyProof, 300),
            issuer,
            keys: [key(11), key(12)],
            key_storage: Vec::new(),
            required: true,
        }
    }

    fn nonce(&self) -> String {
        self.nonces.issue(NOW, &mut random(7))
    }

    fn public_keys(&self) -> Vec<PublicJwk> {
        self.keys.iter().map(|key| key.public_jwk().clone()).collect()
    }

    fn header(&self) -> JwsHeader {
        JwsHeader::new(self.attester.algorithm()).with_kid("1")
    }

    fn attestation(&self) -> String {
        let draft = KeyAttestationDraft {
            issuer: "https://attester.example",
            keys: &self.public_keys(),
            nonce: Some(&self.nonce()),
            expires_at: NOW + 60,
        };
        make_key_attestation(&draft, self.header(), &self.attester, NOW).unwrap()
    }

    fn changed(&self, change: impl FnOnce(&mut Value)) -> String {
        let keys: Vec<Value> = self.public_keys().iter().map(PublicJwk::to_value).collect();
        let mut claims = json!({ "iat": NOW, "exp": NOW + 60, "attested_keys": keys, "nonce": self.nonce() });
        change(&mut claims);
        sign_compact(
            &self.header().with_typ(TYP),
            claims.to_string().as_bytes(),
            &self.attester,
        )
        .unwrap()
    }

    fn verify(&self, proofs: &Proofs) -> Result<VerifiedKeyProofs, KeyProofError> {
        let policy = ProofPolicy {
            issuer: &self.issuer,
            algorithms: &[Algorithm::Es256],
            at_most: 2,
            client: ProofClient::Anonymous,
            freshness: ProofFreshness::Nonce(&self.nonces),
            attestation: Some(KeyAttestationPolicy {
                attesters: &self.attesters,
                required: self.required,
                key_storage: &self.key_storage,
                user_authentication: &[],
            }),
        };
        VerifiedKeyProofs::verify(proofs, &policy, NOW)
    }

    fn proof(&self, attestation: &str, key: &SigningKey) -> Proofs {
        let proof = make_attested_key_proof(&self.issuer, Some(&self.nonce()), attestation, key, NOW).unwrap();
        Proofs::Jwt(vec![proof])
    }
}

#[test]
fn one_proof_with_an_attestation_proves_all_attested_keys() {
    let case = Case::new();
    let attestation = case.attestation();
    for proofs in [
        case.proof(&attestation, &case.keys[1]),
        Proofs::Attestation(attestation.clone()),
    ] {
        let verified = case.verify(&proofs).unwrap();
        assert_eq!(verified.keys(), case.public_keys());
        assert!(!verified.nonces().is_empty(), "the nonces are to be spent");
    }
}

#[test]
fn h9_core_a_proof_with_a_key_that_is_not_attested() {
    let case = Case::new();
    let refused = case.verify(&case.proof(&case.attestation(), &key(99))).unwrap_err();
    assert_eq!(
        (refused.clone(), refused.code()),
        (KeyProofError::KeyNotAttested, CredentialErrorCode::InvalidProof)
    );
    let plain = make_key_proof(&case.issuer, Some(&case.nonce()), &case.keys[0], NOW).unwrap();
    let refused = case.verify(&Proofs::Jwt(vec![plain])).unwrap_err();
    assert_eq!(refused, KeyProofError::AttestationMissing);
}

#[test]
fn an_attestation_is_optional_where_policy_says_so() {
    let mut case = Case::new();
    case.required = false;
    let plain = make_key_proof(&case.issuer, Some(&case.nonce()), &case.keys[0], NOW).unwrap();
    assert_eq!(
        case.verify(&Proofs::Jwt(vec![plain])).unwrap().keys(),
        &case.public_keys()[..1]
    );
}

#[test_case(|c| c["exp"] = json!(NOW) => KeyAttestationError::Expired ; "expired")]
#[test_case(|c| { c.as_object_mut().unwrap().remove("exp"); } => KeyAttestationError::Claim(ClaimError::Missing("exp")) ; "no exp")]
#[test_case(|c| { c.as_object_mut().unwrap().remove("iat"); } => KeyAttestationError::Claim(ClaimError::Missing("iat")) ; "no iat")]
#[test_case(|c| c["iat"] = json!(NOW + 61) => KeyAttestationError::IssuedAt ; "from ahead")]
#[test_case(|c| c["attested_keys"] = json!([]) => KeyAttestationError::NoKeys ; "no keys")]
#[test_case(|c| c["attested_keys"][0]["d"] = json!("AQ") => KeyAttestationError::Key(JwkError::PrivateMember) ; "private key")]
#[test_case(|c| c["attested_keys"][1] = c["attested_keys"][0].clone() => KeyAttestationError::KeyTwice ; "key twice")]
#[test_case(|c| { let key = c["attested_keys"][0].clone(); c["attested_keys"].as_array_mut().unwrap().push(key); } => KeyAttestationError::TooManyKeys ; "too many")]
#[test_case(|c| { c.as_object_mut().unwrap().remove("nonce"); } => KeyAttestationError::NonceMissing ; "no nonce")]
#[test_case(|c| c["nonce"] = json!("made up") => KeyAttestationError::Nonce(NonceError::Foreign) ; "foreign nonce")]
#[test_case(|c| c["status"] = json!({}) => KeyAttestationError::Status ; "status")]
#[test_case(|c| c["key_storage"] = json!("high") => KeyAttestationError::Malformed("key_storage") ; "levels as text")]
fn refused(change: fn(&mut Value)) -> KeyAttestationError {
    let case = Case::new();
    let proofs = case.proof(&case.changed(change), &case.keys[0]);
    match case.verify(&proofs).unwrap_err() {
        KeyProofError::Attestation(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_foreign_nonce_in_an_attestation_is_an_invalid_nonce() {
    let case = Case::new();
    let proofs = Proofs::Attestation(case.changed(|claims| claims["nonce"] = json!("made up")));
    assert_eq!(
        case.verify(&proofs).unwrap_err().code(),
        CredentialErrorCode::InvalidNonce
    );
    let proofs = Proofs::Attestation(case.changed(|claims| {
        claims.as_object_mut().unwrap().remove("exp");
    }));
    assert!(
        case.verify(&proofs).is_ok(),
        "exp is needed with the proof type jwt alone"
    );
}

#[test]
fn a_level_has_to_be_attested_where_it_is_asked_for() {
    let mut case = Case::new();
    case.key_storage = vec!["iso_18045_high".to_owned(), "iso_18045_moderate".to_owned()];
    let refused = case.verify(&Proofs::Attestation(case.attestation())).unwrap_err();
    assert_eq!(
        refused,
        KeyProofError::Attestation(KeyAttestationError::Level("key_storage"))
    );
    let basic = case.changed(|claims| claims["key_storage"] = json!(["iso_18045_basic"]));
    let refused = case.verify(&Proofs::Attestation(basic)).unwrap_err();
    assert_eq!(
        refused,
        KeyProofError::Attestation(KeyAttestationError::Level("key_storage"))
    );
    let moderate = case.changed(|claims| claims["key_storage"] = json!(["iso_18045_moderate"]));
    assert!(case.verify(&Proofs::Attestation(moderate)).is_ok());
}

#[test]
fn nobody_vouches_for_keys_but_a_trusted_attester() {
    let case = Case::new();
    let stranger = key(50);
    let draft = KeyAttestationDraft {
        issuer: "https://attester.example",
        keys: &case.public_keys(),
        nonce: Some(&case.nonce()),
        expires_at: NOW + 60,
    };
    let own = JwsHeader::new(stranger.algorithm()).with_jwk(stranger.public_jwk().clone());
    let cases = [
        (case.header(), "same kid"),
        (JwsHeader::new(stranger.algorithm()).with_kid("2"), "unknown kid"),
        (own, "a key of its own"),
    ];
    for (header, what) in cases {
        let attestation = make_key_attestation(&draft, header, &stranger, NOW).unwrap();
        let refused = case.verify(&Proofs::Attestation(attestation)).unwrap_err();
        let expected = matches!(
            refused,
            KeyProofError::Attestation(KeyAttestationError::Jws(_) | KeyAttestationError::Attester(_))
        );
        assert!(expected, "{what}: {refused:?}");
    }
}
