//! Cards for people who sign in, from the offer to the card, with both sides of the protocol crate. Catalogue H5

use oid4vci::wallet::{
    CredentialAnswer, HttpRequest, HttpResponse, PreparedIssuance, Reply, WalletClient, fetch_issuer_metadata,
    fetch_server_metadata,
};
use oid4vci::{
    AuthorizationServerMetadata, CredentialOffer, Identifier, IssuerMetadata, OfferLink, Transport,
    UnverifiedAuthorizationResponse,
};
use serde_json::json;

use crate::citizens::{Browser, CALLBACK, CLIENT, Push, code, parameter};
use crate::wallet::{Wallet, form, fresh_key};
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
