//! Pushed requests and the browsers that open them. RFC 9126. Catalogue H5 and A14

use serde_json::{Value, json};
use test_case::test_case;

use crate::citizens::{Browser, CLIENT, Push, code, opened, parameter};
use crate::wallet::Wallet;
use crate::world::{Answer, PUBLIC_URL, World};

const SOMEBODY: &str = "SYN-000001";

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
    for _ in 0..2 {
        assert_eq!(pushed_from(&world, "192.0.2.1").await.status, 201);
    }
    let answer = pushed_from(&world, "192.0.2.1").await;
    assert_eq!(answer.refusal(), (429, "too_many_attempts".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("600"));
    assert_eq!(pushed_from(&world, "192.0.2.2").await.status, 201);
    world.clock.advance(600);
    assert_eq!(pushed_from(&world, "192.0.2.1").await.status, 201);
}

/// Somebody with many networks of IPv6 of their own does not fill what others need.
#[tokio::test]
async fn one_site_pushes_only_so_often_from_whichever_of_its_networks() {
    let world = World::citizens_with("pushed_per_address = 2").await;
    for subnet in 0..32 {
        let answer = pushed_from(&world, &format!("2001:db8:1:{subnet}::1")).await;
        assert_eq!(answer.status, 201, "{subnet}: {answer:?}");
    }
    let answer = pushed_from(&world, "2001:db8:1:ffff::1").await;
    assert_eq!(answer.refusal(), (429, "too_many_attempts".to_owned()));
    assert_eq!(pushed_from(&world, "2001:db8:2::1").await.status, 201, "another site");
    assert_eq!(world.count("authorization_requests").await, 33);
}

/// A good request that came from this address.
async fn pushed_from(world: &World, address: &str) -> Answer {
    let mut request = http::Request::post("/par")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(Push::of("residence").form()))
        .unwrap();
    let address = service::ClientAddress(address.parse().unwrap());
    request.extensions_mut().insert(address);
    world.send(request).await
}
