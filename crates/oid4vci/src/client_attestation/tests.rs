use jose::x5c::TrustAnchors;
use jose::{JwsError, SigningKey};
use test_case::test_case;

use super::*;
use crate::attester::AttesterError;
use crate::fixture::{edwards, key, random};
use crate::identifier::Transport;
use crate::nonce::NoncePurpose;

const NOW: UnixTime = 1_800_000_000;
const SERVER: &str = "https://as.example";
const WALLET: &str = "https://wallet.example";

struct Case {
    attester: SigningKey,
    instance: SigningKey,
    attesters: TrustedAttesters,
    server: Identifier,
}

impl Case {
    fn new() -> Self {
        let attester = key(1);
        let trusted = attester.public_jwk().clone().with_kid("attester-1");
        Self {
            attesters: TrustedAttesters::new(vec![trusted], TrustAnchors::default()).unwrap(),
            attester,
            instance: key(2),
            server: Identifier::parse(SERVER, Transport::Https).unwrap(),
        }
    }

    fn claims(&self) -> Value {
        json!({ "sub": WALLET, "iat": NOW, "exp": NOW + 60, "cnf": { "jwk": self.instance.public_jwk().to_value() } })
    }

    fn header(&self) -> JwsHeader {
        JwsHeader::new(self.attester.algorithm())
            .with_typ(TYP)
            .with_kid("attester-1")
    }

    fn attestation(&self) -> String {
        sign(&self.attester, &self.header(), &self.claims())
    }

    fn pop_claims(&self) -> Value {
        json!({ "aud": SERVER, "jti": "one", "iat": NOW })
    }

    fn pop(&self) -> String {
        sign(&self.instance, &pop_header(&self.instance), &self.pop_claims())
    }

    fn verify(&self, attestation: &str, pop: Option<&str>) -> Result<VerifiedClient, ClientAttestationError> {
        self.verify_with(attestation, pop, |_| ())
    }

