//! What is said of a business that may ask more than when the person shared with it last.

use crate::world::{ChallengeDraft, RequestDraft, World, agree};
use serde_json::json;
use testkit::credential::vct;
use wallet::{Names, Outcome, ShareError, Widened};

/// A request of the business, of a session of its own.
pub(crate) async fn asked(world: &mut World, session: u32) -> String {
    let mut draft = RequestDraft::of(world, "age", &["age_over_18"]);
    draft.claims["state"] = format!("s-{session}-0123456789012345678").into();
    draft.publish(world).await
}

async fn told(world: &mut World, session: u32) -> Option<Widened> {
    let link = asked(world, session).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    open.ask().widened.clone()
}

/// From now on a portrait may be asked too, and is kept.
pub(crate) fn widen(world: &mut World) {
    let person = vct("person-identification");
    let mut wider = testkit::purpose("age", &person, &["age_over_18"], &["given_name", "portrait"]);
    wider.retention_days = 30;
    world.register_again(wider);
}

#[tokio::test]
async fn what_a_business_may_ask_beyond_the_last_sharing_is_told_until_the_next() {
    let mut world = World::with_card().await;
    assert_eq!(told(&mut world, 0).await, None, "nothing was shared yet");
    let link = asked(&mut world, 1).await;
    world.share(&link).await.expect("shared");
    let at = world.wallet.vault().history().expect("history")[0].at;
    assert_eq!(told(&mut world, 2).await, None, "nothing has changed");
    widen(&mut world);
    let widened = told(&mut world, 3).await.expect("told");
    assert_eq!((widened.since, widened.kept_days), (at, Some((0, 30))));
    let names = Names::of(&world.wallet.vault().cards().expect("cards"));
    assert_eq!(widened.claims, [names.claim(&vct("person-identification"), "portrait")]);
    // After the next sharing it is known.
    let mut world = world.killed();
    let link = asked(&mut world, 4).await;
    world.share(&link).await.expect("shared");
    assert_eq!(told(&mut world, 5).await, None);
}

#[tokio::test]
async fn what_could_be_left_out_at_the_last_sharing_and_is_needed_now_is_told() {
    let mut world = World::with_card().await;
    let link = asked(&mut world, 1).await;
    world.share(&link).await.expect("shared");
    let person = vct("person-identification");
    world.register_again(testkit::purpose("age", &person, &["age_over_18", "given_name"], &[]));
    let widened = told(&mut world, 2).await.expect("told");
    assert_eq!((widened.claims, widened.kept_days), (Vec::new(), None));
    let names = Names::of(&world.wallet.vault().cards().expect("cards"));
    assert_eq!(widened.needed, [names.claim(&person, "given_name")]);
    let link = asked(&mut world, 3).await;
    world.share(&link).await.expect("shared");
    assert_eq!(told(&mut world, 4).await, None);
}

/// From now on any one of these claims is enough.
fn let_choose(world: &mut World, claims: &[&str]) {
    let mut purpose = testkit::purpose("age", &vct("person-identification"), &[], claims);
    let set = |claim: &&str| vec![ledger::ClaimPath::names(&[*claim])];
    purpose.credentials[0].claim_sets = claims.iter().map(set).collect();
    world.register_again(purpose);
}

/// A request of the business for any one of these claims, of a session of its own.
async fn asked_for_any(world: &mut World, session: u32, claims: &[&str]) -> String {
    let mut draft = RequestDraft::of(world, "age", claims);
    let sets: Vec<[&str; 1]> = claims.iter().map(|claim| [*claim]).collect();
    draft.claims["dcql_query"]["credentials"][0]["claim_sets"] = json!(sets);
    draft.claims["state"] = format!("s-{session}-0123456789012345678").into();
    draft.publish(world).await
}

