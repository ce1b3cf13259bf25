//! Group A: tokens, JOSE, JSON.

use http::StatusCode;
use jose::{Signer, base64url, jwe};
use oid4vp::{PresentationRequest, ResponseMode};
use serde_json::{Value, json};
use testkit::credential::{key, signer};

use crate::forge::{Forged, digest, disclosure, jws};
use crate::wallet::assert_outcome;
use crate::world::World;

const MALFORMED: &str = "malformed_credential";

/// Replaces the signature of the issuer's JWT, and binds the key again.
fn with_signature(forged: &Forged, signature: &[u8]) -> String {
    let sd_jwt = forged.sd_jwt();
    let (jwt, rest) = sd_jwt.split_once('~').unwrap();
    let (input, _) = jwt.rsplit_once('.').unwrap();
    let sd_jwt = format!("{input}.{}~{rest}", base64url::encode(signature));
    let binding = forged.key_binding(&sd_jwt);
    sd_jwt + &binding
}

#[tokio::test]
async fn a0_the_forged_presentation_is_good_before_it_is_spoiled() {
    let world = World::new().await;
    assert_outcome(&world.judge(|_| ()).await, "yes", "ok");
}

#[tokio::test]
async fn a1_verifier_alg_none() {
    let world = World::new().await;
    assert_outcome(
        &world.judge(|forged| forged.header["alg"] = json!("none")).await,
        "no",
        MALFORMED,
    );
    let empty = world.judge_text(|forged| with_signature(forged, &[])).await;
    assert_outcome(&empty, "no", MALFORMED);
    let missing = world
        .judge(|forged| drop(forged.header.as_object_mut().unwrap().remove("alg")))
        .await;
    assert_outcome(&missing, "no", MALFORMED);
}

#[tokio::test]
async fn a2_verifier_algorithm_confusion() {
    let world = World::new().await;
    let outcome = world
        .judge_text(|forged| {
            forged.header["alg"] = json!("HS256");
            let sd_jwt = forged.sd_jwt();
            let (input, _) = sd_jwt.split('~').next().unwrap().rsplit_once('.').unwrap();
            with_signature(forged, &testkit::mac(forged.issuer.public(), input))
        })
        .await;
    assert_outcome(&outcome, "no", MALFORMED);
    let other_family = world.judge(|forged| forged.header["alg"] = json!("EdDSA")).await;
    assert_outcome(&other_family, "no", MALFORMED);
}

#[tokio::test]
async fn a3_verifier_keys_of_the_header_are_not_used() {
    let world = World::new().await;
    let attacker = key(66);
    let embedded = world
        .judge(|forged| {
            forged.header["jwk"] = attacker.public().to_value();
            forged.header["jku"] = json!("https://evil.example/jwks");
            forged.header["x5u"] = json!("https://evil.example/x5u");
            forged.issuer = key(66);
        })
        .await;
    assert_outcome(&embedded, "no", MALFORMED);
    let foreign_kid = world
        .judge(|forged| forged.header["kid"] = json!("https://evil.example/key"))
        .await;
    assert_outcome(&foreign_kid, "no", "key_not_anchored");
}

#[tokio::test]
async fn a4_verifier_critical_headers() {
    let world = World::new().await;
    for (name, value) in [("crit", json!(["exp"])), ("b64", json!(false))] {
        assert_outcome(
            &world.judge(|forged| forged.header[name] = value).await,
            "no",
            MALFORMED,
        );
    }
}

#[tokio::test]
async fn a5_verifier_wrong_typ() {
    let world = World::new().await;
    for typ in ["JWT", "vc+sd-jwt", "kb+jwt", "application/dc+sd-jwt"] {
        assert_outcome(
            &world.judge(|forged| forged.header["typ"] = json!(typ)).await,
            "no",
            MALFORMED,
        );
    }
    for typ in ["JWT", "openid4vci-proof+jwt", "dc+sd-jwt"] {
        let outcome = world.judge(|forged| forged.kb_header["typ"] = json!(typ)).await;
        assert_outcome(&outcome, "no", "holder_binding_mismatch");
    }
}

#[tokio::test]
async fn a6_verifier_dates_that_are_none() {
    let world = World::new().await;
    let bad = [
        json!("1795176000"),
        json!(1.5),
        json!(-1),
        json!(9_223_372_036_854_775_808_u64),
        json!(null),
        json!([1]),
    ];
    for name in ["exp", "nbf", "iat"] {
        for value in &bad {
            let outcome = world.judge(|forged| forged.payload[name] = value.clone()).await;
            // 2^63 seconds is a number, and a time far away: beyond what a date may be.
            assert_outcome(&outcome, "no", MALFORMED);
        }
    }
    for value in &bad {
        let outcome = world.judge(|forged| forged.kb_payload["iat"] = value.clone()).await;
        assert_outcome(&outcome, "no", "holder_binding_mismatch");
    }
}

