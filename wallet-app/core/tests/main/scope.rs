//! What may be asked: of those who are registered what their scope says, of strangers what identifies nobody.

use crate::requests::edited;
use crate::world::{ACCESS_KEY, NOW, RequestDraft, World, query};
use jose::base64url;
use sd_jwt::{ClaimPath, Disclosable};
use serde_json::{Value, json};
use test_case::test_case;
use testkit::certificates::{Authority, Name};
use testkit::credential::key;
use wallet::{OpenRequest, Outcome, RequestRefused, TrustError};

#[tokio::test]
async fn f4_wallet_a_claim_outside_the_scope() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["age_over_18", "portrait"]).await;
    let error = world.refused(&link).await;
    assert!(matches!(&error, RequestRefused::OverAsking { claim, .. } if claim == "portrait"));
    let history = world.wallet.vault().history().expect("history");
    assert_eq!(history[0].record.outcome, Outcome::Blocked);
    assert_eq!(history[0].record.reason.as_deref(), Some("over_asking"));
}

#[tokio::test]
async fn f4_wallet_a_claim_of_another_purpose() {
    let mut world = World::with_card().await;
    let link = world.ask("age", &["birth_date"]).await;
    assert!(matches!(world.refused(&link).await, RequestRefused::OverAsking { claim, .. } if claim == "birth_date"));
}

#[tokio::test]
async fn f4_wallet_a_card_outside_the_scope() {
    let error = edited(|draft| draft.claims["dcql_query"] = query("driving-licence", &[])).await;
    assert!(matches!(error, RequestRefused::OverAsking { .. }));
}

#[tokio::test]
async fn f4_wallet_an_alternative_outside_the_scope() {
    let error = edited(|draft| {
        let mut wide = query("person-identification", &["age_over_18", "personal_number"]);
        wide["credentials"][0]["claim_sets"] = json!([["age_over_18"], ["age_over_18", "personal_number"]]);
        draft.claims["dcql_query"] = wide;
    })
    .await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "personal_number"));
}

#[tokio::test]
async fn f4_wallet_what_is_recorded_as_optional_cannot_be_made_needed() {
    let error = edited(|draft| {
        draft.claims["dcql_query"] = query("person-identification", &["age_over_18", "given_name"]);
    })
    .await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "given_name"));
    let error = edited(|draft| {
        let mut wide = query("person-identification", &["age_over_18", "given_name"]);
        wide["credentials"][0]["claim_sets"] = json!([["age_over_18", "given_name"]]);
        draft.claims["dcql_query"] = wide;
    })
    .await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "given_name"));
}

const CHOICE: [&str; 3] = ["age_over_18", "given_name", "birth_date"];

/// A wallet with a card, and a business for which any one of three claims is enough.
async fn with_choice() -> World {
    let mut world = World::with_card().await;
    let vct = testkit::credential::vct("person-identification");
    let mut purpose = testkit::purpose("age", &vct, &[], &CHOICE);
    purpose.credentials[0].claim_sets = CHOICE.map(|claim| vec![ledger::ClaimPath::names(&[claim])]).to_vec();
    world.register_again(purpose);
    world
}

/// A request of that business with these sets of claims.
fn choosing(world: &mut World, sets: &Value) -> RequestDraft {
    let mut draft = RequestDraft::of(world, "age", &CHOICE);
    draft.claims["dcql_query"] = query("person-identification", &CHOICE);
    draft.claims["dcql_query"]["credentials"][0]["claim_sets"] = sets.clone();
    draft
}

#[tokio::test]
async fn f4_wallet_a_choice_that_was_registered_cannot_be_taken_away() {
    let mut world = with_choice().await;
    let draft = choosing(&mut world, &json!([["age_over_18"], ["given_name"], ["birth_date"]]));
    let link = draft.publish(&world).await;
    world.wallet.open_request(&link).await.expect("opened");
    let draft = choosing(&mut world, &json!([["given_name"], ["birth_date"]]));
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "given_name"));
}

