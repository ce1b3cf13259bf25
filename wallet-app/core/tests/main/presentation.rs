//! What is shown, to whom, and what happens when something breaks in between.

use crate::world::{NOW, RequestDraft, World, agree, answered, decrypt};
use sd_jwt::{DecodedPresentation, decode_presentation};
use serde_json::{Value, json};
use std::time::Duration;
use test_case::test_case;
use wallet::{ConsentError, Kept, NotConsented, OpenRequest, Outcome, Registration, RequestRefused, Sent, ShareError};
use wiremock::ResponseTemplate;

fn presentation(answer: &Value) -> DecodedPresentation {
    decode_presentation(answer["vp_token"]["card"][0].as_str().expect("presentation")).expect("decoded")
}

fn shown(answer: &Value) -> Vec<String> {
    presentation(answer)
        .disclosed
        .iter()
        .map(|claim| claim.path.to_string())
        .collect()
}

async fn outcome(world: &World) -> Outcome {
    world.wallet.vault().history().expect("history")[0].record.outcome
}

#[tokio::test]
async fn what_is_needed_is_shown_and_nothing_else() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let receipt = world.share(&link).await.expect("shared");
    assert_eq!(receipt.sent, Sent::Now);
    let answer = answered(&world).await;
    assert_eq!(shown(&answer), ["age_over_18"]);
    assert_eq!(answer["state"], "s-0123456789012345678901234567");
    let binding = presentation(&answer);
    assert_eq!(binding.nonce.as_deref(), Some("n-0123456789012345678901234567"));
    assert!(binding.audience.expect("audience").starts_with("x509_hash:"));
    assert_eq!((world.unused(), outcome(&world).await), (2, Outcome::Shared));
}

#[tokio::test]
async fn the_screen_says_who_why_what_and_what_is_withheld() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let ask = open.ask();
    assert_eq!(open.party_name(), "Corner Shop");
    assert_eq!(ask.who.host, format!("shop.localhost:{}", world.port()));
    assert!(matches!(ask.who.registration, Registration::Registered { .. }));
    assert_eq!(ask.why.as_ref().expect("why").text.text("en"), "age");
    assert_eq!(ask.kept, Kept::No);
    let card = &ask.cards[0];
    assert_eq!(
        card.needed.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["age_over_18"]
    );
    for name in ["birth_date", "given_name", "portrait", "personal_number"] {
        assert!(card.withheld.iter().any(|withheld| withheld == name), "{name}");
    }
    assert!(!card.withheld.iter().any(|name| name == "age_over_18"));
}

#[tokio::test]
async fn a_business_known_by_its_did_is_answered() {
    let mut world = World::with_card().await;
    let link = RequestDraft::by_did(&mut world, "age", &["age_over_18"])
        .publish(&world)
        .await;
    world.share(&link).await.expect("shared");
    assert_eq!(shown(&answered(&world).await), ["age_over_18"]);
}

/// Age, and a name if the person likes; the business lists the larger set first.
async fn with_optional_name(world: &mut World) -> String {
    let mut draft = RequestDraft::of(world, "age", &["age_over_18", "given_name"]);
    let sets = json!([["age_over_18", "given_name"], ["age_over_18"]]);
    draft.claims["dcql_query"]["credentials"][0]["claim_sets"] = sets;
    draft.publish(world).await
}

#[tokio::test]
async fn the_smallest_set_comes_first_and_optional_claims_are_off() {
    let mut world = World::with_card().await;
    let link = with_optional_name(&mut world).await;
    world.share(&link).await.expect("shared");
    assert_eq!(shown(&answered(&world).await), ["age_over_18"]);
}

