//! What the person sees of cards and of who asks: names in every language, values, public records.

use crate::world::{Issuer, NOW, World, YEAR};
use serde_json::json;
use test_case::test_case;
use testkit::credential::vct;
use wallet::{AutoLock, ClaimGroupId, ClaimValue, Names, Preferences};
use wiremock::ResponseTemplate;

/// The business is registered under this name.
async fn asked_by(world: &mut World, name: &str) -> wallet::OpenRequest {
    let hash = crate::world::sha256(world.access.leaf());
    let age = testkit::purpose("age", &vct("person-identification"), &["age_over_18"], &[]);
    let scope = testkit::scope(world.business.did(), name, &[hash], vec![age], NOW + YEAR);
    world.ledger.register(&scope, &world.business);
    let link = world.ask("age", &["age_over_18"]).await;
    world.wallet.open_request(&link).await.expect("opened")
}

#[test_case("Corner Shop" => false ; "ordinary")]
#[test_case("C\u{43e}rner Shop" => true ; "a letter of another script")]
#[test_case("Corner\u{202e}pohS" => true ; "a turned direction")]
#[test_case("City Office" => true ; "the name of an agency")]
#[test_case("City 0ffice" => true ; "nearly the name of an agency")]
#[tokio::test]
async fn f14_wallet_a_name_that_looks_odd(name: &'static str) -> bool {
    let mut world = World::with_card().await;
    let open = asked_by(&mut world, name).await;
    let who = &open.ask().who;
    assert!(
        who.host.starts_with("shop.localhost:"),
        "the host always stands beside it"
    );
    who.name_looks_odd
}