#[tokio::test]
async fn a7_verifier_duplicate_names() {
    let world = World::new().await;
    let header = world
        .judge_text(|forged| {
            let header = forged.header.to_string().replacen('{', r#"{"alg":"ES256","#, 1);
            rebuilt(forged, &header, None)
        })
        .await;
    assert_outcome(&header, "no", MALFORMED);
    let payload = world
        .judge_text(|forged| {
            let mut payload = forged.payload.clone();
            payload["_sd"] = json!([digest(&forged.disclosures[0])]);
            let payload = payload.to_string().replacen('{', r#"{"vct":"other","#, 1);
            rebuilt(forged, &forged.header.to_string(), Some(&payload))
        })
        .await;
    assert_outcome(&payload, "no", MALFORMED);
    let inside = world
        .judge(|forged| forged.disclosures = vec![r#"["salt-0123456789","age_over_18",{"a":1,"a":2}]"#.to_owned()])
        .await;
    assert_outcome(&inside, "no", MALFORMED);
}

fn rebuilt(forged: &Forged, header: &str, payload: Option<&str>) -> String {
    let mut good = forged.payload.clone();
    good["_sd"] = json!([digest(&forged.disclosures[0])]);
    let payload = payload.map_or(good.to_string(), str::to_owned);
    let jwt = jws(header, &payload, &forged.issuer);
    let sd_jwt = format!("{jwt}~{}~", base64url::encode(&forged.disclosures[0]));
    let binding = forged.key_binding(&sd_jwt);
    sd_jwt + &binding
}

/// Encrypts any payload to the request's key.
fn encrypted(request: &PresentationRequest, payload: &str) -> String {
    let ResponseMode::DirectPostJwt(encryption) = request.response_mode() else {
        panic!("not encrypted")
    };
    let jwe = jwe::encrypt(payload.as_bytes(), encryption.key(), encryption.content(), None, None).unwrap();
    format!("response={jwe}")
}

#[tokio::test]
async fn a7_verifier_duplicate_names_in_the_response() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    let state = request.state().unwrap();
    let payload = format!(r#"{{"state":"{state}","vp_token":{{"person":["a~"],"person":["b~"]}}}}"#);
    malformed(&world, &opened, &request, &payload).await;
}

/// An answer that is refused as a whole: the session waits for another.
pub(crate) async fn malformed(world: &World, opened: &Value, request: &PresentationRequest, payload: &str) {
    let (status, problem) = world
        .post(request.response_uri().path(), &encrypted(request, payload))
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_request"))
    );
    assert_eq!(
        world.outcome(opened).await,
        json!({ "id": opened["id"], "state": "scanned" })
    );
}

/// Makes a bad signature of a good one and the group order.
type Spoil = fn(&[u8], &[u8]) -> Vec<u8>;

#[tokio::test]
async fn a9_verifier_malleable_signatures() {
    let world = World::new().await;
    let order = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
    let order: Vec<u8> = (0..64)
        .step_by(2)
        .map(|i| u8::from_str_radix(&order[i..i + 2], 16).unwrap())
        .collect();
    let spoil: [Spoil; 6] = [
        |good, _| [&[0; 32], &good[32..]].concat(),
        |good, _| [&good[..32], &[0; 32]].concat(),
        |good, order| [&good[..32], order].concat(),
        |good, _| good[..63].to_vec(),
        |good, _| [good, &[0]].concat(),
        |good, _| [&[0x30, 0x44, 0x02, 0x20], &good[..32], &[0x02, 0x20], &good[32..]].concat(),
    ];
    for (number, spoil) in spoil.iter().enumerate() {
        let outcome = world
            .judge_text(|forged| {
                let sd_jwt = forged.sd_jwt();
                let input = sd_jwt.split('~').next().unwrap().rsplit_once('.').unwrap().0;
                let good = signer(&forged.issuer).sign(input.as_bytes()).unwrap();
                with_signature(forged, &spoil(&good, &order))
            })
            .await;
        assert_eq!(outcome["reason"], MALFORMED, "variant {number}");
    }
}

#[tokio::test]
async fn a8_verifier_deep_and_large_json() {
    let world = World::new().await;
    let deep: Value = (0..40).fold(json!(1), |inner, _| json!([inner]));
    let outcome = world
        .judge(|forged| forged.disclosures = vec![disclosure("age_over_18", deep)])
        .await;
    assert_outcome(&outcome, "no", MALFORMED);
}

/// What an answer says once it is opened: of every kind a little more than is read, in a member that nobody asks for.
#[tokio::test]
async fn a8_verifier_an_answer_beyond_the_limits_of_json() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    let state = request.state().unwrap();
    let with = |text: &str| format!(r#"{{"state":"{state}","vp_token":{{"person":["x~"]}},"x":{text}}}"#);
    let nested = |levels| with(&format!("{}{}", "[".repeat(levels), "]".repeat(levels)));
    for payload in [
        nested(40),
        nested(10_000),
        with("NaN"),
        with(r#""\ud800""#),
        with(&format!("[{}1]", "1,".repeat(300_000))),
        with(&format!("\"{}\"", "a".repeat(1024 * 1024))),
        format!("\u{feff}{}", with("1")),
        format!("{} 1", with("1")),
    ] {
        malformed(&world, &opened, &request, &payload).await;
    }
    let path = request.response_uri().path();
    let endless = format!("response={}", "a".repeat(10_000_000));
    assert_eq!(world.post(path, &endless).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let (status, reply) = world.post(path, &encrypted(&request, &nested(31))).await;
    assert_eq!(status, StatusCode::OK, "within them it is an answer: {reply}");
}

#[tokio::test]
async fn a8_verifier_a_form_with_more_parameters_than_are_read() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    let shown = world.show(&world.person(3), &["age_over_18"], &request);
    let payload = json!({ "vp_token": { "person": [shown] }, "state": request.state().unwrap().as_str() });
    let good = encrypted(&request, &payload.to_string());
    let path = request.response_uri().path();
    let (status, problem) = world.post(path, &(good.clone() + &"&x=1".repeat(64))).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_request"))
    );
    assert_eq!(
        world.outcome(&opened).await,
        json!({ "id": opened["id"], "state": "scanned" })
    );
    let (status, reply) = world.post(path, &(good + &"&x=1".repeat(63))).await;
    assert_eq!(status, StatusCode::OK, "{reply}");
    assert_outcome(&world.outcome(&opened).await, "yes", "ok");
}
