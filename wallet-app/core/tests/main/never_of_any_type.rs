//! What is shown to nobody of a card whose type is not built in: what it is called in each format is in the cards alone.

use crate::in_both_formats::asked;
use crate::mdocs::{configuration_of, issued_as};
use crate::world::{Copy, Issuer, METADATA, World};
use ledger::ClaimPath;
use serde_json::{Value, json};
use test_case::test_case;
use testkit::certificates::{Authority, Name};
use testkit::purpose;
use wiremock::ResponseTemplate;

/// The type is called so in every format.
const TYPE: &str = "urn:example:badge:1";
const NAME_SPACE: &str = "org.example.badge";
const CONFIGURATION: &str = "badge.mdoc";

/// A badge as SD-JWT VC and as mdoc, and a business that may ask for a size in either.
async fn with_badge() -> World {
    let mut world = prepared().await;
    let mut size = purpose("age", TYPE, &[], &[]);
    size.credentials[0].needed = vec![ClaimPath::names(&[NAME_SPACE, "size"]), ClaimPath::names(&["size"])];
    world.register_again(size);
    let offer = offered(&world, |_| ()).await;
    assert_eq!(world.accept(&offer).await.expect("accepted").len(), 1);
    world
}

/// An agency that may issue badges.
pub(crate) async fn prepared() -> World {
    let mut world = World::new().await;
    world.ledger.accredit(&world.agency, "City Office", &[TYPE]);
    world.publish_agencies().await;
    world
}

/// The offer of a badge as SD-JWT VC and as mdoc, the mdocs changed before they are signed.
pub(crate) async fn offered(world: &World, edit: impl Fn(&mut Copy<'_>) + Send + Sync + 'static) -> String {
    let mut issuer = Issuer::of(world, "badge");
    let did = world.agency.did().to_string();
    let chain = Authority::new("authority").certify(issuer.key.public(), &[Name::Uri(&did)]);
    let x5c = chain.x5c();
    issuer.vct = TYPE.to_owned();
    let claims = json!({"size": "tall", "colour": "blue"});
    issuer.claims = claims.as_object().expect("object").clone();
    // A batch of three in each format.
    let issuer = issuer.making(move |mut copy| match copy.number / 3 % 2 {
        0 => copy.issue(),
        _ => {
            edit(&mut copy);
            issued_as(&copy, &x5c, TYPE, &json!({ NAME_SPACE: copy.draft.claims }))
        }
    });
    issuer.mount(world).await;
    let mut metadata = issuer.metadata();
    metadata["credential_configurations_supported"][CONFIGURATION] = configuration_of(TYPE);
    let published = ResponseTemplate::new(200).set_body_json(metadata);
    world.answer(METADATA, published).await;
    issuer.offer_of(&["badge", CONFIGURATION].map(str::to_owned))
}

/// A query for the size, in each format.
fn queries() -> [Value; 2] {
    let sd_jwt = json!({"id": "badge", "format": "dc+sd-jwt", "meta": {"vct_values": [TYPE]},
        "claims": [{"path": ["size"]}]});
    let mdoc = json!({"id": "badge", "format": "mso_mdoc", "meta": {"doctype_value": TYPE},
        "claims": [{"path": [NAME_SPACE, "size"]}]});
    [sd_jwt, mdoc].map(|credential| json!({ "credentials": [credential] }))
}

#[test_case("size" ; "noted of the sd jwt vc")]
#[test_case("org.example.badge.size" ; "noted of the mdoc")]
#[tokio::test]
async fn f19_wallet_what_is_shown_to_nobody_of_a_type_that_is_not_built_in(noted: &str) {
    let mut world = with_badge().await;
    world.wallet.never_show(TYPE, noted).expect("noted");
    for query in queries() {
        let link = asked(&mut world, query).await;
        assert_eq!(world.refused(&link).await.code(), "claim_never_shown");
    }
}

#[test_case("size", "org.example.badge.size" ; "noted of the sd jwt vc")]
#[test_case("org.example.badge.size", "size" ; "noted of the mdoc")]
#[tokio::test]
async fn what_may_be_shown_again_may_be_by_each_of_its_names(noted: &str, named: &str) {
    let mut world = with_badge().await;
    world.wallet.never_show(TYPE, noted).expect("noted");
    world.wallet.never_show(TYPE, "colour").expect("noted");
    world.wallet.may_show(TYPE, named).expect("allowed");
    let never = world.wallet.never_shown().expect("noted");
    assert_eq!((never.len(), never[0].claim.as_str()), (1, "colour"));
    for query in queries() {
        let link = asked(&mut world, query).await;
        world.wallet.open_request(&link).await.expect("opened");
    }
}

/// The badge is had again as SD-JWT VC alone: no card says any more what stood in a namespace.
#[tokio::test]
async fn f19_wallet_what_is_shown_to_nobody_of_a_card_that_is_gone() {
    let mut world = with_badge().await;
    world.wallet.never_show(TYPE, "org.example.badge.size").expect("noted");
    let gone = world.wallet.cards().expect("cards").remove(0).id;
    world.wallet.destroy_card(gone.as_str()).expect("destroyed");
    let offer = Issuer::of(&world, "badge").offer_of(&["badge".to_owned()]);
    world.accept(&offer).await.expect("accepted");
    assert_eq!(world.wallet.cards().expect("cards").len(), 1);
    let [of_sd_jwt, _] = queries();
    let link = asked(&mut world, of_sd_jwt.clone()).await;
    assert_eq!(world.refused(&link).await.code(), "claim_never_shown");
    world.wallet.may_show(TYPE, "size").expect("allowed");
    let link = asked(&mut world, of_sd_jwt).await;
    world.wallet.open_request(&link).await.expect("opened");
}
