//! What the metadata of a card's type ask of it, and where they come from. draft-ietf-oauth-sd-jwt-vc §5

use crate::bounds::packed;
use crate::credentials::{Parts, made};
use crate::world::{Copy, Issuer, METADATA, World};
use sd_jwt::type_metadata::{ClaimRuleError, HeldTypeError, TypeMetadataError};
use sd_jwt::{ClaimPath, Disclosable, Integrity, IntegrityError};
use serde_json::{Value, json};
use test_case::test_case;
use wallet::{CredentialRefused, IssuanceError};
use wiremock::ResponseTemplate;

pub(crate) const TYPE: &str = "/types/membership";
const BASE: &str = "/types/base";

/// An agency that may issue a type whose name is an address, and the issuer of it.
pub(crate) async fn with_type_at_an_address() -> (World, Issuer) {
    with_type(|world| world.url("types", TYPE)).await
}

async fn with_type(vct: impl FnOnce(&World) -> String) -> (World, Issuer) {
    let mut world = World::new().await;
    let vct = vct(&world);
    world.ledger.accredit(&world.agency, "City Office", &[&vct]);
    world.publish_agencies().await;
    let mut issuer = Issuer::of(&world, "person-identification");
    issuer.vct = vct;
    (world, issuer)
}

/// The issuer says nothing of what its card is called.
pub(crate) async fn mount_silent(world: &World, issuer: &Issuer) {
    issuer.mount(world).await;
    let mut metadata = issuer.metadata();
    for configuration in ["person-identification", "person-identification.offline"] {
        let configuration = &mut metadata["credential_configurations_supported"][configuration];
        configuration
            .as_object_mut()
            .expect("object")
            .remove("credential_metadata");
    }
    let answer = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer(METADATA, answer).await;
}

pub(crate) fn document(vct: &str, extends: Option<&str>) -> Value {
    let mut document = json!({
        "vct": vct,
        "display": [{ "locale": "en", "name": "Membership",
            "rendering": { "simple": { "background_color": "#123456" } } }],
        "claims": [{ "path": ["given_name"], "mandatory": true, "sd": "always",
            "display": [{ "locale": "en", "label": "What friends say" }] }],
    });
    if let Some(base) = extends {
        document["extends"] = base.into();
    }
    document
}

pub(crate) async fn publish(world: &World, at: &str, document: &Value) {
    world
        .answer(at, ResponseTemplate::new(200).set_body_json(document))
        .await;
}

/// The type of the issuer, and the one that it extends, which demands a family name.
async fn publish_extended(world: &World, issuer: &Issuer) {
    let base = world.url("types", BASE);
    publish(world, TYPE, &document(&issuer.vct, Some(&base))).await;
    let rules = json!({ "vct": base, "claims": [{ "path": ["family_name"], "mandatory": true }] });
    publish(world, BASE, &rules).await;
}

#[tokio::test]
async fn a_type_at_an_address_is_fetched_with_the_offer_and_never_again() {
    let (mut world, issuer) = with_type_at_an_address().await;
    mount_silent(&world, &issuer).await;
    publish_extended(&world, &issuer).await;
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    assert_eq!(offer.cards()[0].face(offer.offered_by()).title.text("en"), "Membership");
    world.wallet.accept_offer(offer, None).await.expect("accepted");
    let card = world.wallet.cards().expect("cards").remove(0);
    assert_eq!(card.face().background.as_deref(), Some("#123456"));
    assert_eq!(card.label("given_name").text("en"), "What friends say");
    let vct = issuer.vct.clone();
    world.register_again(testkit::purpose("club", &vct, &["given_name"], &[]));
    let mut draft = crate::world::RequestDraft::of(&mut world, "club", &["given_name"]);
    draft.claims["dcql_query"]["credentials"][0]["meta"]["vct_values"] = json!([vct]);
    let link = draft.publish(&world).await;
    world.share(&link).await.expect("shown");
    for at in [TYPE, BASE] {
        assert_eq!(
            world.sent("GET", at).await.len(),
            1,
            "{at}: with the offer, and not because it was shown"
        );
    }
}

