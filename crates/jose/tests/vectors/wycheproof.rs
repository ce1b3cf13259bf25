//! Wycheproof: every file of the set has a row.

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use jose::jwe::{ContentEncryption, UnverifiedJwe};
use jose::{JwkError, PrivateJwk, PublicJwk, VerifyingKey};
use josekit::jwe::JweContentEncryption;
use josekit::jwe::enc::aesgcm::AesgcmJweEncryption;
use rustls_pki_types::SignatureVerificationAlgorithm;
use serde_json::Value;
use testkit::vectors::{Table, files, folder, json};
use webpki::aws_lc_rs::{ECDSA_P256_SHA256, ECDSA_P384_SHA384};

use super::agreement::agrees;
use super::{hex, holds, public, text};

#[test]
fn wycheproof() {
    let Some(folder) = folder("wycheproof") else { return };
    let mut table = Table::new("wycheproof");
    for path in files(&folder) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        if path.extension().is_some_and(|extension| extension == "json") {
            file(name, &json(&path), &mut table);
        }
    }
    table.check(&ROWS);
}

const ROWS: [(&str, [usize; 4]); 22] = [
    ("a128cbc_hs256_test", [0, 0, 0, 53]),
    ("a256cbc_hs512_test", [0, 0, 0, 48]),
    ("aes_gcm_test", [39, 26, 0, 93]),
    ("aes_wrap_test", [0, 0, 0, 70]),
    ("ecdh_secp256r1_ecpoint_test", [162, 7, 0, 0]),
    ("ecdh_secp256r1_pem_test", [0, 0, 0, 309]),
    ("ecdh_secp256r1_test", [0, 0, 0, 305]),
    ("ecdh_secp256r1_webcrypto_test", [161, 9, 0, 0]),
    ("ecdsa_secp256r1_sha256_p1363_test", [96, 44, 0, 0]),
    ("ecdsa_secp256r1_sha256_test", [90, 148, 0, 0]),
    ("ecdsa_secp384r1_sha384_p1363_test", [0, 0, 0, 137]),
    ("ecdsa_secp384r1_sha384_test", [99, 144, 0, 0]),
    ("ed25519_test", [45, 32, 0, 0]),
    ("hkdf_sha256_test", [0, 0, 0, 51]),
    ("hmac_sha256_test", [0, 0, 0, 84]),
    ("json_web_crypto_test", [0, 15, 0, 22]),
    ("json_web_encryption_test", [2, 7, 0, 57]),
    ("json_web_key_test", [0, 3, 0, 12]),
    ("json_web_signature_test", [2, 19, 0, 182]),
    ("rsa_pss_2048_sha256_mgf1_32_test", [0, 0, 0, 48]),
    ("rsa_signature_2048_sha256_test", [0, 0, 0, 121]),
    ("x25519_jwk_test", [0, 0, 0, 280]),
];

