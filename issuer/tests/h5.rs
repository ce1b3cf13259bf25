//! Catalogue H5: pushed requests, PKCE, codes. Catalogue A14 where DPoP meets them, H10 and H11 with their tokens.

use futures_util::future::join_all;
use oid4vci::wallet::{
    CredentialAnswer, HttpRequest, HttpResponse, PreparedIssuance, Reply, WalletClient, fetch_issuer_metadata,
    fetch_server_metadata,
};
use oid4vci::{
    AuthorizationServerMetadata, CredentialOffer, Identifier, IssuerMetadata, OfferLink, Transport,
    UnverifiedAuthorizationResponse,
};
use serde_json::{Value, json};
use test_case::test_case;

use crate::citizens::{Browser, CALLBACK, CLIENT, Push, code, code_form, opened, parameter, refresh_form};
use crate::wallet::{Wallet, c_nonce, form, fresh_key, key_proof, key_proof_of};
use crate::world::{Answer, NOW, PUBLIC_URL, World};

const SOMEBODY: &str = "SYN-000001";
const SOMEBODY_ELSE: &str = "SYN-000002";

async fn over_the_wire(world: &World, request: HttpRequest) -> Answer {
    assert!(request.url.as_str().starts_with(PUBLIC_URL), "{}", request.url);
    let mut builder = http::Request::builder().method(request.method).uri(request.url.path());
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    world
        .send(builder.body(axum::body::Body::from(request.body)).unwrap())
        .await
}

fn response(answer: &Answer) -> HttpResponse<'_> {
    HttpResponse {
        status: answer.status.as_u16(),
        content_type: answer.header("content-type"),
        dpop_nonce: answer.header("dpop-nonce"),
        body: &answer.body,
    }
}

/// An offer with a sign-in; its id, and what the wallet reads.
async fn offer(world: &World, credential_type: &str, subject: &str) -> (String, CredentialOffer) {
    let wanted = json!({
        "credential_type": credential_type, "subject": subject, "form": "value", "grant": "authorization_code",
    });
    let made = world.api("POST", "/api/v1/offers", wanted).await;
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    let link = OfferLink::parse(made["offer_uri"].as_str().unwrap(), Transport::LoopbackHttp).unwrap();
    let OfferLink::ByValue(offer) = link else {
        panic!("by value")
    };
    (made["id"].as_str().unwrap().to_owned(), offer)
}

async fn metadata(world: &World) -> (IssuerMetadata, AuthorizationServerMetadata) {
    let id = Identifier::parse(PUBLIC_URL, Transport::LoopbackHttp).unwrap();
    let answer = over_the_wire(world, fetch_issuer_metadata(&id)).await;
    let issuer = IssuerMetadata::parse(response(&answer).json().unwrap(), &id, Transport::LoopbackHttp).unwrap();
    let answer = over_the_wire(world, fetch_server_metadata(&id)).await;
    let server = response(&answer).json().unwrap();
    let server = AuthorizationServerMetadata::parse(server, &id, Transport::LoopbackHttp).unwrap();
    (issuer, server)
}

