//! Groups A, B and D in other formats than SD-JWT VC: what must not hold there holds in no format.

use jose::base64url;
use mdoc::{MdocDraft, Value as Cbor};
use serde_json::{Value, json};
use status_list::{Status, StatusPurpose};
use test_case::test_case;
use testkit::credential::status;
use testkit::mdoc::{Forge, algorithm, bare, critical, date, doubled, map, remove, set};

use crate::c_mdoc::{accredited, judged, refused};
use crate::licences::{Licences, over};
use crate::site::Reply;
use crate::w3c;
use crate::wallet::assert_outcome;
use crate::world::LIST;

#[test_case(|forge| forge.protected = bare() ; "no algorithm")]
#[test_case(|forge| forge.set_signature(&[]) ; "no signature")]
#[tokio::test]
async fn a1_verifier_mdoc_that_nobody_signed(wrong: fn(&mut Forge)) {
    refused(wrong, "malformed_credential").await;
}

/// Truly signed by the key, and said to be signed otherwise.
#[test_case(5 ; "HS256")]
#[test_case(-8 ; "EdDSA")]
#[test_case(-35 ; "ES384")]
#[tokio::test]
async fn a2_verifier_mdoc_of_another_algorithm(number: i64) {
    let licences = Licences::new().await;
    let outcome = licences.judge(|forge| forge.protected = algorithm(number)).await;
    assert_outcome(&outcome, "no", "malformed_credential");
    let outcome = licences.judge(|forge| forge.device_protected = algorithm(number)).await;
    assert_outcome(&outcome, "no", "holder_binding_mismatch");
}

#[tokio::test]
async fn a4_verifier_mdoc_with_a_critical_header_that_nobody_knows() {
    refused(|forge| forge.protected = critical("holdfast"), "malformed_credential").await;
}

