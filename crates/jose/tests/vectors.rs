//! Vectors by others, each set with its table of cases: to accept, to refuse, in which we differ, out of scope.

mod agreement;
mod cctv;
mod cookbook;
mod limbo;
mod wycheproof;

use jose::{JwsError, PublicJwk, UnverifiedJws, VerifyingKey};
use serde_json::Value;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

/// As `UnverifiedJws::verify`, for tokens that have no `typ`.
fn holds(compact: &str, key: &VerifyingKey) -> Result<bool, JwsError> {
    let jws = UnverifiedJws::parse(compact)?;
    let (signed, signature) = compact.rsplit_once('.').unwrap();
    let signature = jose::base64url::decode(signature).unwrap();
    Ok(jws.header().alg() == key.algorithm() && key.verify(signed.as_bytes(), &signature).is_ok())
}

/// The public key in a JWK that may be a private one.
fn public(key: &Value) -> Option<PublicJwk> {
    let mut key = key.clone();
    key.as_object_mut()?.remove("d");
    PublicJwk::parse(&key).ok()
}
