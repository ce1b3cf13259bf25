//! A whole issuance with the wallet side of the protocol crate, and what comes out of it.

use axum::body::Body;
use did::identity::OldKey;
use http::Request;
use jose::x5c::{Purpose, TrustAnchors, UnverifiedChain};
use jose::{Signer, VerifyingKey, base64url};
use oid4vci::wallet::{
    AuthorizedIssuance, CredentialAnswer, HttpRequest, HttpResponse, PreparedIssuance, Reply, fetch_issuer_metadata,
    fetch_server_metadata,
};
use oid4vci::{AuthorizationServerMetadata, CredentialOffer, IssuerMetadata, NotificationEvent, OfferLink, Transport};
use serde_json::{Value, json};

use crate::wallet::fresh_key;
use crate::world::{Answer, NOW, PUBLIC_URL, World};

async fn send(world: &World, request: HttpRequest) -> Answer {
    assert!(request.url.as_str().starts_with(PUBLIC_URL), "{}", request.url);
    let mut builder = Request::builder().method(request.method).uri(request.url.path());
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    world.send(builder.body(Body::from(request.body)).unwrap()).await
}

fn response(answer: &Answer) -> HttpResponse<'_> {
    HttpResponse {
        status: answer.status.as_u16(),
        content_type: answer.header("content-type"),
        dpop_nonce: answer.header("dpop-nonce"),
        body: &answer.body,
    }
}

async fn prepare(world: &World, credential_type: &str) -> (PreparedIssuance, Option<String>, String) {
    let wanted = json!({ "credential_type": credential_type, "subject": "SYN-000001", "tx_code": true });
    let made = world.api("POST", "/api/v1/offers", wanted).await.json();
    let link = OfferLink::parse(made["offer_uri"].as_str().unwrap(), Transport::LoopbackHttp).unwrap();
    let OfferLink::ByReference(reference) = link else {
        panic!("by reference")
    };
    let answer = send(world, oid4vci::wallet::fetch_offer(&reference)).await;
    let offer = CredentialOffer::parse(response(&answer).json().unwrap(), Transport::LoopbackHttp).unwrap();
    let issuer = offer.credential_issuer.clone();
    let answer = send(world, fetch_issuer_metadata(&issuer)).await;
    let metadata = IssuerMetadata::parse(response(&answer).json().unwrap(), &issuer, Transport::LoopbackHttp).unwrap();
    let answer = send(world, fetch_server_metadata(&issuer)).await;
    let server = response(&answer).json().unwrap();
    let server = AuthorizationServerMetadata::parse(server, &issuer, Transport::LoopbackHttp).unwrap();
    let prepared = PreparedIssuance::new(offer, metadata, server, jose::Algorithm::Es256).unwrap();
    (
        prepared,
        made["tx_code"].as_str().map(str::to_owned),
        made["id"].as_str().unwrap().to_owned(),
    )
}

async fn authorise(
    world: &World,
    mut session: PreparedIssuance,
    tx_code: &str,
    key: &dyn Signer,
) -> AuthorizedIssuance {
    // The first answer asks for a nonce in the DPoP proof.
    for round in 0..2 {
        let request = session
            .token_request(Some(tx_code), key, NOW, &mut service::random::fill)
            .unwrap();
        let answer = send(world, request).await;
        match session.token_response(&response(&answer)).unwrap() {
            Reply::RepeatWithDpopNonce => assert_eq!(round, 0),
            Reply::Done(session) => return session,
            other => panic!("{other:?}"),
        }
    }
    panic!("no token")
}

async fn card(world: &World, session: &mut AuthorizedIssuance, id: &str, dpop: &dyn Signer) -> (Vec<String>, String) {
    let keys: Vec<_> = (0..5).map(|_| fresh_key()).collect();
    let signers: Vec<&dyn Signer> = keys.iter().map(|key| key as &dyn Signer).collect();
    let answer = send(world, session.nonce_request().unwrap()).await;
    session.nonce_response(&response(&answer)).unwrap();
    let request = session
        .credential_request(id, &signers, dpop, NOW, &mut service::random::fill)
        .unwrap();
    let answer = send(world, request).await;
    let reply = session.credential_response(&response(&answer), 5).unwrap();
    let Reply::Done(CredentialAnswer::Issued(issued)) = reply else {
        panic!("{answer:?}")
    };
    for (copy, key) in issued.credentials.iter().zip(&keys) {
        assert_eq!(crate::status::payload(copy)["cnf"]["jwk"], key.public_jwk().to_value());
    }
    (issued.credentials, issued.notification_id.unwrap())
}

