//! Group E: issuers, certificates, keys, and what may be fetched.

use did::identity::OldKey;
use ledger::ListContent;
use serde_json::{Value, json};
use test_case::test_case;
use testkit::certificates::{Authority, Chain, ExtendedKeyUsagePurpose, Fault, Name, Signed, Validity};
use testkit::credential::key;

use crate::forge::copy;
use crate::site::Reply;
use crate::wallet::assert_outcome;
use crate::world::{LEDGER, World};

/// A card of a foreign issuer with this chain.
async fn foreign(world: &World, x5c: Value) -> Value {
    foreign_by(world, x5c, 90).await
}

/// The same, signed by another key of the test kit.
async fn foreign_by(world: &World, x5c: Value, number: u64) -> Value {
    world
        .judge(|forged| {
            forged.payload["iss"] = json!("https://foreign.example");
            forged.payload.as_object_mut().unwrap().remove("status");
            forged.header = json!({ "alg": "ES256", "typ": "dc+sd-jwt", "x5c": x5c });
            forged.issuer = key(number);
        })
        .await
}

const NAMES: &[Name<'_>] = &[Name::Dns("foreign.example")];

#[tokio::test]
async fn a_foreign_issuer_under_a_configured_anchor_is_accepted() {
    let world = World::new().await;
    let chain = world.foreign.intermediate("below").certify(key(90).public(), NAMES);
    let outcome = foreign(&world, chain.x5c()).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["ages"], json!({}));
}

#[tokio::test]
async fn e1_verifier_anchor_in_the_chain_and_self_signed_leaf() {
    let world = World::new().await;
    let chain = world.foreign.certify(key(90).public(), NAMES);
    let anchor = world
        .foreign
        .pem()
        .lines()
        .filter(|line| !line.starts_with("---"))
        .collect::<String>();
    let mut x5c = chain.x5c();
    x5c.as_array_mut().unwrap().push(json!(anchor));
    assert_outcome(&foreign(&world, x5c).await, "no", "malformed_credential");
    let lonely = Chain::self_signed(&key(90), NAMES);
    assert_outcome(&foreign(&world, lonely.x5c()).await, "no", "malformed_credential");
}

#[tokio::test]
async fn e2_verifier_chains_that_lead_nowhere() {
    let world = World::new().await;
    let stranger = Authority::new("stranger").certify(key(90).public(), NAMES);
    assert_outcome(&foreign(&world, stranger.x5c()).await, "no", "issuer_not_accepted");
    for validity in [Validity::Expired, Validity::NotYet] {
        let chain = world.foreign.certify_with(key(90).public(), NAMES, validity, &[]);
        assert_outcome(&foreign(&world, chain.x5c()).await, "no", "issuer_not_accepted");
    }
    let other_name = world.foreign.certify(key(90).public(), &[Name::Dns("else.example")]);
    assert_outcome(&foreign(&world, other_name.x5c()).await, "no", "issuer_not_accepted");
    let other_key = world.foreign.certify(key(91).public(), NAMES);
    assert_outcome(&foreign(&world, other_key.x5c()).await, "no", "malformed_credential");
    assert_outcome(&foreign(&world, json!([])).await, "no", "malformed_credential");
}

#[tokio::test]
async fn e2_verifier_authorities_that_may_not_certify_this() {
    let world = World::new().await;
    let of = |authority: &Authority| authority.certify(key(90).public(), NAMES);
    let below = |fault| world.foreign.faulty("below", fault);
    let client = [ExtendedKeyUsagePurpose::ClientAuth];
    let for_clients = world
        .foreign
        .certify_with(key(90).public(), NAMES, Validity::Current, &client);
    for (chain, reason) in [
        (for_clients, "issuer_not_accepted"),
        (of(&below(Fault::NoAuthority)), "malformed_credential"),
        (
            of(&below(Fault::NoFurther).intermediate("further")),
            "issuer_not_accepted",
        ),
        (of(&below(Fault::OtherNames)), "issuer_not_accepted"),
    ] {
        assert_outcome(&foreign(&world, chain.x5c()).await, "no", reason);
    }
    let no_further = of(&below(Fault::NoFurther));
    assert_outcome(&foreign(&world, no_further.x5c()).await, "yes", "ok");
}

