//! Group E: issuers that a check names by URL. Their keys come from JWT VC Issuer
//! Metadata, on a timer, and from nowhere else. draft-ietf-oauth-sd-jwt-vc §4

use std::io::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, Bytes};
use futures_util::{StreamExt, stream};
use jose::JwsHeader;
use serde_json::{Value, json};
use service::Clock;
use status_list::{Bits, Status, StatusClaims, StatusList, sign_token};
use testkit::certificates::Name;
use testkit::credential::{key, signer};

use crate::e_fetching::{after, always, answer, behind_an_address_written_out, redirect, serve};
use crate::forge::Forged;
use crate::query_language::certified;
use crate::site::{Reply, Site};
use crate::wallet::assert_outcome;
use crate::world::{CHECKS, FirstFetch, Options, World};

pub(crate) const ISSUER: &str = "https://issuer.example/cards";
const METADATA: &str = "https://issuer.example/.well-known/jwt-vc-issuer/cards";
const PATH: &str = "/.well-known/jwt-vc-issuer/cards";
const KEYS: &str = "https://keys.example/set";
const OTHER: &str = "https://other.example";
const OTHER_METADATA: &str = "https://other.example/.well-known/jwt-vc-issuer";
const LIST: &str = "https://issuer.example/status/1";
const AGGREGATION: &str = "https://issuer.example/aggregation";
const JSON: &str = "application/json";
const PRIVATE: [&str; 9] = [
    "https://127.0.0.1:8080",
    "https://127.1",
    "https://2130706433",
    "https://0x7f000001",
    "https://10.0.0.1",
    "https://169.254.169.254/latest",
    "https://[::1]",
    "https://[::ffff:7f00:1]",
    "https://localhost",
];

/// The checks, of which `adult` accepts these issuers too.
fn checks(issuers: &[&str]) -> String {
    accepting(CHECKS, issuers)
}

pub(crate) fn accepting(text: &str, issuers: &[&str]) -> String {
    let words: String = issuers.iter().map(|url| format!(", \"metadata:{url}\"")).collect();
    let accepted = "[\"accredited\", \"x5c\"";
    assert!(text.contains(accepted));
    text.replacen(accepted, &format!("{accepted}{words}"), 1)
}

fn options(network: fn(&Site)) -> Options {
    Options {
        checks: |_| checks(&[ISSUER]),
        network,
        ..Options::default()
    }
}

fn jwk(kid: &str, number: u64) -> Value {
    key(number).public().clone().with_kid(kid).to_value()
}

fn metadata(keys: &[Value]) -> Value {
    json!({ "issuer": ISSUER, "jwks": { "keys": keys } })
}

fn body(document: &Value) -> Reply {
    Reply::Body(document.to_string().into_bytes())
}

pub(crate) fn published(site: &Site) {
    site.set(METADATA, body(&metadata(&[jwk("first", 90)])));
}

fn unpublished(site: &Site) {
    site.set(METADATA, Reply::Status(404));
}

/// From the next round on the issuer answers this.
async fn publish(world: &World, document: &Value) {
    world.site.set(METADATA, body(document));
    world.refresher.round().await;
}

pub(crate) fn of_the_issuer(forged: &mut Forged) {
    forged.payload["iss"] = json!(ISSUER);
    forged.payload.as_object_mut().unwrap().remove("status");
    forged.header = json!({ "alg": "ES256", "typ": "dc+sd-jwt", "kid": "first" });
    forged.issuer = key(90);
}

/// What a card of the issuer is worth.
async fn card(world: &World) -> Value {
    world.judge(of_the_issuer).await
}

/// The same with another `kid`, by another key.
async fn card_by(world: &World, kid: &str, number: u64) -> Value {
    world
        .judge(|forged| {
            of_the_issuer(forged);
            forged.header["kid"] = json!(kid);
            forged.issuer = key(number);
        })
        .await
}

#[tokio::test]
async fn a_card_of_an_issuer_that_the_check_names_is_accepted() {
    let world = World::with(options(published)).await;
    let outcome = card(&world).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["ages"], json!({ "metadata_s": 0 }));
    assert_eq!(world.site.asked().iter().filter(|url| *url == METADATA).count(), 1);
}

