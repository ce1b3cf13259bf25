//! Attacks on encryption.

use jose::jwe::{BareJwe, ContentEncryption, JweError, UnverifiedJwe, encrypt};
use jose::strict_json::StrictJsonError;
use jose::{PrivateJwk, base64url};
use josekit::jwe::{ECDH_ES, JweHeader, deserialize_compact, serialize_compact};
use josekit::jwk::Jwk;
use proptest::prelude::*;
use serde_json::{Value, json};
use test_case::test_case;

use crate::counter;

const BOTH: &[ContentEncryption] = &[ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];

fn recipient() -> PrivateJwk {
    PrivateJwk::generate_p256(&mut counter()).with_kid("session-1")
}

fn message() -> String {
    let key = recipient().public().clone().for_encryption().unwrap();
    encrypt(b"message", &key, ContentEncryption::A128Gcm, Some(b"apu"), Some(b"apv")).unwrap()
}

/// The message with one member of its header changed; `null` takes it out.
fn with_header(name: &str, value: Value) -> String {
    let message = message();
    let (header, rest) = message.split_once('.').unwrap();
    let mut header: Value = serde_json::from_slice(&base64url::decode(header).unwrap()).unwrap();
    if value.is_null() {
        header.as_object_mut().unwrap().remove(name);
    } else {
        header[name] = value;
    }
    format!("{}.{rest}", base64url::encode(header.to_string()))
}

fn with_part(index: usize, change: impl FnOnce(&str) -> String) -> String {
    let message = message();
    let mut parts: Vec<String> = message.split('.').map(str::to_owned).collect();
    parts[index] = change(&parts[index]);
    parts.join(".")
}

fn decrypt(compact: &str) -> Result<Vec<u8>, JweError> {
    UnverifiedJwe::parse(compact)?.decrypt(&recipient(), BOTH)
}

#[test]
fn round_trip_with_kid_and_party_info() {
    for enc in BOTH {
        let compact = encrypt(b"message", recipient().public(), *enc, None, None).unwrap();
        let jwe = UnverifiedJwe::parse(&compact).unwrap();
        assert_eq!(jwe.kid(), Some("session-1"));
        assert_eq!(jwe.enc(), *enc);
        assert_eq!(jwe.decrypt(&recipient(), BOTH).unwrap(), b"message");
    }
    assert_eq!(decrypt(&message()).unwrap(), b"message");
}

#[test]
fn josekit_by_itself_and_we_read_each_other() {
    let jwk = |value: &Value| {
        let mut members = value.as_object().unwrap().clone();
        members.retain(|name, _| matches!(name.as_str(), "kty" | "crv" | "x" | "y" | "d"));
        Jwk::from_map(members).unwrap()
    };
    let own = recipient();
    let decrypter = ECDH_ES.decrypter_from_jwk(&jwk(&own.dangerous_to_value())).unwrap();
    let mut encrypter = ECDH_ES.encrypter_from_jwk(&jwk(&own.public().to_value())).unwrap();
    encrypter.set_agreement_partyuinfo(b"apu".to_vec());
    encrypter.set_agreement_partyvinfo(b"and apv".to_vec());
    for enc in BOTH {
        let mut header = JweHeader::new();
        header.set_content_encryption(enc.as_str());
        let theirs = serialize_compact(b"message", &header, &encrypter).unwrap();
        assert_eq!(decrypt(&theirs).unwrap(), b"message");
        for (apu, apv) in [(None, None), (Some(&b"apu"[..]), Some(&b"and apv"[..]))] {
            let ours = encrypt(b"message", own.public(), *enc, apu, apv).unwrap();
            let (read, _) = deserialize_compact(&ours, &decrypter).unwrap();
            assert_eq!(read, b"message");
        }
    }
}

