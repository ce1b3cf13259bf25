//! Catalogue H17: the sign-in of people at their provider.

use std::sync::atomic::Ordering;

use axum::response::IntoResponse;
use futures_util::future::join_all;
use http::StatusCode;
use url::Url;

use crate::citizens::{Browser, CALLBACK, Push, location, opened, parameter, typed};
use crate::world::{Answer, World};

const SOMEBODY: &str = "SYN-000001";

async fn begun(world: &World) -> (Browser, Url) {
    let target = Push::of("residence").pushed(world).await;
    let mut browser = Browser::default();
    let at = location(&browser.open(world, &target).await);
    (browser, at)
}

/// What a browser is answered that opens a new request.
pub(crate) async fn begins(world: &World) -> Answer {
    let target = Push::of("residence").pushed(world).await;
    Browser::default().open(world, &target).await
}

/// Nobody is sent anywhere, and nothing was given.
async fn ends_here(world: &World, answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.header("location")), (400, None));
    assert_eq!(world.count("authorization_codes").await, 0);
}

pub(crate) fn error(answer: &Answer) -> String {
    let url = location(answer);
    assert!(url.as_str().starts_with(CALLBACK), "{url}");
    assert_eq!(
        (parameter(&url, "code"), parameter(&url, "state").as_deref()),
        (None, Some("wallet-state"))
    );
    parameter(&url, "error").unwrap()
}

/// An address with one parameter changed.
fn changed(target: &str, name: &str, value: &str) -> String {
    let mut url: Url = format!("http://x{target}").parse().unwrap();
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .into_owned()
        .filter(|(known, _)| known != name)
        .collect();
    url.query_pairs_mut()
        .clear()
        .extend_pairs(pairs)
        .append_pair(name, value);
    format!("{}?{}", url.path(), url.query().unwrap())
}

#[tokio::test]
async fn h17_issuer_a_state_of_nobody_or_of_another_browser_is_refused() {
    let world = World::citizens().await;
    let (mut browser, at) = begun(&world).await;
    let back = browser.sign_in(&world, &at, SOMEBODY).await;
    let answer = browser.open(&world, &changed(&back, "state", "made-up")).await;
    ends_here(&world, &answer).await;
    let answer = Browser::default().open(&world, &back).await;
    ends_here(&world, &answer).await;
    let (mut other, _) = begun(&world).await;
    let answer = other.open(&world, &back).await;
    ends_here(&world, &answer).await;
    let mut keeps_its_cookie = browser.clone();
    let answer = browser.open(&world, &back).await;
    assert!(
        parameter(&location(&answer), "code").is_some(),
        "the browser that began can end it"
    );
    let answer = keeps_its_cookie.open(&world, &back).await;
    assert_eq!(answer.status, 400, "once");
}

/// Takes the cookie away that a browser was given: the same name and attributes, and no time left.
fn taken_away(given: &str) -> String {
    let (name, attributes) = (given.split('=').next().unwrap(), "; Path=/; HttpOnly; SameSite=Lax");
    assert!(given.ends_with(&format!("{attributes}; Max-Age=900")), "{given}");
    format!("{name}={attributes}; Max-Age=0")
}

#[tokio::test]
async fn h17_issuer_the_cookie_of_a_sign_in_ends_with_it() {
    let world = World::citizens().await;
    let foreign = ("iss", "https://evil.example");
    for (what, person, change, late) in [
        ("a code", SOMEBODY, None, 0),
        ("nobody in the register", "SYN-999999", None, 0),
        ("an answer of another provider", SOMEBODY, Some(foreign), 0),
        ("a code of nobody", SOMEBODY, Some(("code", "made-up")), 0),
        ("a refusal", SOMEBODY, Some(("error", "access_denied")), 0),
        ("too late", SOMEBODY, None, 900),
    ] {
        let target = Push::of("residence").pushed(&world).await;
        let mut browser = Browser::default();
        let begun = browser.open(&world, &target).await;
        let mut back = browser.sign_in(&world, &location(&begun), person).await;
        if let Some((name, value)) = change {
            back = changed(&back, name, value);
        }
        world.clock.advance(late);
        let elsewhere = browser.open(&world, &changed(&back, "state", "made-up")).await;
        assert_eq!(elsewhere.header("set-cookie"), None, "{what}: of another sign-in");
        let ended = browser.open(&world, &back).await;
        let gone = taken_away(begun.header("set-cookie").unwrap());
        assert_eq!(ended.header("set-cookie"), Some(gone.as_str()), "{what}");
    }
}

#[tokio::test]
async fn a_failure_after_somebody_signed_in_is_told_to_the_wallet() {
    let world = World::citizens().await;
    let (mut browser, at) = begun(&world).await;
    let back = browser.sign_in(&world, &at, SOMEBODY).await;
    let mut write = world.app.store().begin().await.unwrap();
    sqlx::query("DROP TABLE authorization_codes")
        .execute(&mut *write)
        .await
        .unwrap();
    write.commit().await.unwrap();
    let url = location(&browser.open(&world, &back).await);
    assert!(url.as_str().starts_with(CALLBACK), "{url}");
    assert_eq!(parameter(&url, "error").as_deref(), Some("server_error"));
}

#[tokio::test]
async fn h17_issuer_a_nonce_of_another_sign_in_is_refused() {
    let world = World::citizens().await;
    let (mut browser, at) = begun(&world).await;
    let target = changed(&format!("{}?{}", at.path(), at.query().unwrap()), "nonce", "another");
    let at = at.join(&target).unwrap();
    let back = browser.sign_in(&world, &at, SOMEBODY).await;
    let answer = browser.open(&world, &back).await;
    assert_eq!(error(&answer), "access_denied");
    assert_eq!(world.count("authorization_codes").await, 0);
}

