//! Metadata, plain and signed. OpenID4VCI 1.0 §12.2

use axum::body::Body;
use http::Request;
use jose::{Signer, VerifyingKey};
use oid4vci::metadata::UnverifiedSignedMetadata;
use oid4vci::{Identifier, IssuerMetadata, Transport};

use crate::world::{Answer, NOW, PUBLIC_URL, World};

const PATH: &str = "/.well-known/openid-credential-issuer";

async fn accepting(world: &World, accept: &str) -> Answer {
    world
        .send(Request::get(PATH).header("accept", accept).body(Body::empty()).unwrap())
        .await
}

#[tokio::test]
async fn metadata_is_signed_for_whoever_asks_for_it_so() {
    let world = World::ledger().await;
    let asked = Identifier::parse(PUBLIC_URL, Transport::LoopbackHttp).unwrap();
    let plain = accepting(&world, "application/json").await;
    assert_eq!(plain.header("content-type"), Some("application/json"));
    assert_eq!(
        world.get(PATH).await.header("content-type"),
        Some("application/json"),
        "nothing said"
    );
    let plain = IssuerMetadata::parse(&plain.body, &asked, Transport::LoopbackHttp).unwrap();

    let signed = accepting(&world, "application/jwt, application/json;q=0.5").await;
    assert_eq!(
        (signed.status.as_u16(), signed.header("content-type")),
        (200, Some("application/jwt"))
    );
    assert_eq!(signed.header("vary"), Some("accept"));
    let unverified = UnverifiedSignedMetadata::parse(&signed.body).unwrap();
    let identity = world.app.identity();
    assert_eq!(unverified.header().kid(), identity.kid.as_deref());
    let key = VerifyingKey::new(identity.key.public_jwk()).unwrap();
    let read = unverified.verify(&key, &asked, Transport::LoopbackHttp, NOW).unwrap();
    assert_eq!(read, plain, "the same parameters");
}

#[tokio::test]
async fn metadata_names_every_endpoint_that_answers() {
    let world = World::x5c().await;
    let metadata = world.get(PATH).await.json();
    for name in [
        "credential_endpoint",
        "nonce_endpoint",
        "deferred_credential_endpoint",
        "notification_endpoint",
    ] {
        let path = metadata[name].as_str().unwrap().strip_prefix(PUBLIC_URL).unwrap();
        let answer = world.send(Request::post(path).body(Body::empty()).unwrap()).await;
        assert!(matches!(answer.status.as_u16(), 200 | 401), "{name}: {answer:?}");
    }
    assert_eq!(
        metadata["credential_response_encryption"]["alg_values_supported"],
        serde_json::json!(["ECDH-ES"])
    );
}

#[tokio::test]
async fn the_metadata_of_each_type_that_is_issued_are_published_as_they_are_built_in() {
    let world = World::x5c().await;
    let metadata = world.get(PATH).await.json();
    let configurations = metadata["credential_configurations_supported"].as_object().unwrap();
    let mut types: Vec<&str> = configurations.values().filter_map(|one| one["vct"].as_str()).collect();
    types.sort_unstable();
    types.dedup();
    assert_eq!(types.len(), 4);
    for vct in types {
        let answer = world.get(&format!("/types/{vct}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, Some("application/json"))
        );
        let built_in = card_types::CARD_TYPES
            .into_iter()
            .find(|known| known.vct == vct)
            .unwrap();
        assert_eq!(
            answer.body,
            built_in.document.as_bytes(),
            "so that its hash is the same everywhere"
        );
    }
    let unknown = world.get("/types/urn:holdfast:vct:library-card:1").await;
    assert_eq!(unknown.status.as_u16(), 404);
}
