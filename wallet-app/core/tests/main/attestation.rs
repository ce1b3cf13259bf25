//! Issuers that want to know what the wallet is, and that its keys are held together: what they get, and what they do
//! not. Catalogue H6 and H9, seen from the wallet

use crate::sign_in::{CALLBACK, answer};
use crate::world::{Issuer, NOW, World, attesters, claims, parameters, thumbprint};
use jose::{Algorithm, PublicJwk};
use oid4vci::{ClientExpectation, Identifier, Transport, UnverifiedClientAttestation};
use outbound::OutboundError;
use serde_json::{Value, json};
use test_case::test_case;
use testkit::credential::key;
use url::Url;
use wallet::IssuanceError;
use wiremock::{Request, ResponseTemplate};

const WALLET_ATTESTATION: &str = "/attester/api/v1/wallet-attestation";

/// An issuer that takes attested wallets alone.
async fn wanting(world: &World, issuer: Issuer, change: impl FnOnce(&mut Value)) -> Issuer {
    issuer.mount(world).await;
    world.attester().await;
    let mut server = issuer.server_metadata();
    server["token_endpoint_auth_methods_supported"] = json!(["attest_jwt_client_auth"]);
    server["pre-authorized_grant_anonymous_access_supported"] = false.into();
    change(&mut server);
    let answer = ResponseTemplate::new(200).set_body_json(server);
    world.answer("/.well-known/oauth-authorization-server", answer).await;
    issuer
}

fn person(world: &World) -> Issuer {
    Issuer::of(world, "person-identification")
}

/// Checks a request as an authorization server does, and gives the attested key's thumbprint.
fn attested_key(issuer: &Issuer, request: &Request) -> [u8; 32] {
    let text = |name: &str| request.headers[name].to_str().expect("text");
    let (attestation, pop) = (text("oauth-client-attestation"), text("oauth-client-attestation-pop"));
    let server = Identifier::parse(&issuer.url, Transport::LoopbackHttp).expect("identifier");
    let attesters = attesters();
    let expected = ClientExpectation {
        attesters: &attesters,
        algorithms: &[Algorithm::Es256],
        server: &server,
        client_id: Some("holdfast-wallet"),
        dpop_jkt: Some(thumbprint(request)),
        now: NOW,
    };
    let found = UnverifiedClientAttestation::parse(std::iter::once(attestation), std::iter::once(pop));
    let found = found.expect("headers").expect("an attestation");
    found.verify(&expected).expect("the server takes it");
    let key = PublicJwk::parse(&claims(attestation)["cnf"]["jwk"]).expect("key");
    key.thumbprint()
}

fn challenge(request: &Request) -> Value {
    let pop = request.headers["oauth-client-attestation-pop"].to_str().expect("text");
    claims(pop)["challenge"].clone()
}

/// Where the browser ends after this request.
fn back(issuer: &Issuer, pushed: &Request) -> String {
    answer(issuer, &parameters(pushed)["state"], &[])
}

/// Requests to the attester.
async fn asked_to_attest(world: &World) -> usize {
    let all = world.server.received_requests().await.expect("recorded");
    all.iter().filter(|one| one.url.path().starts_with("/attester")).count()
}

#[tokio::test]
async fn h6_wallet_says_what_it_is_wherever_the_server_wants_to_know() {
    let world = World::new().await;
    let issuer = wanting(&world, person(&world).signing_in(), |_| ()).await;
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    assert_eq!(
        asked_to_attest(&world).await,
        0,
        "nobody hears of an offer that is only read"
    );
    let callback: Url = CALLBACK.parse().expect("url");
    world.wallet.begin_sign_in(&offer, &callback).await.expect("begun");
    let pushed = world.sent("POST", "/par").await.remove(0);
    let back = back(&issuer, &pushed);
    let arrival = world.wallet.finish_sign_in(&back).await.expect("came");
    let kept = world.wallet.keep_cards(&arrival.id).await.expect("kept").remove(0);
    world.wallet.refresh_card(kept.id.as_str()).await.expect("refreshed");
    let tokens = world.sent("POST", "/token").await;
    assert_eq!(tokens.len(), 2);
    for request in [&pushed, &tokens[0], &tokens[1]] {
        let key = attested_key(&issuer, request);
        assert_eq!(key, thumbprint(request), "the key that the tokens are bound to");
    }
}

