//! Group B: the rules of SD-JWT and SD-JWT VC.

use jose::base64url;
use oid4vp::Nonce;
use serde_json::json;
use test_case::test_case;
use testkit::credential::{driving_licence, key, residence, status, vct};

use crate::forge::{Forged, digest, disclosure};
use crate::wallet::assert_outcome;
use crate::world::{LIST, World};

/// Judges a change that must make the presentation malformed.
async fn malformed(change: impl FnOnce(&mut Forged)) {
    let world = World::new().await;
    let outcome = world.judge(change).await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

#[tokio::test]
async fn b1_verifier_disclosure_over_a_plain_claim() {
    malformed(|forged| {
        forged.payload["age_over_18"] = json!(false);
    })
    .await;
}

#[tokio::test]
async fn b2_verifier_one_name_twice() {
    malformed(|forged| {
        forged.disclosures = vec![
            disclosure("age_over_18", json!(true)),
            json!(["another-salt-0123456789", "age_over_18", false]).to_string(),
        ];
    })
    .await;
}

#[test_case("_sd" ; "digest list")]
#[test_case("..." ; "placeholder")]
#[test_case("_sd_alg" ; "hash name")]
#[tokio::test]
async fn b3_verifier_reserved_name(name: &str) {
    malformed(|forged| forged.disclosures.push(disclosure(name, json!([])))).await;
}

#[tokio::test]
async fn b4_verifier_one_digest_twice() {
    malformed(|forged| {
        let digest = digest(&forged.disclosures[0]);
        forged.payload["_sd"] = json!([digest, digest]);
    })
    .await;
    malformed(|forged| {
        let first = digest(&forged.disclosures[0]);
        let nested = disclosure("address", json!({ "_sd": [first] }));
        forged.payload["_sd"] = json!([first, digest(&nested)]);
        forged.disclosures.push(nested);
    })
    .await;
}

#[tokio::test]
async fn b5_verifier_disclosure_nobody_refers_to() {
    malformed(|forged| {
        forged.payload["_sd"] = json!([digest(&forged.disclosures[0])]);
        forged.disclosures.push(disclosure("extra", json!(1)));
    })
    .await;
    malformed(|forged| {
        forged.payload["_sd"] = json!([digest(&forged.disclosures[0])]);
        forged.disclosures.push(forged.disclosures[0].clone());
    })
    .await;
}

/// Adds so many disclosures, each inside the next.
fn nest(forged: &mut Forged, levels: usize) {
    let mut inner = disclosure("a", json!(0));
    for _ in 1..levels {
        let outer = disclosure("a", json!({ "_sd": [digest(&inner)] }));
        forged.disclosures.push(inner);
        inner = outer;
    }
    // One that is withheld: the type's other claims.
    forged.payload["_sd"] = json!([digest(&forged.disclosures[0]), digest(&inner), digest("withheld")]);
    forged.disclosures.push(inner);
}

/// Adds so many digests that stand for nothing.
fn add_decoys(forged: &mut Forged, count: usize) {
    let decoys = (0..count).map(|n| json!(n.to_string()));
    forged.payload["_sd"] = decoys.chain([digest(&forged.disclosures[0])]).collect();
}

/// The most of each that is read is read; what is beyond is refused, as many as fit into the body of
/// a response, in ten times the half second that it should take.
#[tokio::test]
async fn b6_verifier_work_without_end() {
    let world = World::new().await;
    assert_outcome(&world.judge(|forged| nest(forged, 16)).await, "yes", "ok");
    assert_outcome(&world.judge(|forged| add_decoys(forged, 4_095)).await, "yes", "ok");
    let start = std::time::Instant::now();
    for levels in [17, 999, 1_000] {
        let outcome = world.judge(|forged| nest(forged, levels)).await;
        assert_outcome(&outcome, "no", "malformed_credential");
    }
    for decoys in [4_096, 20_000] {
        let outcome = world.judge(|forged| add_decoys(forged, decoys)).await;
        assert_outcome(&outcome, "no", "malformed_credential");
    }
    assert!(start.elapsed().as_secs() < 5 * 5);
}

#[tokio::test]
async fn b7_verifier_malformed_placeholders() {
    malformed(|forged| forged.payload["list"] = json!([{ "...": digest("x"), "x": 1 }])).await;
    malformed(|forged| {
        let two = json!(["salt-0123456789", "value"]).to_string();
        forged.payload["_sd"] = json!([digest(&forged.disclosures[0]), digest(&two)]);
        forged.disclosures.push(two);
    })
    .await;
    malformed(|forged| {
        let three = disclosure("name", json!("value"));
        forged.payload["list"] = json!([{ "...": digest(&three) }]);
        forged.payload["_sd"] = json!([digest(&forged.disclosures[0])]);
        forged.disclosures.push(three);
    })
    .await;
}

#[test_case("exp" ; "expiry")]
#[test_case("nbf" ; "begin")]
#[test_case("status" ; "status")]
#[test_case("cnf" ; "holder key")]
#[tokio::test]
async fn b8_verifier_hidden_claim(name: &str) {
    let world = World::new().await;
    let hidden = world
        .judge(|forged| {
            let value = forged.payload.as_object_mut().unwrap().remove(name).unwrap();
            let kept_back = disclosure(name, value);
            forged.payload["_sd"] = json!([digest(&forged.disclosures[0]), digest(&kept_back)]);
        })
        .await;
    let reason = if name == "cnf" {
        "holder_binding_mismatch"
    } else {
        "malformed_credential"
    };
    assert_outcome(&hidden, "no", reason);
    let shown = world
        .judge(|forged| {
            let value = forged.payload.as_object_mut().unwrap().remove(name).unwrap();
            forged.disclosures.push(disclosure(name, value));
        })
        .await;
    assert_eq!(shown["verdict"], "no", "{name} came from a disclosure");
}

#[test_case("iss", "issuer_not_accepted" ; "issuer")]
#[test_case("vct", "malformed_credential" ; "type")]
#[tokio::test]
async fn b8_verifier_hidden_name(name: &str, reason: &str) {
    let world = World::new().await;
    let outcome = world
        .judge(|forged| drop(forged.payload.as_object_mut().unwrap().remove(name)))
        .await;
    assert_outcome(&outcome, "no", reason);
}

#[tokio::test]
async fn b15_verifier_type_that_was_not_asked_for() {
    let world = World::new().await;
    let card = world.card("residence", residence(), 4);
    assert_outcome(
        &world.present("adult", "person", &card, &["country"]).await,
        "no",
        "rule_not_met",
    );
}

#[tokio::test]
async fn b15_verifier_issuer_that_is_not_accepted() {
    let world = World::new().await;
    let stranger = world
        .judge(|forged| forged.payload["iss"] = json!("did:webvh:QmStranger:stranger.example"))
        .await;
    assert_outcome(&stranger, "no", "issuer_not_accepted");
    let web = world
        .judge(|forged| forged.payload["iss"] = json!("https://stranger.example"))
        .await;
    assert_outcome(&web, "no", "issuer_not_accepted");
}

#[tokio::test]
async fn b16_verifier_more_claims_than_asked() {
    let world = World::new().await;
    let shown = ["age_over_18", "family_name", "birth_date", "personal_number"];
    let outcome = world.present("adult", "person", &world.person(3), &shown).await;
    assert_outcome(&outcome, "yes", "ok");
    assert!(!outcome.to_string().contains("Mustermann"));
    assert_eq!(world.counted("over_disclosure"), 3);
    let stored = std::fs::read(world.folder.path().join("verifier.sqlite-wal")).unwrap();
    assert!(
        !String::from_utf8_lossy(&stored).contains("Mustermann"),
        "nothing is stored"
    );
}

#[tokio::test]
async fn b17_verifier_issuer_of_another_type() {
    let world = World::new().await;
    let card = world.card("driving-licence", driving_licence(), 5);
    let outcome = world.present("driver", "licence", &card, &["categories"]).await;
    assert_outcome(&outcome, "no", "issuer_not_accepted");
}

#[tokio::test]
async fn b14_verifier_presentation_for_another_verifier() {
    let world = World::new().await;
    let opened = world.open("adult").await;
    let request = world.request(&opened).await;
    let elsewhere = format!("x509_hash:{}", base64url::encode([7; 32]));
    let captured = world.show_at(
        &world.person(3),
        &["age_over_18"],
        &elsewhere,
        request.nonce().as_str(),
        1_795_176_000,
    );
    let outcome = world.answer(&opened, request, "person", captured).await;
    assert_outcome(&outcome, "no", "holder_binding_mismatch");
    assert_eq!(world.counted("holder_binding_mismatch"), 1);
}

#[tokio::test]
async fn d8_verifier_expired_although_valid_in_the_list() {
    let world = World::new().await;
    let outcome = world.judge(|forged| forged.payload["exp"] = json!(1_795_175_999)).await;
    assert_outcome(&outcome, "no", "expired");
    let early = world.judge(|forged| forged.payload["nbf"] = json!(1_795_176_600)).await;
    assert_outcome(&early, "no", "not_yet_valid");
}

#[tokio::test]
async fn a_nonce_is_url_safe() {
    let world = World::new().await;
    let request = world.request(&world.open("adult").await).await;
    assert!(Nonce::parse(request.nonce().as_str()).is_ok());
}

#[tokio::test]
async fn a_card_of_the_agency_with_a_key_of_somebody_else() {
    let world = World::new().await;
    let mut agency = world.issuer();
    agency.key = key(77);
    let mut draft = agency.draft(
        &vct("person-identification"),
        testkit::credential::person_identification(),
        world.holder.public(),
        1_795_176_000,
    );
    draft.status = Some(status(LIST, 3));
    let card = sd_jwt::UnverifiedSdJwt::parse(&agency.issue(draft))
        .unwrap()
        .dangerous_from_storage()
        .unwrap();
    assert_outcome(&world.adult(&card).await, "no", "malformed_credential");
}