#[tokio::test]
async fn an_alternative_that_was_enough_at_the_last_sharing_and_is_not_now_is_told() {
    let mut world = World::with_card().await;
    let (three, two) = (
        ["age_over_18", "given_name", "birth_date"],
        ["age_over_18", "birth_date"],
    );
    let_choose(&mut world, &three);
    let link = asked_for_any(&mut world, 1, &three).await;
    world.share(&link).await.expect("shared");
    let_choose(&mut world, &two);
    let link = asked_for_any(&mut world, 2, &two).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let widened = open.ask().widened.clone().expect("told");
    assert_eq!(
        (widened.claims, widened.needed, widened.kept_days),
        (vec![], vec![], None)
    );
    let names = Names::of(&world.wallet.vault().cards().expect("cards"));
    let given_name = names.claim(&vct("person-identification"), "given_name");
    assert_eq!(widened.not_enough, [[given_name]]);
    world.share(&link).await.expect("shared");
    let link = asked_for_any(&mut world, 3, &two).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert_eq!(open.ask().widened, None);
}

#[tokio::test]
async fn whoever_had_to_show_nothing_of_it_is_told_what_one_is_needed_of_now() {
    let mut world = World::with_card().await;
    let claims = ["age_over_18", "birth_date"];
    let person = vct("person-identification");
    world.register_again(testkit::purpose("age", &person, &[], &claims));
    let mut draft = RequestDraft::of(&mut world, "age", &claims);
    let card = draft.claims["dcql_query"]["credentials"][0].as_object_mut();
    card.expect("an object").remove("claims");
    let link = draft.publish(&world).await;
    world.share(&link).await.expect("shared");
    let_choose(&mut world, &claims);
    let link = asked_for_any(&mut world, 2, &claims).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let widened = open.ask().widened.clone().expect("told");
    let names = Names::of(&world.wallet.vault().cards().expect("cards"));
    assert_eq!(widened.choose, claims.map(|claim| vec![names.claim(&person, claim)]));
    assert_eq!((widened.claims, widened.needed), (vec![], vec![]));
    assert!(widened.not_enough.is_empty() && widened.kept_days.is_none());
    world.share(&link).await.expect("shared");
    let link = asked_for_any(&mut world, 3, &claims).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert_eq!(open.ask().widened, None);
}

/// From now on nothing can be noted about what businesses may ask.
fn unwritable(world: &World) {
    let refuses = "CREATE TRIGGER unwritable BEFORE INSERT ON shared_scope BEGIN SELECT RAISE(ABORT, 'no'); END";
    world.wallet.vault().dangerous_execute(refuses).expect("damaged");
}

fn outcome(world: &World) -> Outcome {
    world.wallet.history().expect("history")[0].record.outcome
}

#[tokio::test]
async fn f12_wallet_what_cannot_be_noted_is_not_sent_and_uses_no_copy() {
    let mut world = World::with_card().await;
    let link = asked(&mut world, 1).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let consent = agree(&open, &[]);
    unwritable(&world);
    let error = world.wallet.share(open, &consent).await.expect_err("not noted");
    assert!(matches!(error, ShareError::Vault(_)), "{error:?}");
    assert_eq!((world.sent("POST", "/response/1").await.len(), world.unused()), (0, 3));
    assert_eq!(outcome(&world), Outcome::Interrupted);
}

#[tokio::test]
async fn f12_wallet_what_cannot_be_noted_is_not_shown_and_uses_no_copy() {
    let mut world = World::ready_offline().await;
    let challenge = ChallengeDraft::of(&mut world, "age", &["age_over_18"]).sign(&world);
    let open = world.wallet.open_challenge(&challenge.to_message()).expect("opened");
    let consent = open.ask().agree(&[]).expect("agreed");
    unwritable(&world);
    let error = world.wallet.show(open, &consent).expect_err("not noted");
    assert!(matches!(error, ShareError::Vault(_)), "{error:?}");
    assert_eq!(world.unused_offline(), 3);
    assert_eq!(outcome(&world), Outcome::Interrupted);
}

#[tokio::test]
async fn what_was_refused_was_not_shared() {
    let mut world = World::with_card().await;
    let link = asked(&mut world, 1).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    world.wallet.refuse(open).await.expect("refused");
    widen(&mut world);
    assert_eq!(told(&mut world, 2).await, None);
}

#[tokio::test]
async fn a_business_that_may_ask_less_is_no_news() {
    let mut world = World::with_card().await;
    let link = asked(&mut world, 1).await;
    world.share(&link).await.expect("shared");
    let person = vct("person-identification");
    world.register_again(testkit::purpose("age", &person, &["age_over_18"], &[]));
    assert_eq!(told(&mut world, 2).await, None);
}
