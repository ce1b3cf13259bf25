//! Compact JWE. RFC 7516

use std::sync::LazyLock;

use jose::jwe::{ContentEncryption, UnverifiedJwe, encrypt};
use jose::{PrivateJwk, base64url};
use serde_json::Value;

use super::Target;
use crate::{Reached, seeds};

pub(super) const TARGET: Target = Target {
    name: "jwe",
    asserts: "the parts are those of a plain split and the header is what serde_json reads; nothing opens but the \
              messages that were encrypted, whatever header is put before their ciphertext",
    body,
    seeds: inputs,
};

const BOTH: [ContentEncryption; 2] = [ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];
const PLAINTEXT: &[u8] = b"{\"vp_token\":{\"pid\":[\"a~b~c\"]}}";

static RECIPIENT: LazyLock<PrivateJwk> = LazyLock::new(|| testkit::credential::key(5).with_kid("session-1"));

/// Messages to the recipient: an ephemeral key is drawn for each, so that they are kept.
const ENCRYPTED: [&str; 2] = [
    include_str!("../../seeds/jwe/a128gcm"),
    include_str!("../../seeds/jwe/a256gcm"),
];

/// Makes [`ENCRYPTED`] anew.
pub(crate) fn make() -> [String; 2] {
    let make = |enc, party| encrypt(PLAINTEXT, RECIPIENT.public(), enc, party, party).unwrap();
    [
        make(ContentEncryption::A128Gcm, None),
        make(ContentEncryption::A256Gcm, Some(b"party".as_slice())),
    ]
}

fn inputs() -> Vec<Vec<u8>> {
    let headers = ENCRYPTED
        .iter()
        .filter_map(|message| base64url::decode(message.split('.').next()?).ok());
    let mut all: Vec<Vec<u8>> = headers.collect();
    for set in ["wycheproof", "jose-cookbook-rfc7520"] {
        all.extend(seeds::texts(set, |text| seeds::is_compact(text, 5)));
    }
    all
}

fn body(input: &[u8]) -> Reached {
    let Ok(text) = std::str::from_utf8(input) else {
        return Reached::Refused;
    };
    // JSON stands for a header in front of a true ciphertext.
    if text.starts_with('{') {
        let rest = ENCRYPTED.map(|message| message.split_once('.').unwrap().1);
        let with_header = rest.map(|rest| check(&format!("{}.{rest}", base64url::encode(text))));
        return with_header.into_iter().max().unwrap();
    }
    check(text)
}

fn check(text: &str) -> Reached {
    let Ok(jwe) = UnverifiedJwe::parse(text) else {
        return Reached::Refused;
    };
    let parts: Vec<&str> = text.split('.').collect();
    let [header, "", iv, _, tag] = parts.as_slice() else {
        panic!("not five parts with direct key agreement");
    };
    assert_eq!(
        (
            base64url::decode(iv).unwrap().len(),
            base64url::decode(tag).unwrap().len()
        ),
        (12, 16)
    );
    let header: Value = serde_json::from_slice(&base64url::decode(header).unwrap()).unwrap();
    assert_eq!(header["alg"], "ECDH-ES");
    assert_eq!(header["enc"], jwe.enc().as_str());
    assert_eq!(header.get("kid").and_then(Value::as_str), jwe.kid());
    assert!(header.get("zip").is_none() && header.get("crit").is_none());
    let other = [BOTH[usize::from(jwe.enc() == BOTH[0])]];
    assert!(
        jwe.clone().decrypt(&RECIPIENT, &other).is_err(),
        "opened with an encryption that was not allowed"
    );
    match jwe.decrypt(&RECIPIENT, &BOTH) {
        Ok(plaintext) => {
            assert!(ENCRYPTED.contains(&text), "opened what nobody encrypted");
            assert_eq!(plaintext, PLAINTEXT);
            Reached::Accepted
        }
        Err(_) => Reached::Read,
    }
}
