//! Encrypted messages as nobody may send them. RFC 7516, RFC 7518 §4
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use jose::{PrivateJwk, PublicJwk, base64url};
use josekit::jwe::enc::A128GCM;
use josekit::jwe::{ECDH_ES, JweContentEncryption, JweHeader, serialize_compact};
use josekit::jwk::Jwk;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::credential::key;

/// Values of `alg` that nobody here takes.
pub const OTHER_ALGORITHMS: [&str; 7] = [
    "PBES2-HS256+A128KW",
    "RSA1_5",
    "RSA-OAEP",
    "dir",
    "A128KW",
    "ECDH-ES+A128KW",
    "none",
];

/// A message that inflates when it is read, and is otherwise as it should be. RFC 7516 §4.1.3
///
/// # Panics
/// The key is not on P-256.
pub fn compressed(plaintext: &[u8], recipient: &PublicJwk) -> String {
    let mut members = recipient.to_value().as_object().expect("an object").clone();
    members.retain(|name, _| matches!(name.as_str(), "kty" | "crv" | "x" | "y"));
    let key = Jwk::from_map(members).expect("a key");
    let encrypter = ECDH_ES.encrypter_from_jwk(&key).expect("a key on P-256");
    let mut header = JweHeader::new();
    header.set_content_encryption("A128GCM");
    header.set_compression("DEF");
    if let Some(kid) = recipient.kid() {
        header.set_key_id(kid);
    }
    serialize_compact(plaintext, &header, &encrypter).expect("encrypted")
}

/// The header of a message that `sender` encrypts for this one with `ECDH-ES` and `A128GCM`.
pub fn header_of(sender: &PrivateJwk, recipient: &PublicJwk) -> Value {
    let mut header = json!({ "alg": "ECDH-ES", "enc": "A128GCM", "epk": sender.public().to_value() });
    if let Some(kid) = recipient.kid() {
        header["kid"] = kid.into();
    }
    header
}

/// A message under a header as it stands, whatever it says: it opens for whoever does not look at the header.
///
/// # Panics
/// One of the keys is not on P-256.
pub fn sealed_under(header: &Value, plaintext: &[u8], sender: &PrivateJwk, recipient: &PublicJwk) -> String {
    let header = base64url::encode(header.to_string());
    let own = PrivateKey::from_private_key(&ECDH_P256, sender.dangerous_secret_bytes()).expect("a key on P-256");
    let theirs = UnparsedPublicKey::new(&ECDH_P256, recipient.sec1_uncompressed().expect("a key on P-256"));
    let key = agree(&own, theirs, (), |shared| Ok(content_key(shared))).expect("agreed");
    let iv = [7_u8; 12];
    let (ciphertext, tag) = A128GCM
        .encrypt(&key, Some(&iv), plaintext, header.as_bytes())
        .expect("encrypted");
    let parts = [iv.as_slice(), ciphertext.as_slice(), tag.as_deref().expect("a tag")];
    let [iv, ciphertext, tag] = parts.map(base64url::encode);
    format!("{header}..{iv}.{ciphertext}.{tag}")
}

/// The key for `A128GCM` that follows from a shared secret: Concat KDF with SHA-256, without party infos.
/// RFC 7518 §4.6.2
pub fn content_key(shared: &[u8]) -> [u8; 16] {
    let mut hash = Sha256::new_with_prefix(1_u32.to_be_bytes());
    hash.update(shared);
    hash.update(7_u32.to_be_bytes());
    hash.update(b"A128GCM");
    hash.update([0; 8]);
    hash.update(128_u32.to_be_bytes());
    let block: [u8; 32] = hash.finalize().into();
    *block.first_chunk().expect("half of it")
}

/// The same message with another header. The key agreement then gives another key, which is what a bad tag is, too.
///
/// # Panics
/// The message is no compact JWE.
pub fn with_header(compact: &str, change: impl FnOnce(&mut Value)) -> String {
    let (header, rest) = compact.split_once('.').expect("five parts");
    let header = base64url::decode(header).expect("base64url");
    let mut header: Value = serde_json::from_slice(&header).expect("JSON");
    change(&mut header);
    format!("{}.{rest}", base64url::encode(header.to_string()))
}

/// The same message under a password that costs `2^31` rounds to try, or under another algorithm. RFC 7518 §4.8
///
/// # Panics
/// The message is no compact JWE.
pub fn with_algorithm(compact: &str, alg: &str) -> String {
    with_header(compact, |header| {
        header["alg"] = json!(alg);
        header["p2c"] = json!(1_u64 << 31);
        header["p2s"] = json!("AAAA");
    })
}

/// Values of `epk` that are no key of somebody else on P-256. RFC 7518 §4.6.1.1
pub fn bad_ephemeral_keys(own: &PublicJwk) -> [Value; 6] {
    let own = own.to_value();
    let zero = base64url::encode([0_u8; 32]);
    let long = base64url::encode([7_u8; 48]);
    [
        json!({"kty": "EC", "crv": "P-256", "x": own["y"], "y": own["x"]}),
        json!({"kty": "EC", "crv": "P-256", "x": zero, "y": zero}),
        json!({"kty": "EC", "crv": "P-384", "x": long, "y": long}),
        json!({"kty": "EC", "crv": "P-256", "x": own["x"], "y": own["y"]}),
        key(1).dangerous_to_value(),
        Value::Null,
    ]
}

/// The same message with another tag.
pub fn with_bad_tag(compact: &str) -> String {
    let (rest, last) = compact.split_at(compact.len() - 1);
    format!("{rest}{}", if last == "A" { "Q" } else { "A" })
}

#[cfg(test)]
mod tests {
    use jose::jwe::{ContentEncryption, JweError, UnverifiedJwe};

    use super::*;

    #[test]
    fn a_message_made_by_hand_opens_unless_its_header_is_refused() {
        let (sender, recipient) = (key(1), key(2));
        let mut header = header_of(&sender, recipient.public());
        let open = |header: &Value| {
            let compact = sealed_under(header, b"message", &sender, recipient.public());
            UnverifiedJwe::parse(&compact)?.decrypt(&recipient, &[ContentEncryption::A128Gcm])
        };
        assert_eq!(open(&header).unwrap(), b"message");
        header["alg"] = json!("dir");
        assert_eq!(open(&header), Err(JweError::AlgorithmNotAllowed));
    }

    #[test]
    fn a_compressed_message_is_refused_for_that_alone() {
        let compact = compressed(b"message", key(1).public());
        assert_eq!(UnverifiedJwe::parse(&compact).unwrap_err(), JweError::Compressed);
        let plain = with_header(&compact, |header| drop(header.as_object_mut().unwrap().remove("zip")));
        assert!(UnverifiedJwe::parse(&plain).is_ok());
    }
}