/// Both sides of the protocol crate, with the provider between them.
#[tokio::test]
async fn h5_issuer_a_person_signs_in_and_gets_the_card_that_was_offered() {
    let world = World::citizens().await;
    let (id, offer) = offer(&world, "residence", SOMEBODY).await;
    let (issuer, server) = metadata(&world).await;
    let prepared = PreparedIssuance::new(offer, issuer, server, jose::Algorithm::Es256).unwrap();
    assert!(prepared.needs_sign_in());
    let dpop = fresh_key();
    let callback = CALLBACK.parse().unwrap();
    let client = WalletClient {
        client_id: CLIENT,
        redirect_uri: &callback,
    };
    let random = &mut service::random::fill;
    let mut pushing = prepared.authorize(&client, random).unwrap();
    let mut asked_for_nonce = false;
    let started = loop {
        let answer = over_the_wire(&world, pushing.request(&dpop, NOW, random).unwrap()).await;
        match pushing.response(&response(&answer)).unwrap() {
            Reply::Done(started) => break started,
            Reply::RepeatWithDpopNonce => asked_for_nonce = true,
            other => panic!("{other:?}"),
        }
    };
    assert!(asked_for_nonce, "the proof of a pushed request needs a nonce as well");
    let target = format!("{}?{}", started.url.path(), started.url.query().unwrap());
    let url = Browser::default().whole(&world, &target, SOMEBODY).await;
    assert!(url.as_str().starts_with(CALLBACK), "{url}");
    let answer = UnverifiedAuthorizationResponse::parse(url.as_str()).unwrap();
    let code = started.pending.check(answer).unwrap();
    let mut exchange = prepared.redeem(&started.pending, code).unwrap();
    let mut session = loop {
        let answer = over_the_wire(&world, exchange.request(&dpop, NOW, random).unwrap()).await;
        match exchange.response(&response(&answer)).unwrap() {
            Reply::Done(session) => break session,
            Reply::RepeatWithDpopNonce => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(session.refresh().is_some());
    let answer = over_the_wire(&world, session.nonce_request().unwrap()).await;
    session.nonce_response(&response(&answer)).unwrap();
    let key = fresh_key();
    let request = session.credential_request("residence", &[&key], &dpop, NOW, random);
    let answer = over_the_wire(&world, request.unwrap()).await;
    let reply = session.credential_response(&response(&answer), 1).unwrap();
    let Reply::Done(CredentialAnswer::Issued(issued)) = reply else {
        panic!("{answer:?}")
    };
    assert_eq!(issued.credentials.len(), 1);
    assert_eq!(world.offer_state(&id).await["state"], "issued");
}

#[tokio::test]
async fn h5_issuer_metadata_says_all_of_it() {
    let world = World::citizens().await;
    let metadata = world.get("/.well-known/oauth-authorization-server").await.json();
    for (name, value) in [
        ("authorization_endpoint", json!(format!("{PUBLIC_URL}/authorize"))),
        (
            "pushed_authorization_request_endpoint",
            json!(format!("{PUBLIC_URL}/par")),
        ),
        ("require_pushed_authorization_requests", json!(true)),
        ("response_types_supported", json!(["code"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("authorization_response_iss_parameter_supported", json!(true)),
        ("dpop_signing_alg_values_supported", json!(["ES256"])),
        ("authorization_details_types_supported", json!(["openid_credential"])),
        (
            "grant_types_supported",
            json!([oid4vci::PRE_AUTHORIZED_CODE, "authorization_code", "refresh_token"]),
        ),
    ] {
        assert_eq!(metadata[name], value, "{name}");
    }
    let scopes = metadata["scopes_supported"].as_array().unwrap();
    let issuer = world.get("/.well-known/openid-credential-issuer").await.json();
    for configuration in issuer["credential_configurations_supported"]
        .as_object()
        .unwrap()
        .values()
    {
        assert!(scopes.contains(&configuration["scope"]), "{configuration}");
    }
}

#[tokio::test]
async fn without_a_provider_there_is_no_sign_in() {
    let world = World::x5c().await;
    let metadata = world.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(metadata.get("authorization_endpoint"), None);
    assert_eq!(Push::of("residence").send(&world).await.status, 404);
    let wanted = json!({ "credential_type": "residence", "subject": SOMEBODY, "grant": "authorization_code" });
    let answer = world.api("POST", "/api/v1/offers", wanted).await;
    assert_eq!(answer.refusal(), (422, "no_sign_in".to_owned()));
}

#[test_case("code_challenge", None => (400, "invalid_request".to_owned()) ; "pkce missing")]
#[test_case("code_challenge_method", Some("plain") => (400, "invalid_request".to_owned()) ; "plain")]
#[test_case("code_challenge_method", None => (400, "invalid_request".to_owned()) ; "plain by default")]
#[test_case("code_challenge", Some("short") => (400, "invalid_request".to_owned()) ; "a challenge that is no hash")]
#[test_case("redirect_uri", Some("http://127.0.0.1:4711/authorized/") => (400, "invalid_request".to_owned()) ; "one slash")]
#[test_case("redirect_uri", Some("https://evil.example/authorized") => (400, "invalid_request".to_owned()) ; "somebody else's address")]
#[test_case("redirect_uri", None => (400, "invalid_request".to_owned()) ; "no address")]
#[test_case("client_id", Some("nobody") => (401, "invalid_client".to_owned()) ; "unknown client")]
#[test_case("response_type", Some("token") => (400, "unsupported_response_type".to_owned()) ; "implicit")]
#[test_case("scope", Some("openid library-card") => (400, "invalid_scope".to_owned()) ; "no scope that is a card")]
#[test_case("request_uri", Some("urn:ietf:params:oauth:request_uri:x") => (400, "invalid_request".to_owned()) ; "a pushed reference")]
#[test_case("authorization_details", Some(r#"[{"type":"openid_credential","credential_configuration_id":"library-card"}]"#)
    => (400, "invalid_authorization_details".to_owned()) ; "unknown configuration")]
#[test_case("authorization_details", Some(r#"[{"type":"payment","credential_configuration_id":"residence"}]"#)
    => (400, "invalid_authorization_details".to_owned()) ; "unknown type of details")]
#[test_case("resource", Some("https://other.example") => (400, "invalid_request".to_owned()) ; "another issuer's card")]
#[test_case("issuer_state", Some("made up") => (400, "invalid_request".to_owned()) ; "an issuer_state of nobody")]
#[tokio::test]
async fn h5_issuer_par(name: &str, value: Option<&str>) -> (u16, String) {
    let world = World::citizens().await;
    let answer = Push::of("residence").with(name, value).send(&world).await;
    assert_eq!(world.count("authorization_requests").await, 0);
    answer.refusal()
}

#[tokio::test]
async fn h5_issuer_unknown_scopes_are_ignored_beside_a_known_one() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("openid residence library-card");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    wallet
        .copies(&world, token["access_token"].as_str().unwrap(), "residence", 1)
        .await;
}

