//! Cards for which the person signs in: what is pushed, what comes back, and what is never sent.

use crate::world::{CredentialEndpoint, Issuer, METADATA, NOW, World, on, parameters, thumbprint};
use oid4vci::AuthorizationResponseError;
use oid4vci::metadata::AuthorizationServerMetadataError;
use oid4vci::wallet::{PrepareError, TokenStepError};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};
use test_case::test_case;
use url::Url;
use wallet::{Arrival, IssuanceError, Outcome};
use wiremock::{Request, Respond, ResponseTemplate};

pub(crate) const CALLBACK: &str = "http://127.0.0.1:4711/authorized";

async fn signing_in(world: &World) -> Issuer {
    let issuer = Issuer::of(world, "person-identification").signing_in();
    issuer.mount(world).await;
    issuer
}

/// Begins, and gives the state of the request.
async fn begin(world: &World, issuer: &Issuer) -> String {
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    assert!(offer.needs_sign_in());
    let callback: Url = CALLBACK.parse().expect("url");
    world.wallet.begin_sign_in(&offer, &callback).await.expect("begun");
    let pushed = world.sent("POST", "/par").await;
    parameters(pushed.last().expect("pushed"))["state"].clone()
}

/// Where the browser ends.
pub(crate) fn answer(issuer: &Issuer, state: &str, changes: &[(&str, Option<&str>)]) -> String {
    let mut pairs = vec![("code", "the-code"), ("state", state), ("iss", issuer.url.as_str())];
    for (name, value) in changes {
        pairs.retain(|(known, _)| known != name);
        if let Some(value) = value {
            pairs.push((*name, *value));
        }
    }
    Url::parse_with_params(CALLBACK, pairs).expect("url").into()
}

async fn finish(world: &World, redirected: &str) -> Result<Arrival, IssuanceError> {
    world.wallet.finish_sign_in(redirected).await
}

#[tokio::test]
async fn a_card_comes_after_a_sign_in() {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    let callback: Url = CALLBACK.parse().expect("url");
    let sign_in = world.wallet.begin_sign_in(&offer, &callback).await.expect("begun");
    let opened = "/authorize?client_id=holdfast-wallet&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3Aabc";
    assert_eq!(sign_in.url.as_str(), world.url("agency", opened));
    let pushed = world.sent("POST", "/par").await;
    let request = parameters(&pushed[0]);
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", "holdfast-wallet"),
        ("redirect_uri", CALLBACK),
        ("code_challenge_method", "S256"),
        ("scope", "person-identification"),
        ("issuer_state", "the-offer"),
    ] {
        assert_eq!(request[name], value, "{name}");
    }
    let arrival = finish(&world, &answer(&issuer, &request["state"], &[]))
        .await
        .expect("came");
    assert_eq!(arrival.cards[0].claims["given_name"], "Erika");
    let redeemed = world.sent("POST", "/token").await;
    let token = parameters(&redeemed[0]);
    let challenge = jose::base64url::encode(Sha256::digest(token["code_verifier"].as_bytes()));
    assert_eq!(challenge, request["code_challenge"], "RFC 7636");
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "the-code"),
        ("redirect_uri", CALLBACK),
        ("client_id", "holdfast-wallet"),
    ] {
        assert_eq!(token[name], value, "{name}");
    }
    assert_eq!(
        thumbprint(&pushed[0]),
        thumbprint(&redeemed[0]),
        "one key from the beginning"
    );
    world.wallet.keep_cards(&arrival.id).await.expect("kept");
    assert_eq!(world.wallet.cards().expect("cards").len(), 1);
}

/// Issues datasets by the names that the token gave them. OpenID4VCI 1.0 §8.2
struct ByName(CredentialEndpoint);

const DATASET: &str = "dataset of ";

impl Respond for ByName {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut body: Value = serde_json::from_slice(&request.body).expect("json");
        assert!(body.get("credential_configuration_id").is_none(), "one of both");
        let name = body["credential_identifier"].as_str().expect("a name");
        body["credential_configuration_id"] = name.strip_prefix(DATASET).expect("a dataset").into();
        let mut by_configuration = request.clone();
        by_configuration.body = body.to_string().into_bytes();
        ResponseTemplate::new(200).set_body_json(self.0.answer(&by_configuration, false))
    }
}