#[tokio::test]
async fn e2_verifier_certificates_signed_by_what_is_outdated() {
    let world = World::new().await;
    for (signed, verdict, reason) in [
        (Signed::WithSha1, "no", "issuer_not_accepted"),
        (Signed::WithRsa1024, "no", "issuer_not_accepted"),
        (Signed::Well, "yes", "ok"),
    ] {
        let (anchor, chain) = signed.certificates();
        let file = world.folder.path().join(format!("anchors/{signed:?}.pem"));
        std::fs::write(file, anchor).unwrap();
        world.refresher.round().await;
        assert_outcome(&foreign_by(&world, chain.x5c(), 31).await, verdict, reason);
    }
}

#[tokio::test]
async fn an_anchor_put_into_the_folder_counts_from_the_next_round_on() {
    let world = World::new().await;
    let stranger = Authority::new("stranger");
    let chain = stranger.certify(key(90).public(), NAMES);
    assert_outcome(&foreign(&world, chain.x5c()).await, "no", "issuer_not_accepted");
    let file = world.folder.path().join("anchors/stranger.pem");
    std::fs::write(&file, stranger.pem()).unwrap();
    world.refresher.round().await;
    assert_outcome(&foreign(&world, chain.x5c()).await, "yes", "ok");
    std::fs::remove_file(&file).unwrap();
    world.refresher.round().await;
    assert_outcome(&foreign(&world, chain.x5c()).await, "no", "issuer_not_accepted");
}

#[tokio::test]
async fn the_chain_of_an_anchored_issuer_is_ignored() {
    let world = World::new().await;
    let chain = world
        .foreign
        .certify(key(90).public(), &[Name::Uri(world.agency.did().as_str())]);
    let good = world
        .judge(|forged| forged.header["x5c"] = Authority::new("x").certify(key(5).public(), &[]).x5c())
        .await;
    assert_outcome(&good, "yes", "ok");
    let cheat = world
        .judge(|forged| {
            forged.header["x5c"] = chain.x5c();
            forged.issuer = key(90);
        })
        .await;
    assert_outcome(&cheat, "no", "malformed_credential");
}

#[tokio::test]
async fn a_check_that_accepts_certificates_only_takes_the_anchored_issuers_chain() {
    let world = World::new().await;
    let (_, agency_key) = world.agency.assertion_key().unwrap();
    let chain = world
        .foreign
        .certify(agency_key.public(), &[Name::Uri(world.agency.did().as_str())]);
    let opened = world.open("foreigner").await;
    let request = world.request(&opened).await;
    let mut forged = world.forge(&request);
    forged.header["x5c"] = chain.x5c();
    forged.payload.as_object_mut().unwrap().remove("status");
    forged.issuer = copy(agency_key);
    let text = forged.text();
    assert_outcome(&world.answer(&opened, request, "person", text).await, "yes", "ok");
}

#[tokio::test]
async fn e13_verifier_rotated_key() {
    let mut world = World::new().await;
    let card = world.person(3);
    world.clock.advance(60);
    world.ledger.rotate(&mut world.agency, OldKey::Keep);
    world.publish_lists();
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "yes", "ok");
    let newer = world.person(4);
    assert_outcome(&world.adult(&newer).await, "yes", "ok");
    world.clock.advance(60);
    world.ledger.rotate(&mut world.agency, OldKey::TakeOut);
    world.publish_lists();
    world.refresh().await;
    let outcome = world.adult(&newer).await;
    assert_outcome(&outcome, "no", "key_retired");
    assert_eq!(outcome["ages"]["ledger_s"], 0);
    let never = world.judge(|forged| {
        let kid = forged.header["kid"].as_str().unwrap().replace("#assert-3", "#assert-9");
        forged.header["kid"] = json!(kid);
    });
    assert_outcome(&never.await, "no", "key_not_anchored");
}

