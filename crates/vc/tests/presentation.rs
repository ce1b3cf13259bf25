//! Presenting a credential, and what a verifier refuses.

use serde_json::{Value, json};
use test_case::test_case;
use w3c_vc::{
    BindError, CREDENTIALS_V2, Challenge, ContextError, CredentialError, DocumentError, FormError, PresentError,
    PresentationError, ProofError, TrustedIssuer, UnverifiedCredential, UnverifiedPresentation, sign_presentation,
};

use crate::fixture::{
    CHALLENGE, ISSUER, NOW, changed, contexts, credential, document, holder, holder_key, issued, issuer, object, p256,
    presented, signer, trusted, verify_presentation, without,
};

/// Signed by the holder, with these members beside the usual ones.
fn signed(members: Value) -> String {
    let mut presentation = object(json!({
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [serde_json::from_str::<Value>(&credential()).unwrap()],
    }));
    presentation.append(&mut object(members));
    let holder_key = holder_key(&holder());
    sign_presentation(
        presentation,
        &contexts(),
        &holder_key,
        CHALLENGE,
        NOW,
        &signer(&holder()),
    )
    .unwrap()
}

#[test]
fn what_is_presented_is_verified() {
    let verified = verify_presentation(&presented()).unwrap();
    assert_eq!(verified.holder(), &holder_key(&holder()));
    assert_eq!(verified.credentials().len(), 1);
    assert_eq!(verified.work().spent(jose::Work::Signatures), 2);
    let shown = serde_json::from_str::<Value>(&presented()).unwrap();
    assert_eq!(shown["proof"]["challenge"], CHALLENGE.nonce);
    assert_eq!(shown["proof"]["domain"], CHALLENGE.audience);
    assert_eq!(shown["proof"]["proofPurpose"], "authentication");
    let unverified = UnverifiedPresentation::parse(&presented()).unwrap();
    assert_eq!(
        unverified.hints().map(|hints| hints.issuer).collect::<Vec<_>>(),
        [ISSUER]
    );
    assert_eq!(verified.into_credentials()[0].credential().issuer(), ISSUER);
}

#[test_case(Challenge { nonce: "another", ..CHALLENGE } => PresentationError::Proof(ProofError::Challenge); "another nonce")]
#[test_case(Challenge { audience: "another", ..CHALLENGE } => PresentationError::Proof(ProofError::Domain); "another verifier")]
fn it_is_for_one_request_alone(challenge: Challenge<'_>) -> PresentationError {
    let unverified = UnverifiedPresentation::parse(&presented()).unwrap();
    unverified
        .verify(&contexts(), &[trusted(&issuer())], challenge, NOW)
        .unwrap_err()
}

#[test]
fn it_is_for_five_minutes() {
    let at = |now| {
        let unverified = UnverifiedPresentation::parse(&presented()).unwrap();
        unverified
            .verify(&contexts(), &[trusted(&issuer())], CHALLENGE, now)
            .map(drop)
    };
    assert_eq!(at(NOW + 300), Ok(()));
    assert_eq!(at(NOW + 301), Err(ProofError::TooOld.into()));
    assert_eq!(at(NOW - 60), Ok(()));
    assert_eq!(at(NOW - 61), Err(ProofError::InTheFuture.into()));
    let undated = verify_presentation(&without(&presented(), "/proof/created"));
    assert_eq!(undated.unwrap_err(), ProofError::Member("created").into());
}

#[test_case("/proof/proofPurpose", json!("assertionMethod") => PresentationError::Proof(ProofError::Purpose); "the purpose")]
#[test_case("/proof/challenge", json!("another") => PresentationError::Proof(ProofError::Challenge); "the challenge")]
#[test_case("/proof/domain", json!([CHALLENGE.audience]) => PresentationError::Proof(ProofError::Member("domain")); "domains")]
#[test_case("/proof/created", json!("2026-11-20T12:00:01Z") => PresentationError::Proof(ProofError::Signature); "the date")]
#[test_case("/proof/verificationMethod", json!("did:key:x#x") => PresentationError::Proof(ProofError::UnknownKey); "the key")]
#[test_case("/holder", json!("did:example:alice") => PresentationError::OtherHolder; "the holder")]
#[test_case("/id", json!("urn:x:1") => PresentationError::Proof(ProofError::Signature); "an id more")]
#[test_case("/type", json!(["VerifiablePresentation", "urn:x:T"]) => PresentationError::Proof(ProofError::Signature); "a type more")]
#[test_case("/type", json!(["VerifiableCredential"]) => PresentationError::Form(FormError::OtherType("VerifiablePresentation")); "another type")]
#[test_case("/verifiableCredential/0/credentialSubject/given_name", json!("x") => PresentationError::Credential(CredentialError::Proof(ProofError::Signature)); "a claim")]
#[test_case("/verifiableCredential", json!([]) => PresentationError::Empty; "no credential")]
#[test_case("/verifiableCredential", json!(["a.b.c"]) => PresentationError::Document(DocumentError::NotAnObject); "a text for a credential")]
#[test_case("/@context", json!([CREDENTIALS_V2, "https://a.example/"]) => PresentationError::Document(DocumentError::Context(ContextError::Unknown)); "another context")]
fn a_change_is_noticed(place: &str, value: Value) -> PresentationError {
    verify_presentation(&changed(&presented(), place, value)).unwrap_err()
}

