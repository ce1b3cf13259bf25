//! Keys, contexts, and documents put together by hand so that they can break any rule.

use jose::{PrivateJwk, SigningKey, UnixTime, VerifyingKey};
use serde_json::{Map, Value, json};
use w3c_vc::{
    CREDENTIALS_V2, Challenge, Contexts, CredentialError, HolderKey, IssueError, PresentationError, Signing,
    TrustedIssuer, UNDEFINED_TERMS_V2, UnverifiedCredential, UnverifiedPresentation, VerifiedCredential,
    VerifiedPresentation, issue,
};

/// 2026-11-20T12:00:00Z.
pub(crate) const NOW: UnixTime = 1_795_176_000;
pub(crate) const ISSUER: &str = "https://agency.example/";
pub(crate) const METHOD: &str = "https://agency.example/#key-1";
pub(crate) const CHALLENGE: Challenge<'static> = Challenge {
    audience: "x509_hash:verifier",
    nonce: "n-0S6_WzA2Mj",
};

pub(crate) fn p256(seed: u8) -> PrivateJwk {
    PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(seed))
}

pub(crate) fn ed25519(seed: u8) -> PrivateJwk {
    PrivateJwk::from_ed25519_seed(&[seed; 32])
}

pub(crate) fn signer(key: &PrivateJwk) -> SigningKey {
    SigningKey::new(key).unwrap()
}

pub(crate) fn trusted(key: &PrivateJwk) -> TrustedIssuer {
    TrustedIssuer::new(ISSUER, [(METHOD.to_owned(), VerifyingKey::new(key.public()).unwrap())])
}

pub(crate) fn issuer() -> PrivateJwk {
    p256(1)
}

pub(crate) fn holder() -> PrivateJwk {
    ed25519(2)
}

pub(crate) fn holder_key(key: &PrivateJwk) -> HolderKey {
    let did = did::key::from_public_key(key.public()).unwrap();
    HolderKey::from_id(did.as_str()).unwrap()
}

pub(crate) fn contexts() -> Contexts {
    Contexts::bundled().unwrap()
}

/// A good credential for the holder, without a proof.
pub(crate) fn document() -> Map<String, Value> {
    object(json!({
        "@context": [CREDENTIALS_V2, UNDEFINED_TERMS_V2],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "ResidentCard"],
        "issuer": {"id": ISSUER, "name": "Agency"},
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2030-01-01T00:00:00Z",
        "credentialSubject": {
            "id": holder_key(&holder()).did(),
            "given_name": "Synthetic",
            "address": {"locality": "Musterstadt", "floor": 3},
            "nationalities": ["DE", "FR"],
            "over_18": true,
        },
    }))
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub(crate) fn signing(signer: &SigningKey) -> Signing<'_> {
    Signing {
        method: METHOD,
        created: NOW - 100,
        signer,
    }
}

pub(crate) fn issued(document: Map<String, Value>) -> Result<String, IssueError> {
    issue(document, &contexts(), &signing(&signer(&issuer())))
}

/// A good credential, signed.
pub(crate) fn credential() -> String {
    issued(document()).unwrap()
}

pub(crate) fn verify(text: &str) -> Result<VerifiedCredential, CredentialError> {
    UnverifiedCredential::parse(text)?.verify(&contexts(), &trusted(&issuer()), NOW)
}

/// A good presentation of the good credential.
pub(crate) fn presented() -> String {
    let held = UnverifiedCredential::parse(&credential())
        .unwrap()
        .receive(&contexts(), &trusted(&issuer()), holder().public(), NOW)
        .unwrap();
    held.present(&contexts(), CHALLENGE, NOW, &signer(&holder())).unwrap()
}

pub(crate) fn verify_presentation(text: &str) -> Result<VerifiedPresentation, PresentationError> {
    UnverifiedPresentation::parse(text)?.verify(&contexts(), &[trusted(&issuer())], CHALLENGE, NOW)
}

/// The same document with one place changed, which nobody signed.
pub(crate) fn changed(text: &str, pointer: &str, value: Value) -> String {
    let mut document: Value = serde_json::from_str(text).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[name] = value;
    document.to_string()
}

/// The same document without one member.
pub(crate) fn without(text: &str, pointer: &str) -> String {
    let mut document: Value = serde_json::from_str(text).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let members = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    members.remove(name).unwrap();
    document.to_string()
}
