//! What whoever asks may learn, and when: nothing without the person's word.

use crate::world::{RequestDraft, World, agree, answered};
use serde_json::{Value, json};
use test_case::test_case;
use wallet::Outcome;

fn last(world: &World) -> (Outcome, Option<String>) {
    let history = world.wallet.history().expect("history");
    let record = history.into_iter().next().expect("an entry").record;
    (record.outcome, record.reason)
}

async fn sent(world: &World) -> Vec<String> {
    let all = world.sent("POST", "/response/1").await;
    all.iter()
        .map(|request| String::from_utf8_lossy(&request.body).into_owned())
        .collect()
}

const DENIED: &str = "error=access_denied&state=s-0123456789012345678901234567";

#[test_case("age", &["age_over_18", "portrait"], "over_asking" ; "beyond the recorded scope")]
#[test_case("marketing", &["age_over_18"], "purpose_not_recorded" ; "for a purpose that is not recorded")]
#[tokio::test]
async fn f4_wallet_they_are_told_on_the_persons_word_only(
    purpose: &'static str,
    claims: &'static [&'static str],
    code: &'static str,
) {
    let mut world = World::with_card().await;
    let link = world.ask(purpose, claims).await;
    let error = world.refused(&link).await;
    assert_eq!((error.code(), sent(&world).await.len()), (code, 0));
    assert_eq!(last(&world), (Outcome::Blocked, Some(code.to_owned())));
    let untold = error.into_untold().expect("may be told");
    assert_eq!(untold.code(), "access_denied");
    world.wallet.tell_asker(untold).await.expect("told");
    assert_eq!(sent(&world).await, [DENIED]);
    assert_eq!(last(&world), (Outcome::Blocked, Some(format!("{code}_told"))));
    assert_eq!(world.unused(), 3);
}

#[tokio::test]
async fn f4_wallet_a_stranger_is_told_on_the_persons_word_only() {
    let mut world = World::with_card().await;
    let link = RequestDraft::of(&mut world, "age", &["given_name"])
        .without_record()
        .publish(&world)
        .await;
    let error = world.refused(&link).await;
    assert_eq!(error.code(), "verifier_not_registered");
    world
        .wallet
        .tell_asker(error.into_untold().expect("may be told"))
        .await
        .expect("told");
    assert_eq!(sent(&world).await, [DENIED]);
}

#[test_case("redirect_uri", json!("https://shop.localhost/cb"), "invalid_request" ; "redirect_uri with direct_post")]
#[test_case("response_mode", json!("fragment"), "invalid_request" ; "another response mode")]
#[test_case("response_type", json!("code"), "unsupported_response_type" ; "another response type")]
#[test_case("nonce", json!(null), "invalid_request" ; "nonce is null")]
#[test_case("scope", json!("id"), "invalid_request" ; "query and scope")]
#[test_case("dcql_query", json!({"credentials": []}), "invalid_request" ; "a query that asks nothing")]
#[test_case("dcql_query", json!({"credentials": [{"id": "m", "format": "jwt_vc_json", "meta": {"type_values": [["d"]]}}]}),
    "vp_formats_not_supported" ; "another format")]
#[tokio::test]
async fn f3_wallet_a_broken_request_has_its_own_code(name: &'static str, value: Value, code: &'static str) {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.claims[name] = value;
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert_eq!(error.code(), code);
    world
        .wallet
        .tell_asker(error.into_untold().expect("may be told"))
        .await
        .expect("told");
    let expected = format!("error={code}&state=s-0123456789012345678901234567");
    assert_eq!(sent(&world).await, [expected]);
}

#[tokio::test]
async fn f3_wallet_a_request_without_nonce() {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.claims.as_object_mut().expect("object").remove("nonce");
    let link = draft.publish(&world).await;
    assert_eq!(world.refused(&link).await.code(), "invalid_request");
}

#[tokio::test]
async fn f6_wallet_without_claims_nothing_is_disclosed() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &[]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let card = &open.ask().cards[0];
    assert!(card.needed.is_empty() && card.optional.is_empty());
    let always = ["cnf", "exp", "iat", "iss", "nbf", "status", "vct"];
    let mut shown: Vec<String> = card.always.iter().map(ToString::to_string).collect();
    shown.sort_unstable();
    assert_eq!(shown, always, "what travels in any case");
    let consent = agree(&open, &[]);
    world.wallet.share(open, &consent).await.expect("shared");
    let answer = answered(&world).await;
    let text = answer["vp_token"]["card"][0].as_str().expect("presentation");
    let decoded = sd_jwt::decode_presentation(text).expect("decoded");
    assert_eq!(decoded.disclosed.len(), 0);
}