#[test_case(json!({"path": ["age_over_18"], "values": [false]}), "age_over_18" ; "for_others_alone")]
#[test_case(json!({"path": ["age_over_18", "x"]}), "age_over_18.x" ; "by_a_part_that_is_not_there")]
#[tokio::test]
async fn f4_wallet_a_choice_that_nobody_can_take(claim: Value, beyond: &str) {
    let mut world = with_choice().await;
    let mut draft = choosing(&mut world, &json!([["age_over_18"], ["given_name"], ["birth_date"]]));
    let first = &mut draft.claims["dcql_query"]["credentials"][0]["claims"][0];
    *first = claim;
    first["id"] = "age_over_18".into();
    let link = draft.publish(&world).await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == beyond));
}

#[tokio::test]
async fn f4_wallet_of_alternatives_as_small_yes_or_no_is_offered_whatever_is_asked_first() {
    let mut world = with_choice().await;
    let draft = choosing(&mut world, &json!([["birth_date"], ["given_name"], ["age_over_18"]]));
    let link = draft.publish(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let needed = open.ask().cards[0].needed.iter().map(ToString::to_string);
    assert_eq!(needed.collect::<Vec<_>>(), ["age_over_18"]);
}

/// A wallet with a card whose issuer gave the person no choice about a name that its type knows nothing of.
async fn with_open_card() -> World {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await.making(|mut copy| {
        let names = copy.draft.claims.keys().map(|name| ClaimPath::from(name.as_str()));
        copy.draft.disclosable = Disclosable::At(names.collect());
        copy.draft.claims.insert("nickname".to_owned(), "Eri".into());
        copy.issue()
    });
    issuer.mount(&world).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    world
}

/// A wallet with a card in which an address is open, but for the street in it.
async fn with_half_open_card() -> World {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await.making(|mut copy| {
        let street: &[&str] = &["address", "street"];
        let names = copy.draft.claims.keys().map(|name| ClaimPath::from(name.as_str()));
        let disclosable: Vec<ClaimPath> = names.chain([street.into()]).collect();
        let address = json!({ "street": "Main St", "country": "US" });
        copy.draft.claims.insert("address".to_owned(), address);
        copy.draft.disclosable = Disclosable::At(disclosable);
        copy.issue()
    });
    issuer.mount(&world).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    world
}

#[tokio::test]
async fn a_card_with_an_open_object_that_hides_something_is_shown() {
    let mut world = with_half_open_card().await;
    let vct = testkit::credential::vct("person-identification");
    world.register_again(testkit::purpose("delivery", &vct, &["address"], &[]));
    let mut draft = RequestDraft::of(&mut world, "delivery", &["address"]);
    draft.claims["dcql_query"]["credentials"][0]["claims"][0]["path"] = json!(["address", "street"]);
    let link = draft.publish(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let card = &open.ask().cards[0];
    let company: Vec<String> = card.company().map(|path| path.to_string()).collect();
    assert_eq!(company, ["address.country"], "told, because the card leaves no choice");
    assert!(!card.withheld.contains(&"address.street".to_owned()));
    let consent = open.ask().agree(&[]).expect("agreed");
    world.wallet.share(open, &consent).await.expect("shown");
}

#[tokio::test]
async fn f4_wallet_the_open_part_of_an_object_is_asked_for_too() {
    let mut world = with_half_open_card().await;
    let link = world.ask("contract", &["family_name"]).await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "address.country"));
}

#[tokio::test]
async fn f4_wallet_what_a_card_cannot_withhold_is_asked_for_too() {
    let mut world = with_open_card().await;
    let vct = testkit::credential::vct("person-identification");
    world.register_again(testkit::purpose("contract", &vct, &["family_name", "nickname"], &[]));
    let link = world.ask("contract", &["family_name"]).await;
    let open = world.wallet.open_request(&link).await.expect("may ask it");
    let company =
        |open: &OpenRequest| -> Vec<String> { open.ask().cards[0].company().map(|path| path.to_string()).collect() };
    assert_eq!(company(&open), ["nickname"]);
    world.register_again(testkit::purpose("adult", &vct, &["age_over_18"], &[]));
    let link = world.ask("adult", &["age_over_18"]).await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::OverAsking { claim, .. } if claim == "nickname"));
    let link = RequestDraft::of(&mut world, "age", &["age_over_18"])
        .without_record()
        .publish(&world)
        .await;
    let error = world.refused(&link).await;
    assert!(matches!(error, RequestRefused::NotAnonymous { claim, .. } if claim == "nickname"));
}