#[tokio::test]
async fn h5_issuer_a_request_that_was_not_pushed_goes_nowhere() {
    let world = World::citizens().await;
    let form = Push::of("residence").form();
    for target in [
        format!("/authorize?{form}"),
        opened("urn:ietf:params:oauth:request_uri:unknown"),
        opened("https://evil.example/request"),
        "/authorize".to_owned(),
    ] {
        let answer = Browser::default().open(&world, &target).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (400, None),
            "{target}"
        );
        assert!(answer.header("content-security-policy").is_some());
    }
}

#[tokio::test]
async fn h5_issuer_a_pushed_request_is_opened_once_in_time_and_by_its_client() {
    let world = World::citizens().await;
    let target = Push::of("residence").pushed(&world).await;
    let other = target.replace(CLIENT, "other-wallet");
    assert_eq!(Browser::default().open(&world, &other).await.status, 400);
    assert_eq!(Browser::default().open(&world, &target).await.status, 303);
    assert_eq!(
        Browser::default().open(&world, &target).await.status,
        400,
        "opened before"
    );
    let target = Push::of("residence").pushed(&world).await;
    world.clock.advance(300);
    assert_eq!(Browser::default().open(&world, &target).await.status, 400, "too late");
}

#[tokio::test]
async fn h5_issuer_the_answer_carries_state_and_issuer() {
    let world = World::citizens().await;
    let target = Push::of("residence").pushed(&world).await;
    let url = Browser::default().whole(&world, &target, SOMEBODY).await;
    assert_eq!(parameter(&url, "state").as_deref(), Some("wallet-state"));
    assert_eq!(parameter(&url, "iss").as_deref(), Some(PUBLIC_URL));
    let push = Push::of("residence").with("state", None);
    let target = push.pushed(&world).await;
    let url = Browser::default().whole(&world, &target, SOMEBODY).await;
    assert_eq!(parameter(&url, "state"), None);
}

#[tokio::test]
async fn h5_issuer_a_code_with_a_wrong_verifier_or_address_is_not_redeemed() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let good = push.redeeming(&code);
    for (what, form) in [
        ("wrong verifier", code_form(&code, CALLBACK, &"a".repeat(43))),
        ("no verifier", code_form(&code, CALLBACK, "")),
        (
            "one slash",
            code_form(&code, &format!("{CALLBACK}/"), push.verifier.as_str()),
        ),
        ("no address", code_form(&code, "", push.verifier.as_str())),
        ("another client", good.replace(CLIENT, "other-wallet")),
        ("unknown code", push.redeeming("unknown")),
    ] {
        let answer = wallet.redeem(&world, form).await;
        assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()), "{what}");
    }
    assert_eq!(world.count("access_tokens").await, 0);
    assert_eq!(wallet.redeem(&world, good).await.status, 200, "the code is not burnt");
}

