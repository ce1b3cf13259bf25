//! Group E: card types whose metadata say what a card of theirs must hold. They are built in, or
//! come from the address that the type is, on a timer and never because of a card.
//! draft-ietf-oauth-sd-jwt-vc §5

use axum::body::Bytes;
use sd_jwt::Integrity;
use serde_json::{Value, json};
use testkit::certificates::Authority;
use testkit::credential::vct;

use crate::e_fetching::{always, answer, serve};
use crate::e_metadata::{ISSUER, accepting, of_the_issuer, published};
use crate::forge::{Forged, digest};
use crate::site::{Reply, Site};
use crate::wallet::assert_outcome;
use crate::world::{CHECKS, Options, World};

const TYPE: &str = "https://types.example/membership";
const BASE: &str = "https://types.example/base";
const INSIDE: &str = "https://10.0.0.1/membership";

/// The checks, of which `adult` asks for a card of this type.
fn asking_for(card_type: &str) -> String {
    let asking = CHECKS.replacen(&vct("person-identification"), card_type, 2);
    accepting(&asking, &[ISSUER])
}

fn checks(_: &Authority) -> String {
    asking_for(TYPE)
}

fn document(extends: Option<&str>) -> Value {
    let mut document = json!({ "vct": TYPE, "claims": [{ "path": ["age_over_18"], "sd": "always" }] });
    if let Some(base) = extends {
        document["extends"] = json!(base);
    }
    document
}

/// Whoever is a member has an open name.
fn base() -> Value {
    json!({ "vct": BASE, "claims": [{ "path": ["name"], "mandatory": true, "sd": "never" }] })
}

fn body(document: &Value) -> Reply {
    Reply::Body(document.to_string().into_bytes())
}

fn network(site: &Site) {
    published(site);
    site.set(TYPE, body(&document(Some(BASE))));
    site.set(BASE, body(&base()));
}

fn options(network: fn(&Site)) -> Options {
    Options {
        checks,
        network,
        ..Options::default()
    }
}

/// What a card of the type is worth, with this said beside.
async fn card(world: &World, change: impl FnOnce(&mut Forged)) -> Value {
    world
        .judge(|forged| {
            of_the_issuer(forged);
            forged.payload["vct"] = json!(TYPE);
            change(forged);
        })
        .await
}

async fn with_name(world: &World) -> Value {
    card(world, |forged| forged.payload["name"] = json!("Ada")).await
}

async fn without_name(world: &World) -> Value {
    card(world, |_| ()).await
}

fn asked(world: &World, address: &str) -> usize {
    world.site.asked().iter().filter(|url| *url == address).count()
}

#[tokio::test]
async fn a_type_at_an_address_is_fetched_on_the_timer_and_its_rules_hold() {
    let world = World::with(options(network)).await;
    assert_eq!((asked(&world, TYPE), asked(&world, BASE)), (1, 1));
    assert_outcome(&with_name(&world).await, "yes", "ok");
    assert_outcome(&without_name(&world).await, "no", "not_of_its_type");
    assert_eq!(
        (asked(&world, TYPE), asked(&world, BASE)),
        (1, 1),
        "no card causes a fetch"
    );
    world.refresher.round().await;
    assert_eq!((asked(&world, TYPE), asked(&world, BASE)), (2, 2));
}

#[tokio::test]
async fn what_is_known_of_a_type_outlasts_a_restart() {
    let mut world = World::with(options(network)).await;
    for address in [TYPE, BASE] {
        world.site.set(address, Reply::Status(500));
    }
    world.restart().await;
    world.refresher.round().await;
    assert_outcome(&with_name(&world).await, "yes", "ok");
    assert_outcome(&without_name(&world).await, "no", "not_of_its_type");
}

#[tokio::test]
async fn b17_verifier_a_card_that_is_not_what_its_type_says() {
    let world = World::new().await;
    assert_outcome(&world.judge(|_| ()).await, "yes", "ok");
    let open = world
        .judge(|forged| {
            forged.disclosures.clear();
            forged.payload["age_over_18"] = json!(true);
        })
        .await;
    assert_outcome(&open, "no", "not_of_its_type");
    let lacking = world
        .judge(|forged| forged.payload["_sd"] = json!([digest(&forged.disclosures[0])]))
        .await;
    assert_outcome(&lacking, "no", "not_of_its_type");
}

#[tokio::test]
async fn metadata_that_the_card_does_not_mean_say_nothing_about_it() {
    let world = World::with(options(network)).await;
    let meaning = |integrity: Integrity| {
        move |forged: &mut Forged| {
            forged.payload["name"] = json!("Ada");
            forged.payload["vct#integrity"] = json!(integrity.as_str());
        }
    };
    let held = Integrity::of(document(Some(BASE)).to_string().as_bytes());
    assert_outcome(&card(&world, meaning(held)).await, "yes", "ok");
    let other = card(&world, meaning(Integrity::of(b"another"))).await;
    assert_outcome(&other, "could_not_check", "type_unavailable");
}

#[tokio::test]
async fn e5_verifier_a_type_at_a_private_address() {
    let world = World::with(Options {
        checks: |_| asking_for(INSIDE),
        network: published,
        ..Options::default()
    })
    .await;
    assert_eq!(world.blocked(), 1, "refused before a connection");
    assert!(world.counted("refresh_failures") > 0);
    let outcome = card(&world, |forged| forged.payload["vct"] = json!(INSIDE)).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(world.blocked(), 1, "nothing is known of it, and nobody is asked");
}

#[tokio::test]
async fn e5_verifier_a_type_that_extends_one_at_a_private_address() {
    let world = World::with(options(network)).await;
    world.site.set(TYPE, body(&document(Some(INSIDE))));
    world.refresher.round().await;
    assert_eq!(world.blocked(), 1, "refused before a connection");
    assert_outcome(&without_name(&world).await, "no", "not_of_its_type");
}

/// What was held stays whatever comes after it.
#[tokio::test]
async fn e8_verifier_type_metadata_that_are_too_long_packed_or_of_another_kind() {
    let world = World::with(options(network)).await;
    let loose = json!({ "vct": TYPE }).to_string();
    let far = async |kind: &'static str, body: String, packed: bool| {
        let body = Bytes::from(body);
        serve(always(move || {
            let mut answer = answer(kind, body.clone());
            if packed {
                let gzip = http::HeaderValue::from_static("gzip");
                answer.headers_mut().insert("content-encoding", gzip);
            }
            answer
        }))
        .await
    };
    let json = "application/json";
    let replies = [
        far(json, loose.clone() + &" ".repeat(256 * 1024), false).await,
        far(json, loose.clone(), true).await,
        far("text/html", loose.clone(), false).await,
        Reply::Body(loose.replacen('{', r#"{"vct":"other","#, 1).into_bytes()),
        Reply::Body(loose.replace("membership", "another").into_bytes()),
        body(&document(Some(TYPE))),
        body(&document(Some("urn:nobody:knows:1"))),
        Reply::Status(404),
        Reply::Silence,
    ];
    for reply in replies {
        let failures = world.counted("refresh_failures");
        world.site.set(TYPE, reply);
        world.refresher.round().await;
        assert!(world.counted("refresh_failures") > failures);
        assert_outcome(&without_name(&world).await, "no", "not_of_its_type");
    }
    world.site.set(TYPE, far(json, loose, false).await);
    world.refresher.round().await;
    assert_outcome(&without_name(&world).await, "yes", "ok");
}