#[tokio::test]
async fn an_optional_claim_goes_along_when_the_person_adds_it() {
    let mut world = World::with_card().await;
    let link = with_optional_name(&mut world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let consent = agree(&open, &["given_name"]);
    world.wallet.share(open, &consent).await.expect("shared");
    let mut shown = shown(&answered(&world).await);
    shown.sort();
    assert_eq!(shown, ["age_over_18", "given_name"]);
}

#[tokio::test]
async fn every_copy_is_shown_once() {
    let mut world = World::with_card().await;
    let mut keys = std::collections::HashSet::new();
    for session in 0..3 {
        let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
        draft.claims["state"] = format!("s-{session}-2345678901234567890123").into();
        let link = draft.publish(&world).await;
        world.share(&link).await.expect("shared");
    }
    for request in world.sent("POST", "/response/1").await {
        let answer = decrypt(&request.body);
        let text = answer["vp_token"]["card"][0].as_str().expect("text").to_owned();
        assert!(
            keys.insert(text.split('~').next().expect("jwt").to_owned()),
            "another copy each time"
        );
    }
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.claims["state"] = "s-9-2345678901234567890123".into();
    let link = draft.publish(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let card = open.ask().cards[0].card.as_str().to_owned();
    assert_eq!(open.ask().agree(&[]), Err(ConsentError::ShownBefore(card)));
}

/// A request of its own, opened.
async fn opened(world: &mut World, session: usize) -> OpenRequest {
    let mut draft = RequestDraft::of(world, "age", &["age_over_18"]);
    draft.claims["state"] = format!("s-{session}-2345678901234567890123").into();
    let link = draft.publish(world).await;
    world.wallet.open_request(&link).await.expect("opened")
}

/// What was shown of the card so far, without key binding: each copy is another text.
async fn copies_shown(world: &World) -> Vec<String> {
    let sent = world.sent("POST", "/response/1").await;
    let copy = |body: &[u8]| {
        let answer = decrypt(body);
        let text = answer["vp_token"]["card"][0].as_str().expect("text").to_owned();
        text.split('~').next().expect("jwt").to_owned()
    };
    sent.iter().map(|request| copy(&request.body)).collect()
}

/// Whether the last line of the history says that a copy was shown again.
fn noted_as_shown_before(world: &World) -> bool {
    world.wallet.vault().history().expect("history")[0].record.cards[0].shown_before
}

/// All three copies, each shown to somebody, some seconds apart.
async fn all_shown(world: &mut World) {
    for session in 0..3 {
        world.clock.advance(10);
        let open = opened(world, session).await;
        assert!(!open.ask().cards[0].shown_before);
        let consent = agree(&open, &[]);
        world.wallet.share(open, &consent).await.expect("shared");
        assert!(!noted_as_shown_before(world));
    }
}

#[tokio::test]
async fn i7_wallet_a_copy_is_shown_again_only_by_a_person_who_knows() {
    let mut world = World::with_card().await;
    all_shown(&mut world).await;
    world.clock.advance(10);
    let open = opened(&mut world, 3).await;
    assert!(open.ask().cards[0].shown_before, "the screen says so");
    assert!(matches!(open.ask().agree(&[]), Err(ConsentError::ShownBefore(_))));
    assert_eq!(copies_shown(&world).await.len(), 3, "nothing is sent without that");
    let consent = open.ask().agree_knowing(&[], &[]).expect("agreed");
    world.wallet.share(open, &consent).await.expect("shared");
    assert!(noted_as_shown_before(&world));
    let shown = copies_shown(&world).await;
    assert_eq!(shown[3], shown[0], "the one that nobody has seen for the longest time");
    world.clock.advance(10);
    let open = opened(&mut world, 4).await;
    let consent = open.ask().agree_knowing(&[], &[]).expect("agreed");
    world.wallet.share(open, &consent).await.expect("shared");
    let shown = copies_shown(&world).await;
    assert_eq!(shown[4], shown[1], "and then the next one");
    assert_eq!(world.unused(), 0);
}

#[tokio::test]
async fn i7_wallet_a_copy_that_was_shown_before_and_never_left_again_stays_shown() {
    let mut world = World::with_card().await;
    all_shown(&mut world).await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.claims["response_uri"] = "http://shop.localhost:1/response".into();
    let link = draft.publish(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let consent = open.ask().agree_knowing(&[], &[]).expect("agreed");
    let error = world.wallet.share(open, &consent).await.expect_err("not sent");
    assert!(matches!(error, ShareError::NotSent(_)));
    assert_eq!(world.unused(), 0);
    let open = opened(&mut world, 5).await;
    assert!(open.ask().cards[0].shown_before);
}

#[tokio::test]
async fn i7_wallet_new_copies_are_shown_for_the_first_time() {
    let mut world = World::with_card().await;
    all_shown(&mut world).await;
    let card = world.wallet.vault().cards().expect("cards").remove(0);
    world.wallet.refresh_card(card.id.as_str()).await.expect("got again");
    let open = opened(&mut world, 6).await;
    assert!(!open.ask().cards[0].shown_before);
    let consent = agree(&open, &[]);
    world.wallet.share(open, &consent).await.expect("shared");
}

#[tokio::test]
async fn i7_wallet_the_last_copy_is_named_before_it_is_used() {
    let mut world = World::with_card().await;
    for (session, last) in [false, false, true].into_iter().enumerate() {
        let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
        draft.claims["state"] = format!("s-{session}-2345678901234567890123").into();
        let link = draft.publish(&world).await;
        let open = world.wallet.open_request(&link).await.expect("opened");
        let card = open.card(&open.ask().cards[0]).expect("a card");
        assert_eq!(card.unused.is_last(), last, "session {session}");
        let consent = agree(&open, &[]);
        world.wallet.share(open, &consent).await.expect("shared");
    }
    assert_eq!(world.unused(), 0);
}

#[tokio::test]
async fn f9_wallet_a_refusal_says_access_denied_and_nothing_else() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    world.wallet.refuse(open).await.expect("refused");
    let sent = world.sent("POST", "/response/1").await;
    assert_eq!(sent.len(), 1);
    assert_eq!(
        String::from_utf8_lossy(&sent[0].body),
        "error=access_denied&state=s-0123456789012345678901234567"
    );
    assert_eq!((world.unused(), outcome(&world).await), (3, Outcome::NotShared));
}

#[tokio::test]
async fn f9_wallet_closing_sends_nothing() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    world.wallet.close(&open).expect("closed");
    assert_eq!(world.sent("POST", "/response/1").await.len(), 0);
    assert_eq!((world.unused(), outcome(&world).await), (3, Outcome::NotShared));
}

#[tokio::test]
async fn f12_wallet_nothing_left_so_the_copy_stays_unused() {
    let mut world = World::with_card().await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.claims["response_uri"] = "http://shop.localhost:1/response".into();
    let link = draft.publish(&world).await;
    let error = world.share(&link).await.expect_err("not sent");
    assert!(matches!(error, ShareError::NotSent(_)));
    assert_eq!((world.unused(), outcome(&world).await), (3, Outcome::NotSent));
}

#[tokio::test]
async fn f12_wallet_expired_while_the_person_was_deciding() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let consent = agree(&open, &[]);
    world.clock.set(NOW + 300);
    let error = world.wallet.share(open, &consent).await.expect_err("expired");
    assert!(matches!(error, ShareError::Expired));
    assert_eq!((world.sent("POST", "/response/1").await.len(), world.unused()), (0, 3));
    let record = &world.wallet.history().expect("history")[0].record;
    assert_eq!(
        (record.outcome, record.reason.as_deref()),
        (Outcome::NotShared, Some("request_expired"))
    );
}

