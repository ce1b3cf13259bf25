//! Vectors by others: Wycheproof and the JOSE cookbook (RFC 7520).

use std::path::PathBuf;

use jose::jwe::{ContentEncryption, JweError, UnverifiedJwe};
use jose::{PrivateJwk, PublicJwk, UnverifiedJws, VerifyingKey};
use serde_json::Value;

/// A file of the shared vectors; `None`, with a visible line, where they are absent.
fn vectors(file: &str) -> Option<Value> {
    let root = std::env::var_os("HOLDFAST_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors"),
        PathBuf::from,
    );
    let path = root.join(file);
    if !path.exists() {
        println!("SKIPPED: vectors: {file}: the shared vectors are not here");
        return None;
    }
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

fn groups(file: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    file["testGroups"].as_array().unwrap().iter().flat_map(|group| {
        let tests = group["tests"].as_array().unwrap();
        tests.iter().map(move |test| (group, test))
    })
}

/// Every case of a Wycheproof signature file; the number of cases valid and invalid.
fn signatures(file: &Value) -> (usize, usize) {
    let (mut valid, mut invalid) = (0, 0);
    for (group, test) in groups(file) {
        let key = &group["publicKey"];
        let key = match (key["uncompressed"].as_str(), key["pk"].as_str()) {
            (Some(point), _) => PublicJwk::from_p256_sec1(&hex(point)).unwrap(),
            (_, key) => PublicJwk::from_ed25519(&hex(key.unwrap()).try_into().unwrap()),
        };
        let key = VerifyingKey::new(&key).unwrap();
        let message = hex(test["msg"].as_str().unwrap());
        let signature = hex(test["sig"].as_str().unwrap());
        let expected = test["result"] == "valid";
        assert_eq!(key.verify(&message, &signature).is_ok(), expected, "{test}");
        if expected { valid += 1 } else { invalid += 1 }
    }
    (valid, invalid)
}

#[test]
fn wycheproof_ecdsa_p1363() {
    let Some(file) = vectors("wycheproof/ecdsa_secp256r1_sha256_p1363_test.json") else {
        return;
    };
    let counts = signatures(&file);
    println!("wycheproof ES256: {} valid, {} invalid", counts.0, counts.1);
    assert_eq!(counts, (96, 44));
}

#[test]
fn wycheproof_ed25519() {
    let Some(file) = vectors("wycheproof/ed25519_test.json") else {
        return;
    };
    let counts = signatures(&file);
    println!("wycheproof Ed25519: {} valid, {} invalid", counts.0, counts.1);
    assert_eq!(counts.0 + counts.1, 77);
}

#[test]
fn wycheproof_json_web_signature_es256() {
    let Some(file) = vectors("wycheproof/json_web_signature_test.json") else {
        return;
    };
    let mut cases = 0;
    for (group, test) in groups(&file) {
        let key = &group["public"];
        if key["crv"] != "P-256" {
            continue;
        }
        let verified = PublicJwk::parse(key)
            .ok()
            .and_then(|key| VerifyingKey::new(&key).ok())
            .filter(|key| holds(test["jws"].as_str().unwrap(), key));
        assert_eq!(verified.is_some(), test["result"] == "valid", "{test}");
        cases += 1;
    }
    println!("wycheproof JWS with P-256: {cases}");
    assert_eq!(cases, 21);
}

/// `ECDH-ES` with a P-256 key: accepted with AES-GCM of 128 and 256 bits, refused by name
/// with everything else.
#[test]
fn wycheproof_json_web_encryption_ecdh_es() {
    let Some(file) = vectors("wycheproof/json_web_encryption_test.json") else {
        return;
    };
    let allowed = [ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];
    let (mut opened, mut refused) = (0, 0);
    for (group, test) in groups(&file) {
        if group["private"]["kty"] != "EC" {
            continue;
        }
        let jwe = UnverifiedJwe::parse(test["jwe"].as_str().unwrap());
        let Ok(key) = PrivateJwk::from_value(&group["private"]) else {
            assert!(jwe.is_err(), "{test}");
            refused += 1;
            continue;
        };
        match jwe.and_then(|jwe| jwe.decrypt(&key, &allowed)) {
            Ok(plaintext) => {
                assert_eq!(test["result"], "valid", "{test}");
                assert_eq!(plaintext, hex(test["pt"].as_str().unwrap()), "{test}");
                opened += 1;
            }
            Err(error) => {
                let named = matches!(error, JweError::AlgorithmNotAllowed | JweError::EncryptionNotAllowed);
                assert!(named || test["result"] == "invalid", "{error}: {test}");
                refused += 1;
            }
        }
    }
    println!("wycheproof JWE with an EC key: {opened} opened, {refused} refused");
    assert_eq!((opened, refused), (2, 18));
}

/// RFC 7520 §3.2, §4.3 use P-521, §5.5 CBC: refused; the Ed25519 example verifies.
#[test]
fn cookbook() {
    let Some(file) = vectors("jose-cookbook-rfc7520/curve25519/jws.json") else {
        return;
    };
    let key = PublicJwk::parse(&public(&file["input"]["key"])).unwrap();
    let compact = file["output"]["compact"].as_str().unwrap();
    assert!(holds(compact, &VerifyingKey::new(&key).unwrap()));
    let mut refused = 0;
    for file in [
        "jws/4_1.rsa_v15_signature",
        "jws/4_3.ecdsa_signature",
        "jws/4_4.hmac-sha2_integrity_protection",
    ] {
        let file = vectors(&format!("jose-cookbook-rfc7520/{file}.json")).unwrap();
        let compact = file["output"]["compact"].as_str().unwrap();
        assert_eq!(
            UnverifiedJws::parse(compact).unwrap_err(),
            jose::JwsError::AlgorithmNotAllowed
        );
        refused += 1;
    }
    for file in [
        "jwe/5_3.key_wrap_using_pbes2-aes-keywrap_with-aes-cbc-hmac-sha2",
        "jwe/5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2",
        "jwe/5_9.compressed_content",
    ] {
        let Some(file) = vectors(&format!("jose-cookbook-rfc7520/{file}.json")) else {
            continue;
        };
        let compact = file["output"]["compact"].as_str().unwrap();
        assert!(matches!(
            UnverifiedJwe::parse(compact).unwrap_err(),
            JweError::AlgorithmNotAllowed | JweError::EncryptionNotAllowed
        ));
        refused += 1;
    }
    println!("cookbook: 1 verified, {refused} refused");
    assert_eq!(refused, 6);
}

/// As `UnverifiedJws::verify`, for tokens that have no `typ`.
fn holds(compact: &str, key: &VerifyingKey) -> bool {
    let Ok(jws) = UnverifiedJws::parse(compact) else {
        return false;
    };
    let (signed, signature) = compact.rsplit_once('.').unwrap();
    let signature = jose::base64url::decode(signature).unwrap();
    jws.header().alg() == key.algorithm() && key.verify(signed.as_bytes(), &signature).is_ok()
}

fn public(key: &Value) -> Value {
    let mut key = key.clone();
    key.as_object_mut().unwrap().remove("d");
    key
}