/// Whether a value is so cannot be found out: not here, another value, and no card look alike, and
/// none of it is sent without a word of the person.
#[tokio::test]
async fn f6_wallet_probing_looks_the_same_in_every_case() {
    let probes: [(&str, &[&str], Option<Value>); 3] = [
        ("contract", &["birth_date"], Some(json!(["1990-05-17"]))), // so it is, and the person refuses
        ("contract", &["birth_date"], Some(json!(["1990-05-18"]))), // another value
        ("home", &["locality"], None),                              // no such card
    ];
    for (purpose, claims, values) in probes {
        let mut world = World::with_card().await;
        let mut draft = RequestDraft::of(&mut world, purpose, claims);
        if let Some(values) = values {
            draft.claims["dcql_query"]["credentials"][0]["claims"][0]["values"] = values;
        }
        let link = draft.publish(&world).await;
        match world.wallet.open_request(&link).await {
            Ok(open) => {
                assert_eq!(sent(&world).await.len(), 0);
                world.wallet.refuse(open).await.map(drop).expect("refused");
            }
            Err(error) => {
                assert_eq!((error.code(), sent(&world).await.len()), ("no_matching_card", 0));
                world
                    .wallet
                    .tell_asker(error.into_untold().expect("may be told"))
                    .await
                    .map(drop)
                    .expect("told");
            }
        }
        assert_eq!(sent(&world).await, [DENIED]);
    }
}

/// A request of the business like the last, of another session.
async fn again(world: &mut World, session: u32) -> String {
    let mut draft = RequestDraft::of(world, "age", &["age_over_18"]);
    draft.claims["state"] = format!("s-{session}-0123456789012345678").into();
    draft.publish(world).await
}

#[tokio::test]
async fn f7_wallet_after_three_in_a_minute_they_are_not_shown() {
    let mut world = World::with_card().await;
    for session in 0..3 {
        let link = again(&mut world, session).await;
        let open = world.wallet.open_request(&link).await.expect("shown");
        world.wallet.close(&open).expect("closed");
    }
    for session in 3..100 {
        let link = again(&mut world, session % 5).await;
        let error = world.refused(&link).await;
        assert_eq!(error.code(), "asks_too_often");
        assert_eq!(error.who().expect("who").names().text("en"), "Corner Shop");
        assert!(error.into_untold().is_none(), "no reply in the background");
    }
    world.clock.set(crate::world::NOW + 61);
    let link = again(&mut world, 100).await;
    world
        .share(&link)
        .await
        .expect("a minute later, and what is answered does not count");
}

#[tokio::test]
async fn f7_wallet_what_is_answered_does_not_count() {
    let mut world = World::with_card().await;
    for session in 0..3 {
        let link = again(&mut world, session).await;
        world.share(&link).await.expect("shared");
    }
    let link = again(&mut world, 3).await;
    world.wallet.open_request(&link).await.expect("not too often");
}

#[tokio::test]
async fn f7_wallet_they_are_told_to_stop_and_may_ask_again() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let open = world.wallet.open_request(&link).await.expect("shown");
    world.wallet.close(&open).expect("closed");
    let did = world.business.did().to_string();
    world.wallet.stop_asking(&did).expect("noted");
    let mut world = world.killed();
    let link = again(&mut world, 1).await;
    let error = world.refused(&link).await;
    assert_eq!(error.code(), "party_stopped");
    assert!(error.into_untold().is_none());
    world.wallet.let_ask_again(&did).expect("noted");
    let link = again(&mut world, 2).await;
    world.share(&link).await.expect("shared");
}

/// Somebody who is recorded nowhere, and whose answers go to the host of the business.
async fn unrecorded(world: &mut World, session: u32) -> String {
    let mut draft = RequestDraft::of(world, "age", &["age_over_18"]).without_record();
    draft.claims["state"] = format!("s-{session}-0123456789012345678").into();
    draft.publish(world).await
}

/// Shown to the person, who closes it.
async fn closed(world: &World, link: &str) {
    let open = world.wallet.open_request(link).await.expect("shown");
    world.wallet.close(&open).expect("closed");
}

fn blocked(world: &World, id: &str) -> bool {
    let businesses = world.wallet.businesses().expect("businesses");
    let found = businesses.iter().find(|business| business.id == id);
    found.expect("asked before").blocked
}

#[tokio::test]
async fn f7_wallet_to_block_a_host_leaves_the_recorded_business_there_alone() {
    let mut world = World::with_card().await;
    let (did, host) = (
        world.business.did().to_string(),
        format!("shop.localhost:{}", world.port()),
    );
    let link = unrecorded(&mut world, 1).await;
    closed(&world, &link).await;
    let link = again(&mut world, 2).await;
    closed(&world, &link).await;
    world.wallet.stop_asking(&host).expect("noted");
    assert_eq!((blocked(&world, &host), blocked(&world, &did)), (true, false));
    let link = unrecorded(&mut world, 3).await;
    assert_eq!(world.refused(&link).await.code(), "party_stopped");
    let link = again(&mut world, 4).await;
    world.wallet.open_request(&link).await.expect("not blocked");
}