#[tokio::test]
async fn h5_issuer_a_code_used_twice_takes_its_tokens_with_it() {
    let mut world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let access = token["access_token"].as_str().unwrap();
    wallet.copies(&world, access, "residence", 1).await;
    world.restart().await;
    let thief = Wallet::new();
    let answer = thief.redeem(&world, push.redeeming(&code)).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let answer = wallet.credential(&world, access, "residence", &[proof]).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
    let refresh = refresh_form(token["refresh_token"].as_str().unwrap());
    let answer = wallet.redeem(&world, refresh).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h5_issuer_a_code_used_thirty_times_at_once_succeeds_once() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let mut proofs = Vec::new();
    for _ in 0..30 {
        proofs.push(wallet.dpop(&world, "/token", None).await);
    }
    let requests = proofs
        .iter()
        .map(|dpop| wallet.token_with(&world, dpop, push.redeeming(&code)));
    let answers = join_all(requests).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(
        world.count("access_tokens").await,
        0,
        "whoever came second ended it for all"
    );
}

#[tokio::test]
async fn h5_issuer_a_code_is_good_for_a_minute() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    world.clock.advance(60);
    let answer = wallet.redeem(&world, push.redeeming(&code)).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn h5_issuer_an_offer_is_for_one_person_and_taken_up_once() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let (id, offer) = offer(&world, "residence", SOMEBODY).await;
    let issuer_state = offer.grants.authorization_code.unwrap().issuer_state.unwrap();
    let answer = wallet.redeem(&world, form(&issuer_state, None)).await;
    assert_eq!(
        answer.refusal(),
        (400, "invalid_grant".to_owned()),
        "it is no pre-authorized code"
    );
    let push = || Push::of("residence").with("issuer_state", Some(&issuer_state));
    let target = push().pushed(&world).await;
    let url = Browser::default().whole(&world, &target, SOMEBODY_ELSE).await;
    assert_eq!(parameter(&url, "error").as_deref(), Some("access_denied"));
    assert_eq!(
        (parameter(&url, "code"), world.offer_state(&id).await["state"].clone()),
        (None, json!("open"))
    );
    let (first, second) = (push(), push());
    let codes = [
        code(&world, &first, SOMEBODY).await,
        code(&world, &second, SOMEBODY).await,
    ];
    assert_eq!(wallet.redeem(&world, first.redeeming(&codes[0])).await.status, 200);
    let answer = wallet.redeem(&world, second.redeeming(&codes[1])).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    assert_eq!(world.offer_state(&id).await["state"], "redeemed");
    let answer = push().send(&world).await;
    assert_eq!(
        answer.refusal(),
        (400, "invalid_request".to_owned()),
        "its issuer_state is of no use any more"
    );
    let other = Push::of("driving-licence").with("issuer_state", Some(&issuer_state));
    assert_eq!(other.send(&world).await.refusal(), (400, "invalid_request".to_owned()));
}

#[tokio::test]
async fn h11_issuer_a_token_for_one_scope_gets_nothing_else() {
    let world = World::citizens().await;
    let (wallet, other) = (Wallet::new(), Wallet::new());
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let token = token["access_token"].as_str().unwrap();
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let proof = std::slice::from_ref(&proof);
    let answer = wallet.credential(&world, token, "person-identification", proof).await;
    assert_eq!(answer.refusal(), (403, "insufficient_scope".to_owned()));
    let answer = other.credential(&world, token, "residence", proof).await;
    assert_eq!(
        answer.refusal(),
        (401, "invalid_token".to_owned()),
        "a token of another wallet"
    );
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn h10_issuer_authorization_details_are_answered_with_identifiers() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let details = json!([
        { "type": "openid_credential", "credential_configuration_id": "residence", "locations": [PUBLIC_URL], "x": 1 },
        { "type": "openid_credential", "credential_configuration_id": "person-identification" },
    ])
    .to_string();
    let push = Push::of("residence").with("authorization_details", Some(&details));
    let code = code(&world, &push, SOMEBODY).await;
    let more = json!([{ "type": "openid_credential", "credential_configuration_id": "driving-licence" }]);
    let less = json!([{ "type": "openid_credential", "credential_configuration_id": "residence" }]);
    let with = |details: &Value| {
        let details: String = url::form_urlencoded::byte_serialize(details.to_string().as_bytes()).collect();
        format!("{}&authorization_details={details}", push.redeeming(&code))
    };
    let answer = wallet.redeem(&world, with(&more)).await;
    assert_eq!(answer.refusal(), (400, "invalid_authorization_details".to_owned()));
    let token = wallet.redeem(&world, with(&less)).await.json();
    let granted = json!([{
        "type": "openid_credential", "credential_configuration_id": "residence", "credential_identifiers": ["residence"],
    }]);
    assert_eq!(token["authorization_details"], granted);
    let token = token["access_token"].as_str().unwrap();
    let ask = async |named: Value| {
        let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
        let mut body = named;
        body["proofs"] = json!({ "jwt": [proof] });
        wallet.post(&world, "/credential", token, body.to_string()).await
    };
    let answer = ask(json!({ "credential_configuration_id": "residence" })).await;
    assert_eq!(answer.refusal(), (400, "invalid_credential_request".to_owned()));
    let answer = ask(json!({ "credential_identifier": "library-card" })).await;
    assert_eq!(answer.refusal(), (400, "unknown_credential_identifier".to_owned()));
    let answer = ask(json!({ "credential_identifier": "person-identification" })).await;
    assert_eq!(
        answer.refusal(),
        (403, "insufficient_scope".to_owned()),
        "given up in the token request"
    );
    assert_eq!(ask(json!({ "credential_identifier": "residence" })).await.status, 200);
}

