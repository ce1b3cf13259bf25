//! Keys.

use jose::{Algorithm, JwkError, KeyUse, PrivateJwk, PublicJwk, Signer, SigningKey, VerifyingKey};
use serde_json::{Value, json};
use test_case::test_case;

use crate::counter;

/// The EC key of RFC 7517 Appendix A.1.
fn ec() -> Value {
    json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    })
}

/// The Ed25519 key of RFC 8037 Appendix A.1.
fn okp() -> Value {
    json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    })
}

fn with(mut key: Value, name: &str, value: Value) -> Value {
    key[name] = value;
    key
}

#[test_case(with(ec(), "d", json!("AA")) => JwkError::PrivateMember; "private_member")]
#[test_case(with(ec(), "k", json!("AA")) => JwkError::PrivateMember; "symmetric_member")]
#[test_case(with(ec(), "x", json!("AAAA")) => JwkError::Member("x"); "short_coordinate")]
#[test_case(with(ec(), "x", json!(5)) => JwkError::Member("x"); "coordinate_is_a_number")]
#[test_case(with(ec(), "y", json!("4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM=")) => JwkError::Member("y"); "padded")]
#[test_case(with(ec(), "y", ec()["x"].clone()) => JwkError::InvalidPoint; "off_the_curve")]
#[test_case(with(ec(), "crv", json!("P-384")) => JwkError::UnsupportedKey; "other_curve")]
#[test_case(with(ec(), "kty", json!("RSA")) => JwkError::UnsupportedKey; "rsa")]
#[test_case(with(okp(), "crv", json!("X25519")) => JwkError::UnsupportedKey; "x25519")]
#[test_case(with(ec(), "alg", json!("EdDSA")) => JwkError::AlgorithmMismatch; "alg_of_another_key")]
#[test_case(with(ec(), "alg", json!("HS256")) => JwkError::AlgorithmMismatch; "alg_is_a_mac")]
#[test_case(with(ec(), "use", json!("both")) => JwkError::WrongUse; "unknown_use")]
#[test_case(with(ec(), "kid", json!(1)) => JwkError::Member("kid"); "kid_is_a_number")]
#[test_case(json!("key") => JwkError::NotAnObject; "text")]
fn refuses(key: Value) -> JwkError {
    PublicJwk::parse(&key).unwrap_err()
}

#[test]
fn round_trip_keeps_kid_use_and_alg() {
    let mut value = with(ec(), "kid", json!("1"));
    value["use"] = json!("enc");
    value["alg"] = json!("ECDH-ES");
    let key = PublicJwk::parse(&value).unwrap();
    assert_eq!(key.to_value(), value);
    assert_eq!(key.key_use(), Some(KeyUse::Encryption));
    assert_eq!(key.alg(), Some("ECDH-ES"));
    assert!(key.same_key(&PublicJwk::parse(&ec()).unwrap()));
    assert_eq!(PublicJwk::parse(&okp()).unwrap().to_value(), okp());
}

#[test]
fn a_key_for_encryption_verifies_nothing() {
    let key = PublicJwk::parse(&ec()).unwrap().for_encryption().unwrap();
    assert_eq!(VerifyingKey::new(&key).unwrap_err(), JwkError::WrongUse);
    let okp = PublicJwk::parse(&okp()).unwrap();
    assert_eq!(okp.for_encryption().unwrap_err(), JwkError::UnsupportedKey);
}

#[test]
fn a_key_whose_alg_is_key_agreement_verifies_nothing() {
    let key = PublicJwk::parse(&with(ec(), "alg", json!("ECDH-ES"))).unwrap();
    assert_eq!(VerifyingKey::new(&key).unwrap_err(), JwkError::AlgorithmMismatch);
    let key = PublicJwk::parse(&with(ec(), "alg", json!("ES256"))).unwrap();
    assert!(VerifyingKey::new(&key).is_ok());
}

