//! Registration certificates of those who ask. ETSI TS 119 475 clause 5.2

use std::sync::LazyLock;

use jose::{Algorithm, JwsHeader, PrivateJwk, sign_compact};
use oid4vp::{UnverifiedRegistration, VerifiedRegistration};
use serde_json::{Value, json};

use super::Target;
use crate::Reached;
use crate::keys::{NOW, OWN, TRUSTED, signer, verifying};

pub(super) const TARGET: Target = Target {
    name: "registration",
    asserts: "no certificate verifies but the one that the registrar signed; one that the body signs is of the business, in \
              force, and lists as many cards and claims as a plain reader finds, and no other key and no other business \
              will do",
    body,
    seeds: inputs,
};

const SHOP: &str = "did:example:shop";

static CLAIMS: LazyLock<Value> = LazyLock::new(|| {
    json!({ "name": "Shop", "sub": SHOP, "iat": NOW, "exp": NOW + 300, "credentials": [
        { "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:holdfast:vct:residence:1"] },
          "claim": [{ "path": ["country"] }, { "path": ["streets", null, 0] }] },
        { "format": "mso_mdoc", "meta": { "doctype_value": "org.iso.18013.5.1.mDL" } },
    ] })
});

static SIGNED: LazyLock<String> = LazyLock::new(|| sign(&CLAIMS.to_string(), &TRUSTED));

fn sign(payload: &str, key: &PrivateJwk) -> String {
    let header = JwsHeader::new(Algorithm::EdDsa).with_typ("rc-wrp+jwt");
    sign_compact(&header, payload.as_bytes(), &signer(key)).unwrap()
}

fn inputs() -> Vec<Vec<u8>> {
    let without = json!({ "sub": SHOP, "exp": NOW + 1 });
    let texts = [SIGNED.clone(), CLAIMS.to_string(), without.to_string()];
    texts.map(String::into_bytes).into()
}

fn body(input: &[u8]) -> Reached {
    match (input.first(), std::str::from_utf8(input)) {
        (Some(b'{'), Ok(text)) => claims(text),
        (_, Ok(text)) => token(text),
        (_, Err(_)) => Reached::Refused,
    }
}

fn token(text: &str) -> Reached {
    let Ok(registration) = UnverifiedRegistration::parse(text) else {
        return Reached::Refused;
    };
    if registration.verify(&[verifying(&TRUSTED)], SHOP, NOW).is_err() {
        return Reached::Read;
    }
    let statement = |token: &str| token.rsplit_once('.').map(|(statement, _)| statement.to_owned());
    assert_eq!(
        statement(text),
        statement(&SIGNED),
        "verified what the registrar did not sign"
    );
    Reached::Accepted
}

fn claims(text: &str) -> Reached {
    let own = sign(text, &OWN);
    let verify = |key: &PrivateJwk, business: &str| {
        UnverifiedRegistration::parse(&own)?.verify(&[verifying(key)], business, NOW)
    };
    assert!(
        verify(&TRUSTED, SHOP).is_err(),
        "verified by a key that did not sign it"
    );
    let Ok(verified) = verify(&OWN, SHOP) else {
        return Reached::Refused;
    };
    assert!(verify(&OWN, "did:example:other").is_err(), "of two businesses");
    says_the_same(&verified, &serde_json::from_str(text).expect("what was read is JSON"));
    Reached::Accepted
}

/// The second reading: plain `serde_json`.
fn says_the_same(verified: &VerifiedRegistration, plain: &Value) {
    assert_eq!(plain["sub"], SHOP);
    assert_eq!(plain["exp"].as_u64(), Some(verified.expires()));
    assert!(verified.expires() > NOW);
    let listed = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let found: Vec<usize> = listed(&plain["credentials"])
        .iter()
        .map(|card| listed(&card["claim"]).len())
        .collect();
    let read: Vec<usize> = verified.credentials().iter().map(|card| card.claims.len()).collect();
    assert_eq!(read, found);
}