fn file(name: &str, file: &Value, table: &mut Table) {
    let out = |table: &mut Table, reason| table.out_of_scope(name, groups(file).count(), reason);
    match name {
        "a128cbc_hs256_test" | "a256cbc_hs512_test" => out(table, "no CBC: enc is A128GCM or A256GCM"),
        "aes_wrap_test" => out(table, "no key wrap: alg is ECDH-ES"),
        "ecdh_secp256r1_test" | "ecdh_secp256r1_pem_test" => {
            out(table, "keys to agree with come as JWK, never as SPKI")
        }
        "ecdsa_secp384r1_sha384_p1363_test" => out(table, "no ES384; P-384 signs certificates only, in DER"),
        "hkdf_sha256_test" => out(table, "no HKDF in jose; the vault's is aws-lc's"),
        "hmac_sha256_test" => out(table, "no MAC in jose: HS256 is refused by name"),
        "rsa_pss_2048_sha256_mgf1_32_test" | "rsa_signature_2048_sha256_test" => out(table, "no RSA"),
        "aes_gcm_test" => aes_gcm(name, file, table),
        "ecdh_secp256r1_ecpoint_test" | "ecdh_secp256r1_webcrypto_test" => agreements(name, file, table),
        "ecdsa_secp256r1_sha256_p1363_test" | "ed25519_test" => signatures(name, file, table),
        "ecdsa_secp256r1_sha256_test" => certificate_signatures(name, file, ECDSA_P256_SHA256, table),
        "ecdsa_secp384r1_sha384_test" => certificate_signatures(name, file, ECDSA_P384_SHA384, table),
        "json_web_crypto_test" | "json_web_encryption_test" | "json_web_key_test" | "json_web_signature_test" => {
            tokens(name, file, table);
        }
        "x25519_jwk_test" => {
            for (_, test) in groups(file) {
                let theirs = [&test["public"], &test["private"]]
                    .into_iter()
                    .filter(|key| key["crv"] == "X25519");
                assert!(theirs.map(public).all(|key| key.is_none()), "{test}");
            }
            out(table, "no X25519: refused by name");
        }
        _ => panic!("{name} has no row"),
    }
}

fn groups(file: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    file["testGroups"].as_array().unwrap().iter().flat_map(|group| {
        let tests = group["tests"].as_array().unwrap();
        tests.iter().map(move |test| (group, test))
    })
}

/// Signatures as JOSE has them: 64 bytes.
fn signatures(name: &str, file: &Value, table: &mut Table) {
    for (group, test) in groups(file) {
        let key = &group["publicKey"];
        let key = match (key["uncompressed"].as_str(), key["pk"].as_str()) {
            (Some(point), _) => PublicJwk::from_p256_sec1(&hex(point)).unwrap(),
            (_, key) => PublicJwk::from_ed25519(&hex(key.unwrap()).try_into().unwrap()),
        };
        let key = VerifyingKey::new(&key).unwrap();
        let expected = test["result"] == "valid";
        assert_eq!(
            key.verify(&hex(text(test, "msg")), &hex(text(test, "sig"))).is_ok(),
            expected,
            "{test}"
        );
        table.agrees(name, expected);
    }
}

/// Signatures as certificates have them, by the algorithm that path validation uses; as JOSE's they are refused.
fn certificate_signatures(name: &str, file: &Value, algorithm: &dyn SignatureVerificationAlgorithm, table: &mut Table) {
    for (group, test) in groups(file) {
        let (point, message, signature) = (
            hex(text(&group["publicKey"], "uncompressed")),
            hex(text(test, "msg")),
            hex(text(test, "sig")),
        );
        let expected = test["result"] == "valid";
        assert_eq!(
            algorithm.verify_signature(&point, &message, &signature).is_ok(),
            expected,
            "{test}"
        );
        if let Ok(key) = PublicJwk::from_p256_sec1(&point) {
            let key = VerifyingKey::new(&key).unwrap();
            assert!(
                key.verify(&message, &signature).is_err(),
                "DER passes for r || s: {test}"
            );
        }
        table.agrees(name, expected);
    }
}

/// The key agreement behind `ECDH-ES`.
fn agreements(name: &str, file: &Value, table: &mut Table) {
    for (_, test) in groups(file) {
        let private = match &test["private"] {
            Value::String(scalar) => {
                let scalar = hex(scalar);
                let scalar = [&[0; 32], scalar.as_slice()].concat();
                PrivateJwk::from_p256_scalar(scalar[scalar.len() - 32..].try_into().unwrap()).unwrap()
            }
            jwk => PrivateJwk::from_value(jwk).unwrap(),
        };
        let expected = test["result"] == "valid";
        let key = match &test["public"] {
            Value::String(point) => PublicJwk::from_p256_sec1(&hex(point)),
            jwk => PublicJwk::parse(jwk),
        };
        match key {
            Ok(key) => assert_eq!(agrees(&private, &key, &hex(text(test, "shared"))), expected, "{test}"),
            Err(error) => {
                assert!(
                    !expected && matches!(error, JwkError::InvalidPoint | JwkError::UnsupportedKey),
                    "{error}: {test}"
                );
            }
        }
        table.agrees(name, expected);
    }
}