#[tokio::test]
async fn f14_wallet_a_name_of_five_thousand_characters_in_another_language_is_clamped() {
    let mut world = World::new().await;
    let mut issuer = Issuer::of(&world, "person-identification");
    issuer.claims.insert("given_name".into(), "x".repeat(5_000).into());
    issuer.mount(&world).await;
    let mut metadata = issuer.metadata();
    let display = json!([{"name": "x".repeat(5_000), "locale": "de"}, {"name": "Card\u{202e}", "locale": "en"}]);
    metadata["credential_configurations_supported"]["person-identification"]["credential_metadata"]["display"] =
        display;
    let answer = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer("/.well-known/openid-credential-issuer", answer).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let card = &world.wallet.cards().expect("cards")[0];
    let title = card.face().title;
    assert_eq!((title.text("de").chars().count(), title.text("en")), (161, "Card"));
    let link = world.ask("contract", &["given_name", "family_name"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let asked = &open.ask().cards[0];
    let claim = open
        .card(asked)
        .expect("a card")
        .claim(&asked.needed[0])
        .expect("a claim");
    let ClaimValue::Text { text } = claim.value else {
        panic!("a text")
    };
    assert_eq!(text.chars().count(), 1_001);
}

#[tokio::test]
async fn a_card_shows_its_claims_in_groups_with_labels_and_kinds() {
    let world = World::new().await;
    let issuer = world.issuer("person-identification").await;
    let mut metadata = issuer.metadata();
    let shown = json!({
        "display": [
            {"name": "Person identification", "locale": "en", "background_color": "#1F3A5F", "text_color": "white"},
            {"name": "Personenausweis", "locale": "de"},
        ],
        "claims": [{"path": ["birth_date"], "display": [{"name": "Geburtsdatum", "locale": "de"}]}],
    });
    metadata["credential_configurations_supported"]["person-identification"]["credential_metadata"] = shown;
    let answer = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer("/.well-known/openid-credential-issuer", answer).await;
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    let offered = &offer.cards()[0];
    assert_eq!(offered.face(offer.offered_by()).title.text("de"), "Personenausweis");
    assert_eq!(offered.claims()[0].1.text("de"), "Geburtsdatum");
    world.wallet.accept_offer(offer, None).await.expect("accepted");
    let card = &world.wallet.cards().expect("cards")[0];
    let face = card.face();
    assert_eq!((face.background.as_deref(), face.text), (Some("#1f3a5f"), None));
    assert_eq!(face.issuer.text("en"), "City Office");
    let groups = card.groups();
    assert_eq!(groups[0].id, ClaimGroupId::Person);
    let birth_date = &groups[0].claims[0];
    assert_eq!(
        (birth_date.name.as_str(), birth_date.label.text("de")),
        ("birth_date", "Geburtsdatum")
    );
    assert_eq!(
        birth_date.value,
        ClaimValue::Date {
            date: "1990-05-17".into()
        }
    );
    let value = |name: &str| {
        let mut claims = groups.iter().flat_map(|group| &group.claims);
        claims.find(|claim| claim.name == name).expect("a claim").value.clone()
    };
    assert_eq!(value("age_over_65"), ClaimValue::YesNo { yes: false });
    assert!(matches!(value("portrait"), ClaimValue::Picture { .. }));
    let names = Names::of(&world.wallet.cards().expect("cards"));
    assert_eq!(names.claim(&card.vct, "birth_date").text("de"), "Geburtsdatum");
}

#[tokio::test]
async fn how_do_we_know_is_answered_for_issuers_and_for_those_who_ask() {
    let mut world = World::with_card().await;
    let card = world.wallet.cards().expect("cards").remove(0);
    let record = world.wallet.issuer_record(&card).expect("read").expect("recorded");
    assert_eq!(record.id, world.agency.did().to_string());
    assert_eq!(record.record, world.wallet.ecosystem().0);
    assert!(record.confirmed_at <= NOW && record.confirmed_at > NOW - 3_600);
    assert!(record.confirmed_by.len() > 1, "{:?}", record.confirmed_by);
    let link = world.ask("age", &["age_over_18"]).await;
    let open = world.wallet.open_request(&link).await.expect("opened");
    let record = open.ask().who.record.clone().expect("recorded");
    assert_eq!(record.id, world.business.did().to_string());
    assert!(record.confirmed_by.len() > 1);
    assert_eq!(open.expires_at(), Some(NOW + 300));
}

#[tokio::test]
async fn nobody_is_asked_for_a_record_that_is_looked_at() {
    let world = World::with_card().await;
    let asked = world.server.received_requests().await.expect("recorded").len();
    let card = world.wallet.cards().expect("cards").remove(0);
    world.clock.set(NOW + YEAR);
    assert!(
        world.wallet.issuer_record(&card).expect("read").is_some(),
        "an old record says how old it is"
    );
    assert_eq!(world.server.received_requests().await.expect("recorded").len(), asked);
}

#[tokio::test]
async fn preferences_are_kept_in_the_vault() {
    let world = World::new().await;
    assert_eq!(world.wallet.preferences().expect("read"), Preferences::default());
    assert_eq!(Preferences::default().auto_lock.minutes(), 5);
    let wanted = Preferences {
        auto_lock: AutoLock::One,
        sample_card: false,
    };
    world.wallet.set_preferences(&wanted).expect("kept");
    let world = world.killed();
    assert_eq!(world.wallet.preferences().expect("read"), wanted);
}

/// What a card says under this name.
fn value(world: &World, name: &str) -> ClaimValue {
    let card = world.wallet.cards().expect("cards").remove(0);
    let mut claims = card.groups().into_iter().flat_map(|group| group.claims);
    claims.find(|claim| claim.name == name).expect("a claim").value
}

/// A card with this claim, whose issuer points to a drawing wherever there is a place for one.
async fn with_drawing(name: &str, text: &str) -> World {
    let world = World::new().await;
    let mut issuer = Issuer::of(&world, "person-identification");
    issuer.claims.insert(name.to_owned(), text.into());
    issuer.mount(&world).await;
    let drawing = json!({"uri": world.url("agency", "/drawing.svg")});
    let display = json!([{
        "name": "Card", "locale": "en", "logo": drawing, "background_image": drawing,
        "background_color": format!("url({})", world.url("agency", "/drawing.svg")),
        "rendering": {"simple": {"logo": drawing}, "svg_templates": [drawing]},
    }]);
    let mut metadata = issuer.metadata();
    metadata["display"] = display.clone();
    metadata["credential_configurations_supported"]["person-identification"]["credential_metadata"]["display"] =
        display;
    let answer = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer("/.well-known/openid-credential-issuer", answer).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let face = world.wallet.cards().expect("cards")[0].face();
    assert_eq!((face.title.text("en"), face.background), ("Card", None));
    assert_eq!(world.sent("GET", "/drawing.svg").await.len(), 0, "nothing is fetched");
    world
}

#[tokio::test]
async fn e9_wallet_a_drawing_that_is_a_program_is_neither_fetched_nor_shown() {
    let drawing = "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+";
    let world = with_drawing("portrait", drawing).await;
    let kind = ClaimValue::Text {
        text: "data:image/svg+xml;base64".to_owned(),
    };
    assert_eq!(
        value(&world, "portrait"),
        kind,
        "its kind is named, and none of its bytes"
    );
}

#[tokio::test]
async fn e10_wallet_a_value_that_would_break_out_of_a_template_stays_text() {
    let text = "</text><script>alert(1)</script>";
    let world = with_drawing("given_name", text).await;
    let as_it_is = ClaimValue::Text { text: text.to_owned() };
    assert_eq!(value(&world, "given_name"), as_it_is);
}