#[tokio::test]
async fn h17_issuer_a_code_of_another_sign_in_is_refused() {
    let world = World::citizens().await;
    let (attacker, at) = begun(&world).await;
    let stolen: Url = format!("http://x{}", attacker.sign_in(&world, &at, "SYN-000002").await)
        .parse()
        .unwrap();
    let (mut browser, at) = begun(&world).await;
    let back = browser.sign_in(&world, &at, SOMEBODY).await;
    let mixed = changed(&back, "code", &parameter(&stolen, "code").unwrap());
    let answer = browser.open(&world, &mixed).await;
    assert_eq!(error(&answer), "access_denied", "it was made for another verifier");
}

#[tokio::test]
async fn h17_issuer_an_answer_of_another_provider_is_refused() {
    let world = World::citizens().await;
    let (mut browser, at) = begun(&world).await;
    let back = browser.sign_in(&world, &at, SOMEBODY).await;
    let answer = browser
        .open(&world, &changed(&back, "iss", "https://evil.example"))
        .await;
    assert_eq!(error(&answer), "access_denied");
}

#[tokio::test]
async fn h17_issuer_somebody_who_refuses_or_is_not_in_the_register_gets_nothing() {
    let world = World::citizens().await;
    let (mut browser, at) = begun(&world).await;
    let state = parameter(&at, "state").unwrap();
    let answer = browser
        .open(&world, &format!("/signed-in?error=access_denied&state={state}"))
        .await;
    assert_eq!(error(&answer), "access_denied");
    let (mut browser, at) = begun(&world).await;
    let back = browser.sign_in(&world, &at, "SYN-999999").await;
    let answer = browser.open(&world, &back).await;
    assert_eq!(error(&answer), "access_denied");
}

#[tokio::test]
async fn h17_issuer_with_the_provider_down_nobody_signs_in_and_sessions_go_on() {
    let mut world = World::citizens().await;
    let (mut browser, at) = begun(&world).await;
    let back = browser.sign_in(&world, &at, SOMEBODY).await;
    let push = Push::of("residence");
    let wallet = crate::wallet::Wallet::new();
    let code = crate::citizens::code(&world, &push, SOMEBODY).await;
    let token = wallet.redeem(&world, push.redeeming(&code)).await.json();
    world.citizens.as_ref().unwrap().server.abort();
    // The metadata is held; the connections are not.
    world.restart().await;
    let answer = browser.open(&world, &back).await;
    assert_eq!(error(&answer), "temporarily_unavailable");
    let target = Push::of("residence").pushed(&world).await;
    let answer = Browser::default().open(&world, &target).await;
    assert_eq!(error(&answer), "temporarily_unavailable");
    wallet
        .copies(&world, token["access_token"].as_str().unwrap(), "residence", 1)
        .await;
}

#[tokio::test]
async fn h17_issuer_the_provider_is_asked_for_pushed_requests_alone_and_once_for_many() {
    let world = World::citizens().await;
    let provider = world.citizens.as_ref().unwrap();
    let asked = || provider.discoveries.load(Ordering::SeqCst);
    let made_up = opened("urn:ietf:params:oauth:request_uri:unknown");
    assert_eq!(Browser::default().open(&world, &made_up).await.status, 400);
    assert_eq!(asked(), 0);
    provider.answer_discovery(|| StatusCode::INTERNAL_SERVER_ERROR.into_response());
    for answer in join_all((0..10).map(|_| begins(&world))).await {
        assert_eq!(error(&answer), "temporarily_unavailable");
    }
    assert_eq!(asked(), 1, "what failed is not tried again at once");
    provider.mend();
    assert_eq!(error(&begins(&world).await), "temporarily_unavailable");
    assert_eq!(asked(), 1);
    world.clock.advance(5);
    for answer in join_all((0..10).map(|_| begins(&world))).await {
        assert!(!location(&answer).as_str().starts_with(CALLBACK));
    }
    assert_eq!(asked(), 2);
}

#[tokio::test]
async fn the_provider_takes_its_own_people_and_clients_alone() {
    let world = World::citizens().await;
    let (_, at) = begun(&world).await;
    let provider = || world.citizens.as_ref().unwrap().provider.router();
    let password = world
        .citizens
        .as_ref()
        .unwrap()
        .provider
        .passwords()
        .of(SOMEBODY)
        .unwrap();
    for (person, typed_in) in [(SOMEBODY, "wrong"), ("SYN-000002", password.as_str()), ("1", "")] {
        let answer = typed(provider(), &at, person, typed_in).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (401, None),
            "{person}"
        );
    }
    for (name, value) in [
        ("redirect_uri", "https://evil.example/"),
        ("client_id", "nobody"),
        ("code_challenge_method", "plain"),
        ("response_type", "token"),
    ] {
        let target = changed(&format!("{}?{}", at.path(), at.query().unwrap()), name, value);
        let answer = typed(provider(), &at.join(&target).unwrap(), SOMEBODY, &password).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (400, None),
            "{name}"
        );
    }
}

#[tokio::test]
async fn two_tabs_of_one_browser_sign_in_beside_each_other() {
    let world = World::citizens().await;
    let mut browser = Browser::default();
    let mut tabs = Vec::new();
    for _ in 0..2 {
        let target = Push::of("residence").pushed(&world).await;
        tabs.push(location(&browser.open(&world, &target).await));
    }
    for at in tabs {
        let back = browser.sign_in(&world, &at, SOMEBODY).await;
        let answer = browser.open(&world, &back).await;
        assert!(parameter(&location(&answer), "code").is_some());
    }
}