#[tokio::test]
async fn h11_issuer_one_sign_in_for_two_cards() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence person-identification");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let token = token["access_token"].as_str().unwrap();
    wallet.copies(&world, token, "residence", 1).await;
    wallet.copies(&world, token, "person-identification", 1).await;
    assert_eq!(world.count("credentials").await, 2);
}

#[tokio::test]
async fn a14_issuer_dpop_at_the_endpoint_for_pushed_requests() {
    let world = World::citizens().await;
    let (wallet, other) = (Wallet::new(), Wallet::new());
    let push = Push::of("residence");
    let answer = push.send_with(&world, Some("not a proof")).await;
    assert_eq!(answer.refusal(), (400, "invalid_dpop_proof".to_owned()));
    let elsewhere = wallet.dpop(&world, "/token", None).await;
    let answer = push.send_with(&world, Some(&elsewhere)).await;
    assert_eq!(answer.refusal(), (400, "invalid_dpop_proof".to_owned()));
    let proof = wallet.dpop(&world, "/par", None).await;
    let contradicting = Push::of("residence").with("dpop_jkt", Some(&other.jkt()));
    let answer = contradicting.send_with(&world, Some(&proof)).await;
    assert_eq!(answer.refusal(), (400, "invalid_dpop_proof".to_owned()));
    assert_eq!(push.send_with(&world, Some(&proof)).await.status, 201);
    let answer = push.send_with(&world, Some(&proof)).await;
    assert_eq!(answer.refusal(), (400, "invalid_dpop_proof".to_owned()), "used before");
    world.clock.advance(300);
    let late = wallet.dpop(&world, "/par", None).await;
    world.clock.advance(300);
    let answer = push.send_with(&world, Some(&late)).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn a14_issuer_a_code_belongs_to_the_key_of_the_request() {
    let world = World::citizens().await;
    let (wallet, thief) = (Wallet::new(), Wallet::new());
    for by_header in [true, false] {
        let push = if by_header {
            Push::of("residence")
        } else {
            Push::of("residence").with("dpop_jkt", Some(&wallet.jkt()))
        };
        let proof = wallet.dpop(&world, "/par", None).await;
        let answer = push.send_with(&world, by_header.then_some(proof.as_str())).await;
        let target = opened(answer.json()["request_uri"].as_str().unwrap());
        let url = Browser::default().whole(&world, &target, SOMEBODY).await;
        let code = parameter(&url, "code").unwrap();
        let answer = thief.redeem(&world, push.redeeming(&code)).await;
        assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
        assert_eq!(wallet.redeem(&world, push.redeeming(&code)).await.status, 200);
    }
}

#[tokio::test]
async fn a14_issuer_a_refresh_token_belongs_to_its_key_and_client() {
    let world = World::citizens().await;
    let (wallet, thief) = (Wallet::new(), Wallet::new());
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let refresh = refresh_form(token["refresh_token"].as_str().unwrap());
    let answer = thief.redeem(&world, refresh.clone()).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    let answer = wallet.redeem(&world, refresh.replace(CLIENT, "other-wallet")).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    let answer = wallet.redeem(&world, refresh_form("unknown")).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()));
    let answer = wallet.redeem(&world, format!("{refresh}&scope=driving-licence")).await;
    assert_eq!(answer.refusal(), (400, "invalid_scope".to_owned()));
    let answer = wallet.redeem(&world, refresh.clone()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.json()["token_type"].clone()),
        (200, json!("DPoP"))
    );
    world.clock.advance(31_536_000);
    let answer = wallet.redeem(&world, refresh).await;
    assert_eq!(answer.refusal(), (400, "invalid_grant".to_owned()), "over");
}