#[tokio::test]
async fn without_scopes_cards_are_asked_for_and_issued_by_their_names() {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let names = ["person-identification", "person-identification.offline"];
    let mut metadata = issuer.metadata();
    for name in names {
        let configuration = &mut metadata["credential_configurations_supported"][name];
        configuration.as_object_mut().expect("configuration").remove("scope");
    }
    let json = |body: Value| ResponseTemplate::new(200).set_body_json(body);
    world.answer(METADATA, json(metadata)).await;
    let detail = |name: &str| {
        json!({
            "type": "openid_credential",
            "credential_configuration_id": name,
            "credential_identifiers": [format!("{DATASET}{name}")],
        })
    };
    let token = json!({
        "access_token": "token", "token_type": "DPoP", "expires_in": 300,
        "authorization_details": names.map(detail),
    });
    world.answer("/token", json(token)).await;
    on("POST", "/credential")
        .respond_with(ByName(issuer.endpoint()))
        .with_priority(world.next_priority())
        .mount(&world.server)
        .await;

    let state = begin(&world, &issuer).await;
    let request = parameters(&world.sent("POST", "/par").await[0]);
    assert!(!request.contains_key("scope"));
    let asked: Value = serde_json::from_str(&request["authorization_details"]).expect("json");
    let asked = asked.as_array().expect("details").iter();
    let asked: Vec<&Value> = asked.map(|detail| &detail["credential_configuration_id"]).collect();
    assert_eq!(asked, names);
    let arrival = finish(&world, &answer(&issuer, &state, &[])).await.expect("came");
    assert_eq!(arrival.cards[0].claims["given_name"], "Erika");
}

#[test_case(&[("iss", Some("https://evil.example"))] => AuthorizationResponseError::OtherIssuer ; "another server")]
#[test_case(&[("iss", None)] => AuthorizationResponseError::NoIssuer ; "no server named")]
#[test_case(&[("code", None)] => AuthorizationResponseError::NoCode ; "no code")]
#[test_case(&[("iss", Some("https://evil.example")), ("error", Some("access_denied"))]
    => AuthorizationResponseError::OtherIssuer ; "a refusal of another server")]