#[tokio::test]
async fn f13_wallet_a_lost_reply_repeats_the_same_bytes_to_the_same_session_only() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    world
        .answer(
            "/response/1",
            ResponseTemplate::new(200).set_delay(Duration::from_secs(30)),
        )
        .await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let consent = agree(&open, &[]);
    // The process ends while it waits for the reply.
    let waiting = tokio::time::timeout(Duration::from_millis(500), world.wallet.share(open, &consent)).await;
    assert!(waiting.is_err());
    assert_eq!((world.unused(), outcome(&world).await), (2, Outcome::MaybeReceived));

    world
        .answer("/response/1", ResponseTemplate::new(200).set_body_json(json!({})))
        .await;
    let open = world.wallet.open_request(&link).await.expect("opened again");
    assert!(open.was_answered());
    let receipt = world.wallet.share(open, &consent).await.expect("sent again");
    assert_eq!(receipt.sent, Sent::Again);
    let sent = world.sent("POST", "/response/1").await;
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].body, sent[1].body, "the same bytes");
    assert_eq!((world.unused(), outcome(&world).await), (2, Outcome::Shared));
}

#[tokio::test]
async fn f13_wallet_another_session_gets_another_copy() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    world.answer("/response/1", ResponseTemplate::new(502)).await;
    let error = world.share(&link).await.expect_err("no reply");
    assert!(matches!(error, ShareError::MaybeReceived(_)));
    world
        .answer("/response/1", ResponseTemplate::new(200).set_body_json(json!({})))
        .await;
    let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    draft.claims["nonce"] = "n-other-789012345678901234567".into();
    let link = draft.publish(&world).await;
    world
        .answer("/response/1", ResponseTemplate::new(200).set_body_json(json!({})))
        .await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert!(!open.was_answered());
    let consent = agree(&open, &[]);
    world.wallet.share(open, &consent).await.expect("shared");
    let sent = world.sent("POST", "/response/1").await;
    assert_ne!(sent[0].body, sent[1].body);
    assert_eq!(world.unused(), 1);
}