#[test_case("alg", json!("ECDH-ES+A128KW") => JweError::AlgorithmNotAllowed; "key_wrap")]
#[test_case("alg", json!("dir") => JweError::AlgorithmNotAllowed; "direct_key")]
#[test_case("alg", json!("RSA1_5") => JweError::AlgorithmNotAllowed; "rsa")]
#[test_case("alg", json!("PBES2-HS256+A128KW") => JweError::AlgorithmNotAllowed; "password")]
#[test_case("alg", json!(null) => JweError::Header; "no_alg")]
#[test_case("enc", json!("A128CBC-HS256") => JweError::EncryptionNotAllowed; "cbc")]
#[test_case("enc", json!(null) => JweError::Header; "no_enc")]
#[test_case("zip", json!("DEF") => JweError::Compressed; "zip")]
#[test_case("crit", json!(["x"]) => JweError::CriticalHeader; "crit")]
#[test_case("kid", json!(1) => JweError::Header; "kid_is_a_number")]
#[test_case("typ", json!(1) => JweError::Header; "typ_is_a_number")]
#[test_case("cty", json!(["JWT"]) => JweError::Header; "cty_is_a_list")]
#[test_case("apu", json!("=") => JweError::Header; "apu_is_not_base64url")]
#[test_case("epk", json!(null) => JweError::Undecryptable; "no_epk")]
#[test_case("epk", json!("key") => JweError::Undecryptable; "epk_is_text")]
#[test_case("kid", json!("session-2") => JweError::Undecryptable; "header_changed")]
fn refuses_header(name: &str, value: Value) -> JweError {
    decrypt(&with_header(name, value)).unwrap_err()
}

#[test]
fn bad_ephemeral_keys_look_like_a_bad_tag() {
    let own = recipient().public().to_value();
    let mut off_curve = own.clone();
    off_curve["y"] = off_curve["x"].clone();
    let infinity = json!({"kty": "EC", "crv": "P-256", "x": "A".repeat(43), "y": "A".repeat(43)});
    let p384 = json!({"kty": "EC", "crv": "P-384", "x": "A".repeat(64), "y": "A".repeat(64)});
    let mut private = own.clone();
    private["d"] = json!("A".repeat(43));
    let ed25519 = PrivateJwk::generate_ed25519(&mut counter()).public().to_value();
    for epk in [own, off_curve, infinity, p384, private, ed25519] {
        let compact = with_header("epk", epk.clone());
        assert_eq!(decrypt(&compact), Err(JweError::Undecryptable), "{epk}");
    }
    let bad_tag = with_part(4, |_| base64url::encode([0; 16]));
    assert_eq!(decrypt(&bad_tag), Err(JweError::Undecryptable));
}

#[test]
fn a_message_for_another_session_does_not_open() {
    let other = PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(7));
    let jwe = UnverifiedJwe::parse(&message()).unwrap();
    assert_eq!(jwe.decrypt(&other, BOTH), Err(JweError::Undecryptable));
}

#[test]
fn the_receiver_decides_which_encryption_it_takes() {
    let jwe = UnverifiedJwe::parse(&message()).unwrap();
    assert_eq!(
        jwe.decrypt(&recipient(), &[ContentEncryption::A256Gcm]),
        Err(JweError::EncryptionNotAllowed)
    );
}