#[tokio::test]
async fn e11_wallet_an_answer_that_is_mixed_up(changes: &[(&str, Option<&str>)]) -> AuthorizationResponseError {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let state = begin(&world, &issuer).await;
    let error = finish(&world, &answer(&issuer, &state, changes))
        .await
        .expect_err("refused");
    assert_eq!(
        world.sent("POST", "/token").await.len(),
        0,
        "the code is sent to nobody"
    );
    finish(&world, &answer(&issuer, &state, &[]))
        .await
        .expect("the right answer still counts");
    match error {
        IssuanceError::SignIn(reason) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn e11_wallet_an_answer_nobody_waits_for() {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let state = begin(&world, &issuer).await;
    let asked = world.server.received_requests().await.expect("recorded").len();
    let elsewhere = answer(&issuer, &state, &[]).replace("/authorized", "/authorized/");
    for (redirected, code) in [
        (answer(&issuer, "made-up", &[]), "no_such_sign_in"),
        (answer(&issuer, &state, &[("state", None)]), "no_such_sign_in"),
        (elsewhere, "no_such_sign_in"),
        ("not an address".to_owned(), "no_such_sign_in"),
    ] {
        let error = finish(&world, &redirected).await.expect_err("refused");
        assert_eq!(error.code(), code, "{redirected}");
    }
    let sent = world.sent("POST", "/token").await.len();
    assert_eq!(sent, 0);
    assert_eq!(world.server.received_requests().await.expect("recorded").len(), asked);
    finish(&world, &answer(&issuer, &state, &[])).await.expect("came");
    let error = finish(&world, &answer(&issuer, &state, &[])).await.expect_err("once");
    assert!(matches!(error, IssuanceError::NoSuchSignIn));
}

#[tokio::test]
async fn i4_wallet_an_answer_that_comes_twice_at_once_counts_once() {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let state = begin(&world, &issuer).await;
    let answered = answer(&issuer, &state, &[]);
    let (first, second) = tokio::join!(finish(&world, &answered), finish(&world, &answered));
    let error = [first, second].into_iter().filter_map(Result::err).next();
    assert!(matches!(error, Some(IssuanceError::NoSuchSignIn)), "{error:?}");
    assert_eq!(world.sent("POST", "/token").await.len(), 1, "the code is sent once");
    assert_eq!(world.wallet.pending_cards().expect("pending").len(), 1);
}

#[tokio::test]
async fn an_answer_counts_after_a_restart_and_for_half_an_hour() {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let (first, second) = (begin(&world, &issuer).await, begin(&world, &issuer).await);
    let world = world.killed();
    finish(&world, &answer(&issuer, &first, &[])).await.expect("came");
    world.clock.set(NOW + 1_800);
    let error = finish(&world, &answer(&issuer, &second, &[]))
        .await
        .expect_err("too late");
    assert!(matches!(error, IssuanceError::NoSuchSignIn));
}

#[tokio::test]
async fn a_refusal_is_noted_and_ends_the_sign_in() {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let state = begin(&world, &issuer).await;
    let refused = answer(&issuer, &state, &[("code", None), ("error", Some("access_denied"))]);
    let error = finish(&world, &refused).await.expect_err("refused");
    assert_eq!(error.code(), "access_denied");
    let history = world.wallet.history().expect("history");
    assert_eq!(
        (history[0].record.outcome, history[0].record.reason.as_deref()),
        (Outcome::NotStored, Some("access_denied"))
    );
    let error = finish(&world, &answer(&issuer, &state, &[])).await.expect_err("over");
    assert!(matches!(error, IssuanceError::NoSuchSignIn));
}

#[tokio::test]
async fn e11_wallet_a_server_of_another_party() {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let mut metadata = issuer.metadata();
    metadata["authorization_servers"] = json!([world.url("evil", "")]);
    let answer = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer("/.well-known/openid-credential-issuer", answer).await;
    // What answers there is the agency's: somebody wants its code elsewhere.
    let error = world.wallet.open_offer(&issuer.offer()).await.expect_err("refused");
    assert!(matches!(
        error,
        IssuanceError::ServerMetadata(AuthorizationServerMetadataError::OtherServer)
    ));
    assert_eq!(
        world.sent("POST", "/par").await.len() + world.sent("POST", "/token").await.len(),
        0
    );
}

#[test_case("pushed_authorization_request_endpoint" => PrepareError::NoPushedRequests)]
#[test_case("code_challenge_methods_supported" => PrepareError::NoPkce)]
#[test_case("authorization_response_iss_parameter_supported" => PrepareError::NoIssuerInAnswers)]
#[test_case("authorization_endpoint" => PrepareError::NoSupportedGrant)]
#[test_case("dpop_signing_alg_values_supported" => PrepareError::NoDpop)]
#[tokio::test]
async fn e11_wallet_a_server_that_leaves_something_out(name: &str) -> PrepareError {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let mut server = issuer.server_metadata();
    server.as_object_mut().expect("object").remove(name);
    let answer = ResponseTemplate::new(200).set_body_json(server);
    world.answer("/.well-known/oauth-authorization-server", answer).await;
    match world.wallet.open_offer(&issuer.offer()).await {
        Err(IssuanceError::Prepare(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a14_wallet_gives_the_nonce_that_is_asked_for() {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    for at in ["/par", "/token"] {
        let once = ResponseTemplate::new(400)
            .insert_header("dpop-nonce", "fresh")
            .set_body_json(json!({"error": "use_dpop_nonce"}));
        world.answer_once(at, once).await;
    }
    let state = begin(&world, &issuer).await;
    finish(&world, &answer(&issuer, &state, &[])).await.expect("came");
    assert_eq!(
        (
            world.sent("POST", "/par").await.len(),
            world.sent("POST", "/token").await.len()
        ),
        (2, 2)
    );
}

#[test_case("/par", 503 ; "busy where it begins")]
#[test_case("/par", 429 ; "too many where it begins")]
#[test_case("/token", 503 ; "busy where the code is redeemed")]
#[test_case("/token", 429 ; "too many where the code is redeemed")]
#[tokio::test]
async fn a_server_that_is_busy_for_a_moment_ends_no_sign_in(at: &str, status: u16) {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let busy = ResponseTemplate::new(status).insert_header("retry-after", "1");
    world.answer_once(at, busy).await;
    let begun = Instant::now();
    let state = begin(&world, &issuer).await;
    finish(&world, &answer(&issuer, &state, &[])).await.expect("came");
    assert!(begun.elapsed() >= Duration::from_secs(1), "Retry-After is kept to");
    let sent = world.sent("POST", at).await;
    assert_eq!(sent.len(), 2);
    assert_eq!(parameters(&sent[0]), parameters(&sent[1]), "the same once more");
}

#[test_case(503, Some("3600"), 1 ; "busy for an hour")]
#[test_case(429, Some("3600"), 1 ; "too many for an hour")]
#[test_case(503, None, 4 ; "busy and says not for how long")]
#[tokio::test]
async fn a_server_that_stays_busy_leaves_the_sign_in_as_it_was(status: u16, after: Option<&str>, asked: usize) {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let state = begin(&world, &issuer).await;
    let answered = answer(&issuer, &state, &[]);
    let mut busy = ResponseTemplate::new(status);
    if let Some(seconds) = after {
        busy = busy.insert_header("retry-after", seconds);
    }
    world.answer("/token", busy).await;
    let error = finish(&world, &answered).await.expect_err("busy");
    assert!(matches!(error, IssuanceError::Busy(_)), "{error:?}");
    assert_eq!(error.code(), "issuer_busy");
    assert_eq!(world.sent("POST", "/token").await.len(), asked);
    assert!(world.wallet.pending_cards().expect("pending").is_empty());
    issuer.mount(&world).await;
    let world = world.killed();
    finish(&world, &answered).await.expect("the code is as good as before");
    let error = finish(&world, &answered).await.expect_err("once");
    assert!(matches!(error, IssuanceError::NoSuchSignIn));
    assert_eq!(world.sent("POST", "/token").await.len(), asked + 1);
}

/// RFC 6749 §4.1.2
#[test_case(400, json!({ "error": "invalid_grant" }) => "invalid_grant" ; "refused")]
#[test_case(400, json!({}) => "issuer_failed" ; "refused and not said why")]
#[test_case(500, json!({}) => "issuer_failed" ; "failed, perhaps after it was used")]
#[tokio::test]
async fn a_code_that_may_have_been_used_is_not_sent_again(status: u16, body: Value) -> &'static str {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let state = begin(&world, &issuer).await;
    let answered = answer(&issuer, &state, &[]);
    let refusal = ResponseTemplate::new(status).insert_header("retry-after", "0");
    world.answer_once("/token", refusal.set_body_json(body)).await;
    let refused = finish(&world, &answered).await.expect_err("refused");
    let error = finish(&world, &answered).await.expect_err("over");
    assert!(matches!(error, IssuanceError::NoSuchSignIn));
    assert_eq!(world.sent("POST", "/token").await.len(), 1);
    refused.code()
}

#[tokio::test]
async fn an_offer_with_a_sign_in_is_not_received_without_one() {
    let world = World::new().await;
    let issuer = signing_in(&world).await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert!(matches!(error, IssuanceError::TokenStep(TokenStepError::SignInNeeded)));
    assert_eq!(error.code(), "sign_in_needed");
    let plain = world.issuer("person-identification").await;
    let offer = world.wallet.open_offer(&plain.offer()).await.expect("opened");
    let callback: Url = CALLBACK.parse().expect("url");
    let error = world
        .wallet
        .begin_sign_in(&offer, &callback)
        .await
        .expect_err("refused");
    assert_eq!(error.code(), "sign_in_not_needed");
}