#[tokio::test]
async fn h6_wallet_is_another_one_in_each_issuance() {
    let world = World::new().await;
    let issuer = wanting(&world, person(&world), |_| ()).await;
    for _ in 0..2 {
        world.accept(&issuer.offer()).await.expect("accepted");
    }
    let tokens = world.sent("POST", "/token").await;
    assert_ne!(attested_key(&issuer, &tokens[0]), attested_key(&issuer, &tokens[1]));
    for asked in world.sent("POST", WALLET_ATTESTATION).await {
        let body: Value = serde_json::from_slice(&asked.body).expect("json");
        assert_eq!(body.as_object().expect("object").len(), 1, "one proof and nothing else");
        let said = claims(body["proof"].as_str().expect("text"));
        let expected = json!({ "aud": world.url("attester", "/attester"), "iat": NOW, "nonce": "of the attester" });
        assert_eq!(said, expected, "nothing about issuer or person");
    }
}

#[tokio::test]
async fn h6_wallet_answers_the_challenge() {
    let world = World::new().await;
    let endpoint = world.url("agency", "/challenge");
    let issuer = wanting(&world, person(&world), |server| {
        server["challenge_endpoint"] = endpoint.into()
    })
    .await;
    let first = ResponseTemplate::new(200).set_body_json(json!({ "attestation_challenge": "first" }));
    world.answer("/challenge", first).await;
    let again = ResponseTemplate::new(400)
        .insert_header("oauth-client-attestation-challenge", "second")
        .set_body_json(json!({ "error": "use_attestation_challenge" }));
    world.answer_once("/token", again).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let tokens = world.sent("POST", "/token").await;
    assert_eq!(
        (challenge(&tokens[0]), challenge(&tokens[1])),
        (json!("first"), json!("second"))
    );
    assert_eq!(world.sent("POST", "/challenge").await.len(), 1);
    assert_eq!(world.sent("POST", WALLET_ATTESTATION).await.len(), 1, "attested once");
}

#[tokio::test]
async fn a_server_that_is_busy_where_it_gives_challenges_is_asked_again() {
    let world = World::new().await;
    let endpoint = world.url("agency", "/challenge");
    let issuer = wanting(&world, person(&world), |server| {
        server["challenge_endpoint"] = endpoint.into()
    })
    .await;
    let given = ResponseTemplate::new(200).set_body_json(json!({ "attestation_challenge": "given" }));
    world.answer("/challenge", given).await;
    let busy = ResponseTemplate::new(503).insert_header("retry-after", "1");
    world.answer_once("/challenge", busy).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!(world.sent("POST", "/challenge").await.len(), 2);
    assert_eq!(challenge(&world.sent("POST", "/token").await[0]), json!("given"));
}

/// The code was not sent, so it is as good as before.
#[tokio::test]
async fn a_sign_in_is_still_there_when_the_attester_failed() {
    let world = World::new().await;
    let issuer = wanting(&world, person(&world).signing_in(), |_| ()).await;
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    let callback: Url = CALLBACK.parse().expect("url");
    world.wallet.begin_sign_in(&offer, &callback).await.expect("begun");
    let back = back(&issuer, &world.sent("POST", "/par").await[0]);
    world.answer(WALLET_ATTESTATION, ResponseTemplate::new(500)).await;
    let error = world.wallet.finish_sign_in(&back).await.expect_err("refused");
    assert_eq!(error.code(), "attester_failed");
    assert_eq!(world.sent("POST", "/token").await.len(), 0);
    world.attester().await;
    world.wallet.finish_sign_in(&back).await.expect("came");
}

