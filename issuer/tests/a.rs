//! Catalogue A on the two tokens that a wallet makes: the key proof and the DPoP proof.
//!
//! Every attack is sent in a request that is otherwise good; afterwards nothing was issued.

use axum::body::Body;
use http::Request;
use jose::{JwsHeader, Signer, SigningKey, base64url};
use serde_json::{Value, json};
use test_case::test_case;

use crate::formats::{EACH_FORMAT, FORMATS, token};
use crate::wallet::{Wallet, c_nonce, dpop_nonce, forged, form, fresh_key, key_proof, signed};
use crate::world::{Answer, NOW, PUBLIC_URL, World};

/// Header and claims of a good token as JSON texts, to be spoiled.
struct Parts {
    key: SigningKey,
    header: Value,
    claims: Value,
}

impl Parts {
    fn signed(&self) -> String {
        forged(&self.key, &self.header.to_string(), &self.claims.to_string())
    }
}

async fn proof_parts(world: &World) -> Parts {
    let key = fresh_key();
    Parts {
        header: json!({ "alg": "ES256", "typ": "openid4vci-proof+jwt", "jwk": key.public_jwk().to_value() }),
        claims: json!({ "aud": PUBLIC_URL, "iat": NOW, "nonce": c_nonce(world).await }),
        key,
    }
}

async fn dpop_parts(world: &World) -> Parts {
    let key = fresh_key();
    Parts {
        header: json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": key.public_jwk().to_value() }),
        claims: json!({
            "jti": service::random::id(), "htm": "POST", "htu": format!("{PUBLIC_URL}/token"), "iat": NOW,
            "nonce": dpop_nonce(world).await,
        }),
        key,
    }
}

/// Sends a spoiled key proof for a card of each format, and a spoiled DPoP proof; each is refused with its own code and
/// nothing changes.
async fn both_refused(spoil: impl Fn(Parts) -> String) {
    let world = World::x5c_with(FORMATS).await;
    let wallet = Wallet::new();
    for (format, card, configuration) in EACH_FORMAT {
        let (token, _) = token(&world, &wallet, card, &[format.name()]).await;
        let proof = spoil(proof_parts(&world).await);
        let answer = wallet.credential(&world, &token, configuration, &[proof]).await;
        assert_eq!(answer.refusal(), (400, "invalid_proof".to_owned()), "{configuration}");
    }
    nothing_issued(&world).await;

    let (offer, code, _) = world.offer("driving-licence", "SYN-000001", false).await;
    let used = world.count("used").await;
    let dpop = spoil(dpop_parts(&world).await);
    let answer = wallet.token_with(&world, &dpop, form(&code, None)).await;
    assert_eq!(answer.refusal(), (400, "invalid_dpop_proof".to_owned()));
    assert!(answer.header("dpop-nonce").is_some());
    assert_eq!(world.count("used").await, used);
    assert_eq!(world.offer_state(&offer).await, json!({ "state": "open" }));
    // The code is still good for a request that is.
    assert_eq!(wallet.token(&world, &code, None).await.status, 200);
}