#[test]
fn refuses_malformed_parts() {
    assert_eq!(decrypt("a.b.c.d"), Err(JweError::NotFiveParts));
    assert_eq!(decrypt("a.b.c.d.e.f"), Err(JweError::NotFiveParts));
    assert_eq!(decrypt(&with_part(0, |_| "!".into())), Err(JweError::Part("header")));
    assert_eq!(
        decrypt(&with_part(0, |_| base64url::encode(r#"{"a":1,"a":1}"#))),
        Err(JweError::HeaderJson(StrictJsonError::DuplicateName))
    );
    assert_eq!(
        decrypt(&with_part(0, |_| base64url::encode("[]"))),
        Err(JweError::Header)
    );
    assert_eq!(
        decrypt(&with_part(1, |_| "AAAA".into())),
        Err(JweError::EncryptedKeyPresent)
    );
    assert_eq!(decrypt(&with_part(2, |_| "AAAA".into())), Err(JweError::Part("IV")));
    assert_eq!(
        decrypt(&with_part(3, |_| "A".into())),
        Err(JweError::Part("ciphertext"))
    );
    assert_eq!(decrypt(&with_part(4, |_| "AAAA".into())), Err(JweError::Part("tag")));
    assert_eq!(
        decrypt(&"a".repeat(jose::jwe::MESSAGE.allowed(jose::Work::Bytes) + 1)),
        Err(JweError::TooLong)
    );
}

#[test]
fn only_a_p256_key_for_encryption_can_be_encrypted_to() {
    let ed25519 = PrivateJwk::generate_ed25519(&mut counter());
    let mut signing = recipient().public().to_value();
    signing["use"] = json!("sig");
    let mut es256 = recipient().public().to_value();
    es256["alg"] = json!("ES256");
    for key in [
        ed25519.public().clone(),
        jose::PublicJwk::parse(&signing).unwrap(),
        jose::PublicJwk::parse(&es256).unwrap(),
    ] {
        assert_eq!(
            encrypt(b"", &key, ContentEncryption::A128Gcm, None, None),
            Err(JweError::RecipientKey)
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_text_is_refused(text in "[A-Za-z0-9_.-]{0,80}") {
        prop_assert!(UnverifiedJwe::parse(&text).is_err());
    }

    #[test]
    fn round_trip(plaintext: Vec<u8>) {
        let compact =
            encrypt(&plaintext, recipient().public(), ContentEncryption::A256Gcm, None, None).unwrap();
        prop_assert_eq!(decrypt(&compact), Ok(plaintext));
    }
}

#[test]
fn a_bare_jwe_is_a_compact_one_without_its_header() {
    let key = recipient();
    let bare = BareJwe::encrypt(b"message", key.public(), b"apv").unwrap();
    assert_eq!(bare.ciphertext.len(), 7);
    assert_eq!(bare.decrypt(&key, b"apv").unwrap(), b"message");
    let compact = bare.to_compact(b"apv").unwrap();
    let opened = UnverifiedJwe::parse(&compact).unwrap().decrypt(&key, BOTH).unwrap();
    assert_eq!(opened, b"message");
    let header = base64url::decode(compact.split('.').next().unwrap()).unwrap();
    let header = String::from_utf8(header).unwrap();
    let epk = jose::PublicJwk::from_p256_sec1(&bare.epk).unwrap().to_value();
    let (x, y) = (epk["x"].as_str().unwrap(), epk["y"].as_str().unwrap());
    assert_eq!(
        header,
        format!(
            r#"{{"alg":"ECDH-ES","apv":"YXB2","enc":"A128GCM","epk":{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}}}"#
        )
    );
}

#[test]
fn a_bare_jwe_opens_for_its_own_apv_and_key_only() {
    let key = recipient();
    let bare = BareJwe::encrypt(b"message", key.public(), b"apv").unwrap();
    assert_eq!(bare.decrypt(&key, b"other"), Err(JweError::Undecryptable));
    let other = PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(7));
    assert_eq!(bare.decrypt(&other, b"apv"), Err(JweError::Undecryptable));
    for change in [
        |bare: &mut BareJwe| bare.iv[0] ^= 1,
        |bare: &mut BareJwe| bare.tag[15] ^= 1,
        |bare: &mut BareJwe| bare.ciphertext[3] ^= 1,
        |bare: &mut BareJwe| bare.epk[0] ^= 1,
        |bare: &mut BareJwe| bare.epk = [0xff; 33],
    ] {
        let mut changed = bare.clone();
        change(&mut changed);
        assert_eq!(changed.decrypt(&key, b"apv"), Err(JweError::Undecryptable));
    }
}

#[test]
fn a_bare_jwe_from_our_own_key_does_not_open() {
    let key = recipient();
    let mut bare = BareJwe::encrypt(b"message", key.public(), b"apv").unwrap();
    bare.epk = key.public().sec1_compressed().unwrap();
    assert_eq!(bare.decrypt(&key, b"apv"), Err(JweError::Undecryptable));
    let ed25519 = PrivateJwk::generate_ed25519(&mut counter());
    assert_eq!(bare.decrypt(&ed25519, b"apv"), Err(JweError::Undecryptable));
}

#[test]
fn a_bare_jwe_is_as_long_as_a_compact_one_may_be() {
    let key = recipient();
    let mut bare = BareJwe::encrypt(b"", key.public(), b"apv").unwrap();
    let allowed = jose::jwe::MESSAGE.allowed(jose::Work::Bytes);
    let without = bare.to_compact(b"apv").unwrap().len();
    // Three bytes are four letters.
    bare.ciphertext = vec![0; (allowed - without) / 4 * 3];
    assert!(bare.to_compact(b"apv").unwrap().len() <= allowed);
    assert_eq!(bare.decrypt(&key, b"apv"), Err(JweError::Undecryptable));
    bare.ciphertext.extend([0; 3]);
    assert!(bare.to_compact(b"apv").unwrap().len() > allowed);
    assert_eq!(bare.decrypt(&key, b"apv"), Err(JweError::TooLong));
}

#[test]
fn a_bare_jwe_is_encrypted_to_a_key_for_encryption() {
    let ed25519 = PrivateJwk::generate_ed25519(&mut counter());
    let refused = BareJwe::encrypt(b"message", ed25519.public(), b"apv");
    assert_eq!(refused, Err(JweError::RecipientKey));
}
