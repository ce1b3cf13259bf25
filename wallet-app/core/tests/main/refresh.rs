//! Copies that are got again, and issuers that are busy or fail.

use crate::world::{CredentialEndpoint, Issuer, METADATA, World, answered, parameters, thumbprint};
use serde_json::{Value, json};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use test_case::test_case;
use wallet::{CredentialRefused, IssuanceError, Outcome};
use wiremock::{Request, Respond, ResponseTemplate};

#[tokio::test]
async fn new_copies_take_the_place_of_the_old_ones() {
    let mut world = World::with_card().await;
    let card = world.wallet.cards().expect("cards").remove(0);
    let link = world.ask("age", &["age_over_18"]).await;
    world.share(&link).await.expect("shared");
    assert_eq!(
        (world.unused(), world.wallet.vault().holder_keys().expect("keys")),
        (2, 6)
    );
    let reissued = world.wallet.refresh_card(card.id.as_str()).await.expect("refreshed");
    assert_eq!(
        (reissued.card, reissued.copies, reissued.changed.len()),
        (card.id.clone(), 6, 0)
    );
    assert_eq!(
        (world.unused(), world.wallet.vault().holder_keys().expect("keys")),
        (3, 6)
    );
    assert_eq!(world.wallet.cards().expect("cards").len(), 1, "never a second card");
    let tokens = world.sent("POST", "/token").await;
    let (first, again) = (&tokens[0], parameters(&tokens[1]));
    assert_eq!(
        (again["grant_type"].as_str(), again["refresh_token"].as_str()),
        ("refresh_token", "refresh")
    );
    assert_eq!(
        thumbprint(first),
        thumbprint(&tokens[1]),
        "the token is good with its key alone"
    );
    assert_eq!(world.notified().await, ["credential_accepted"; 4]);
    assert_eq!(
        world.wallet.history().expect("history")[0].record.outcome,
        Outcome::Received
    );
    let world = world.killed();
    assert_eq!(world.unused(), 3, "and they are there after a restart");
    world
        .wallet
        .refresh_card(card.id.as_str())
        .await
        .expect("and can be got again");
}

#[tokio::test]
async fn i8_wallet_changed_values_are_shown_both_and_the_old_ones_to_nobody_else() {
    let world = World::with_card().await;
    let card = world.wallet.cards().expect("cards").remove(0);
    let mut issuer = Issuer::of(&world, "person-identification");
    issuer.claims["given_name"] = json!("Erika Maria");
    issuer.mount(&world).await;
    let reissued = world.wallet.refresh_card(card.id.as_str()).await.expect("refreshed");
    let expected = json!([{"claim": "given_name", "before": "Erika", "now": "Erika Maria"}]);
    assert_eq!(serde_json::to_value(&reissued.changed).expect("json"), expected);
    let world_again = world.killed();
    let card = world_again.wallet.card(card.id.as_str()).expect("card");
    assert_eq!(card.claims["given_name"], "Erika Maria");
    let whole = world_again.wallet.whole_card(card.id.as_str()).expect("card");
    let changed = world_again.wallet.changed_values(&whole).expect("changes");
    assert_eq!(
        serde_json::to_value(&changed).expect("json"),
        expected,
        "until the person has seen them"
    );
    let mut world = world_again;
    let link = world
        .ask("contract", &["given_name", "family_name", "birth_date"])
        .await;
    world.share(&link).await.expect("shared");
    let shown = answered(&world).await.to_string();
    let copy = shown.split('~').filter_map(|part| jose::base64url::decode(part).ok());
    let disclosed: String = copy.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
    assert!(
        disclosed.contains("\"Erika Maria\"") && !disclosed.contains("\"Erika\""),
        "{disclosed}"
    );
    world.wallet.forget_changes(&whole).expect("seen");
    assert!(world.wallet.changed_values(&whole).expect("changes").is_empty());
    let history = serde_json::to_string(&world.wallet.history().expect("history")).expect("json");
    assert!(!history.contains("Erika"));
}

#[tokio::test]
async fn copies_that_do_not_check_out_change_nothing() {
    let world = World::with_card().await;
    let card = world.wallet.cards().expect("cards").remove(0);
    let issuer = Issuer::of(&world, "person-identification").making(|copy| {
        let mut text = copy.issue();
        text.insert(5, 'x');
        text
    });
    issuer.mount(&world).await;
    let error = world.wallet.refresh_card(card.id.as_str()).await.expect_err("refused");
    assert!(matches!(error, IssuanceError::Refused(_)), "{error:?}");
    assert_eq!(
        (world.unused(), world.wallet.vault().holder_keys().expect("keys")),
        (3, 6)
    );
    assert_eq!(&world.notified().await[2..], ["credential_failure"; 2]);
    let refusal = ResponseTemplate::new(400).set_body_json(json!({"error": "invalid_grant"}));
    world.answer("/token", refusal).await;
    let error = world.wallet.refresh_card(card.id.as_str()).await.expect_err("refused");
    assert_eq!((error.code(), world.unused()), ("invalid_grant", 3));
}