async fn nothing_issued(world: &World) {
    for table in ["credentials", "batches", "copies", "status_lists"] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a1_issuer_alg_none() {
    both_refused(|mut parts| {
        parts.header["alg"] = json!("none");
        parts.signed()
    })
    .await;
}

#[tokio::test]
async fn a1_issuer_empty_signature() {
    both_refused(|parts| {
        let token = parts.signed();
        format!("{}.", token.rsplit_once('.').unwrap().0)
    })
    .await;
}

#[tokio::test]
async fn a1_issuer_missing_alg() {
    both_refused(|mut parts| {
        parts.header.as_object_mut().unwrap().remove("alg");
        parts.signed()
    })
    .await;
}

#[tokio::test]
async fn a2_issuer_hs256_with_the_public_key() {
    both_refused(|mut parts| {
        parts.header["alg"] = json!("HS256");
        let token = parts.signed();
        let (input, _) = token.rsplit_once('.').unwrap();
        let mac = testkit::mac(parts.key.public_jwk(), input);
        format!("{input}.{}", base64url::encode(mac))
    })
    .await;
}

#[tokio::test]
async fn a2_issuer_another_algorithm_than_the_keys() {
    both_refused(|mut parts| {
        parts.header["alg"] = json!("EdDSA");
        parts.signed()
    })
    .await;
}

#[test_case(json!({ "kid": "did:web:attacker.example#1" }); "kid")]
#[test_case(json!({ "x5c": ["AAAA"] }); "x5c")]
#[tokio::test]
async fn a3_issuer_a_key_by_name_is_no_key(member: Value) {
    both_refused(|mut parts| {
        let header = parts.header.as_object_mut().unwrap();
        header.remove("jwk");
        header.extend(member.as_object().unwrap().clone());
        parts.signed()
    })
    .await;
}

#[tokio::test]
async fn a3_issuer_a_private_key_in_the_header_is_refused() {
    both_refused(|mut parts| {
        parts.header["jwk"]["d"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
        parts.signed()
    })
    .await;
}

#[tokio::test]
async fn a3_issuer_jku_and_x5u_are_never_followed() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://localhost:{}/jwks", listener.local_addr().unwrap().port());
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let mut parts = proof_parts(&world).await;
    parts.header["jku"] = json!(url);
    parts.header["x5u"] = json!(url);
    let answer = wallet.credential(&world, &token, "residence", &[parts.signed()]).await;
    assert_eq!(answer.status, 200, "ignored: the key is the one in jwk");
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}

#[test_case("crit", json!(["exp"]); "crit")]
#[test_case("crit", json!(["b64"]); "crit with b64")]
#[test_case("b64", json!(false); "b64")]
#[tokio::test]
async fn a4_issuer_critical_members(name: &str, value: Value) {
    both_refused(|mut parts| {
        parts.header[name] = value.clone();
        parts.signed()
    })
    .await;
}

#[test_case(json!("kb+jwt"); "key binding")]
#[test_case(json!("JWT"); "jwt")]
#[test_case(json!("application/openid4vci-proof+jwt"); "with application")]
#[test_case(json!("OPENID4VCI-PROOF+JWT"); "in capitals")]
#[test_case(Value::Null; "absent")]
#[tokio::test]
async fn a5_issuer_wrong_typ(typ: Value) {
    both_refused(|mut parts| {
        match &typ {
            Value::Null => drop(parts.header.as_object_mut().unwrap().remove("typ")),
            typ => parts.header["typ"] = typ.clone(),
        }
        parts.signed()
    })
    .await;
}

#[tokio::test]
async fn a5_issuer_a_dpop_proof_is_no_key_proof() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let dpop = wallet.dpop(&world, "/credential", Some(&token)).await;
    let answer = wallet.credential(&world, &token, "residence", &[dpop]).await;
    assert_eq!(answer.refusal(), (400, "invalid_proof".to_owned()));
    nothing_issued(&world).await;
}

#[test_case(json!(NOW.to_string()); "string")]
#[test_case(json!(NOW as f64 + 0.5); "float")]
#[test_case(json!(-1); "negative")]
#[test_case(json!(9_223_372_036_854_775_808_u64); "two to the 63")]
#[test_case(Value::Null; "null")]
#[test_case(json!([NOW]); "array")]
#[tokio::test]
async fn a6_issuer_iat_of_another_type(iat: Value) {
    both_refused(|mut parts| {
        parts.claims["iat"] = iat.clone();
        parts.signed()
    })
    .await;
}

#[tokio::test]
async fn a6_issuer_iat_missing() {
    both_refused(|mut parts| {
        parts.claims.as_object_mut().unwrap().remove("iat");
        parts.signed()
    })
    .await;
}