#[tokio::test]
async fn copies_are_issued_again_and_those_before_are_revoked_once_they_arrived() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let access = token["access_token"].as_str().unwrap();
    let accepted = async |access: &str, id: &str| {
        let body = json!({ "notification_id": id, "event": "credential_accepted" });
        assert_eq!(
            wallet
                .post(&world, "/notification", access, body.to_string())
                .await
                .status,
            204
        );
    };
    let (old, id) = wallet.copies(&world, access, "residence", 2).await;
    accepted(access, &id).await;
    world.clock.advance(86_400);
    let refresh = refresh_form(token["refresh_token"].as_str().unwrap());
    let again = wallet.redeem(&world, refresh).await.json();
    let again = again["access_token"].as_str().unwrap();
    let (new, id) = wallet.copies(&world, again, "residence", 2).await;
    let all = [old, new].concat();
    assert_eq!(
        crate::status::statuses(&world, &all).await,
        [0; 4],
        "nothing is lost on the way"
    );
    accepted(again, &id).await;
    assert_eq!(crate::status::statuses(&world, &all).await, [1, 1, 0, 0]);
    assert_eq!(world.count("credentials").await, 1, "it is the same card");
}

#[tokio::test]
async fn a_revoked_card_is_not_issued_again() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    wallet
        .copies(&world, token["access_token"].as_str().unwrap(), "residence", 1)
        .await;
    let card: String = sqlx::query_scalar("SELECT id FROM credentials")
        .fetch_one(world.app.store().reader())
        .await
        .unwrap();
    let revoked = world
        .api("POST", &format!("/api/v1/credentials/{card}/revoke"), Value::Null)
        .await;
    assert!(revoked.status.is_success(), "{revoked:?}");
    let refresh = refresh_form(token["refresh_token"].as_str().unwrap());
    let again = wallet.redeem(&world, refresh).await.json();
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let again = again["access_token"].as_str().unwrap();
    let answer = wallet.credential(&world, again, "residence", &[proof]).await;
    assert_eq!(answer.refusal(), (400, "credential_request_denied".to_owned()));
}

#[tokio::test]
async fn what_has_run_out_of_a_sign_in_is_dropped() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    wallet.redeem(&world, push.redeeming(&code)).await;
    Push::of("residence").pushed(&world).await;
    world.app.forget().await.unwrap();
    assert_eq!(world.count("authorization_requests").await, 1);
    assert_eq!(
        world.count("authorization_codes").await,
        1,
        "remembered, so that its second use is noticed"
    );
    world.clock.advance(31_536_001);
    world.app.forget().await.unwrap();
    for table in [
        "authorization_requests",
        "authorization_codes",
        "refresh_tokens",
        "access_tokens",
    ] {
        assert_eq!(world.count(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn h11_issuer_an_access_token_in_the_query_is_none() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let token = token["access_token"].as_str().unwrap();
    let proof = key_proof(&fresh_key(), &c_nonce(&world).await);
    let body = json!({ "credential_configuration_id": "residence", "proofs": { "jwt": [proof] } });
    let dpop = wallet.dpop(&world, "/credential", Some(token)).await;
    let request = http::Request::post(format!("/credential?access_token={token}"))
        .header("content-type", "application/json")
        .header("dpop", dpop)
        .body(axum::body::Body::from(body.to_string()));
    let answer = world.send(request.unwrap()).await;
    assert_eq!(answer.status, 401);
    assert_eq!(world.count("copies").await, 0);
}

/// OpenID4VCI 1.0 Appendix F.1: `iss` of a key proof is the client that the token was given, and is left out where that
/// has no name.
#[tokio::test]
async fn a_key_proof_names_the_client_of_the_token_or_none() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let refresh = refresh_form(token["refresh_token"].as_str().unwrap());
    let refreshed = wallet.redeem(&world, refresh).await.json();
    let anonymous = wallet.access_token(&world, "residence", SOMEBODY_ELSE).await;
    let ask = async |token: &str, client: &str| {
        let proof = key_proof_of(client, &fresh_key(), &c_nonce(&world).await);
        wallet.credential(&world, token, "residence", &[proof]).await
    };
    for token in [&token["access_token"], &refreshed["access_token"]] {
        let token = token.as_str().unwrap();
        let other = ask(token, "other-wallet").await;
        assert_eq!(other.refusal(), (400, "invalid_proof".to_owned()));
        assert_eq!(ask(token, CLIENT).await.status, 200);
    }
    let nameless = ask(&anonymous, CLIENT).await;
    assert_eq!(nameless.refusal(), (400, "invalid_proof".to_owned()));
}

/// Runs a request while another holds the store and then takes the token's authorization back.
async fn taken_back_meanwhile(world: &World, request: impl Future<Output = Answer>) -> Answer {
    let mut write = world.app.store().begin().await.unwrap();
    let grant: String = sqlx::query_scalar("SELECT grant_id FROM access_tokens")
        .fetch_one(world.app.store().reader())
        .await
        .unwrap();
    let take_back = async {
        // Long enough for the request to have read its token; were it not, it would be refused all the same.
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        issuer::store::tokens::revoke_grant(&mut write, &grant).await.unwrap();
        write.commit().await.unwrap();
    };
    futures_util::future::join(request, take_back).await.0
}

#[tokio::test]
async fn h5_issuer_a_token_that_is_taken_back_while_cards_are_asked_for_gets_none() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let token = token["access_token"].as_str().unwrap();
    let proofs = [key_proof(&fresh_key(), &c_nonce(&world).await)];
    let request = wallet.credential(&world, token, "residence", &proofs);
    let answer = taken_back_meanwhile(&world, request).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
    assert_eq!(world.count("copies").await, 0);
}

