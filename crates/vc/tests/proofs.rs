//! The proof of a credential: exactly one, of a suite, for its purpose.

use serde_json::{Value, json};
use test_case::test_case;
use w3c_vc::{CredentialError, Cryptosuite, ProofError, UnverifiedCredential};

use crate::fixture::{NOW, changed, contexts, credential, ed25519, issuer, p256, trusted, verify, without};

fn refused(text: &str) -> ProofError {
    match verify(text).unwrap_err() {
        CredentialError::Proof(error) => error,
        other => panic!("{other}"),
    }
}

#[test_case("type", json!("Ed25519Signature2020") => ProofError::Type; "type")]
#[test_case("cryptosuite", json!("ecdsa-sd-2023") => ProofError::Cryptosuite; "a selective suite")]
#[test_case("cryptosuite", json!("bbs-2023") => ProofError::Cryptosuite; "bbs")]
#[test_case("cryptosuite", json!("eddsa-jcs-2022") => ProofError::Cryptosuite; "jcs")]
#[test_case("cryptosuite", json!("eddsa-rdfc-2022") => ProofError::OtherAlgorithm; "the suite of another key")]
#[test_case("proofPurpose", json!("authentication") => ProofError::Purpose; "another purpose")]
#[test_case("proofPurpose", json!(5) => ProofError::Member("proofPurpose"); "a number for a purpose")]
#[test_case("verificationMethod", json!("https://agency.example/#key-2") => ProofError::UnknownKey; "another key")]
#[test_case("proofValue", json!("zAAAA") => ProofError::Member("proofValue"); "a short signature")]
#[test_case("proofValue", json!("uAAAA") => ProofError::Member("proofValue"); "another base")]
#[test_case("expires", json!("2026-11-20T12:00:00Z") => ProofError::Expired; "expired")]
#[test_case("created", json!("2026-11-20T12:01:01Z") => ProofError::InTheFuture; "made in the future")]
#[test_case("created", json!("yesterday") => ProofError::Member("created"); "no date")]
#[test_case("challenge", json!("n") => ProofError::Unsupported; "a challenge")]
#[test_case("domain", json!("d") => ProofError::Unsupported; "a domain")]
#[test_case("previousProof", json!("urn:x:1") => ProofError::Unsupported; "a chain")]
#[test_case("@context", json!(["https://www.w3.org/ns/credentials/v2"]) => ProofError::Unsupported; "contexts of its own")]
#[test_case("expires", json!("2026-11-20T12:00:01Z") => ProofError::Signature; "an option that was not signed")]
fn each_rule(member: &str, value: Value) -> ProofError {
    refused(&changed(&credential(), &format!("/proof/{member}"), value))
}

#[test]
fn there_is_exactly_one() {
    let proof = serde_json::from_str::<Value>(&credential()).unwrap()["proof"].clone();
    assert_eq!(refused(&without(&credential(), "/proof")), ProofError::Missing);
    for several in [json!([]), json!([proof]), json!([proof, proof])] {
        assert_eq!(refused(&changed(&credential(), "/proof", several)), ProofError::Several);
    }
    assert_eq!(refused(&changed(&credential(), "/proof", json!("x"))), ProofError::Type);
}

#[test]
fn every_member_that_is_needed_is() {
    for (member, error) in [
        ("type", ProofError::Type),
        ("cryptosuite", ProofError::Cryptosuite),
        ("verificationMethod", ProofError::Member("verificationMethod")),
        ("proofPurpose", ProofError::Member("proofPurpose")),
        ("proofValue", ProofError::Member("proofValue")),
    ] {
        assert_eq!(refused(&without(&credential(), &format!("/proof/{member}"))), error);
    }
}

#[test]
fn a_suite_is_named_after_its_key() {
    for (key, suite) in [
        (p256(1), Cryptosuite::EcdsaRdfc2019),
        (ed25519(1), Cryptosuite::EddsaRdfc2022),
    ] {
        let signer = crate::fixture::signer(&key);
        let text = w3c_vc::issue(
            crate::fixture::document(),
            &contexts(),
            &crate::fixture::signing(&signer),
        )
        .unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["proof"]["cryptosuite"], suite.as_str());
        let unverified = UnverifiedCredential::parse(&text).unwrap();
        assert!(unverified.verify(&contexts(), &trusted(&key), NOW).is_ok());
    }
    assert_ne!(issuer().public(), ed25519(1).public());
}