#[tokio::test]
async fn a7_issuer_duplicate_names_in_the_header() {
    both_refused(|parts| {
        let header = parts.header.to_string().replacen('{', r#"{"alg":"none","#, 1);
        forged(&parts.key, &header, &parts.claims.to_string())
    })
    .await;
}

#[tokio::test]
async fn a7_issuer_duplicate_names_in_the_payload() {
    both_refused(|parts| {
        let claims = parts.claims.to_string().replacen('{', r#"{"iat":1,"#, 1);
        forged(&parts.key, &parts.header.to_string(), &claims)
    })
    .await;
}

async fn credential_body(body: impl Into<Body>) -> Answer {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let answer = wallet.post(&world, "/credential", &token, body).await;
    nothing_issued(&world).await;
    answer
}

#[tokio::test]
async fn a7_issuer_duplicate_names_in_requests() {
    let body = r#"{"credential_configuration_id":"residence","proofs":{"jwt":["x"],"jwt":["y"]}}"#;
    assert_eq!(
        credential_body(body).await.refusal(),
        (400, "invalid_credential_request".to_owned())
    );
    let world = World::x5c().await;
    let request = Request::post("/api/v1/offers")
        .header("authorization", format!("Bearer {}", crate::world::API_TOKEN))
        .body(Body::from(
            r#"{"credential_type":"residence","subject":"SYN-000001","subject":"SYN-000002"}"#,
        ));
    assert_eq!(
        world.send(request.unwrap()).await.refusal(),
        (400, "invalid_request".to_owned())
    );
    assert_eq!(world.count("offers").await, 0);
}

fn with_proofs(text: &str) -> String {
    format!(r#"{{"credential_configuration_id":"residence","proofs":{text}}}"#)
}

#[test_case(with_proofs(&format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))).into_bytes() => (400, "invalid_credential_request".to_owned()); "deep")]
#[test_case(with_proofs("NaN").into_bytes() => (400, "invalid_credential_request".to_owned()); "nan")]
#[test_case(with_proofs("\"\\ud800\"").into_bytes() => (400, "invalid_credential_request".to_owned()); "lone surrogate")]
#[test_case([b"\xef\xbb\xbf".to_vec(), with_proofs("{}").into_bytes()].concat() => (400, "invalid_credential_request".to_owned()); "byte order mark")]
#[test_case(format!("{} {{}}", with_proofs("{}")).into_bytes() => (400, "invalid_credential_request".to_owned()); "trailing bytes")]
#[test_case(with_proofs(&format!("[{}1]", "1,".repeat(30_000))).into_bytes() => (400, "invalid_credential_request".to_owned()); "many members")]
#[test_case(with_proofs(&format!("\"{}\"", "a".repeat(10_000_000))).into_bytes() => (413, "too_large".to_owned()); "ten megabytes")]
#[tokio::test]
async fn a8_issuer_json_beyond_limits(body: Vec<u8>) -> (u16, String) {
    credential_body(body).await.refusal()
}

#[tokio::test]
async fn a8_issuer_deep_json_inside_the_tokens() {
    both_refused(|parts| {
        let deep = format!("{}{}", "[".repeat(1_000), "]".repeat(1_000));
        let claims = parts.claims.to_string().replacen('{', &format!(r#"{{"x":{deep},"#), 1);
        forged(&parts.key, &parts.header.to_string(), &claims)
    })
    .await;
}

#[tokio::test]
async fn a14_issuer_dpop_rules_at_the_token_endpoint() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    for (name, value) in [
        ("htu", json!("http://agency.localhost:7001/credential")),
        ("htm", json!("GET")),
        ("iat", json!(NOW - 301)),
        ("jti", json!("")),
    ] {
        let (_, code, _) = world.offer("residence", "SYN-000001", false).await;
        let mut claims = wallet.dpop_claims(&world).await;
        claims[name] = value;
        let dpop = signed(&wallet.dpop_key, &wallet.dpop_header(), &claims);
        let answer = wallet.token_with(&world, &dpop, form(&code, None)).await;
        assert_eq!(answer.refusal(), (400, "invalid_dpop_proof".to_owned()), "{name}");
    }
    let (_, code, _) = world.offer("residence", "SYN-000001", false).await;
    let mut claims = wallet.dpop_claims(&world).await;
    claims.as_object_mut().unwrap().remove("nonce");
    let dpop = signed(&wallet.dpop_key, &wallet.dpop_header(), &claims);
    let answer = wallet.token_with(&world, &dpop, form(&code, None)).await;
    assert_eq!(answer.refusal(), (400, "use_dpop_nonce".to_owned()));
    assert!(answer.header("dpop-nonce").is_some());
    assert_eq!(world.count("access_tokens").await, 0);
}

#[tokio::test]
async fn a14_issuer_a_dpop_proof_is_good_once_even_after_a_restart() {
    let mut world = World::x5c().await;
    let wallet = Wallet::new();
    let dpop = wallet.dpop(&world, "/token", None).await;
    let (_, first, _) = world.offer("residence", "SYN-000001", false).await;
    assert_eq!(wallet.token_with(&world, &dpop, form(&first, None)).await.status, 200);
    world.restart().await;
    let (offer, second, _) = world.offer("residence", "SYN-000001", false).await;
    let answer = wallet.token_with(&world, &dpop, form(&second, None)).await;
    assert_eq!(answer.refusal(), (400, "invalid_dpop_proof".to_owned()));
    assert_eq!(world.offer_state(&offer).await["state"], "open");
}

#[tokio::test]
async fn a14_issuer_a_token_belongs_to_its_key() {
    let world = World::x5c().await;
    let (wallet, thief) = (Wallet::new(), Wallet::new());
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let answer = thief
        .credential(&world, &token, "residence", std::slice::from_ref(&proof))
        .await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.starts_with("DPoP") && challenge.contains("error=\"invalid_token\""),
        "{challenge}"
    );
    let bearer = Request::post("/credential")
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from("{}"));
    assert_eq!(
        world.send(bearer.unwrap()).await.refusal(),
        (401, "invalid_token".to_owned())
    );
    nothing_issued(&world).await;
    // The token stays good for its own key.
    assert_eq!(
        wallet.credential(&world, &token, "residence", &[proof]).await.status,
        200
    );
}

#[tokio::test]
async fn a14_issuer_dpop_rules_at_the_credential_endpoint() {
    let world = World::x5c().await;
    let wallet = Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let other = wallet.dpop(&world, "/credential", Some("another token")).await;
    let without = wallet.dpop(&world, "/credential", None).await;
    let send = async |dpop: &str| {
        let request = Request::post("/credential")
            .header("content-type", "application/json")
            .header("authorization", format!("DPoP {token}"))
            .header("dpop", dpop)
            .body(Body::from("{}"));
        world.send(request.unwrap()).await
    };
    for dpop in [other, without] {
        assert_eq!(send(&dpop).await.refusal(), (401, "invalid_dpop_proof".to_owned()));
    }
    let header = JwsHeader::new(wallet.dpop_key.algorithm())
        .with_typ("dpop+jwt")
        .with_jwk(wallet.dpop_key.public_jwk().clone());
    let claims = json!({ "jti": "a", "htm": "POST", "htu": format!("{PUBLIC_URL}/credential"), "iat": NOW,
        "ath": jose::base64url::encode(<sha2::Sha256 as sha2::Digest>::digest(token.as_bytes())) });
    let answer = send(&signed(&wallet.dpop_key, &header, &claims)).await;
    assert_eq!(answer.refusal(), (401, "use_dpop_nonce".to_owned()));
    assert!(answer.header("dpop-nonce").is_some());
}