#[tokio::test]
async fn a_type_that_is_built_in_is_fetched_from_nowhere() {
    let world = World::new().await;
    let issuer = Issuer::of(&world, "person-identification");
    mount_silent(&world, &issuer).await;
    world.accept(&issuer.offer()).await.expect("accepted");
    let card = world.wallet.cards().expect("cards").remove(0);
    assert_eq!(card.face().title.text("de"), "Personenausweis");
    assert_eq!(card.label("birth_date").text("fr"), "Date de naissance");
    let asked = world.server.received_requests().await.expect("recorded");
    assert!(!asked.iter().any(|request| request.url.path().contains("types")));
}

fn rule(error: IssuanceError) -> ClaimRuleError {
    match error {
        IssuanceError::Refused(CredentialRefused::Type(HeldTypeError::Rule(rule))) => rule,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn i5_wallet_a_card_without_a_claim_that_its_type_demands() {
    let error = made(|mut copy| {
        copy.draft.claims.remove("birth_date");
        copy.issue()
    })
    .await;
    assert_eq!(error.code(), "card_invalid");
    assert!(matches!(rule(error), ClaimRuleError::Missing(path) if path.to_string() == "birth_date"));
}

#[tokio::test]
async fn i5_wallet_a_card_that_cannot_withhold_what_its_type_lets_people_withhold() {
    let error = made(|mut copy| {
        let names = copy.draft.claims.keys().filter(|name| *name != "given_name");
        copy.draft.disclosable = Disclosable::At(names.map(|name| ClaimPath::from(name.as_str())).collect());
        copy.issue()
    })
    .await;
    assert!(matches!(rule(error), ClaimRuleError::NotDisclosable(path) if path.to_string() == "given_name"));
}

#[tokio::test]
async fn i5_wallet_a_card_against_the_rules_of_a_type_that_its_type_extends() {
    let (world, issuer) = with_type_at_an_address().await;
    let issuer = issuer.making(|mut copy| {
        copy.draft.claims.remove("family_name");
        copy.issue()
    });
    issuer.mount(&world).await;
    publish_extended(&world, &issuer).await;
    let error = world.not_stored(&issuer).await;
    assert!(matches!(rule(error), ClaimRuleError::Missing(path) if path.to_string() == "family_name"));
}

/// Every copy says that the document of its type hashes to this.
fn meaning(integrity: String) -> impl Fn(Copy<'_>) -> String + Send + Sync + 'static {
    move |copy: Copy<'_>| {
        let key = copy.agency.key.clone();
        let mut parts = Parts::of(&copy.issue());
        parts.payload["vct#integrity"] = integrity.clone().into();
        parts.sign(&key)
    }
}

#[tokio::test]
async fn i5_wallet_metadata_that_are_not_those_the_card_means() {
    let (world, issuer) = with_type_at_an_address().await;
    let good = document(&issuer.vct, None);
    publish(&world, TYPE, &good).await;
    let means = Integrity::of(good.to_string().as_bytes()).as_str().to_owned();
    let issuer = issuer.making(meaning(Integrity::of(b"another").as_str().to_owned()));
    issuer.mount(&world).await;
    let error = world.not_stored(&issuer).await;
    assert!(
        matches!(
            error,
            IssuanceError::Refused(CredentialRefused::Type(HeldTypeError::Metadata(
                TypeMetadataError::Integrity(IntegrityError::Mismatch)
            )))
        ),
        "{error:?}"
    );
    let issuer = issuer.making(meaning(means));
    issuer.mount(&world).await;
    world.accept(&issuer.offer()).await.expect("the document that is meant");
}

/// The card is there all the same, and nothing is known of its type.
async fn nothing_is_known(world: &World, issuer: &Issuer) {
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    let face = offer.cards()[0].face(offer.offered_by());
    assert_eq!(face.title.text("en"), issuer.vct);
    assert_eq!(world.wallet.blocked_requests(), 1, "refused before a connection");
    world.wallet.accept_offer(offer, None).await.expect("accepted");
    assert_eq!(world.wallet.blocked_requests(), 1, "and not tried again");
}

#[test_case("https://10.0.0.1/types/membership" ; "a private address")]
#[test_case("https://169.254.169.254/types/membership" ; "the address of a cloud")]
#[test_case("https://[::1]/types/membership" ; "this machine")]
#[tokio::test]
async fn e5_wallet_a_type_at_an_address_inside(vct: &'static str) {
    let (world, issuer) = with_type(|_| vct.to_owned()).await;
    mount_silent(&world, &issuer).await;
    nothing_is_known(&world, &issuer).await;
}

#[tokio::test]
async fn e5_wallet_a_type_that_extends_one_at_an_address_inside() {
    let (world, issuer) = with_type_at_an_address().await;
    mount_silent(&world, &issuer).await;
    publish(&world, TYPE, &document(&issuer.vct, Some("https://10.0.0.1/base"))).await;
    nothing_is_known(&world, &issuer).await;
    assert_eq!(world.sent("GET", TYPE).await.len(), 1);
}

/// Whoever leads the wallet inside by a redirect leads it nowhere.
#[tokio::test]
async fn e5_wallet_a_type_that_redirects_to_an_address_inside() {
    let (world, issuer) = with_type_at_an_address().await;
    mount_silent(&world, &issuer).await;
    let inside = ResponseTemplate::new(302).insert_header("location", "https://10.0.0.1/membership");
    world.answer(TYPE, inside).await;
    nothing_is_known(&world, &issuer).await;
}

/// What is no metadata of the type says nothing about it, and the card is there all the same.
#[tokio::test]
async fn e8_wallet_type_metadata_that_are_too_long_packed_or_of_another_kind() {
    let (world, issuer) = with_type_at_an_address().await;
    mount_silent(&world, &issuer).await;
    let good = document(&issuer.vct, None).to_string();
    let title = async || {
        let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
        offer.cards()[0].face(offer.offered_by()).title.text("en").to_owned()
    };
    publish(&world, TYPE, &document(&issuer.vct, None)).await;
    assert_eq!(title().await, "Membership", "as it should be");
    let raw = |body: Vec<u8>, kind: &str| ResponseTemplate::new(200).set_body_raw(body, kind);
    let json = "application/json";
    let long = format!("{good}{}", " ".repeat(256 * 1024));
    let twice = good.replacen('{', &format!("{{\"vct\":\"{}\",", issuer.vct), 1);
    let other = document("urn:other:1", None).to_string();
    let endless = document(&issuer.vct, Some(&issuer.vct)).to_string();
    let answers = [
        raw(long.into_bytes(), json),
        raw(packed(&good), json).insert_header("content-encoding", "gzip"),
        raw(good.clone().into_bytes(), "text/html"),
        raw(twice.into_bytes(), json),
        raw(other.into_bytes(), json),
        raw(endless.into_bytes(), json),
        ResponseTemplate::new(404),
    ];
    for (place, answer) in answers.into_iter().enumerate() {
        world.answer(TYPE, answer).await;
        assert_eq!(title().await, issuer.vct, "{place}");
        assert_eq!(world.sent("GET", TYPE).await.len(), place + 2, "asked once each");
    }
}

/// No more documents are fetched than a type may have, however long the chain.
#[tokio::test]
async fn e8_wallet_a_type_that_extends_without_end() {
    let (world, issuer) = with_type_at_an_address().await;
    mount_silent(&world, &issuer).await;
    let at = |place: usize| world.url("types", &format!("/types/{place}"));
    publish(&world, TYPE, &document(&issuer.vct, Some(&at(1)))).await;
    for place in 1..20 {
        let document = document(&at(place), Some(&at(place + 1)));
        publish(&world, &format!("/types/{place}"), &document).await;
    }
    let offer = world.wallet.open_offer(&issuer.offer()).await.expect("opened");
    assert_eq!(offer.cards()[0].face(offer.offered_by()).title.text("en"), issuer.vct);
    let asked = world.server.received_requests().await.expect("recorded");
    let fetched = asked.iter().filter(|request| request.url.path().starts_with("/types/"));
    assert_eq!(fetched.count(), 8);
}