#[tokio::test]
async fn an_answer_that_is_not_taken_stays_used() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let refusal = ResponseTemplate::new(400).set_body_json(json!({"error": "invalid_request"}));
    world.answer("/response/1", refusal).await;
    let error = world.share(&link).await.expect_err("not taken");
    assert!(matches!(error, ShareError::NotAccepted { status: 400 }));
    assert_eq!((world.unused(), outcome(&world).await), (2, Outcome::NotAccepted));
}

#[test_case("javascript:alert(1)" => false ; "a script")]
#[test_case("intent://x#Intent;scheme=x;end" => false ; "an intent")]
#[test_case("openid4vp://?client_id=x" => false ; "a link to a wallet")]
#[test_case("https://user:word@shop.example/" => false ; "a name and password in it")]
#[test_case("//shop.example/done" => false ; "half an address")]
#[test_case("file:///etc/passwd" => false ; "a file")]
#[test_case("http://shop.example/done" => false ; "http to elsewhere")]
#[test_case("https://shop.example/done#response_code=c" => true ; "https")]
#[tokio::test]
async fn f15_wallet_opens_only_web_addresses(target: &'static str) -> bool {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let reply = ResponseTemplate::new(200).set_body_json(json!({"redirect_uri": target}));
    world.answer("/response/1", reply).await;
    world.share(&link).await.expect("shared").redirect_uri.is_some()
}

#[tokio::test]
async fn f15_wallet_this_machine_under_development() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let target = world.url("shop", "/done");
    let reply = ResponseTemplate::new(200).set_body_json(json!({"redirect_uri": target}));
    world.answer("/response/1", reply).await;
    let receipt = world.share(&link).await.expect("shared");
    assert_eq!(receipt.redirect_uri.map(String::from), Some(target));
}

#[tokio::test]
async fn f15_wallet_an_answer_that_is_not_taken_opens_nothing() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let reply = ResponseTemplate::new(400).set_body_json(json!({"redirect_uri": "https://shop.example/done"}));
    world.answer("/response/1", reply).await;
    let error = world.share(&link).await.expect_err("not taken");
    assert!(
        matches!(error, ShareError::NotAccepted { status: 400 }),
        "and nothing but the status comes back"
    );
}

#[tokio::test]
async fn f10_wallet_its_nonce_has_to_come_back() {
    for nonce in [None, Some("other")] {
        let mut world = World::with_card().await;
        let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
        if let Some(nonce) = nonce {
            draft.claims["wallet_nonce"] = nonce.into();
        }
        let link = draft.publish(&world).await + "&request_uri_method=post";
        let error = world.refused(&link).await;
        assert!(matches!(
            error,
            RequestRefused::Request(oid4vp::RequestError::WalletNonceMismatch)
        ));
        assert!(error.into_untold().is_none(), "dropped, and nobody is told");
    }
}

