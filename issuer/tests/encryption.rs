//! Encrypted requests and responses: OpenID4VCI 1.0 §10; catalogue A10 to A12, H12.

use std::time::{Duration, Instant};

use jose::jwe::{self, ContentEncryption, UnverifiedJwe};
use jose::{PrivateJwk, PublicJwk};
use serde_json::{Value, json};
use testkit::jwe::{OTHER_ALGORITHMS, bad_ephemeral_keys, with_algorithm, with_bad_tag, with_header};

use crate::wallet::{Wallet, c_nonce, fresh_key, key_proof};
use crate::world::{Answer, World};

fn fresh() -> PrivateJwk {
    PrivateJwk::generate_p256(&mut service::random::fill)
}

/// The issuer's key from its metadata.
async fn issuer_key(world: &World) -> PublicJwk {
    let metadata = world.get("/.well-known/openid-credential-issuer").await.json();
    let encryption = &metadata["credential_request_encryption"];
    assert_eq!(encryption["enc_values_supported"], json!(["A128GCM", "A256GCM"]));
    PublicJwk::parse(&encryption["jwks"]["keys"][0]).unwrap()
}

async fn request(world: &World) -> Value {
    let proof = key_proof(&fresh_key(), &c_nonce(world).await);
    json!({ "credential_configuration_id": "residence", "proofs": { "jwt": [proof] } })
}

/// What asks for a response encrypted to this key.
fn encryption(key: &PrivateJwk, enc: &str) -> Value {
    let jwk = key.public().clone().for_encryption().unwrap();
    json!({ "jwk": jwk.to_value(), "enc": enc })
}

fn seal(body: &Value, key: &PublicJwk, enc: ContentEncryption) -> String {
    jwe::encrypt(body.to_string().as_bytes(), key, enc, None, None).unwrap()
}

/// One wallet with a token, at an issuer of its own.
struct Case {
    world: World,
    wallet: Wallet,
    token: String,
    key: PublicJwk,
}

impl Case {
    async fn new(extra: &str) -> Self {
        let world = World::x5c_with(extra).await;
        let wallet = Wallet::new();
        let token = wallet.access_token(&world, "residence", "SYN-000001").await;
        Self {
            key: issuer_key(&world).await,
            world,
            wallet,
            token,
        }
    }

    async fn encrypted(&self, compact: impl Into<axum::body::Body>) -> Answer {
        let media_type = "application/jwt";
        self.wallet
            .post_as(&self.world, "/credential", &self.token, media_type, compact)
            .await
    }

    async fn plain(&self, body: &Value) -> Answer {
        self.wallet
            .post(&self.world, "/credential", &self.token, body.to_string())
            .await
    }

    /// Refused with the one code there is, and nothing was issued.
    async fn refused(&self, answer: &Answer) {
        assert_eq!(answer.refusal(), (400, "invalid_encryption_parameters".to_owned()));
        assert_eq!(
            answer.header("content-type"),
            Some("application/json"),
            "errors are never encrypted"
        );
        assert_eq!(self.world.count("copies").await, 0);
        assert_eq!(self.world.count("used WHERE kind = 1").await, 0, "no nonce is spent");
    }
}