#[test_case(&Cbor::Tag(1, Box::new(1_795_262_400.into())) ; "seconds")]
#[test_case(&"2026-11-21T12:00:00Z".into() ; "a text without its tag")]
#[test_case(&date("2026-11-21T12:00:00+01:00") ; "another zone")]
#[test_case(&date("soon") ; "a word")]
#[test_case(&Cbor::Null ; "nothing")]
#[tokio::test]
async fn a6_verifier_mdoc_dates_that_are_no_dates(until: &Cbor) {
    let licences = Licences::new().await;
    let until = until.clone();
    let outcome = licences
        .judge(|forge| {
            let yesterday = || date("2026-11-19T12:00:00Z");
            forge.set_dates([
                ("signed", yesterday()),
                ("validFrom", yesterday()),
                ("validUntil", until),
            ]);
        })
        .await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

#[test_case(|forge| forge.mso = Box::new(doubled) ; "in the security object")]
#[test_case(|forge| doubled(&mut forge.items[0].1[0]) ; "in an item")]
#[test_case(|forge| forge.issuer_signed = Box::new(doubled) ; "in what the issuer signed")]
#[test_case(|forge| forge.response = Box::new(doubled) ; "in the response")]
#[tokio::test]
async fn a7_verifier_mdoc_with_one_name_twice(wrong: fn(&mut Forge)) {
    refused(wrong, "malformed_credential").await;
}

#[test_case(&[0x81; 10_000] ; "ten thousand levels")]
#[test_case(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff] ; "more members than there are bytes")]
#[test_case(&[0x7a, 0x40, 0, 0, 0] ; "a text of a gibibyte")]
#[test_case(&[0xa0, 0x00] ; "bytes behind it")]
#[tokio::test]
async fn a8_verifier_mdoc_without_measure(bytes: &[u8]) {
    let world = Licences::new().await.world;
    let opened = world.open("licence").await;
    let request = world.request(&opened).await;
    let outcome = world
        .answer(&opened, request, "licence", base64url::encode(bytes))
        .await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

#[test_case(&[0; 64] ; "of zeros")]
#[test_case(&[0xff; 64] ; "beyond the order of the group")]
#[test_case(&[1; 63] ; "too short")]
#[test_case(&[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01] ; "as DER")]
#[tokio::test]
async fn a9_verifier_mdoc_with_signatures_that_can_be_rewritten(bytes: &'static [u8]) {
    let outcome = Licences::new().await.judge(|forge| forge.set_signature(bytes)).await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

#[tokio::test]
async fn b9_verifier_mdoc_without_its_device() {
    refused(
        |forge| forge.document = Box::new(|document| remove(document, "deviceSigned")),
        "malformed_credential",
    )
    .await;
    let nobody =
        |forge: &mut Forge| forge.device_signed = Box::new(|device| set(device, "deviceAuth", map(Vec::new())));
    refused(nobody, "malformed_credential").await;
}

#[tokio::test]
async fn b15_verifier_mdoc_of_a_type_that_was_not_asked_for() {
    let licences = Licences::new().await;
    let draft = MdocDraft {
        doc_type: "org.example.other".to_owned(),
        ..licences.draft()
    };
    let outcome = licences.answer(licences.office(), draft, over, |_| ()).await;
    assert_outcome(&outcome, "no", "rule_not_met");
}

#[tokio::test]
async fn d2_verifier_mdoc_place_beyond_the_list() {
    let licences = accredited().await;
    let draft = MdocDraft {
        status: Some(status(LIST, 1_024)),
        ..licences.agency_draft()
    };
    let outcome = licences.answer(licences.agency(), draft, over, |_| ()).await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

#[tokio::test]
async fn d4_verifier_mdoc_whose_list_is_too_old() {
    let mut licences = accredited().await;
    licences.world.clock.advance(3_601);
    licences.world.refresh().await;
    let outcome = judged(&licences, |_| ()).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    assert_eq!(outcome["ages"]["status_s"], 3_601);
}

#[tokio::test]
async fn d8_verifier_mdoc_that_is_suspended() {
    let mut licences = accredited().await;
    licences.world.clock.advance(60);
    licences.world.set_status(3, Status::Suspended);
    licences.world.refresh().await;
    let outcome = judged(&licences, |_| ()).await;
    assert_outcome(&outcome, "no", "suspended");
}

#[tokio::test]
async fn a1_verifier_w3c_that_nobody_signed() {
    let world = w3c::world().await;
    let unsigned = |text: &str| {
        let mut document: Value = serde_json::from_str(text).unwrap();
        let card = document.pointer_mut("/verifiableCredential/0").unwrap();
        card.as_object_mut().unwrap().remove("proof").unwrap();
        document.to_string()
    };
    let outcome = world.w3c(&world.w3c_card(3), |_, text| unsigned(&text)).await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

#[test_case("did:web:a.example#1" ; "of another DID")]
#[test_case("https://a.example/keys/1" ; "an address")]
#[tokio::test]
async fn a3_verifier_w3c_that_names_the_key_of_somebody_else(method: &str) {
    let world = w3c::world().await;
    let place = "/verifiableCredential/0/proof/verificationMethod";
    let outcome = world
        .w3c(&world.w3c_card(3), |_, text| w3c::changed(&text, place, json!(method)))
        .await;
    assert_eq!(outcome["verdict"], "no", "{outcome}");
    assert!(!world.site.asked().iter().any(|address| address.contains("a.example")));
}

#[tokio::test]
async fn a8_verifier_w3c_without_measure() {
    let world = w3c::world().await;
    let mut deep = json!("DE");
    for _ in 0..20 {
        deep = json!([deep]);
    }
    let place = "/verifiableCredential/0/credentialSubject/country";
    let outcome = world
        .w3c(&world.w3c_card(3), |_, text| w3c::changed(&text, place, deep))
        .await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

/// As base58btc: 64 bytes that are zero, two integers in DER, and no base58 at all.
#[test_case(&format!("z{}", "1".repeat(64)) ; "of zeros")]
#[test_case("z92tVYr6pAHN" ; "as DER")]
#[test_case("u00" ; "in another base")]
#[test_case("" ; "nothing")]
#[tokio::test]
async fn a9_verifier_w3c_with_signatures_that_can_be_rewritten(value: &str) {
    let world = w3c::world().await;
    let place = "/verifiableCredential/0/proof/proofValue";
    let outcome = world
        .w3c(&world.w3c_card(3), |_, text| w3c::changed(&text, place, json!(value)))
        .await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

/// All of it is shown, because nothing can be withheld; what nobody asked for goes nowhere.
#[tokio::test]
async fn b16_verifier_w3c_with_more_claims_than_asked() {
    let world = w3c::world().await;
    let outcome = world.w3c(&world.w3c_card(3), |_, text| text).await;
    assert_outcome(&outcome, "yes", "ok");
    assert!(!outcome.to_string().contains("Musterstadt"));
}

#[test_case(Reply::Status(503) ; "server error")]
#[test_case(Reply::Body(b"<html></html>".to_vec()) ; "html")]
#[tokio::test]
async fn d5_verifier_w3c_bits_that_cannot_be_fetched(reply: Reply) {
    let mut world = w3c::world().await;
    let card = world.w3c_card(3);
    world.clock.advance(60);
    world.site.set(&StatusPurpose::Revocation.list_beside(LIST), reply);
    world.refresh().await;
    let outcome = world.w3c(&card, |_, text| text).await;
    // The list that is held still counts within its limits.
    assert_outcome(&outcome, "yes", "ok");
    assert!(world.counted("refresh_failures") > 0);
}