fn header(copy: &str) -> Value {
    serde_json::from_slice(&base64url::decode(copy.split('.').next().unwrap()).unwrap()).unwrap()
}

#[tokio::test]
async fn a_card_is_two_batches_from_one_offer() {
    let world = World::ledger().await;
    let dpop = fresh_key();
    let (session, tx_code, offer) = prepare(&world, "person-identification").await;
    let mut session = authorise(&world, session, &tx_code.unwrap(), &dpop).await;
    let (online, notification) = card(&world, &mut session, "person-identification", &dpop).await;
    let (offline, _) = card(&world, &mut session, "person-identification.offline", &dpop).await;
    let signing = world.app.identity();
    let key = VerifyingKey::new(signing.key.public_jwk()).unwrap();
    let authority = std::fs::read(world.folder.path().join("data/identity/ca.pem")).unwrap();
    let anchors = TrustAnchors::from_pem([authority]).unwrap();
    for copy in &online {
        let chain = UnverifiedChain::parse(&header(copy)["x5c"]).unwrap();
        let leaf = chain.verify(&anchors, NOW, Purpose::Credential).unwrap();
        assert!(
            leaf.public_jwk().same_key(signing.key.public_jwk()),
            "the same key as kid"
        );
        assert_eq!(leaf.uri_names(), [signing.did.as_str()]);
    }
    for copy in online.iter().chain(&offline) {
        assert_eq!(header(copy)["kid"], json!(signing.kid));
        let received = sd_jwt::UnverifiedSdJwt::parse(copy).unwrap();
        received.verify(&key, sd_jwt::TYP, NOW).unwrap();
        let payload = crate::status::payload(copy);
        assert_eq!(payload["iss"], json!(signing.did));
        assert_eq!(payload["vct"], "urn:holdfast:vct:person-identification:1");
        assert!(
            ["iat", "nbf", "exp"]
                .iter()
                .all(|name| payload[name].as_u64().unwrap().is_multiple_of(86_400))
        );
        assert_eq!(payload["_sd"].as_array().unwrap().len(), 16);
        assert!(payload.get("age_over_18").is_none(), "every claim can be withheld");
    }
    assert!(
        offline.iter().all(|copy| header(copy).get("x5c").is_none()),
        "offline copies name their key alone"
    );
    let event = NotificationEvent::CredentialAccepted;
    let mut notifications = session.notifications().unwrap();
    let request = notifications.request(&notification, event, &dpop, NOW, &mut service::random::fill);
    let answer = send(&world, request.unwrap()).await;
    assert_eq!(notifications.response(&response(&answer)).unwrap(), Reply::Done(()));
    let state = world.offer_state(&offer).await;
    assert_eq!(state["state"], "issued");
    assert_eq!((world.count("credentials").await, world.count("copies").await), (1, 10));
}

#[tokio::test]
async fn an_issuer_known_by_its_certificate_alone() {
    let world = World::x5c().await;
    let dpop = fresh_key();
    let (session, tx_code, _) = prepare(&world, "driving-licence").await;
    let offered: Vec<&str> = session.offered().map(|(id, _)| id).collect();
    assert_eq!(offered, ["driving-licence"], "offline copies need the ledger");
    let mut session = authorise(&world, session, &tx_code.unwrap(), &dpop).await;
    let (copies, _) = card(&world, &mut session, "driving-licence", &dpop).await;
    let payload = crate::status::payload(&copies[0]);
    assert_eq!(payload["iss"], PUBLIC_URL);
    let metadata = world.get("/.well-known/jwt-vc-issuer").await.json();
    assert_eq!(metadata["issuer"], payload["iss"], "draft-ietf-oauth-sd-jwt-vc §4.3");
    let keys = jose::JwkSet::from_value(&metadata["jwks"]).unwrap();
    let kid = header(&copies[0])["kid"].as_str().unwrap().to_owned();
    let key = VerifyingKey::new(keys.signing_key(Some(&kid)).unwrap()).unwrap();
    let received = sd_jwt::UnverifiedSdJwt::parse(&copies[0]).unwrap();
    let verified = received.verify(&key, sd_jwt::TYP, NOW).unwrap();
    assert_eq!(verified.claims()["iss"], PUBLIC_URL);
    let chain = UnverifiedChain::parse(&header(&copies[0])["x5c"]).unwrap();
    assert_eq!(
        chain.dangerous_leaf_uri_names(),
        [PUBLIC_URL],
        "iss is a name of the leaf"
    );
    assert_eq!(world.get("/.well-known/did.jsonl").await.status, 404);
}

