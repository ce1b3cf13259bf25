//! What is said of a business that might ask less once, to somebody who never shared with it.

use crate::mdocs;
use crate::widened::{asked, widen};
use crate::world::{NOW, RequestDraft, World};
use jose::base64url;
use ledger::{ClaimPath, UnverifiedBundle};
use serde_json::json;
use testkit::Cosignatures;
use testkit::credential::vct;
use wallet::{EarlierRecord, Names};

/// The earlier record that is told of a request with this proof of one.
async fn told_of(world: &mut World, session: u32, proof: &[u8]) -> Option<EarlierRecord> {
    let newest = world.business_bundle();
    told_by(world, session, &newest, proof).await
}

/// The same by a record that need not be the newest.
async fn told_by(world: &mut World, session: u32, record: &[u8], proof: &[u8]) -> Option<EarlierRecord> {
    let mut draft = RequestDraft::of(world, "age", &["age_over_18"]);
    draft.set_bundle(record);
    draft.claims["state"] = format!("s-{session}-0123456789012345678").into();
    let proof = json!({ "format": "holdfast-earlier+cbor", "data": base64url::encode(proof) });
    let infos = draft.claims["verifier_info"].as_array_mut().expect("array");
    infos.push(proof);
    let link = draft.publish(world).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    open.ask().earlier_record.clone()
}

#[tokio::test]
async fn whoever_never_shared_is_told_what_an_earlier_record_lacked() {
    let mut world = World::with_card().await;
    let before = world.business_bundle();
    assert_eq!(told_of(&mut world, 0, &before).await, None, "nothing has changed");
    widen(&mut world);
    let earlier = told_of(&mut world, 1, &before).await.expect("told");
    let names = Names::of(&world.wallet.vault().cards().expect("cards"));
    assert_eq!(earlier.lacked, [names.claim(&vct("person-identification"), "portrait")]);
    let proved = UnverifiedBundle::parse(&before).expect("bundle");
    let proved = proved.verify(&world.ledger.trust_pack(), world.business.did().as_str());
    assert_eq!(earlier.at, proved.expect("proved").time());
    // Whoever shared with them is told what is new since then, and that is nothing.
    let link = asked(&mut world, 2).await;
    world.share(&link).await.expect("shared");
    assert_eq!(told_of(&mut world, 3, &before).await, None);
}

/// What could be asked of a card in one format is nothing new in another, and what is new in both is told once.
#[tokio::test]
async fn a_card_that_may_be_asked_for_in_one_more_format_is_the_same_card() {
    let mut world = World::with_card().await;
    let before = world.business_bundle();
    let person = vct("person-identification");
    let mut both = testkit::purpose("age", &person, &["age_over_18"], &["portrait"]);
    let mut of_mdocs = mdocs::age().credentials;
    of_mdocs[0].optional = vec![ClaimPath::names(&[mdocs::NAME_SPACE, "portrait"])];
    both.credentials.append(&mut of_mdocs);
    world.register_again(both);
    let earlier = told_of(&mut world, 0, &before).await.expect("told");
    let names = Names::of(&world.wallet.vault().cards().expect("cards"));
    assert_eq!(earlier.lacked, [names.claim(&person, "portrait")]);
}

#[tokio::test]
async fn an_earlier_record_that_is_not_proved_is_not_told() {
    let mut world = World::with_card().await;
    let before = world.business_bundle();
    let unproved = world.business_bundle_with(&Cosignatures::without_quorum(NOW));
    let agency = world.agency.did().to_string();
    let of_another = world.ledger.bundle(&agency);
    widen(&mut world);
    for (session, proof) in [(0, unproved), (1, of_another), (2, b"no bundle".to_vec())] {
        assert_eq!(told_of(&mut world, session, &proof).await, None, "{session}");
    }
    assert!(
        told_of(&mut world, 3, &before).await.is_some(),
        "what is proved is told"
    );
}

/// A business that was narrowed asks by the record from before, as long as that is not too old: the narrower one is
/// no earlier one then.
#[tokio::test]
async fn a_record_from_after_the_one_that_they_ask_by_is_no_earlier_one() {
    let mut world = World::with_card().await;
    let wide = world.business_bundle_with(&Cosignatures::all(NOW - 200));
    let person = vct("person-identification");
    world.register_again(testkit::purpose("age", &person, &["age_over_18"], &[]));
    let narrow = world.business_bundle();
    assert_eq!(told_by(&mut world, 0, &wide, &narrow).await, None);
}