#[tokio::test]
async fn f7_wallet_to_let_a_host_ask_again_leaves_the_recorded_business_there_blocked() {
    let mut world = World::with_card().await;
    let (did, host) = (
        world.business.did().to_string(),
        format!("shop.localhost:{}", world.port()),
    );
    let link = unrecorded(&mut world, 1).await;
    closed(&world, &link).await;
    world.wallet.stop_asking(&did).expect("noted");
    world.wallet.stop_asking(&host).expect("noted");
    world.wallet.let_ask_again(&host).expect("noted");
    assert_eq!((blocked(&world, &host), blocked(&world, &did)), (false, true));
    let link = again(&mut world, 2).await;
    assert_eq!(world.refused(&link).await.code(), "party_stopped");
    let link = unrecorded(&mut world, 3).await;
    world.wallet.open_request(&link).await.expect("not blocked");
}

/// Where an answer goes is free to say for whoever is not recorded, so it says nothing about the host.
#[tokio::test]
async fn f7_wallet_who_names_the_host_of_a_business_does_not_use_up_its_turns() {
    let mut world = World::with_card().await;
    for session in 0..3 {
        let link = unrecorded(&mut world, session).await;
        closed(&world, &link).await;
    }
    let link = unrecorded(&mut world, 3).await;
    assert_eq!(world.refused(&link).await.code(), "asks_too_often");
    let link = again(&mut world, 4).await;
    world.wallet.open_request(&link).await.expect("not too often");
}

#[tokio::test]
async fn f9_wallet_a_refusal_leads_on_where_they_say() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let reply = json!({ "redirect_uri": "https://shop.example/return?response_code=c" });
    world
        .answer("/response/1", wiremock::ResponseTemplate::new(200).set_body_json(reply))
        .await;
    let next = world.wallet.refuse(open).await.expect("refused");
    assert_eq!(
        next.map(String::from).as_deref(),
        Some("https://shop.example/return?response_code=c")
    );
}

/// The process ends between the consent and the first byte: the keys are out of reach here.
#[tokio::test]
async fn f12_wallet_cut_off_after_the_consent() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let consent = agree(&open, &[]);
    let card = open.ask().cards[0].card.as_str().to_owned();
    world.wallet.destroy_card(&card).expect("destroyed");
    world.wallet.share(open, &consent).await.expect_err("cut off");
    assert_eq!(sent(&world).await.len(), 0);
    assert_eq!(last(&world), (Outcome::Interrupted, None));
}

#[tokio::test]
async fn a_plain_answer_goes_where_it_was_asked_for() {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.claims["response_mode"] = "direct_post".into();
    draft.claims["client_metadata"]
        .as_object_mut()
        .expect("object")
        .remove("jwks");
    let link = draft.publish(&world).await;
    world.share(&link).await.expect("shared");
    let all = world.sent("POST", "/response/1").await;
    let token: Value = serde_json::from_str(&crate::world::form_value(&all[0].body, "vp_token")).expect("json");
    assert_eq!(token["card"].as_array().map(Vec::len), Some(1));
    let state = crate::world::form_value(&all[0].body, "state");
    assert_eq!(state, "s-0123456789012345678901234567");
}

/// Longer values, no `state`, an `iss` of somebody else, members that nobody knows, a key without
/// `use` among such that cannot be used: none of it is in the way.
#[tokio::test]
async fn what_may_differ_makes_no_difference() {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    let claims = draft.claims.as_object_mut().expect("object");
    claims.remove("state");
    claims.insert("nonce".into(), "n".repeat(43).into());
    claims.insert("iss".into(), "https://somebody.example".into());
    claims.insert("made_up".into(), json!([1]));
    let keys = &mut claims["client_metadata"]["jwks"]["keys"];
    keys[0].as_object_mut().expect("key").remove("use");
    let usable = keys[0].take();
    *keys = json!([{ "kty": "AKP", "kid": "pq", "alg": "ML-KEM-4096", "pub": "AQ" }, { "kty": "odd", "kid": "odd" }, usable]);
    let link = draft.publish(&world).await;
    world.share(&link).await.expect("shared");
    let answer = answered(&world).await;
    assert_eq!(answer.get("state"), None);
    draft.claims["state"] = "s".repeat(64).into();
    let link = draft.publish(&world).await;
    world.share(&link).await.expect("shared");
    let all = world.sent("POST", "/response/1").await;
    assert_eq!(crate::world::decrypt(&all[1].body)["state"], "s".repeat(64));
}
