//! One offer with two cards of one type in one format. OpenID4VCI 1.0 §4.1.1

use crate::mdocs;
use crate::world::{Issuer, METADATA, World};
use testkit::certificates::{Authority, Name};
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

/// All of them say the same, and still nothing says which of the two documents is the card in its other format.
#[tokio::test]
async fn b18_wallet_two_in_one_format_beside_one_in_another() {
    let world = mdocs::accredited().await;
    let issuer = Issuer::of(&world, mdocs::KIND);
    let did = world.agency.did().to_string();
    let chain = Authority::new("authority").certify(issuer.key.public(), &[Name::Uri(&did)]);
    let x5c = chain.x5c();
    // A batch of three of each.
    let issuer = issuer.making(move |copy| match copy.number {
        0..=2 => copy.issue(),
        _ => mdocs::issued(&copy, &x5c),
    });
    issuer.mount(&world).await;
    let configurations = [mdocs::KIND, mdocs::CONFIGURATION, "person-identification.second"];
    let mut metadata = issuer.metadata();
    for name in &configurations[1..] {
        metadata["credential_configurations_supported"][name] = mdocs::configuration();
    }
    let published = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer(METADATA, published).await;
    let offer = issuer.offer_of(&configurations.map(str::to_owned));
    let error = world.accept(&offer).await.expect_err("refused");
    assert_eq!(error.code(), "card_forms_differ");
    world.nothing_kept(&error, 3).await;
}