#[test]
fn thumbprints() {
    // RFC 8037 Appendix A.3.
    assert_eq!(
        jose::base64url::encode(PublicJwk::parse(&okp()).unwrap().thumbprint()),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
    // RFC 7638 §3: only the required members count.
    let plain = PublicJwk::parse(&ec()).unwrap();
    assert_eq!(plain.thumbprint(), plain.clone().with_kid("other").thumbprint());
}

#[test]
fn the_compact_form_of_a_point_is_refused() {
    let mut point = PublicJwk::parse(&ec()).unwrap().sec1_compressed().unwrap();
    point[0] = 5;
    assert_eq!(PublicJwk::from_p256_sec1(&point), Err(JwkError::InvalidPoint));
}

#[test]
fn sec1_round_trip() {
    let key = PublicJwk::parse(&ec()).unwrap();
    let compressed = key.sec1_compressed().unwrap();
    assert!(key.same_key(&PublicJwk::from_p256_sec1(&compressed).unwrap()));
    let uncompressed = key.sec1_uncompressed().unwrap();
    assert!(key.same_key(&PublicJwk::from_p256_sec1(uncompressed).unwrap()));
    assert_eq!(key.ed25519_bytes(), None);
}

#[test_case(&[0] => JwkError::InvalidPoint; "infinity")]
#[test_case(&[4; 65] => JwkError::InvalidPoint; "off_the_curve")]
#[test_case(&[2; 32] => JwkError::InvalidPoint; "wrong_length")]
fn not_a_point(bytes: &[u8]) -> JwkError {
    PublicJwk::from_p256_sec1(bytes).unwrap_err()
}

#[test]
fn private_round_trip_and_signature() {
    let mut random = counter();
    for key in [
        PrivateJwk::generate_p256(&mut random),
        PrivateJwk::generate_ed25519(&mut random),
    ] {
        let again = PrivateJwk::from_value(&key.dangerous_to_value()).unwrap();
        assert_eq!(key.public(), again.public());
        let signature = SigningKey::new(&again).unwrap().sign(b"message").unwrap();
        let verifying = VerifyingKey::new(key.public()).unwrap();
        assert_eq!(verifying.verify(b"message", &signature), Ok(()));
    }
}

#[test]
fn debug_shows_no_secret() {
    let key = PrivateJwk::generate_p256(&mut counter());
    let secret = key.dangerous_to_value()["d"].as_str().unwrap().to_owned();
    assert!(!format!("{key:?}").contains(&secret));
    assert!(!format!("{:?}", SigningKey::new(&key).unwrap()).contains(&secret));
}

#[test]
fn public_and_private_members_belong_together() {
    let mut random = counter();
    let (one, other) = (
        PrivateJwk::generate_p256(&mut random).dangerous_to_value(),
        PrivateJwk::generate_p256(&mut random).dangerous_to_value(),
    );
    let mixed = with(one, "d", other["d"].clone());
    assert_eq!(PrivateJwk::from_value(&mixed).unwrap_err(), JwkError::Mismatch);
    let zero = with(ec(), "d", json!("A".repeat(43)));
    assert_eq!(PrivateJwk::from_value(&zero).unwrap_err(), JwkError::InvalidScalar);
}

#[test]
fn a_private_value_lies_between_zero_and_the_group_order() {
    let scalar = |hex: &str| -> [u8; 32] {
        let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
        std::array::from_fn(byte)
    };
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let last = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";
    for refused in [[0; 32], scalar(order), [0xff; 32]] {
        assert_eq!(
            PrivateJwk::from_p256_scalar(&refused).unwrap_err(),
            JwkError::InvalidScalar
        );
    }
    // The last one is the negative of the generator: the same x, the other y. SEC2 §2.4.2
    let mut one = [0; 32];
    one[31] = 1;
    let [one, last] = [one, scalar(last)].map(|scalar| {
        let key = PrivateJwk::from_p256_scalar(&scalar).unwrap();
        *key.public().sec1_uncompressed().unwrap()
    });
    let generator = scalar("6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296");
    assert_eq!((&one[1..33], &last[1..33]), (&generator[..], &generator[..]));
    assert_ne!(one[33..], last[33..]);
}

#[test]
fn a_bad_draw_is_replaced() {
    // All ones is above the group order.
    let key = PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(0xff));
    assert_eq!(key.public().algorithm(), Algorithm::Es256);
}