/// The content encryption of the libraries behind `jwe`: aws-lc decrypts, josekit encrypts. A JWE of ours has an IV of
/// 96 bits.
fn aes_gcm(name: &str, file: &Value, table: &mut Table) {
    for (group, test) in groups(file) {
        let (decryption, encryption) = match (group["ivSize"].as_u64(), group["keySize"].as_u64()) {
            (Some(96), Some(128)) => (&AES_128_GCM, AesgcmJweEncryption::A128gcm),
            (Some(96), Some(256)) => (&AES_256_GCM, AesgcmJweEncryption::A256gcm),
            (Some(96), _) => {
                table.out_of_scope(name, 1, "A192GCM is not allowed");
                continue;
            }
            _ => {
                table.out_of_scope(name, 1, "an IV that is not of 96 bits is refused");
                continue;
            }
        };
        let [key, iv, aad, message, encrypted, tag] =
            ["key", "iv", "aad", "msg", "ct", "tag"].map(|part| hex(text(test, part)));
        let expected = test["result"] == "valid";
        let opening = LessSafeKey::new(UnboundKey::new(decryption, &key).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&iv).unwrap();
        let mut opened = encrypted.clone();
        let opens = opening.open_in_place_separate_tag(nonce, Aad::from(&aad), &tag, &mut opened);
        assert_eq!(opens.is_ok(), expected, "{test}");
        if expected {
            assert_eq!(opened, message, "{test}");
            let sealed = encryption.encrypt(&key, Some(&iv), &message, &aad).unwrap();
            assert_eq!(sealed, (encrypted, Some(tag)), "{test}");
        }
        table.agrees(name, expected);
    }
}

/// Tokens with a key or a set of keys. Where none of the keys is one of ours, all that there is to show is
/// that the token is refused.
fn tokens(name: &str, file: &Value, table: &mut Table) {
    for (group, test) in groups(file) {
        let key = [&group["public"], &group["private"]]
            .into_iter()
            .find(|key| !key.is_null())
            .unwrap();
        let keys = key["keys"]
            .as_array()
            .map_or_else(|| std::slice::from_ref(key), Vec::as_slice);
        let ours = keys.iter().any(|key| key["crv"] == "P-256" || key["crv"] == "Ed25519");
        let accepted = match test["jws"].as_str() {
            Some(jws) => keys
                .iter()
                .filter_map(verifying)
                .any(|key| holds(jws, &key) == Ok(true)),
            None => opens(test, group),
        };
        let valid = test["result"] == "valid";
        assert!(!accepted || valid, "{test}");
        match (ours, valid) {
            (false, _) => {
                assert!(!accepted);
                table.out_of_scope(name, 1, "RSA, a MAC, key wrap or P-384: refused by name");
            }
            (true, true) if !accepted => {
                let error = UnverifiedJwe::parse(text(test, "jwe")).unwrap_err();
                assert!(error.to_string().ends_with("is not allowed"), "{error}: {test}");
                table.out_of_scope(name, 1, "key wrap or CBC with a P-256 key: refused by name");
            }
            (true, valid) => table.agrees(name, valid),
        }
    }
}

fn verifying(key: &Value) -> Option<VerifyingKey> {
    VerifyingKey::new(&public(key)?).ok()
}

fn opens(test: &Value, group: &Value) -> bool {
    let allowed = [ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];
    let Ok(key) = PrivateJwk::from_value(&group["private"]) else {
        return false;
    };
    let Ok(plaintext) = UnverifiedJwe::parse(text(test, "jwe")).and_then(|jwe| jwe.decrypt(&key, &allowed)) else {
        return false;
    };
    assert_eq!(plaintext, hex(text(test, "pt")), "{test}");
    true
}