#[tokio::test]
async fn an_issuer_that_the_check_does_not_name_is_not_asked() {
    let world = World::with(options(published)).await;
    for iss in [
        "https://issuer.example/cards/",
        "https://issuer.example",
        "https://issuer.example:443/cards",
        "https://ISSUER.example/cards",
        OTHER,
    ] {
        let outcome = world
            .judge(|forged| {
                of_the_issuer(forged);
                forged.payload["iss"] = json!(iss);
            })
            .await;
        assert_outcome(&outcome, "no", "issuer_not_accepted");
    }
    let opened = world.open("foreigner").await;
    let request = world.request(&opened).await;
    let mut forged = world.forge(&request);
    of_the_issuer(&mut forged);
    let text = forged.text();
    let outcome = world.answer(&opened, request, "person", text).await;
    assert_outcome(&outcome, "no", "issuer_not_accepted");
}

/// The check accepts chains of others; of this issuer it goes by the metadata.
#[tokio::test]
async fn the_chain_of_an_issuer_that_the_check_names_is_ignored() {
    let world = World::with(options(published)).await;
    let chain = world.foreign.certify(key(91).public(), &[Name::Dns("issuer.example")]);
    for (kid, number, verdict, reason) in [
        (Some("first"), 90, "yes", "ok"),
        (Some("first"), 91, "no", "malformed_credential"),
        (Some("second"), 91, "no", "key_not_anchored"),
        (None, 91, "no", "key_not_anchored"),
    ] {
        let outcome = world
            .judge(|forged| {
                of_the_issuer(forged);
                forged.header = json!({ "alg": "ES256", "typ": "dc+sd-jwt", "x5c": chain.x5c() });
                if let Some(kid) = kid {
                    forged.header["kid"] = json!(kid);
                }
                forged.issuer = key(number);
            })
            .await;
        assert_outcome(&outcome, verdict, reason);
    }
}

/// The authority certified another key; the issuer shows that chain as its own.
#[tokio::test]
async fn the_chain_of_another_key_makes_no_trusted_authority() {
    let world = World::with(Options {
        checks: |authority| accepting(&certified(authority), &[ISSUER]),
        ..options(published)
    })
    .await;
    let names = [Name::Dns("issuer.example")];
    let x5c = world.foreign.certify(key(91).public(), &names).x5c();
    let outcome = world
        .judge(|forged| {
            of_the_issuer(forged);
            forged.header["x5c"] = x5c;
        })
        .await;
    assert_outcome(&outcome, "no", "rule_not_met");
}

#[tokio::test]
async fn a_key_that_the_metadata_do_not_name_for_signatures_signs_nothing() {
    let world = World::with(options(published)).await;
    assert_outcome(&card_by(&world, "second", 91).await, "no", "key_not_anchored");
    assert_outcome(&card_by(&world, "first", 91).await, "no", "malformed_credential");
    let mut encrypts = jwk("second", 91);
    encrypts["use"] = json!("enc");
    let mut unknown = jwk("third", 92);
    unknown["crv"] = json!("P-384");
    publish(&world, &metadata(&[jwk("first", 90), encrypts, unknown])).await;
    assert_outcome(&card(&world).await, "yes", "ok");
    assert_outcome(&card_by(&world, "second", 91).await, "no", "key_not_anchored");
    assert_outcome(&card_by(&world, "third", 92).await, "no", "key_not_anchored");
}

#[tokio::test]
async fn e13_verifier_a_key_taken_out_of_the_metadata() {
    let mut world = World::with(options(published)).await;
    publish(&world, &metadata(&[jwk("first", 90), jwk("second", 91)])).await;
    assert_outcome(&card(&world).await, "yes", "ok");
    assert_outcome(&card_by(&world, "second", 91).await, "yes", "ok");
    publish(&world, &metadata(&[jwk("second", 91)])).await;
    let outcome = card(&world).await;
    assert_outcome(&outcome, "no", "key_retired");
    assert_eq!(outcome["ages"], json!({ "metadata_s": 0 }));
    assert_outcome(&card_by(&world, "second", 91).await, "yes", "ok");
    assert_outcome(&card_by(&world, "never", 90).await, "no", "key_not_anchored");
    world.restart().await;
    assert_outcome(&card(&world).await, "no", "key_retired");
    publish(&world, &metadata(&[jwk("first", 90)])).await;
    assert_outcome(&card(&world).await, "yes", "ok");
}

#[tokio::test]
async fn e11_verifier_metadata_of_another_issuer() {
    let world = World::with(options(unpublished)).await;
    let good = metadata(&[jwk("first", 90)]);
    for named in [
        json!("https://evil.example/cards"),
        json!("https://issuer.example/cards/"),
        json!("https://issuer.example"),
        json!([ISSUER]),
        Value::Null,
    ] {
        let mut document = good.clone();
        document["issuer"] = named;
        publish(&world, &document).await;
        let outcome = card(&world).await;
        assert_outcome(&outcome, "could_not_check", "metadata_unavailable");
        assert_eq!(outcome["ages"], json!({}));
    }
    publish(&world, &good).await;
    assert_outcome(&card(&world).await, "yes", "ok");
}