#[test]
fn a_credential_of_the_presentation_cannot_be_exchanged() {
    let mut other = document();
    other["credentialSubject"]["given_name"] = json!("Another");
    let other: Value = serde_json::from_str(&issued(other).unwrap()).unwrap();
    let text = changed(&presented(), "/verifiableCredential", json!([other]));
    assert_eq!(verify_presentation(&text).unwrap_err(), ProofError::Signature.into());
    for proof in ["/proof", "/verifiableCredential/0/proof"] {
        assert!(verify_presentation(&without(&presented(), proof)).is_err(), "{proof}");
    }
}

#[test]
fn only_the_holder_presents() {
    let held = UnverifiedCredential::parse(&credential())
        .unwrap()
        .dangerous_from_storage();
    let refused = held
        .present(&contexts(), CHALLENGE, NOW, &signer(&p256(7)))
        .unwrap_err();
    assert_eq!(refused, PresentError::Bind(BindError::WrongKey));
    // A thief signs with a key of his own, in his own name and in the holder's.
    let thief = p256(7);
    let presentation = object(json!({
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [serde_json::from_str::<Value>(&credential()).unwrap()],
    }));
    let text = sign_presentation(
        presentation,
        &contexts(),
        &holder_key(&thief),
        CHALLENGE,
        NOW,
        &signer(&thief),
    )
    .unwrap();
    assert_eq!(verify_presentation(&text).unwrap_err(), ProofError::UnknownKey.into());
    let method = holder_key(&holder()).method().to_owned();
    let text = changed(&text, "/proof/verificationMethod", json!(method));
    assert_eq!(
        verify_presentation(&text).unwrap_err(),
        ProofError::OtherAlgorithm.into()
    );
}

#[test]
fn a_credential_that_is_bound_to_nobody_is_not_shown() {
    let mut unbound = document();
    unbound["credentialSubject"]["id"] = json!("did:example:1");
    let unbound: Value = serde_json::from_str(&issued(unbound).unwrap()).unwrap();
    let text = signed(json!({"verifiableCredential": [unbound]}));
    assert_eq!(verify_presentation(&text).unwrap_err(), PresentationError::Unbound);
}

#[test]
fn several_credentials_have_one_holder() {
    let one: Value = serde_json::from_str(&credential()).unwrap();
    let mut second = document();
    second.remove("id");
    let second: Value = serde_json::from_str(&issued(second).unwrap()).unwrap();
    let text = signed(json!({"verifiableCredential": [one, second]}));
    assert_eq!(verify_presentation(&text).unwrap().credentials().len(), 2);
    let mut foreign = document();
    foreign["credentialSubject"]["id"] = json!(holder_key(&p256(7)).did());
    let foreign: Value = serde_json::from_str(&issued(foreign).unwrap()).unwrap();
    let text = signed(json!({"verifiableCredential": [one, foreign]}));
    assert_eq!(verify_presentation(&text).unwrap_err(), PresentationError::OtherHolder);
    let nine: Vec<Value> = vec![one; 9];
    let over = jose::OverBudget(jose::Work::Documents);
    let text = changed(&presented(), "/verifiableCredential", json!(nine));
    assert_eq!(
        verify_presentation(&text).unwrap_err(),
        DocumentError::OverBudget(over).into()
    );
}

#[test]
fn an_issuer_that_is_not_trusted_is_refused() {
    let verify = |issuers: &[TrustedIssuer]| {
        let unverified = UnverifiedPresentation::parse(&presented()).unwrap();
        unverified.verify(&contexts(), issuers, CHALLENGE, NOW).map(drop)
    };
    assert_eq!(verify(&[]), Err(CredentialError::OtherIssuer.into()));
    let other = TrustedIssuer::new("https://other.example/", []);
    assert_eq!(verify(&[other, trusted(&issuer())]), Ok(()));
}
