//! Groups A, B and D in mdocs: what must not hold of a card in one format holds in none.

use jose::base64url;
use mdoc::{MdocDraft, Value as Cbor};
use test_case::test_case;
use testkit::credential::status;
use testkit::mdoc::{Forge, algorithm, bare, change, critical, date, doubled, map, member, remove, set};

use crate::c_mdoc::{accredited, judged, refused};
use crate::d_status::{InsteadOfAList, bomb, by_another_signer, hold_only, of_another_subject, of_bits};
use crate::licences::{Licences, over};
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

/// A good answer, and a byte more.
#[tokio::test]
async fn a8_verifier_mdoc_with_bytes_behind_it() {
    let licences = accredited().await;
    let opened = licences.world.open("licence").await;
    let request = licences.world.request(&opened).await;
    let mut shown = base64url::decode(&licences.shown(&request, LIST, 3)).unwrap();
    shown.push(0);
    let shown = base64url::encode(shown);
    let outcome = licences.world.answer(&opened, request, "licence", shown).await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

/// So many lists, each inside of the next, in an element that the issuer signed.
fn nested(forge: &mut Forge, levels: usize) {
    let value = (0..levels).fold(Cbor::from("Mustermann"), |inner, _| Cbor::Array(vec![inner]));
    let mut items = forge.items[0].1.iter_mut();
    let name = items.find(|item| member(item, "elementIdentifier").as_text() == Some("family_name"));
    set(name.unwrap(), "elementValue", value);
}

/// Whoever signed it: an element has as many levels as may be read, and no more.
#[tokio::test]
async fn a8_verifier_mdoc_with_levels_without_end() {
    let licences = Licences::new().await;
    assert_outcome(&licences.judge(|forge| nested(forge, 12)).await, "yes", "ok");
    for levels in [16, 64] {
        let outcome = licences.judge(|forge| nested(forge, levels)).await;
        assert_outcome(&outcome, "no", "malformed_credential");
    }
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

#[test_case(|object| change(object, "validityInfo", |validity| remove(validity, "validUntil")) ; "its end")]
#[test_case(|object| remove(object, "deviceKeyInfo") ; "its key")]
#[test_case(|object| remove(object, "status") ; "its status")]
#[tokio::test]
async fn b8_verifier_mdoc_without_what_it_has_to_say(less: fn(&mut Cbor)) {
    let licences = accredited().await;
    let outcome = judged(&licences, |forge| forge.mso = Box::new(less)).await;
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

/// Nobody can say what a licence is whose list is this.
async fn unknown(list: InsteadOfAList) {
    let mut licences = accredited().await;
    hold_only(&mut licences.world, list).await;
    let outcome = judged(&licences, |_| ()).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
}

#[tokio::test]
async fn d1_verifier_mdoc_zip_bomb() {
    unknown(bomb).await;
}

#[test_case(of_bits::<3> ; "three")]
#[test_case(of_bits::<16> ; "sixteen")]
#[tokio::test]
async fn d3_verifier_mdoc_bits(list: InsteadOfAList) {
    unknown(list).await;
}

#[tokio::test]
async fn d6_verifier_mdoc_list_of_another_signer() {
    unknown(by_another_signer).await;
}

#[tokio::test]
async fn d6_verifier_mdoc_list_of_another_subject() {
    unknown(of_another_subject).await;
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