#[tokio::test]
async fn h5_issuer_a_token_that_is_taken_back_while_it_notifies_changes_nothing() {
    let world = World::citizens().await;
    let wallet = Wallet::new();
    let push = Push::of("residence");
    let code = code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    let token = token["access_token"].as_str().unwrap();
    let (copies, id) = wallet.copies(&world, token, "residence", 1).await;
    let deleted = json!({ "notification_id": id, "event": "credential_deleted" }).to_string();
    let answer = taken_back_meanwhile(&world, wallet.post(&world, "/notification", token, deleted)).await;
    assert_eq!(answer.refusal(), (401, "invalid_token".to_owned()));
    assert_eq!(crate::status::statuses(&world, &copies).await, [0]);
}

#[tokio::test]
async fn of_a_pushed_request_only_what_is_needed_is_kept() {
    let world = World::citizens().await;
    let detail = json!({
        "type": "openid_credential", "credential_configuration_id": "residence", "note": "a".repeat(1_000),
    });
    let details = Value::Array(vec![detail; 10]).to_string();
    let push = Push::of(&"residence ".repeat(500)).with("authorization_details", Some(&details));
    push.pushed(&world).await;
    let kept: i64 = sqlx::query_scalar("SELECT max(length(request)) FROM authorization_requests")
        .fetch_one(world.app.store().reader())
        .await
        .unwrap();
    assert!(kept < 2_000, "{kept}");
}

#[tokio::test]
async fn only_so_many_pushed_requests_are_kept_at_one_time() {
    let world = World::citizens_with("pushed_requests = 2").await;
    for _ in 0..2 {
        Push::of("residence").pushed(&world).await;
    }
    let answer = Push::of("residence").send(&world).await;
    assert_eq!(answer.refusal(), (503, "temporarily_unavailable".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("60"));
    assert_eq!(world.count("authorization_requests").await, 2);
    world.clock.advance(300);
    Push::of("residence").pushed(&world).await;
}

#[tokio::test]
async fn one_address_pushes_only_so_often() {
    let world = World::citizens_with("pushed_per_address = 2").await;
    let from = async |address: &str| {
        let mut request = http::Request::post("/par")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(Push::of("residence").form()))
            .unwrap();
        let address = service::ClientAddress(address.parse().unwrap());
        request.extensions_mut().insert(address);
        world.send(request).await
    };
    for _ in 0..2 {
        assert_eq!(from("192.0.2.1").await.status, 201);
    }
    let answer = from("192.0.2.1").await;
    assert_eq!(answer.refusal(), (429, "too_many_attempts".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("600"));
    assert_eq!(from("192.0.2.2").await.status, 201);
    world.clock.advance(600);
    assert_eq!(from("192.0.2.1").await.status, 201);
}