#[tokio::test]
async fn f4_wallet_a_purpose_that_is_not_recorded() {
    let error = edited(|draft| draft.claims["verifier_info"][1]["data"]["purpose"] = "marketing".into()).await;
    assert!(matches!(error, RequestRefused::UnknownPurpose { .. }));
}

#[tokio::test]
async fn f4_wallet_names_the_claim_also_for_a_purpose_that_is_not_recorded() {
    let mut world = World::with_card().await;
    let link = world.ask("marketing", &["age_over_18", "portrait"]).await;
    assert!(matches!(world.refused(&link).await, RequestRefused::OverAsking { claim, .. } if claim == "portrait"));
}

#[tokio::test]
async fn f4_wallet_the_record_of_another_certificate() {
    let other = Authority::new("other").certify(key(ACCESS_KEY).public(), &[Name::Dns("shop.localhost")]);
    let error = edited(|draft| {
        draft.set_client_id(&format!(
            "x509_hash:{}",
            base64url::encode(crate::world::sha256(other.leaf()))
        ));
        draft.x5c = Some(other.x5c());
    })
    .await;
    assert!(matches!(error, RequestRefused::Trust(TrustError::NotInRecord)));
}

#[tokio::test]
async fn f4_wallet_a_registration_taken_back() {
    let mut world = World::with_card().await;
    world.ledger.revoke_registration(&world.business);
    let link = world.ask("age", &["age_over_18"]).await;
    assert!(matches!(
        world.refused(&link).await,
        RequestRefused::Trust(TrustError::NotInRecord)
    ));
}

#[tokio::test]
async fn f4_wallet_a_registration_that_has_run_out() {
    let mut world = World::with_card().await;
    let hash = crate::world::sha256(world.access.leaf());
    let age = testkit::purpose(
        "age",
        &testkit::credential::vct("person-identification"),
        &["age_over_18"],
        &[],
    );
    let scope = testkit::scope(world.business.did(), "Corner Shop", &[hash], vec![age], NOW);
    world.ledger.register(&scope, &world.business);
    let link = world.ask("age", &["age_over_18"]).await;
    assert!(matches!(
        world.refused(&link).await,
        RequestRefused::Trust(TrustError::RegistrationExpired)
    ));
}

#[tokio::test]
async fn f4_wallet_a_stranger_may_ask_only_what_identifies_nobody() {
    let mut world = World::with_card().await;
    let link = RequestDraft::of(&mut world, "age", &["given_name"])
        .without_record()
        .publish(&world)
        .await;
    let error = world.refused(&link).await;
    assert!(matches!(&error, RequestRefused::NotAnonymous { claim, .. } if claim == "given_name"));
    let link = RequestDraft::of(&mut world, "age", &["age_over_18"])
        .without_record()
        .publish(&world)
        .await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert_eq!(open.ask().who.registration, wallet::Registration::Unregistered);
    assert!(open.ask().who.name.is_none(), "a stranger has no name");
}

#[tokio::test]
async fn f4_wallet_a_foreign_anchor_is_not_registered_here() {
    let root = Authority::new("root");
    let mut world = World::with_anchors(None, Some(&root)).await;
    let issuer = world.issuer("person-identification").await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let chain = root.certify(key(ACCESS_KEY).public(), &[Name::Dns("shop.localhost")]);
    let mut draft = RequestDraft::of(&mut world, "age", &["given_name"]).without_record();
    draft.set_client_id(&format!(
        "x509_hash:{}",
        base64url::encode(crate::world::sha256(chain.leaf()))
    ));
    draft.x5c = Some(chain.x5c());
    let link = draft.publish(&world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    assert!(matches!(
        open.ask().who.registration,
        wallet::Registration::Foreign { .. }
    ));
}