#[tokio::test]
async fn f10_wallet_fetches_as_often_as_it_likes_and_answers_once() {
    let mut world = World::with_card().await;
    let draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
    let link = draft.publish_echoing(&world).await;
    for _ in 0..2 {
        drop(world.wallet.open_request(&link).await.expect("opened"));
    }
    world.share(&link).await.expect("shared");
    let fetched = world.sent("POST", "/request/1").await;
    let values = |name: &str| -> std::collections::BTreeSet<String> {
        fetched
            .iter()
            .map(|request| crate::world::form_value(&request.body, name))
            .collect()
    };
    assert_eq!(
        (fetched.len(), values("wallet_nonce").len()),
        (3, 3),
        "a fresh nonce each time"
    );
    assert!(values("wallet_nonce").iter().all(|nonce| nonce.len() == 43), "256 bits");
    let metadata = values("wallet_metadata");
    assert_eq!(metadata.len(), 1, "nothing tells one fetch from another");
    let metadata: Value = serde_json::from_str(metadata.first().expect("metadata")).expect("json");
    assert_eq!(
        metadata["vp_formats_supported"]["dc+sd-jwt"]["kb-jwt_alg_values"],
        json!(["ES256"])
    );
    assert_eq!(
        metadata["client_id_prefixes_supported"],
        json!(["x509_hash", "x509_san_dns", "decentralized_identifier"])
    );
    for request in &fetched {
        let header = |name: &str| {
            request
                .headers
                .get(name)
                .expect("header")
                .to_str()
                .expect("text")
                .to_owned()
        };
        assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
        assert_eq!(header("accept"), "application/oauth-authz-req+jwt");
    }
    assert_eq!(world.sent("POST", "/response/1").await.len(), 1);
    world.answer("/request/1", ResponseTemplate::new(409)).await;
    let error = world.wallet.open_request(&link).await.expect_err("answered");
    assert_eq!(error.code(), "request_gone");
}

#[tokio::test]
async fn a_foreign_business_gets_what_was_agreed() {
    let mut world = World::with_card().await;
    let link = RequestDraft::of(&mut world, "age", &["age_over_18"])
        .without_record()
        .publish(&world)
        .await;
    world.share(&link).await.expect("shared");
    assert_eq!(shown(&answered(&world).await), ["age_over_18"]);
}

#[tokio::test]
async fn f14_wallet_a_name_with_a_turned_direction() {
    let mut world = World::with_card().await;
    let hash = crate::world::sha256(world.access.leaf());
    let age = testkit::purpose(
        "age",
        &testkit::credential::vct("person-identification"),
        &["age_over_18"],
        &[],
    );
    let name = "Corner\u{202e}pohS\u{200b}";
    let scope = testkit::scope(world.business.did(), name, &[hash], vec![age], NOW + crate::world::YEAR);
    world.ledger.register(&scope, &world.business);
    let link = world.ask("age", &["age_over_18"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert_eq!(open.ask().who.name.as_ref().expect("name").text("en"), "CornerpohS");
    assert!(
        open.ask().who.host.starts_with("shop.localhost:"),
        "the host stands beside it"
    );
}

#[tokio::test]
async fn a_consent_to_another_request_is_worth_nothing() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let consent = agree(&open, &[]);
    let mut draft = RequestDraft::of(&mut world, "contract", &["given_name"]);
    draft.claims["state"] = "s-other-5678901234567890".into();
    let link = draft.publish(&world).await;
    let other = world.wallet.open_request(&link).await.expect("opened");
    let error = world.wallet.share(other, &consent).await.expect_err("refused");
    assert!(matches!(error, ShareError::NotConsented(NotConsented::OtherRequest)));
    assert_eq!((world.sent("POST", "/response/1").await.len(), world.unused()), (0, 3));
}