#[tokio::test]
async fn accreditation_revoked_is_no() {
    let mut world = World::new().await;
    let card = world.person(3);
    world.clock.advance(60);
    world.ledger.revoke_accreditation(&world.agency);
    world.refresh().await;
    let outcome = world.adult(&card).await;
    assert_outcome(&outcome, "no", "issuer_not_accepted");
    assert_eq!(outcome["ages"]["ledger_s"], 0);
}

#[tokio::test]
async fn a_deactivated_issuer_is_not_accepted() {
    let mut world = World::new().await;
    let card = world.person(3);
    world.ledger.deactivate(&mut world.agency);
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "no", "issuer_not_accepted");
}

#[tokio::test]
async fn e14_verifier_ledger_unreachable() {
    let mut world = World::new().await;
    let card = world.person(3);
    world.site.set(&format!("{LEDGER}/bundles/accredited"), Reply::Silence);
    world
        .site
        .set(&format!("{LEDGER}/bundle?{}", world.business.did()), Reply::Status(502));
    world.clock.advance(600);
    world.refresher.round().await;
    let outcome = world.adult(&card).await;
    assert_outcome(&outcome, "yes", "ok");
    assert_eq!(outcome["ages"], json!({ "status_s": 600, "ledger_s": 600 }));
    world.clock.advance(1);
    let outcome = world.adult(&card).await;
    assert_outcome(&outcome, "could_not_check", "ledger_stale");
    assert_eq!(outcome["ages"], json!({ "ledger_s": 601 }));
    assert!(world.counted("refresh_failures") > 0);
    world.refresh().await;
    assert_outcome(&world.adult(&card).await, "yes", "ok");
}

#[test_case("https://127.0.0.1:8080/1" ; "loopback with a port")]
#[test_case("https://127.0.0.1/1" ; "loopback")]
#[test_case("https://127.1/1" ; "short loopback")]
#[test_case("https://2130706433/1" ; "loopback as a number")]
#[test_case("https://0x7f000001/1" ; "loopback as a hexadecimal number")]
#[test_case("https://10.0.0.1/1" ; "private")]
#[test_case("https://169.254.169.254/latest" ; "link local")]
#[test_case("https://[::1]/1" ; "loopback, version 6")]
#[test_case("https://[::ffff:7f00:1]/1" ; "mapped loopback")]
#[test_case("https://localhost/1" ; "localhost")]
#[tokio::test]
async fn e5_verifier_status_list_at_a_private_address(uri: &str) {
    let mut world = World::new().await;
    world.clock.advance(60);
    world.ledger.set_now(service::Clock::now(&*world.clock));
    let content = ListContent {
        uri,
        bits: 2,
        bytes: world.statuses.bytes(),
    };
    world.ledger.snapshot(&world.agency, &[(content, b"token")]);
    world.refresh().await;
    let blocked = world.blocked();
    assert!(blocked > 0, "refused before a connection");
    let outcome = world
        .judge(|forged| forged.payload["status"]["status_list"]["uri"] = json!(uri))
        .await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    assert_eq!(world.blocked(), blocked);
}

#[tokio::test]
async fn e4_verifier_trust_pack_that_has_run_out() {
    let mut world = World::new().await;
    world.clock.advance(365 * 24 * 3600);
    world.publish_lists();
    world.refresh().await;
    let outcome = world.judge(|_| ()).await;
    assert_outcome(&outcome, "could_not_check", "ledger_stale");
    assert_eq!(outcome["ages"], json!({ "ledger_s": 0 }));
}
