//! One offer with two cards of one type in one format. OpenID4VCI 1.0 §4.1.1

use crate::world::{Issuer, METADATA, World};
use wiremock::ResponseTemplate;

const CONFIGURATIONS: [&str; 2] = ["residence", "residence.second"];

/// An offer of two homes, in a batch of three copies each.
async fn offered(world: &World) -> String {
    let issuer = Issuer::of(world, "residence").making(|mut copy| {
        if copy.number > 2 {
            copy.draft.claims.insert("locality".into(), "Bonn".into());
        }
        copy.issue()
    });
    issuer.mount(world).await;
    let mut metadata = issuer.metadata();
    let supported = &mut metadata["credential_configurations_supported"];
    let [first, second] = CONFIGURATIONS;
    let configuration = supported[first].clone();
    supported[second] = configuration;
    let published = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer(METADATA, published).await;
    issuer.offer_of(&CONFIGURATIONS.map(str::to_owned))
}

#[tokio::test]
async fn two_cards_of_one_type_are_two_cards() {
    let world = World::new().await;
    let offer = world.wallet.open_offer(&offered(&world).await).await.expect("opened");
    assert_eq!(offer.whole_cards().count(), 2);
    let accepted = world.wallet.accept_offer(offer, None).await.expect("accepted");
    assert_eq!(accepted.len(), 2);
    let cards = world.wallet.whole_cards().expect("cards");
    let homes: Vec<&str> = cards
        .iter()
        .filter_map(|whole| whole.card.claims["locality"].as_str())
        .collect();
    assert_eq!(homes, ["Köln", "Bonn"]);
    let again = world.wallet.refresh_card(cards[1].card.id.as_str()).await;
    let again = again.expect("each is got again by itself");
    assert_eq!((again.card.as_str(), again.copies), (cards[1].card.id.as_str(), 3));
    assert!(again.changed.is_empty());
}
