//! Compact JWS. RFC 7515

use std::sync::LazyLock;

use jose::{Algorithm, JwsError, JwsHeader, UnverifiedJws, base64url, sign_compact};
use serde_json::{Value, json};

use super::Target;
use crate::keys::{OWN, OWN_P256, TRUSTED, TRUSTED_P256, signer, verifying};
use crate::{Reached, seeds};

pub(super) const TARGET: Target = Target {
    name: "jws",
    asserts: "the parts are those of a plain split; header and payload, written and signed again, read the same; \
              nothing verifies but what the two trusted keys signed",
    body,
    seeds: inputs,
};

const TYP: &str = "fuzz+jwt";

/// What the trusted key signed.
static SIGNED: LazyLock<Vec<String>> = LazyLock::new(|| {
    let payload =
        json!({ "iss": "https://issuer.example", "iat": 1_795_176_000, "nested": { "list": [1, null, "x"] } });
    let plain = JwsHeader::new(Algorithm::EdDsa).with_typ(TYP);
    let full = plain
        .clone()
        .with_kid("did:example:issuer#1")
        .with_jwk(OWN_P256.public().clone().with_kid("own"))
        .with_x5c(json!(["MIIB"]))
        .with_other("jku", json!("https://elsewhere.example/keys"));
    let sign = |header, payload: &[u8]| sign_compact(header, payload, &signer(&TRUSTED)).unwrap();
    vec![
        sign(&plain, payload.to_string().as_bytes()),
        sign(&full, b"{}"),
        sign(&plain, b"\xff\x00not json"),
    ]
});

/// A token of the ES256 key: signatures differ from run to run, so that this one is kept.
pub(crate) const SIGNED_P256: &str = include_str!("../../seeds/jws/es256");

/// Makes [`SIGNED_P256`] anew.
pub(crate) fn make_p256() -> String {
    let header = JwsHeader::new(Algorithm::Es256).with_typ(TYP).with_kid("k");
    sign_compact(&header, br#"{"sub":"es256"}"#, &signer(&TRUSTED_P256)).unwrap()
}

fn inputs() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = SIGNED.iter().map(|token| token.clone().into_bytes()).collect();
    for set in ["wycheproof", "jose-cookbook-rfc7520"] {
        all.extend(seeds::texts(set, |text| seeds::is_compact(text, 3)));
    }
    all
}

fn body(input: &[u8]) -> Reached {
    let Ok(text) = std::str::from_utf8(input) else {
        return Reached::Refused;
    };
    let Ok(jws) = UnverifiedJws::parse(text) else {
        return Reached::Refused;
    };
    same_as_a_split(text, &jws);
    reads_back(&jws);
    let mut reached = Reached::Read;
    for key in [&*TRUSTED, &*TRUSTED_P256] {
        let Ok(verified) = jws.clone().verify(&verifying(key), TYP) else {
            continue;
        };
        let signed = SIGNED.iter().map(String::as_str).chain([SIGNED_P256]);
        let mut statements = signed.filter_map(|token| Some(token.rsplit_once('.')?.0));
        assert!(
            statements.any(|statement| statement.as_bytes() == verified.signed_bytes()),
            "verified what nobody signed"
        );
        match verified.claims() {
            Ok(claims) => assert_eq!(
                serde_json::from_slice::<Value>(verified.payload()).ok(),
                Some(claims.into())
            ),
            Err(error) => assert!(matches!(error, JwsError::PayloadJson(_) | JwsError::PayloadNotAnObject)),
        }
        reached = Reached::Accepted;
    }
    reached
}

/// The second reading: split at dots, and plain `serde_json`.
fn same_as_a_split(text: &str, jws: &UnverifiedJws) {
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else {
        panic!("{} parts", parts.len());
    };
    assert!(!signature.is_empty());
    assert_eq!(&base64url::encode(jws.dangerous_unverified_payload()), payload);
    let header: Value = serde_json::from_slice(&base64url::decode(header).unwrap()).unwrap();
    assert_eq!(header["alg"], jws.header().alg().as_str());
    assert_eq!(header.get("typ").and_then(Value::as_str), jws.header().typ());
    assert_eq!(header.get("kid").and_then(Value::as_str), jws.header().kid());
    assert!(header.get("crit").is_none() && header.get("b64").is_none());
}

fn reads_back(jws: &UnverifiedJws) {
    let key = match jws.header().alg() {
        Algorithm::Es256 => &*OWN_P256,
        _ => &*OWN,
    };
    let written = sign_compact(jws.header(), jws.dangerous_unverified_payload(), &signer(key)).unwrap();
    let again = UnverifiedJws::parse(&written).expect("what was written is read");
    assert_eq!(again.header(), jws.header());
    assert_eq!(again.dangerous_unverified_payload(), jws.dangerous_unverified_payload());
    if let Some(typ) = jws.header().typ() {
        again.verify(&verifying(key), typ).expect("what was signed verifies");
    }
}
