//! The attester through its routes, and what it says checked as issuers check it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use attester::{App, DEFAULT, Settings, Signing};
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use jose::x5c::TrustAnchors;
use jose::{Algorithm, PrivateJwk, PublicJwk, Signer, SigningKey, UnverifiedJws};
use oid4vci::{
    ClientExpectation, Identifier, KeyAttestationPolicy, NoncePurpose, ProofClient, ProofFreshness, ProofPolicy,
    Proofs, ServerNonces, Transport, TrustedAttesters, UnverifiedClientAttestation, VerifiedKeyProofs,
    make_attested_key_proof, make_client_attestation_pop, make_key_proof,
};
use serde_json::{Value, json};
use service::config::ConfigError;
use service::{Metrics, TestClock};
use test_case::test_case;
use testkit::routes::{described, routed};
use tower::ServiceExt;

const NOW: u64 = 1_795_176_000;
const ATTESTER: &str = "http://attester.localhost:8601";

struct World {
    app: App,
    clock: Arc<TestClock>,
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("data");
        let path = folder.path().join("attester.toml");
        let text = format!(
            "profile = \"development\"\npublic_url = \"{ATTESTER}\"\ndata_dir = {data_dir:?}\n\
             wallet_name = \"Holdfast\"\nbatch_size = 3\n"
        );
        std::fs::write(&path, text).unwrap();
        let settings = Settings::new(service::config::load(DEFAULT, Some(&path), []).unwrap()).unwrap();
        let signing = Signing::create(&data_dir).unwrap();
        let clock = Arc::new(TestClock::at(NOW));
        Self {
            app: App::new(settings, signing, clock.clone(), &Metrics::new()),
            clock,
            folder,
        }
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::post(path).body(Body::from(body.to_string())).unwrap();
        let response = self.app.router().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap())
    }

    async fn nonce(&self) -> String {
        let (_, body) = self.post("/nonce", Value::Null).await;
        body["c_nonce"].as_str().unwrap().to_owned()
    }

    async fn proof(&self, key: &SigningKey) -> String {
        make_key_proof(&id(ATTESTER), Some(&self.nonce().await), key, NOW).unwrap()
    }

    /// As an issuer is told to trust it.
    async fn trusted(&self) -> TrustedAttesters {
        let request = Request::get("/keys").body(Body::empty()).unwrap();
        let response = self.app.router().oneshot(request).await.unwrap();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        let set: Value = serde_json::from_slice(&bytes).unwrap();
        let key = PublicJwk::parse(&set["keys"][0]).unwrap();
        TrustedAttesters::new(vec![key], TrustAnchors::default()).unwrap()
    }
}

fn id(text: &str) -> Identifier {
    Identifier::parse(text, Transport::LoopbackHttp).unwrap()
}

fn key() -> SigningKey {
    SigningKey::new(&PrivateJwk::generate_p256(&mut service::random::fill)).unwrap()
}

fn claims(compact: &str) -> Value {
    let jws = UnverifiedJws::parse(compact).unwrap();
    serde_json::from_slice(jws.dangerous_unverified_payload()).unwrap()
}

#[tokio::test]
async fn a_wallet_is_attested_to_an_authorization_server() {
    let world = World::new();
    let instance = key();
    let body = json!({ "proof": world.proof(&instance).await });
    let (status, answer) = world.post("/api/v1/wallet-attestation", body).await;
    assert_eq!(status, 200, "{answer}");
    let attestation = answer["attestation"].as_str().unwrap();
    let server = id("http://agency.localhost:7001");
    let pop = make_client_attestation_pop(&server, None, &instance, NOW, &mut service::random::fill).unwrap();
    let expected = ClientExpectation {
        attesters: &world.trusted().await,
        algorithms: &[Algorithm::Es256],
        server: &server,
        client_id: None,
        dpop_jkt: None,
        now: NOW,
    };
    let client = UnverifiedClientAttestation::parse([attestation].into_iter(), [pop.as_str()].into_iter())
        .unwrap()
        .unwrap()
        .verify(&expected)
        .unwrap();
    assert_eq!(client.client_id(), "holdfast-wallet", "as the wallet calls itself");
}

#[tokio::test]
async fn it_says_what_is_known_and_nothing_else() {
    let world = World::new();
    let instance = key();
    let (_, answer) = world
        .post(
            "/api/v1/wallet-attestation",
            json!({ "proof": world.proof(&instance).await }),
        )
        .await;
    let said = claims(answer["attestation"].as_str().unwrap());
    let expected = json!({
        "iss": ATTESTER, "sub": "holdfast-wallet", "wallet_name": "Holdfast", "iat": NOW, "exp": NOW + 3_600,
        "cnf": { "jwk": instance.public_jwk().to_value() },
    });
    assert_eq!(said, expected);
    let body = json!({ "proofs": [world.proof(&instance).await], "nonce": "n" });
    let (_, answer) = world.post("/api/v1/key-attestation", body).await;
    let said = claims(answer["attestation"].as_str().unwrap());
    let expected = json!({
        "iss": ATTESTER, "iat": NOW, "exp": NOW + 600, "nonce": "n",
        "attested_keys": [instance.public_jwk().to_value()],
    });
    assert_eq!(
        said, expected,
        "no key_storage, no user_authentication: software keys claim none"
    );
    let kept: Vec<_> = std::fs::read_dir(world.folder.path().join("data")).unwrap().collect();
    assert_eq!(kept.len(), 1, "the key alone");
}