/// Whoever was shown the old copy would know the new one.
#[tokio::test]
async fn b18_wallet_new_copies_with_a_place_of_an_old_one_in_a_list() {
    let world = World::with_card().await;
    let card = world.wallet.cards().expect("cards").remove(0);
    let issuer = Issuer::of(&world, "person-identification").making(|mut copy| {
        if copy.number == 5 {
            copy.draft.status.as_mut().expect("a status").index = 2;
        }
        copy.issue()
    });
    issuer.mount(&world).await;
    let error = world.wallet.refresh_card(card.id.as_str()).await.expect_err("refused");
    assert!(matches!(error, IssuanceError::Refused(CredentialRefused::StatusShared)));
    assert_eq!(error.code(), "card_copies_linkable");
    assert_eq!(
        (world.unused(), world.wallet.vault().holder_keys().expect("keys")),
        (3, 6)
    );
    assert_eq!(&world.notified().await[2..], ["credential_failure"; 2]);
}

#[tokio::test]
async fn a_card_without_a_refresh_token_says_so() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let token = json!({"access_token": "token", "token_type": "DPoP", "expires_in": 300});
    world
        .answer("/token", ResponseTemplate::new(200).set_body_json(token))
        .await;
    let card = world.accept(&issuer.offer()).await.expect("accepted").remove(0);
    let error = world.wallet.refresh_card(card.id.as_str()).await.expect_err("refused");
    assert_eq!(error.code(), "card_not_refreshable");
    let error = world.wallet.refresh_card("unknown").await.expect_err("refused");
    assert_eq!(error.code(), "no_such_card");
}

/// A server that takes each refresh token once, and gives the next one for it.
struct Rotating(Mutex<String>);

impl Rotating {
    fn new() -> Self {
        Self(Mutex::new("refresh".to_owned()))
    }
}

impl Respond for Rotating {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut good = self.0.lock().expect("lock");
        if parameters(request)["refresh_token"] != *good {
            return ResponseTemplate::new(400).set_body_json(json!({ "error": "invalid_grant" }));
        }
        good.push_str("-next");
        ResponseTemplate::new(200).set_body_json(json!({
            "access_token": "token", "token_type": "DPoP", "expires_in": 300, "refresh_token": *good,
        }))
    }
}

#[tokio::test]
async fn two_who_get_copies_again_at_once_use_each_refresh_token_once() {
    let world = World::with_card().await;
    let card = world.wallet.cards().expect("cards").remove(0);
    world.answer_by("/token", Rotating::new()).await;
    let again = || world.wallet.refresh_card(card.id.as_str());
    let (first, second) = tokio::join!(again(), again());
    first.expect("refreshed");
    second.expect("refreshed once more");
    assert_eq!(world.wallet.cards().expect("cards").len(), 1);
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 6);
}

/// Issues two kinds of card.
struct Both {
    person: CredentialEndpoint,
    residence: CredentialEndpoint,
}

impl Respond for Both {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).expect("json");
        let configuration = body["credential_configuration_id"].as_str().expect("configuration");
        if configuration.starts_with("residence") {
            self.residence.respond(request)
        } else {
            self.person.respond(request)
        }
    }
}

#[tokio::test]
async fn cards_that_came_together_go_on_with_the_refresh_token_of_each_other() {
    let world = World::new().await;
    let person = world.issuer("person-identification").await;
    let residence = Issuer::of(&world, "residence");
    let supported = "credential_configurations_supported";
    let (mut metadata, others) = (person.metadata(), residence.metadata());
    for (name, configuration) in others[supported].as_object().expect("an object") {
        metadata[supported][name] = configuration.clone();
    }
    world
        .answer(METADATA, ResponseTemplate::new(200).set_body_json(metadata))
        .await;
    let both = Both {
        person: person.endpoint(),
        residence: residence.endpoint(),
    };
    world.answer_by("/credential", both).await;
    let kinds = ["person-identification", "residence"];
    let configurations = kinds.map(|kind| [kind.to_owned(), format!("{kind}.offline")]);
    let offer = person.offer_of(&configurations.concat());
    let cards = world.accept(&offer).await.expect("accepted");
    assert_eq!(cards.len(), 2);

    world.answer_by("/token", Rotating::new()).await;
    let again = |place: usize| world.wallet.refresh_card(cards[place].id.as_str());
    let (first, second) = tokio::join!(again(0), again(1));
    first.expect("refreshed");
    second.expect("refreshed with the next token");
    again(0).await.expect("refreshed with the one after that");
    let tokens = world.sent("POST", "/token").await;
    let used: Vec<String> = tokens
        .iter()
        .skip(1)
        .map(|sent| parameters(sent)["refresh_token"].clone())
        .collect();
    assert_eq!(used, ["refresh", "refresh-next", "refresh-next-next"]);
}