/// The names of the keys that the issuer publishes.
async fn published(world: &World) -> Vec<String> {
    let metadata = world.get("/.well-known/jwt-vc-issuer").await.json();
    let keys = jose::JwkSet::from_value(&metadata["jwks"]).unwrap();
    let names = keys.keys().iter().map(|key| key.kid().unwrap().to_owned());
    names.collect()
}

#[tokio::test]
async fn the_issuers_metadata_have_the_keys_that_were_not_taken_out() {
    let world = World::x5c().await;
    let config = service::config::load(issuer::DEFAULT, Some(&world.folder.path().join("issuer.toml")), []).unwrap();
    let settings = issuer::Settings::new(config).unwrap();
    let files = issuer::identity::IdentityFiles::new(&settings.common.data_dir);
    let first = world.app.identity().key_id();
    assert_eq!(published(&world).await, std::slice::from_ref(&first));
    files.rotate(&settings, OldKey::Keep, NOW + 1).unwrap();
    world.app.reload_identity().unwrap();
    let second = world.app.identity().key_id();
    let mut both = published(&world).await;
    both.sort();
    let mut expected = [first.clone(), second.clone()];
    expected.sort();
    assert_eq!(both, expected, "what the first one signed is still valid");
    files.rotate(&settings, OldKey::TakeOut, NOW + 2).unwrap();
    world.app.reload_identity().unwrap();
    let third = world.app.identity().key_id();
    let left = published(&world).await;
    assert!(left.contains(&third) && !left.contains(&second));
}

#[tokio::test]
async fn an_issuer_on_the_ledger_has_no_metadata_of_a_url() {
    let world = World::ledger().await;
    assert_eq!(world.get("/.well-known/jwt-vc-issuer").await.status, 404);
}

#[tokio::test]
async fn a_batch_is_not_larger_than_the_batch_size() {
    let world = World::x5c().await;
    let wallet = crate::wallet::Wallet::new();
    let token = wallet.access_token(&world, "residence", "SYN-000001").await;
    let nonce = crate::wallet::c_nonce(&world).await;
    let proofs: Vec<String> = (0..6).map(|_| crate::wallet::key_proof(&fresh_key(), &nonce)).collect();
    let answer = wallet.credential(&world, &token, "residence", &proofs).await;
    assert_eq!(answer.refusal(), (400, "invalid_proof".to_owned()));
    let twice = [proofs[0].clone(), proofs[0].clone()];
    let answer = wallet.credential(&world, &token, "residence", &twice).await;
    assert_eq!(answer.refusal(), (400, "invalid_proof".to_owned()));
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn datasets_are_asked_for_by_name_when_the_token_names_them() {
    let world = World::x5c().await;
    let wallet = crate::wallet::Wallet::new();
    let (_, code, _) = world.offer("residence", "SYN-000001", false).await;
    let details = r#"[{"type":"openid_credential","credential_configuration_id":"residence"}]"#;
    let form = format!(
        "{}&authorization_details={}",
        crate::wallet::form(&code, None),
        urlencoded(details)
    );
    let dpop = wallet.dpop(&world, "/token", None).await;
    let token = wallet.token_with(&world, &dpop, form).await.json();
    assert_eq!(
        token["authorization_details"][0]["credential_identifiers"],
        json!(["residence"])
    );
    let token = token["access_token"].as_str().unwrap();
    let proof = crate::wallet::key_proof(&fresh_key(), &crate::wallet::c_nonce(&world).await);
    let answer = wallet
        .credential(&world, token, "residence", std::slice::from_ref(&proof))
        .await;
    assert_eq!(answer.refusal(), (400, "invalid_credential_request".to_owned()));
    let body = json!({ "credential_identifier": "residence", "proofs": { "jwt": [proof] } });
    assert_eq!(
        wallet.post(&world, "/credential", token, body.to_string()).await.status,
        200
    );
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
