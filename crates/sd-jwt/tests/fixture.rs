//! Keys, and tokens put together by hand so that they can break any rule.

use jose::{
    Algorithm, JwsHeader, OverBudget, PrivateJwk, SigningKey, UnixTime, VerifyingKey, Work, base64url, sign_compact,
};
use sd_jwt::{
    KeyBindingPolicy, PresentationError, Requirements, SdJwtError, UnverifiedPresentation, VerifiedCredential,
    VerifiedPresentation,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// 2026-11-20T12:00:00Z.
pub(crate) const NOW: UnixTime = 1_795_176_000;
pub(crate) const TYP: &str = "example+sd-jwt";
pub(crate) const AUDIENCE: &str = "x509_hash:verifier";
pub(crate) const NONCE: &str = "n-0S6_WzA2Mj";

pub(crate) fn key(seed: u8) -> PrivateJwk {
    PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(seed))
}

pub(crate) fn issuer() -> PrivateJwk {
    key(1)
}

pub(crate) fn holder() -> PrivateJwk {
    key(2)
}

pub(crate) fn signer(key: &PrivateJwk) -> SigningKey {
    SigningKey::new(key).unwrap()
}

pub(crate) fn verifying(key: &PrivateJwk) -> VerifyingKey {
    VerifyingKey::new(key.public()).unwrap()
}

pub(crate) fn over(work: Work) -> SdJwtError {
    SdJwtError::OverBudget(OverBudget(work))
}

/// Random bytes that differ from draw to draw.
pub(crate) fn random() -> impl FnMut(&mut [u8]) {
    let mut next = 0_u32;
    move |out: &mut [u8]| {
        for byte in out {
            next = next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = next.to_be_bytes()[0];
        }
    }
}

/// A disclosure with this JSON text.
pub(crate) fn disclosure(json: &Value) -> String {
    base64url::encode(json.to_string())
}

pub(crate) fn digest(disclosure: &str) -> String {
    base64url::encode(Sha256::digest(disclosure))
}

/// An SD-JWT with this payload and these disclosures, truly signed.
pub(crate) fn token(payload: &Value, disclosures: &[String]) -> String {
    typed(TYP, payload, disclosures)
}

pub(crate) fn typed(typ: &str, payload: &Value, disclosures: &[String]) -> String {
    let header = JwsHeader::new(Algorithm::Es256).with_typ(typ);
    let payload = payload.to_string();
    let mut text = sign_compact(&header, payload.as_bytes(), &signer(&issuer())).unwrap();
    text.push('~');
    for disclosure in disclosures {
        text.push_str(disclosure);
        text.push('~');
    }
    text
}

/// Verified without key binding.
pub(crate) fn verify(compact: &str) -> Result<VerifiedPresentation, SdJwtError> {
    let result =
        UnverifiedPresentation::parse(compact)?.verify(&verifying(&issuer()), TYP, KeyBindingPolicy::NotRequired, NOW);
    result.map_err(|error| match error {
        PresentationError::SdJwt(error) => error,
        other => panic!("{other}"),
    })
}

/// A good credential, verified without key binding.
pub(crate) fn credential_in(compact: &str) -> VerifiedCredential {
    let presentation = UnverifiedPresentation::parse(compact).unwrap();
    let (key, binding) = (verifying(&issuer()), KeyBindingPolicy::NotRequired);
    presentation
        .verify_credential(&key, Requirements::Haip, binding, NOW)
        .unwrap()
}

/// The processed payload, or the rule that was broken.
pub(crate) fn processed(payload: &Value, disclosures: &[Value]) -> Result<Value, SdJwtError> {
    let disclosures: Vec<String> = disclosures.iter().map(disclosure).collect();
    verify(&token(payload, &disclosures)).map(|verified| json!(verified.claims()))
}

/// The digest of a disclosure given as JSON.
pub(crate) fn digest_of(json: &Value) -> String {
    digest(&disclosure(json))
}
