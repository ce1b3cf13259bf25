//! Requests that hold and that no card here answers.

use crate::world::{RequestDraft, World};
use test_case::test_case;
use wallet::{Outcome, ShareError};
use wiremock::ResponseTemplate;

fn last(world: &World) -> (Outcome, Option<String>) {
    let history = world.wallet.history().expect("history");
    let record = history.into_iter().next().expect("an entry").record;
    (record.outcome, record.reason)
}

#[tokio::test]
async fn f8_wallet_without_a_word_of_the_person_nothing_is_sent() {
    let mut world = World::with_card().await;
    let link = world.ask("home", &["locality"]).await;
    let error = world.refused(&link).await;
    let kept = error.unanswerable().expect("kept");
    assert_eq!(kept.who().names().text("en"), "Corner Shop");
    assert_eq!(kept.why().expect("why").text.text("en"), "home");
    assert_eq!(kept.types(), [testkit::credential::vct("residence")]);
    drop(error);
    assert_eq!(world.sent("POST", "/response/1").await.len(), 0);
    assert_eq!(last(&world), (Outcome::NotShared, Some("no_matching_card".to_owned())));
    let record = &world.wallet.history().expect("history")[0].record;
    assert_eq!(
        (record.party.as_str(), record.cards[0].claims.as_slice()),
        ("Corner Shop", ["locality".to_owned()].as_slice())
    );
}

#[tokio::test]
async fn f8_wallet_on_the_persons_word_access_denied_and_nothing_else() {
    let mut world = World::with_card().await;
    let link = world.ask("home", &["locality"]).await;
    let kept = world.refused(&link).await.into_unanswerable().expect("kept");
    world.wallet.tell_unanswerable(*kept).await.expect("told");
    let sent = world.sent("POST", "/response/1").await;
    assert_eq!(sent.len(), 1);
    assert_eq!(
        String::from_utf8_lossy(&sent[0].body),
        "error=access_denied&state=s-0123456789012345678901234567",
        "the same as when the person refuses"
    );
    assert_eq!(
        last(&world),
        (Outcome::NotShared, Some("no_matching_card_told".to_owned()))
    );
    assert_eq!(
        world.wallet.history().expect("history").len(),
        2,
        "one line for the card, one for the request"
    );
}

#[tokio::test]
async fn f8_wallet_what_could_not_be_told_stays_untold_in_the_history() {
    let mut world = World::with_card().await;
    let link = world.ask("home", &["locality"]).await;
    let kept = world.refused(&link).await.into_unanswerable().expect("kept");
    world.answer("/response/1", ResponseTemplate::new(500)).await;
    let error = world.wallet.tell_unanswerable(*kept).await.expect_err("not told");
    assert!(matches!(error, ShareError::NotSent(_)));
    assert_eq!(last(&world), (Outcome::NotShared, Some("no_matching_card".to_owned())));
}

#[tokio::test]
async fn f8_wallet_every_copy_was_shown_and_a_stranger_sees_none_again() {
    let mut world = World::with_card().await;
    for session in 0..4 {
        let mut draft = RequestDraft::of(&mut world, "age", &["age_over_18"]);
        draft.claims["state"] = format!("s-{session}-2345678901234567890123").into();
        if session < 3 {
            let link = draft.publish(&world).await;
            world.share(&link).await.expect("shared");
        } else {
            // Their question is allowed because it identifies nobody.
            let link = draft.without_record().publish(&world).await;
            let error = world.wallet.open_request(&link).await.expect_err("refused");
            assert_eq!(error.code(), "no_copy_left");
            let kept = error.into_unanswerable().expect("kept");
            world.wallet.tell_unanswerable(*kept).await.expect("told");
        }
    }
    assert_eq!(last(&world), (Outcome::NotShared, Some("no_copy_left_told".to_owned())));
}

#[test_case("age", &["age_over_18", "portrait"] => "over_asking" ; "too much is asked")]
#[test_case("unknown", &["age_over_18"] => "purpose_not_recorded" ; "for an unknown purpose")]
#[tokio::test]
async fn f4_wallet_without_a_word_of_the_person_what_is_blocked_is_not_answered(
    purpose: &'static str,
    claims: &'static [&'static str],
) -> &'static str {
    let mut world = World::with_card().await;
    let link = world.ask(purpose, claims).await;
    let error = world.refused(&link).await;
    assert_eq!(error.who().expect("who").names().text("en"), "Corner Shop");
    let code = error.code();
    drop(error);
    assert_eq!(world.sent("POST", "/response/1").await.len(), 0);
    let record = &world.wallet.history().expect("history")[0].record;
    assert_eq!(
        (record.party.as_str(), record.outcome, record.reason.as_deref()),
        ("Corner Shop", Outcome::Blocked, Some(code))
    );
    code
}

#[test_case("age", &["age_over_18", "portrait"] => "over_asking_told" ; "too much is asked")]
#[test_case("unknown", &["age_over_18"] => "purpose_not_recorded_told" ; "for an unknown purpose")]
#[tokio::test]
async fn f4_wallet_on_the_persons_word_access_denied_and_nothing_else(
    purpose: &'static str,
    claims: &'static [&'static str],
) -> String {
    let mut world = World::with_card().await;
    let link = world.ask(purpose, claims).await;
    let kept = world.refused(&link).await.into_unanswerable().expect("kept");
    world.wallet.tell_unanswerable(*kept).await.expect("told");
    let sent = world.sent("POST", "/response/1").await;
    assert_eq!(sent.len(), 1);
    assert_eq!(
        String::from_utf8_lossy(&sent[0].body),
        "error=access_denied&state=s-0123456789012345678901234567",
        "the same as when the person refuses, and not which claim it was about"
    );
    let (outcome, reason) = last(&world);
    assert_eq!(outcome, Outcome::Blocked);
    assert_eq!(
        world.wallet.history().expect("history").len(),
        2,
        "the card, and one line for the request"
    );
    reason.expect("a reason")
}