/// The code was not sent here either.
#[tokio::test]
async fn a_sign_in_is_still_there_when_no_challenge_could_be_fetched() {
    let world = World::new().await;
    let endpoint = world.url("agency", "/challenge");
    let issuer = wanting(&world, person(&world).signing_in(), |server| {
        server["challenge_endpoint"] = endpoint.into()
    })
    .await;
    let given = ResponseTemplate::new(200).set_body_json(json!({ "attestation_challenge": "given" }));
    world.answer("/challenge", given).await;
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    let callback: Url = CALLBACK.parse().expect("url");
    world.wallet.begin_sign_in(&offer, &callback).await.expect("begun");
    let back = back(&issuer, &world.sent("POST", "/par").await[0]);
    let elsewhere = ResponseTemplate::new(302).insert_header("location", "/elsewhere");
    world.answer_once("/challenge", elsewhere).await;
    let error = world.wallet.finish_sign_in(&back).await.expect_err("no challenge");
    let unreachable = matches!(error, IssuanceError::ChallengeUnreachable(OutboundError::Redirect));
    assert!(unreachable, "{error:?}");
    assert_eq!(error.code(), "issuer_unreachable");
    assert_eq!(world.sent("POST", "/token").await.len(), 0);
    world.wallet.finish_sign_in(&back).await.expect("came");
}

#[tokio::test]
async fn h6_wallet_says_nothing_where_nobody_wants_to_know() {
    let world = World::new().await;
    world.attester().await;
    let issuer = world.issuer("person-identification").await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let token = world.sent("POST", "/token").await.remove(0);
    assert!(token.headers.get("oauth-client-attestation").is_none());
    assert_eq!(asked_to_attest(&world).await, 0);
}

#[tokio::test]
async fn h6_wallet_that_nobody_attests_asks_for_nothing() {
    let world = World::unattested().await;
    let issuer = wanting(&world, person(&world), |_| ()).await;
    let error = world.wallet.open_offer(&issuer.offer()).await.expect_err("refused");
    assert_eq!(error.code(), "attestation_needed");
    let mut metadata = issuer.metadata();
    demand(&mut metadata, "jwt");
    let plain = ResponseTemplate::new(200).set_body_json(issuer.server_metadata());
    world.answer("/.well-known/oauth-authorization-server", plain).await;
    let wanting = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer("/.well-known/openid-credential-issuer", wanting).await;
    let error = world.wallet.open_offer(&issuer.offer()).await.expect_err("refused");
    assert_eq!(error.code(), "attestation_needed", "of its keys");
    assert_eq!(world.sent("POST", "/token").await.len(), 0);
}

#[test_case(500, json!({}) => "attester_failed" ; "it fails")]
#[test_case(400, json!({ "code": "invalid_nonce" }) => "attester_failed" ; "it refuses")]
#[test_case(200, json!({ "attestation": "not.a.token" }) => "attester_failed" ; "no token")]
#[tokio::test]
async fn h6_wallet_does_not_pass_on_what_it_should_not(status: u16, body: Value) -> &'static str {
    let world = World::new().await;
    let issuer = wanting(&world, person(&world), |_| ()).await;
    let answer = ResponseTemplate::new(status).set_body_json(body);
    world.answer(WALLET_ATTESTATION, answer).await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert_eq!(world.sent("POST", "/token").await.len(), 0, "the code is not used up");
    error.code()
}

#[test_case(|said| said["sub"] = json!("another-wallet") ; "of another kind")]
#[test_case(|said| said["serial"] = json!(4711) ; "it would tell wallets apart")]
#[test_case(|said| said["iss"] = json!("https://other.example") ; "of another attester")]
#[test_case(|said| said["exp"] = json!(NOW - 1) ; "its time is over")]
#[test_case(|said| said["cnf"]["jwk"] = key(92).public().to_value() ; "of another key")]
#[test_case(|said| said["cnf"]["jwk"]["d"] = json!("AQ") ; "with a private member")]
#[test_case(|said| said["cnf"]["kid"] = json!("4711") ; "with a name for the key")]
#[tokio::test]
async fn h6_wallet_passes_on_only_what_is_said_of_its_kind_and_key(change: fn(&mut Value)) {
    let world = World::new().await;
    let issuer = wanting(&world, person(&world), |_| ()).await;
    world.attester_saying(change).await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert_eq!(error.code(), "attester_failed");
    assert_eq!(world.sent("POST", "/token").await.len(), 0, "the code is not used up");
}