#[tokio::test]
async fn e11_verifier_keys_of_one_issuer_sign_no_cards_of_another() {
    let world = World::with(Options {
        checks: |_| checks(&[ISSUER, OTHER]),
        network: |site| {
            published(site);
            let other = json!({ "issuer": OTHER, "jwks": { "keys": [jwk("other", 91)] } });
            site.set(OTHER_METADATA, body(&other));
        },
        ..Options::default()
    })
    .await;
    assert_outcome(&card_by(&world, "other", 91).await, "no", "key_not_anchored");
    let other = |kid: &'static str, number| {
        world.judge(move |forged| {
            of_the_issuer(forged);
            forged.payload["iss"] = json!(OTHER);
            forged.header["kid"] = json!(kid);
            forged.issuer = key(number);
        })
    };
    assert_outcome(&other("other", 91).await, "yes", "ok");
    assert_outcome(&other("first", 90).await, "no", "key_not_anchored");
}

#[tokio::test]
async fn metadata_that_break_a_rule_are_not_taken() {
    let world = World::with(options(unpublished)).await;
    let good = jwk("first", 90);
    let mut private = jwk("second", 91);
    private["d"] = key(91).dangerous_to_value()["d"].clone();
    let secret = json!({ "kid": "second", "kty": "oct", "k": "AAAA" });
    for document in [
        metadata(&[good.clone(), jwk("first", 91)]),
        metadata(&[good.clone(), private]),
        metadata(&[good.clone(), secret]),
        metadata(&[good.clone(), json!("first")]),
        json!({ "issuer": ISSUER }),
        json!({ "issuer": ISSUER, "jwks": [good] }),
        json!({ "issuer": ISSUER, "jwks": { "keys": [good] }, "jwks_uri": KEYS }),
        json!({ "issuer": ISSUER, "jwks_uri": "http://keys.example/set" }),
        json!([metadata(&[good])]),
    ] {
        publish(&world, &document).await;
        assert_outcome(&card(&world).await, "could_not_check", "metadata_unavailable");
    }
    let twice = metadata(&[jwk("first", 90)])
        .to_string()
        .replacen('{', &format!("{{\"issuer\":{ISSUER:?},"), 1);
    world.site.set(METADATA, Reply::Body(twice.into_bytes()));
    world.refresher.round().await;
    assert_outcome(&card(&world).await, "could_not_check", "metadata_unavailable");
    assert!(!world.site.asked().iter().any(|url| url.contains("keys.example")));
}

#[tokio::test]
async fn keys_come_from_where_the_metadata_say() {
    let world = World::with(options(unpublished)).await;
    world
        .site
        .set(KEYS, body(&json!({ "keys": [jwk("first", 90), jwk("second", 91)] })));
    publish(&world, &json!({ "issuer": ISSUER, "jwks_uri": KEYS })).await;
    assert_outcome(&card(&world).await, "yes", "ok");
    for spoiled in [
        body(&json!({ "keys": [jwk("third", 92), jwk("third", 93)] })),
        body(&json!([jwk("third", 92)])),
        Reply::Status(500),
        Reply::Silence,
    ] {
        world.clock.advance(10);
        world.site.set(KEYS, spoiled);
        world.refresher.round().await;
        let outcome = card_by(&world, "second", 91).await;
        assert_outcome(&outcome, "yes", "ok");
    }
    let outcome = card(&world).await;
    assert_eq!(
        outcome["ages"],
        json!({ "metadata_s": 40 }),
        "what was held, and its age"
    );
}

#[tokio::test]
async fn e4_verifier_metadata_that_are_too_old() {
    let mut world = World::with(options(published)).await;
    world.site.set(METADATA, Reply::Silence);
    world.clock.advance(3600);
    world.refresh().await;
    assert!(world.counted("refresh_failures") > 0);
    let outcome = card(&world).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["ages"], json!({ "metadata_s": 3600 }));
    world.clock.advance(1);
    for (kid, number) in [("first", 90), ("second", 91)] {
        let outcome = card_by(&world, kid, number).await;
        assert_outcome(&outcome, "could_not_check", "metadata_unavailable");
        assert_eq!(outcome["ages"], json!({ "metadata_s": 3601 }));
    }
    published(&world.site);
    world.refresh().await;
    assert_outcome(&card(&world).await, "yes", "ok");
}