    fn verify_with(
        &self,
        attestation: &str,
        pop: Option<&str>,
        change: impl FnOnce(&mut ClientExpectation<'_>),
    ) -> Result<VerifiedClient, ClientAttestationError> {
        let mut expected = ClientExpectation {
            attesters: &self.attesters,
            algorithms: &[Algorithm::Es256],
            server: &self.server,
            client_id: None,
            dpop_jkt: None,
            now: NOW,
        };
        change(&mut expected);
        UnverifiedClientAttestation::parse([attestation].into_iter(), pop.into_iter())?
            .unwrap()
            .verify(&expected)
    }
}

fn pop_header(key: &SigningKey) -> JwsHeader {
    JwsHeader::new(key.algorithm()).with_typ(POP_TYP)
}

fn sign(key: &SigningKey, header: &JwsHeader, claims: &Value) -> String {
    sign_compact(header, claims.to_string().as_bytes(), key).unwrap()
}

#[test]
fn what_is_made_here_verifies() {
    let case = Case::new();
    let draft = ClientAttestationDraft {
        issuer: "https://attester.example",
        client_id: WALLET,
        key: case.instance.public_jwk(),
        wallet_name: Some("Wallet"),
        wallet_link: None,
        expires_at: NOW + 60,
    };
    let header = JwsHeader::new(case.attester.algorithm()).with_kid("attester-1");
    let attestation = make_client_attestation(&draft, header, &case.attester, NOW).unwrap();
    let pop = make_client_attestation_pop(&case.server, Some("c"), &case.instance, NOW, &mut random(9)).unwrap();
    let client = case.verify(&attestation, Some(&pop)).unwrap();
    assert_eq!(client.client_id(), WALLET);
    assert_eq!(client.jkt(), case.instance.public_jwk().thumbprint());
    let (replay_key, forget_at) = client.replay_key().unwrap();
    assert_eq!(forget_at, NOW + 301);
    let other = make_client_attestation_pop(&case.server, None, &case.instance, NOW, &mut random(10)).unwrap();
    assert_ne!(
        case.verify(&attestation, Some(&other)).unwrap().replay_key().unwrap().0,
        replay_key
    );
}

#[test]
fn h6_core_a_proof_over_a_challenge_is_told_from_one_without() {
    let case = Case::new();
    let challenges = |key| ServerNonces::new(&[key; 32], &case.server, NoncePurpose::ClientAttestation, 300);
    let given = challenges(3).issue(NOW, &mut random(5));
    let check = |challenge: Option<&str>, now| {
        let pop = make_client_attestation_pop(&case.server, challenge, &case.instance, NOW, &mut random(9)).unwrap();
        let client = case.verify(&case.attestation(), Some(&pop)).unwrap();
        client.check_challenge(&challenges(3), now)
    };
    assert_eq!(check(Some(&given), NOW), Ok(()));
    let stranger = challenges(4).issue(NOW, &mut random(5));
    let none_of_ours = [
        (None, NOW),
        (Some("c"), NOW),
        (Some(stranger.as_str()), NOW),
        (Some(given.as_str()), NOW + 300),
    ];
    for (challenge, now) in none_of_ours {
        assert_eq!(
            check(challenge, now),
            Err(ClientAttestationError::Challenge),
            "{challenge:?}"
        );
    }
    let jkt = case.instance.public_jwk().thumbprint();
    let client = case.verify_with(&case.attestation(), None, |expected| expected.dpop_jkt = Some(jkt));
    assert_eq!(
        client.unwrap().check_challenge(&challenges(3), NOW),
        Ok(()),
        "a DPoP proof has a nonce of its own"
    );
}

#[test]
fn the_dpop_proof_may_be_the_proof_of_possession() {
    let case = Case::new();
    let jkt = case.instance.public_jwk().thumbprint();
    let client = case.verify_with(&case.attestation(), None, |expected| expected.dpop_jkt = Some(jkt));
    assert_eq!(client.unwrap().replay_key(), None);
    let other = key(7).public_jwk().thumbprint();
    let refused = case.verify_with(&case.attestation(), None, |expected| expected.dpop_jkt = Some(other));
    assert_eq!(refused.unwrap_err(), ClientAttestationError::DpopKeyNotAttested);
    let refused = case.verify(&case.attestation(), None);
    assert_eq!(refused.unwrap_err(), ClientAttestationError::PopMissing);
}

#[test_case(|c| c["exp"] = json!(NOW) => ClientAttestationError::Expired ; "expired")]
#[test_case(|c| c["exp"] = json!("soon") => ClientAttestationError::Claim(claims::ClaimError::NotADate("exp")) ; "exp as text")]
#[test_case(|c| { c.as_object_mut().unwrap().remove("exp"); } => ClientAttestationError::Claim(claims::ClaimError::Missing("exp")) ; "no exp")]
#[test_case(|c| { c.as_object_mut().unwrap().remove("sub"); } => ClientAttestationError::Claim(claims::ClaimError::Missing("sub")) ; "no sub")]
#[test_case(|c| c["iat"] = json!(NOW + 61) => ClientAttestationError::NotYetValid ; "from ahead")]
#[test_case(|c| c["nbf"] = json!(NOW + 61) => ClientAttestationError::NotYetValid ; "not before")]
#[test_case(|c| c["status"] = json!({}) => ClientAttestationError::Status ; "status")]
#[test_case(|c| c["cnf"] = json!({"kid": "1"}) => ClientAttestationError::NoKey ; "no key")]
#[test_case(|c| c["cnf"]["jwk"]["d"] = json!("AQ") => ClientAttestationError::Key(jose::JwkError::PrivateMember) ; "private key")]
#[test_case(|c| c["cnf"]["jwk"] = edwards(2).public_jwk().to_value() => ClientAttestationError::Algorithm ; "a curve that is not published")]
fn h6_core_an_attestation_that_does_not_hold(change: fn(&mut Value)) -> ClientAttestationError {
    let case = Case::new();
    let mut claims = case.claims();
    change(&mut claims);
    let attestation = sign(&case.attester, &case.header(), &claims);
    case.verify(&attestation, Some(&case.pop())).unwrap_err()
}

#[test_case(|c| c["aud"] = json!("https://other.example") => ClientAttestationError::Audience ; "audience")]
#[test_case(|c| c["iat"] = json!(NOW - 301) => ClientAttestationError::IssuedAt ; "old")]
#[test_case(|c| c["iat"] = json!(NOW + 61) => ClientAttestationError::IssuedAt ; "from ahead")]
#[test_case(|c| c["jti"] = json!("") => ClientAttestationError::Jti ; "empty jti")]
#[test_case(|c| { c.as_object_mut().unwrap().remove("jti"); } => ClientAttestationError::Claim(claims::ClaimError::Missing("jti")) ; "no jti")]
fn h6_core_a_proof_of_possession_that_does_not_hold(change: fn(&mut Value)) -> ClientAttestationError {
    let case = Case::new();
    let mut claims = case.pop_claims();
    change(&mut claims);
    let pop = sign(&case.instance, &pop_header(&case.instance), &claims);
    case.verify(&case.attestation(), Some(&pop)).unwrap_err()
}

#[test]
fn h6_core_keys_that_are_not_the_right_ones() {
    let case = Case::new();
    let stranger = key(5);
    let forged = sign(&stranger, &case.header(), &case.claims());
    let refused = case.verify(&forged, Some(&case.pop())).unwrap_err();
    assert!(matches!(
        refused,
        ClientAttestationError::Attestation(JwsError::Signature(_))
    ));
    let header = case.header().with_kid("attester-2");
    let refused = case.verify(&sign(&case.attester, &header, &case.claims()), Some(&case.pop()));
    assert_eq!(
        refused.unwrap_err(),
        ClientAttestationError::Attester(AttesterError::Unknown)
    );
    let own = JwsHeader::new(stranger.algorithm())
        .with_typ(TYP)
        .with_jwk(stranger.public_jwk().clone());
    let refused = case.verify(&sign(&stranger, &own, &case.claims()), Some(&case.pop()));
    assert_eq!(
        refused.unwrap_err(),
        ClientAttestationError::Attester(AttesterError::NoKeyNamed)
    );
    let pop = sign(&stranger, &pop_header(&stranger), &case.pop_claims());
    let refused = case.verify(&case.attestation(), Some(&pop)).unwrap_err();
    assert!(matches!(refused, ClientAttestationError::Pop(JwsError::Signature(_))));
    let swapped = case.verify(&case.pop(), Some(&case.attestation()));
    assert!(swapped.is_err());
}

#[test]
fn h6_core_an_attester_that_signs_otherwise_than_published() {
    let mut case = Case::new();
    case.attester = edwards(1);
    let trusted = case.attester.public_jwk().clone().with_kid("attester-1");
    case.attesters = TrustedAttesters::new(vec![trusted], TrustAnchors::default()).unwrap();
    let refused = case.verify(&case.attestation(), Some(&case.pop()));
    assert_eq!(refused.unwrap_err(), ClientAttestationError::Algorithm);
}

#[test]
fn h6_core_another_client_and_headers_that_do_not_go_together() {
    let case = Case::new();
    let refused = case.verify_with(&case.attestation(), Some(&case.pop()), |expected| {
        expected.client_id = Some("other")
    });
    assert_eq!(refused.unwrap_err(), ClientAttestationError::OtherClient);
    let (attestation, pop) = (case.attestation(), case.pop());
    let parse = |attestations: &[&str], pops: &[&str]| {
        let parsed = UnverifiedClientAttestation::parse(attestations.iter().copied(), pops.iter().copied());
        parsed.map(|found| found.is_some())
    };
    assert_eq!(parse(&[], &[]), Ok(false));
    assert_eq!(parse(&[], &[&pop]), Err(ClientAttestationError::PopAlone));
    assert_eq!(
        parse(&[&attestation, &attestation], &[&pop]),
        Err(ClientAttestationError::SeveralHeaders)
    );
    assert_eq!(
        parse(&[&attestation], &[&pop, &pop]),
        Err(ClientAttestationError::SeveralHeaders)
    );
}