#[tokio::test]
async fn a_request_and_its_response_are_encrypted() {
    let case = Case::new("request_encryption = \"required\"\nresponse_encryption = \"required\"").await;
    for (enc, expected) in [
        ("A128GCM", ContentEncryption::A128Gcm),
        ("A256GCM", ContentEncryption::A256Gcm),
    ] {
        let key = fresh();
        let mut body = request(&case.world).await;
        body["credential_response_encryption"] = encryption(&key, enc);
        let answer = case.encrypted(seal(&body, &case.key, expected)).await;
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        assert_eq!(answer.header("content-type"), Some("application/jwt"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let jwe = UnverifiedJwe::parse(std::str::from_utf8(&answer.body).unwrap()).unwrap();
        let opened: Value = serde_json::from_slice(&jwe.decrypt(&key, &[expected]).unwrap()).unwrap();
        assert_eq!(opened["credentials"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_key_outlives_a_restart() {
    let mut case = Case::new("").await;
    case.world.restart().await;
    assert_eq!(issuer_key(&case.world).await, case.key);
}

#[tokio::test]
async fn an_encrypted_request_for_a_plain_response() {
    let case = Case::new("").await;
    let body = request(&case.world).await;
    let answer = case.encrypted(seal(&body, &case.key, ContentEncryption::A128Gcm)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("content-type")),
        (200, Some("application/json"))
    );
}

#[tokio::test]
async fn h12_issuer_encryption_that_is_required_and_absent() {
    let case = Case::new("request_encryption = \"required\"\nresponse_encryption = \"required\"").await;
    let body = request(&case.world).await;
    case.refused(&case.plain(&body).await).await;
    case.refused(&case.encrypted(seal(&body, &case.key, ContentEncryption::A128Gcm)).await)
        .await;
}

#[tokio::test]
async fn h12_issuer_a_response_key_in_a_plain_request() {
    let case = Case::new("").await;
    let mut body = request(&case.world).await;
    body["credential_response_encryption"] = encryption(&fresh(), "A128GCM");
    case.refused(&case.plain(&body).await).await;
}

#[tokio::test]
async fn h12_issuer_rsa_and_other_parameters_for_the_response() {
    let case = Case::new("").await;
    let changes: [fn(&mut Value); 6] = [
        |e| e["jwk"] = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "alg": "RSA1_5"}),
        |e| e["jwk"]["alg"] = json!("ECDH-ES+A256KW"),
        |e| {
            e["jwk"].as_object_mut().unwrap().remove("alg");
        },
        |e| e["enc"] = json!("A128CBC-HS256"),
        |e| e["zip"] = json!("DEF"),
        |e| *e = json!({}),
    ];
    for change in changes {
        let mut body = request(&case.world).await;
        body["credential_response_encryption"] = encryption(&fresh(), "A128GCM");
        change(&mut body["credential_response_encryption"]);
        let answer = case.encrypted(seal(&body, &case.key, ContentEncryption::A128Gcm)).await;
        case.refused(&answer).await;
    }
}

#[tokio::test]
async fn nothing_is_encrypted_where_it_is_off() {
    let world = World::x5c_with("request_encryption = \"off\"\nresponse_encryption = \"off\"").await;
    let metadata = world.get("/.well-known/openid-credential-issuer").await.json();
    assert!(metadata.get("credential_request_encryption").is_none());
    assert!(metadata.get("credential_response_encryption").is_none());
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let compact = seal(
        &request(&world).await,
        &fresh().public().clone(),
        ContentEncryption::A128Gcm,
    );
    let answer = wallet
        .post_as(&world, "/credential", &token, "application/jwt", compact)
        .await;
    assert_eq!(answer.refusal(), (400, "invalid_encryption_parameters".to_owned()));
    let answer = wallet.post_as(&world, "/credential", &token, "text/plain", "{}").await;
    assert_eq!(answer.refusal(), (400, "invalid_credential_request".to_owned()));
}

#[tokio::test]
async fn a10_issuer_a_compressed_request_is_not_even_decrypted() {
    let case = Case::new("").await;
    let body = request(&case.world).await;
    let spaces = " ".repeat(16 * 1024 * 1024);
    for text in [body.to_string(), format!("{body}{spaces}")] {
        let inflates = testkit::jwe::compressed(text.as_bytes(), &case.key);
        let memory = testkit::memory::Memory::now();
        case.refused(&case.encrypted(inflates).await).await;
        assert!(memory.rose_less_than(10 << 20), "nothing is inflated");
    }
    let compact = seal(&body, &case.key, ContentEncryption::A128Gcm);
    for zip in [json!("DEF"), json!(null), json!(["DEF"])] {
        let marked = with_header(&compact, |header| header["zip"] = zip);
        case.refused(&case.encrypted(marked).await).await;
    }
}

#[tokio::test]
async fn a11_issuer_a_password_with_two_thousand_million_rounds() {
    let case = Case::new("").await;
    let compact = seal(&request(&case.world).await, &case.key, ContentEncryption::A128Gcm);
    let started = Instant::now();
    for alg in OTHER_ALGORITHMS {
        let answer = case.encrypted(with_algorithm(&compact, alg)).await;
        case.refused(&answer).await;
        assert_eq!(answer.json()["error_description"], "the alg is not allowed", "{alg}");
    }
    assert!(started.elapsed() < Duration::from_secs(10), "no round is computed");
}

#[tokio::test]
async fn a12_issuer_ephemeral_keys_that_are_none() {
    let case = Case::new("").await;
    let compact = seal(&request(&case.world).await, &case.key, ContentEncryption::A128Gcm);
    let other = seal(
        &request(&case.world).await,
        &fresh().public().clone().with_kid(case.key.kid().unwrap()),
        ContentEncryption::A128Gcm,
    );
    let mut messages = vec![with_bad_tag(&compact), other];
    for key in bad_ephemeral_keys(&case.key) {
        messages.push(with_header(&compact, |header| header["epk"] = key));
    }
    let mut texts = Vec::new();
    for message in messages {
        let answer = case.encrypted(message).await;
        case.refused(&answer).await;
        texts.push(answer.json()["error_description"].clone());
    }
    texts.dedup();
    assert_eq!(texts, [json!("cannot be decrypted")], "what was wrong is not told");
}

#[tokio::test]
async fn a_request_for_another_key_or_that_is_no_jwe() {
    let case = Case::new("").await;
    let compact = seal(&request(&case.world).await, &case.key, ContentEncryption::A128Gcm);
    let nameless = with_header(&compact, |header| {
        header.as_object_mut().unwrap().remove("kid");
    });
    let other = with_header(&compact, |header| header["kid"] = json!("2025"));
    let critical = with_header(&compact, |header| header["crit"] = json!(["exp"]));
    for body in [nameless, other, critical, "a.b.c".to_owned(), String::new()] {
        case.refused(&case.encrypted(body).await).await;
    }
    case.refused(&case.encrypted(vec![0xff_u8, 0xfe]).await).await;
}

#[tokio::test]
async fn what_is_inside_is_read_as_strictly_as_a_plain_request() {
    let case = Case::new("").await;
    let twice = br#"{"credential_configuration_id":"residence","credential_configuration_id":"residence"}"#;
    let compact = jwe::encrypt(twice, &case.key, ContentEncryption::A128Gcm, None, None).unwrap();
    let answer = case.encrypted(compact).await;
    assert_eq!(answer.refusal(), (400, "invalid_credential_request".to_owned()));
}