#[tokio::test]
async fn h6_wallet_that_the_server_does_not_take_says_so() {
    let world = World::new().await;
    let issuer = wanting(&world, person(&world), |_| ()).await;
    let refused = ResponseTemplate::new(401).set_body_json(json!({ "error": "invalid_client" }));
    world.answer("/token", refused).await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert_eq!(error.code(), "wallet_not_accepted");
}

/// Keys have to be attested in every configuration, and proved in this way.
fn demand(metadata: &mut Value, kind: &str) {
    let proof = json!({ "proof_signing_alg_values_supported": ["ES256"], "key_attestations_required": {} });
    let configurations = metadata["credential_configurations_supported"].as_object_mut();
    for configuration in configurations.expect("configurations").values_mut() {
        configuration["proof_types_supported"] = json!({ kind: proof });
    }
}

/// An issuer that takes attested keys alone, proved in this way.
async fn demanding(world: &World, kind: &str) -> Issuer {
    world.attester().await;
    let issuer = world.issuer("person-identification").await;
    let mut metadata = issuer.metadata();
    demand(&mut metadata, kind);
    let answer = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer("/.well-known/openid-credential-issuer", answer).await;
    issuer
}

#[test_case("jwt")]
#[test_case("attestation")]
#[tokio::test]
async fn h9_wallet_has_its_keys_attested_as_the_issuer_wants(kind: &str) {
    let world = World::new().await;
    let issuer = demanding(&world, kind).await;
    let accepted = world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!(accepted[0].copies, 6);
    let mut seen = std::collections::HashSet::new();
    for request in world.sent("POST", "/credential").await {
        let body: Value = serde_json::from_slice(&request.body).expect("json");
        let proofs = body["proofs"][kind].as_array().expect("proofs");
        assert_eq!(proofs.len(), 1);
        let proof = proofs[0].as_str().expect("text");
        let attestation = match kind {
            "jwt" => {
                let proof = jose::UnverifiedJws::parse(proof).expect("proof");
                proof.header().other()["key_attestation"]
                    .as_str()
                    .expect("text")
                    .to_owned()
            }
            _ => proof.to_owned(),
        };
        let said = claims(&attestation);
        assert_eq!(said["nonce"], "fresh", "the issuer's");
        let keys = said["attested_keys"].as_array().expect("keys");
        assert_eq!(keys.len(), 3);
        for key in keys {
            assert!(seen.insert(key.to_string()), "each key once");
        }
    }
    let token = world.sent("POST", "/token").await.remove(0);
    assert!(
        token.headers.get("oauth-client-attestation").is_none(),
        "nobody wanted to know what the wallet is"
    );
}

#[test_case(|said| said["nonce"] = json!("of another issuer") ; "over another nonce")]
#[test_case(|said| said["attested_keys"][0] = key(92).public().to_value() ; "of another key")]
#[test_case(|said| { said["attested_keys"].as_array_mut().expect("keys").pop(); } ; "of fewer keys")]
#[test_case(|said| said["attested_keys"][0]["d"] = json!("AQ") ; "with a private member")]
#[test_case(|said| said["exp"] = json!(NOW - 1) ; "its time is over")]
#[test_case(|said| said["iss"] = json!("https://other.example") ; "of another attester")]
#[test_case(|said| said["status"] = json!({ "status_list": { "idx": 4711, "uri": "https://attester.example/1" } })
    ; "it would tell wallets apart")]
#[tokio::test]
async fn h9_wallet_passes_on_only_what_is_said_of_its_keys(change: fn(&mut Value)) {
    let world = World::new().await;
    let issuer = demanding(&world, "attestation").await;
    world.attester_saying(change).await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert_eq!(error.code(), "attester_failed");
    assert_eq!(
        world.sent("POST", "/credential").await.len(),
        0,
        "the issuer hears of no key"
    );
}