#[tokio::test]
async fn metadata_that_never_came_are_could_not_check() {
    let networks: [fn(&Site); 2] = [unpublished, |site| site.set(METADATA, Reply::Silence)];
    for network in networks {
        let world = World::with(options(network)).await;
        let outcome = card(&world).await;
        assert_outcome(&outcome, "could_not_check", "metadata_unavailable");
        assert_eq!(outcome["ages"], json!({}));
    }
}

#[tokio::test]
async fn metadata_that_were_held_are_held_after_a_restart() {
    let mut world = World::with(options(published)).await;
    world.site.set(METADATA, Reply::Silence);
    world.restart().await;
    world.clock.advance(60);
    let outcome = card(&world).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["ages"], json!({ "metadata_s": 60 }));
}

#[tokio::test]
async fn e5_verifier_metadata_at_a_private_address() {
    let world = World::with(Options {
        checks: |_| checks(&PRIVATE),
        ..Options::default()
    })
    .await;
    let refused = u64::try_from(PRIVATE.len()).unwrap();
    assert_eq!(world.blocked(), refused, "refused before a connection");
    for issuer in PRIVATE {
        let outcome = world
            .judge(|forged| {
                of_the_issuer(forged);
                forged.payload["iss"] = json!(issuer);
            })
            .await;
        assert_outcome(&outcome, "could_not_check", "metadata_unavailable");
    }
    assert_eq!(world.blocked(), refused);
}

#[tokio::test]
async fn e5_verifier_keys_at_a_private_address() {
    let world = World::with(options(unpublished)).await;
    for (refused, address) in (1..).zip(PRIVATE) {
        let keys = format!("{address}/keys");
        publish(&world, &json!({ "issuer": ISSUER, "jwks_uri": keys })).await;
        assert_eq!(world.blocked(), refused, "{address}");
        assert_outcome(&card(&world).await, "could_not_check", "metadata_unavailable");
    }
}

/// What a card is worth where the metadata, good in themselves, come like this.
async fn with_metadata(router: impl FnOnce(String) -> Router) -> Value {
    let world = World::with(options(unpublished)).await;
    let document = metadata(&[jwk("first", 90)]).to_string();
    world.site.set(METADATA, serve(router(document)).await);
    world.refresher.round().await;
    card(&world).await
}

#[tokio::test]
async fn e7_verifier_metadata_behind_redirects() {
    let outcome = with_metadata(|document| after(PATH, 3, JSON, document)).await;
    assert_outcome(&outcome, "yes", "ok");
    for outcome in [
        with_metadata(|document| after(PATH, 4, JSON, document)).await,
        with_metadata(|_| always(|| redirect(PATH))).await,
        with_metadata(|_| always(|| redirect("https://10.0.0.1/keys"))).await,
        with_metadata(|_| always(|| redirect("ftp://agency.localhost/keys"))).await,
    ] {
        assert_outcome(&outcome, "could_not_check", "metadata_unavailable");
    }
}