#[tokio::test]
async fn a_refresh_token_is_not_lost_with_copies_that_do_not_come() {
    let world = World::with_card().await;
    let card = world.wallet.cards().expect("cards").remove(0);
    world.answer_by("/token", Rotating::new()).await;
    let busy = ResponseTemplate::new(503).insert_header("retry-after", "3600");
    world.answer("/credential", busy).await;
    let error = world.wallet.refresh_card(card.id.as_str()).await.expect_err("busy");
    assert!(matches!(error, IssuanceError::Busy(_)), "{error:?}");
    assert_eq!(world.unused(), 3, "the copies there are stay");
    let issuer = Issuer::of(&world, "person-identification");
    world.answer_by("/credential", issuer.endpoint()).await;
    let world = world.killed();
    world.wallet.refresh_card(card.id.as_str()).await.expect("refreshed");
    let tokens = world.sent("POST", "/token").await;
    assert_eq!(parameters(&tokens[2])["refresh_token"], "refresh-next");
}

#[tokio::test]
async fn a_refresh_token_is_kept_where_the_server_is_busy() {
    let world = World::with_card().await;
    let card = world.wallet.cards().expect("cards").remove(0);
    let again = || world.wallet.refresh_card(card.id.as_str());
    let busy = |seconds: &str| ResponseTemplate::new(503).insert_header("retry-after", seconds);
    world.answer("/token", busy("3600")).await;
    let error = again().await.expect_err("busy");
    assert!(matches!(&error, IssuanceError::Busy(busy) if busy.seconds == 3_600));
    assert_eq!(world.sent("POST", "/token").await.len(), 2, "it is left alone");
    world.answer_by("/token", Rotating::new()).await;
    world.answer_once("/token", busy("1")).await;
    let begun = Instant::now();
    assert_eq!(again().await.expect("refreshed").copies, 6);
    assert!(begun.elapsed() >= Duration::from_secs(1), "Retry-After is kept to");
    let tokens = world.sent("POST", "/token").await;
    let tokens: Vec<String> = tokens
        .iter()
        .skip(1)
        .map(|sent| parameters(sent)["refresh_token"].clone())
        .collect();
    assert_eq!(tokens, ["refresh"; 3]);
}

#[test_case(503, "/token" ; "busy before the token")]
#[test_case(429, "/token" ; "too many before the token")]
#[test_case(503, "/credential" ; "busy")]
#[test_case(429, "/credential" ; "too many")]
#[test_case(500, "/credential" ; "failed")]
#[test_case(502, "/credential" ; "failed in between")]
#[tokio::test]
async fn i4_wallet_asks_again_and_has_one_card(status: u16, at: &str) {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let busy = ResponseTemplate::new(status).insert_header("retry-after", "1");
    world.answer_once(at, busy).await;
    let begun = Instant::now();
    world.accept(&issuer.offer()).await.expect("accepted");
    assert!(begun.elapsed() >= Duration::from_secs(1), "Retry-After is kept to");
    let cards = world.wallet.cards().expect("cards");
    assert_eq!(
        (cards.len(), cards[0].unused.online, cards[0].unused.offline),
        (1, 3, 3)
    );
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 6);
}

#[tokio::test]
async fn i4_wallet_waits_longer_each_time_and_then_gives_up() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    world.answer("/credential", ResponseTemplate::new(503)).await;
    let begun = Instant::now();
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert_eq!(error.code(), "issuer_failed");
    assert_eq!(world.sent("POST", "/credential").await.len(), 4);
    assert!(begun.elapsed() >= Duration::from_millis(250 + 500 + 1_000));
    assert!(world.wallet.cards().expect("cards").is_empty());
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 0);
}

#[tokio::test]
async fn i4_wallet_does_not_wait_for_an_hour() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let busy = ResponseTemplate::new(503).insert_header("retry-after", "3600");
    world.answer("/credential", busy).await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert!(matches!(&error, IssuanceError::Busy(busy) if busy.seconds == 3_600));
    assert_eq!(error.code(), "issuer_busy");
    assert_eq!(world.sent("POST", "/credential").await.len(), 1);
}

#[tokio::test]
async fn i4_wallet_a_code_that_may_be_used_is_not_sent_again() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    world.answer_once("/token", ResponseTemplate::new(500)).await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert_eq!(error.code(), "issuer_failed");
    assert_eq!(world.sent("POST", "/token").await.len(), 1);
}

#[tokio::test]
async fn i4_wallet_an_answer_that_is_cut_off_stores_nothing() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let cut = ResponseTemplate::new(200).set_body_raw("{\"credentials\": [{\"cred", "application/json");
    world.answer("/credential", cut).await;
    let error = world.accept(&issuer.offer()).await.expect_err("refused");
    assert_eq!(error.code(), "issuer_failed");
    assert!(world.wallet.cards().expect("cards").is_empty());
    assert_eq!(world.wallet.vault().holder_keys().expect("keys"), 0);
    issuer.mount(&world).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!(world.wallet.cards().expect("cards").len(), 1);
}

/// The order of the answer says nothing about the order of the keys. OpenID4VCI 1.0 §8.3
#[tokio::test]
async fn copies_in_another_order_find_their_keys() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let backwards = Backwards(issuer.endpoint());
    world.answer_by("/credential", backwards).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    assert_eq!(world.unused(), 3);
}

struct Backwards(CredentialEndpoint);

impl Respond for Backwards {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        ResponseTemplate::new(200).set_body_json(self.0.answer(request, true))
    }
}