#[tokio::test]
async fn keys_are_attested_to_an_issuer() {
    let world = World::new();
    let keys = [key(), key()];
    let issuer = id("http://agency.localhost:7001");
    let nonces = ServerNonces::new(&[1; 32], &issuer, NoncePurpose::KeyProof, 300);
    let c_nonce = nonces.issue(NOW, &mut service::random::fill);
    let proofs = [world.proof(&keys[0]).await, world.proof(&keys[1]).await];
    let (status, answer) = world
        .post("/api/v1/key-attestation", json!({ "proofs": proofs, "nonce": c_nonce }))
        .await;
    assert_eq!(status, 200, "{answer}");
    let attestation = answer["attestation"].as_str().unwrap();
    let proof = make_attested_key_proof(&issuer, Some(&c_nonce), attestation, &keys[0], NOW).unwrap();
    let attesters = world.trusted().await;
    let policy = ProofPolicy {
        issuer: &issuer,
        algorithms: &[Algorithm::Es256],
        at_most: 2,
        client: ProofClient::Anonymous,
        freshness: ProofFreshness::Nonce(&nonces),
        attestation: Some(KeyAttestationPolicy {
            attesters: &attesters,
            required: true,
            key_storage: &[],
            user_authentication: &[],
        }),
    };
    let verified = VerifiedKeyProofs::verify(&Proofs::Jwt(vec![proof]), &policy, NOW).unwrap();
    let expected: Vec<PublicJwk> = keys.iter().map(|key| key.public_jwk().clone()).collect();
    assert_eq!(verified.keys(), expected);
}

#[tokio::test]
async fn nothing_is_attested_without_possession() {
    let world = World::new();
    let key = key();
    let nonce = world.nonce().await;
    let elsewhere = make_key_proof(&id("http://agency.localhost:7001"), Some(&nonce), &key, NOW).unwrap();
    let bare = make_key_proof(&id(ATTESTER), None, &key, NOW).unwrap();
    let foreign = make_key_proof(&id(ATTESTER), Some("made up"), &key, NOW).unwrap();
    let good = world.proof(&key).await;
    let (signed, _) = good.rsplit_once('.').unwrap();
    let (_, signature) = elsewhere.rsplit_once('.').unwrap();
    let tampered = format!("{signed}.{signature}");
    for (proof, code) in [
        (elsewhere.clone(), "invalid_proof"),
        (bare, "invalid_proof"),
        (foreign, "invalid_nonce"),
        (tampered, "invalid_proof"),
        (String::new(), "invalid_proof"),
    ] {
        let (status, answer) = world
            .post("/api/v1/wallet-attestation", json!({ "proof": proof }))
            .await;
        assert_eq!((status.as_u16(), &answer["code"]), (400, &json!(code)));
    }
    let many: Vec<String> = vec![good.clone(); 4];
    let (_, answer) = world.post("/api/v1/key-attestation", json!({ "proofs": many })).await;
    assert_eq!(answer["code"], "invalid_proof", "more than a batch");
    let (_, answer) = world.post("/api/v1/key-attestation", json!({ "proofs": [] })).await;
    assert_eq!(answer["code"], "invalid_proof");
    for body in [
        json!([]),
        json!({ "proof": good, "name": "x" }),
        json!({ "proofs": [good], "nonce": "n".repeat(513) }),
    ] {
        let (_, answer) = world.post("/api/v1/key-attestation", body).await;
        assert_eq!(answer["code"], "invalid_request");
    }
    world.clock.advance(300);
    let (_, answer) = world.post("/api/v1/wallet-attestation", json!({ "proof": good })).await;
    assert_eq!(answer["code"], "invalid_nonce", "too late");
}

#[test]
fn a_key_is_made_once_and_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = Signing::create(folder.path()).unwrap();
    assert!(Signing::create(folder.path()).is_err());
    assert_eq!(Signing::open(folder.path(), None).unwrap().key_set(), first.key_set());
}

#[test_case("" ; "empty")]
#[test_case("\u{fc}" ; "not ASCII")]
fn l6_a_client_id_that_cannot_be_sent_is_refused(client_id: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("attester.toml");
    let text = format!("profile = \"development\"\npublic_url = \"{ATTESTER}\"\nclient_id = {client_id:?}\n");
    std::fs::write(&path, text).unwrap();
    let refused = Settings::new(service::config::load(DEFAULT, Some(&path), []).unwrap()).unwrap_err();
    assert!(matches!(refused, ConfigError::Refused { key: "client_id", .. }));
}

#[test]
fn every_route_is_described_and_every_operation_is_routed() {
    let world = World::new();
    assert_eq!(described(&App::description().to_json()), routed(&world.app.router()));
}