/// The metadata, good in themselves, on the same server by an address written out.
#[tokio::test]
async fn e7_verifier_metadata_behind_an_address_written_out_reach_nobody() {
    let reached = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&reached);
    let outcome = with_metadata(move |document| behind_an_address_written_out(PATH, JSON, document, counter)).await;
    assert_outcome(&outcome, "could_not_check", "metadata_unavailable");
    assert_eq!(reached.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn e8_verifier_metadata_that_are_too_long_packed_or_of_another_kind() {
    let as_they_are = with_metadata(|document| always(move || answer(JSON, document.clone()))).await;
    assert_outcome(&as_they_are, "yes", "ok");
    let long = with_metadata(|document| {
        let body = Bytes::from(document + &" ".repeat(256 * 1024));
        always(move || answer(JSON, body.clone()))
    });
    let endless = with_metadata(|document| {
        always(move || {
            let spaces = stream::repeat(Bytes::from_static(&[b' '; 4096]));
            let body = stream::iter([Bytes::from(document.clone())]).chain(spaces);
            answer(JSON, Body::from_stream(body.map(Ok::<_, Error>)))
        })
    });
    let packed = with_metadata(|document| {
        always(move || {
            let mut answer = answer(JSON, document.clone());
            let gzip = http::HeaderValue::from_static("gzip");
            answer.headers_mut().insert("content-encoding", gzip);
            answer
        })
    });
    let page = with_metadata(|document| always(move || answer("text/html", document.clone())));
    for outcome in [long.await, endless.await, packed.await, page.await] {
        assert_outcome(&outcome, "could_not_check", "metadata_unavailable");
    }
}

#[tokio::test]
async fn e8_verifier_keys_of_another_kind() {
    let world = World::with(options(unpublished)).await;
    let set = json!({ "keys": [jwk("first", 90)] }).to_string();
    for (kind, verdict, reason) in [
        ("text/plain", "could_not_check", "metadata_unavailable"),
        ("application/jwk-set+json", "yes", "ok"),
    ] {
        let set = set.clone();
        let keys = serve(always(move || answer(kind, set.clone()))).await;
        world.site.set(KEYS, keys);
        publish(&world, &json!({ "issuer": ISSUER, "jwks_uri": KEYS })).await;
        assert_outcome(&card(&world).await, verdict, reason);
    }
}

/// The issuer's list, with entry 5 revoked, signed like this.
fn list(world: &World, header: JwsHeader, number: u64) -> Reply {
    let mut list = StatusList::new(Bits::One, 64);
    list.set(5, Status::Invalid).unwrap();
    let said = StatusClaims {
        uri: LIST,
        issued_at: world.clock.now(),
        expires: world.clock.now() + 3600,
        time_to_live: 600,
        aggregation_uri: None,
    };
    let token = sign_token(header, &said, &list, &signer(&key(number))).unwrap();
    Reply::Body(token.into_bytes())
}

fn by(kid: &str) -> JwsHeader {
    JwsHeader::new(jose::Algorithm::Es256).with_kid(kid)
}

fn with_status(forged: &mut Forged, index: u64) {
    of_the_issuer(forged);
    forged.payload["status"] = json!({ "status_list": { "uri": LIST, "idx": index } });
}

/// The operator says where the issuer's lists are named.
fn aggregate(world: &World) {
    let file = world.folder.path().join("anchors/abroad.aggregation");
    std::fs::write(file, format!("{ISSUER} {AGGREGATION}\n")).unwrap();
    world.site.set(AGGREGATION, body(&json!({ "status_lists": [LIST] })));
}

#[tokio::test]
async fn a_list_of_an_issuer_that_the_check_names_comes_from_its_aggregation() {
    let mut world = World::with(options(published)).await;
    aggregate(&world);
    world.site.set(LIST, list(&world, by("first"), 90));
    world.refresh().await;
    for (index, verdict, reason) in [(4, "yes", "ok"), (5, "no", "revoked")] {
        let outcome = world.judge(|forged| with_status(forged, index)).await;
        assert_outcome(&outcome, verdict, reason);
        assert_eq!(outcome["ages"], json!({ "status_s": 0, "metadata_s": 0 }));
    }
    world.site.set(LIST, Reply::Silence);
    world.restart().await;
    let outcome = world.judge(|forged| with_status(forged, 5)).await;
    assert_outcome(&outcome, "no", "revoked");
}

#[tokio::test]
async fn d6_verifier_a_list_that_no_key_of_the_metadata_signed() {
    let mut world = World::with(options(published)).await;
    aggregate(&world);
    let chain = world.foreign.certify(key(91).public(), &[Name::Dns("issuer.example")]);
    let certified = JwsHeader::new(jose::Algorithm::Es256).with_x5c(chain.x5c());
    for (header, number) in [(by("second"), 91), (by("first"), 91), (certified, 91)] {
        world.site.set(LIST, list(&world, header, number));
        world.refresh().await;
        let outcome = world.judge(|forged| with_status(forged, 4)).await;
        assert_outcome(&outcome, "could_not_check", "status_unavailable");
        assert_eq!(outcome["ages"], json!({ "metadata_s": 0 }));
    }
}

/// The outcome of a card with status, without the assertion that nothing is fetched.
async fn first_seen(world: &World) -> Value {
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    let mut forged = world.forge(&request);
    with_status(&mut forged, 5);
    let text = forged.text();
    world.respond(request, &[("person", text)]).await;
    world.outcome(&opened).await
}

#[tokio::test]
async fn d7_verifier_first_list_of_an_issuer_by_metadata_is_fetched_where_policy_allows() {
    let world = World::with(options(published)).await;
    world.site.set(LIST, list(&world, by("first"), 90));
    let outcome = world.judge(|forged| with_status(forged, 5)).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    let world = World::with(Options {
        first_fetch: FirstFetch::Allowed,
        ..options(published)
    })
    .await;
    world.site.set(LIST, list(&world, by("first"), 90));
    for _ in 0..5 {
        assert_outcome(&first_seen(&world).await, "no", "revoked");
    }
    assert_eq!(world.site.asked().iter().filter(|url| *url == LIST).count(), 1);
}
