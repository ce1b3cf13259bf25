//! Group C: the rules of ISO mdoc; and what holds of a card in every format.

use mdoc::{Challenge, MdocDraft, Value as Cbor};
use serde_json::Value;
use status_list::Status;
use test_case::test_case;
use testkit::certificates::{Authority, document_signer};
use testkit::credential::key;
use testkit::mdoc::{Forge, change, dates, remove, set, tagged, x5chain};

use crate::licences::{Licences, Over, Signing, over};
use crate::wallet::assert_outcome;

/// Judges a change that must make the answer worth nothing.
pub(crate) async fn refused(wrong: fn(&mut Forge), reason: &str) {
    let outcome = Licences::new().await.judge(wrong).await;
    assert_outcome(&outcome, "no", reason);
    assert!(!outcome.to_string().contains("Mustermann"));
}

#[tokio::test]
async fn b16_verifier_more_elements_of_an_mdoc_than_asked() {
    let licences = Licences::new().await;
    let outcome = licences.judge(|_| ()).await;
    assert_outcome(&outcome, "yes", "ok");
    assert!(!outcome.to_string().contains("Mustermann"));
    assert_eq!(licences.world.counted("over_disclosure"), 2);
}

fn of_another_api(asked: &Challenge<'_>) -> Vec<u8> {
    let (name, other) = (b"\x71OpenID4VPHandover", b"\x76OpenID4VPDCAPIHandover");
    let mut bytes = over(asked);
    let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
    bytes.splice(at..at + name.len(), other.iter().copied()).for_each(drop);
    bytes
}

#[test_case(of_another_api ; "handover of the digital credentials api")]
#[test_case(|asked| over(&Challenge { client_id: "x509_hash:another", ..*asked }) ; "another verifier")]
#[test_case(|asked| over(&Challenge { nonce: "another", ..*asked }) ; "another nonce")]
#[test_case(|asked| over(&Challenge { encryption_key: None, ..*asked }) ; "no encryption")]
#[test_case(|asked| over(&Challenge { encryption_key: Some(key(9).public()), ..*asked }) ; "another key to encrypt to")]
#[test_case(|asked| over(&Challenge { response_uri: &format!("{}/", asked.response_uri), ..*asked }) ; "another address by one byte")]
#[tokio::test]
async fn c1_verifier_signed_for_another_transcript(other: Over) {
    let licences = Licences::new().await;
    let outcome = licences
        .answer(licences.office(), licences.draft(), other, |_| ())
        .await;
    assert_outcome(&outcome, "no", "holder_binding_mismatch");
    assert!(!outcome.to_string().contains("Mustermann"));
}

#[test_case(|forge| forge.late = Box::new(|items| set(&mut items[0].1[2], "elementValue", true.into())) ; "members in another order")]
#[test_case(|forge| forge.late = Box::new(|items| set(&mut items[0].1[0], "elementValue", "Other".into())) ; "another value")]
#[test_case(|forge| forge.late = Box::new(|items| set(&mut items[0].1[0], "digestID", 99.into())) ; "an item that the object does not have")]
#[test_case(|forge| forge.items[0].1.iter_mut().for_each(|item| set(item, "digestID", 1.into())) ; "a number twice")]
#[test_case(|forge| forge.late = Box::new(|items| { let item = items[0].1[1].clone(); items[0].1.push(item); }) ; "an item twice")]
#[tokio::test]
async fn c2_verifier_items_that_the_issuer_did_not_sign(wrong: fn(&mut Forge)) {
    refused(wrong, "malformed_credential").await;
}

#[test_case(|forge| forge.mso = Box::new(|mso| set(mso, "docType", "org.example.other".into())) ; "another type in the security object")]
#[test_case(|forge| forge.document = Box::new(|document| set(document, "docType", "org.example.other".into())) ; "another type of the document")]
#[test_case(|forge| forge.late = Box::new(|items| items[0].0 = "org.example.other".to_owned()) ; "another namespace")]
#[tokio::test]
async fn c3_verifier_a_document_of_another_type(wrong: fn(&mut Forge)) {
    refused(wrong, "malformed_credential").await;
}

/// 2026-11-20T12:00:00Z is now.
#[test_case("2026-11-18T12:00:00Z", "2026-11-18T12:00:00Z", "2026-11-20T11:59:59Z", "expired" ; "run out")]
#[test_case("2026-11-18T12:00:00Z", "2026-11-21T12:00:01Z", "2026-11-22T12:00:00Z", "not_yet_valid" ; "not yet valid")]
#[test_case("2026-11-22T12:00:00Z", "2026-11-18T12:00:00Z", "2026-11-21T12:00:00Z", "malformed_credential" ; "signed after its end")]
#[test_case("2019-11-18T12:00:00Z", "2026-11-18T12:00:00Z", "2026-11-21T12:00:00Z", "issuer_not_accepted" ; "signed before the certificate")]
#[tokio::test]
async fn c4_verifier_validity_that_cannot_be(signed: &str, from: &str, until: &str, reason: &str) {
    let dates = dates(signed, from, until);
    let outcome = Licences::new().await.judge(|forge| forge.set_dates(dates)).await;
    assert_outcome(&outcome, "no", reason);
}

#[test_case(|forge| forge.edit_device_key(|key| key[1].1 = 2.into()), "malformed_credential" ; "P 384")]
#[test_case(|forge| forge.edit_device_key(|key| key[0].1 = 1.into()), "malformed_credential" ; "OKP")]
#[test_case(|forge| forge.device_signed = Box::new(|device| change(device, "deviceAuth", |auth| { let signature = auth.as_map_mut().unwrap().remove(0).1; set(auth, "deviceMac", signature); })), "holder_binding_mismatch" ; "a MAC")]
#[test_case(|forge| forge.device_signed = Box::new(|device| set(device, "nameSpaces", tagged(b"\xa1\x61n\xa1\x61e\x01".to_vec()))), "holder_binding_mismatch" ; "an element of the device")]
#[test_case(|forge| forge.device = key(3), "holder_binding_mismatch" ; "another key")]
#[tokio::test]
async fn c5_verifier_a_device_key_or_a_mac_that_is_not_allowed(wrong: fn(&mut Forge), reason: &str) {
    refused(wrong, reason).await;
}

#[test_case(|forge| forge.response = Box::new(|response| change(response, "documents", |documents| { let first = documents.as_array().unwrap()[0].clone(); documents.as_array_mut().unwrap().push(first); })) ; "two documents")]
#[test_case(|forge| forge.response = Box::new(|response| remove(response, "documents")) ; "no document")]
#[test_case(|forge| forge.response = Box::new(|response| set(response, "status", 10.into())) ; "a general error")]
#[tokio::test]
async fn c6_verifier_not_exactly_one_document(wrong: fn(&mut Forge)) {
    refused(wrong, "malformed_credential").await;
}

#[tokio::test]
async fn c7_verifier_a_signer_that_may_not_sign_licences() {
    let licences = Licences::new().await;
    let neighbour = Authority::of_country("neighbour", "NL");
    let stranger = Authority::of_country("stranger", "UT");
    licences.trust("neighbour", &neighbour).await;
    let key = || key(90);
    let signers = [document_signer()];
    for chain in [
        licences.state.certify_signer(key().public(), "UT", &[]),
        licences.state.certify_signer(key().public(), "NL", &signers),
        neighbour.certify_signer(key().public(), "UT", &signers),
        stranger.certify_signer(key().public(), "UT", &signers),
        // Licences of this state say that they are of this state.
        neighbour.certify_signer(key().public(), "NL", &signers),
    ] {
        let by = Signing { key: key(), chain };
        let outcome = licences.answer(by, licences.draft(), over, |_| ()).await;
        assert_outcome(&outcome, "no", "issuer_not_accepted");
        assert!(!outcome.to_string().contains("Mustermann"));
    }
}

/// Has the agency accredited for licences too.
pub(crate) async fn accredited() -> Licences {
    let mut licences = Licences::new().await;
    let world = &mut licences.world;
    world.ledger.accredit(&world.agency, "Agency", &[mdoc::MDL]);
    world.refresh().await;
    licences
}

#[tokio::test]
async fn b17_verifier_an_mdoc_of_an_agency_counts_by_the_ledger() {
    let licences = Licences::new().await;
    let before = licences.answer(licences.agency(), licences.agency_draft(), over, |_| ());
    assert_outcome(&before.await, "no", "issuer_not_accepted");
    let mut licences = accredited().await;
    let answer = |licences: &Licences| (licences.agency(), licences.agency_draft());
    let (by, draft) = answer(&licences);
    assert_outcome(&licences.answer(by, draft, over, |_| ()).await, "yes", "ok");
    let (by, draft) = answer(&licences);
    let unlisted = MdocDraft { status: None, ..draft };
    let outcome = licences.answer(by, unlisted, over, |_| ()).await;
    assert_outcome(&outcome, "no", "malformed_credential");
    licences.world.clock.advance(60);
    licences.world.set_status(3, Status::Invalid);
    licences.world.refresh().await;
    let (by, draft) = answer(&licences);
    assert_outcome(&licences.answer(by, draft, over, |_| ()).await, "no", "revoked");
}

pub(crate) async fn judged(licences: &Licences, change: impl FnOnce(&mut Forge)) -> Value {
    let (by, draft) = (licences.agency(), licences.agency_draft());
    licences.answer(by, draft, over, change).await
}

/// What stands in the header is signed by nobody; a holder can take it out or put something else there.
#[tokio::test]
async fn a_holder_cannot_take_the_agency_out_of_an_mdoc() {
    let licences = accredited().await;
    let stranger = Authority::of_country("stranger", "UT");
    let unnamed = stranger.certify_signer(licences.world.issuer().key.public(), "UT", &[document_signer()]);
    let nothing = judged(&licences, |forge| forge.unprotected = x5chain(Cbor::Null)).await;
    assert_outcome(&nothing, "no", "issuer_not_accepted");
    let unnamed = Cbor::Bytes(unnamed.leaf().to_vec());
    let other_chain = judged(&licences, |forge| forge.unprotected = x5chain(unnamed.clone())).await;
    assert_outcome(&other_chain, "no", "issuer_not_accepted");
    let no_key = judged(&licences, |forge| forge.unprotected.key_id.clear()).await;
    assert_outcome(&no_key, "no", "key_not_anchored");
    let other_key = judged(&licences, |forge| forge.unprotected.key_id.push(b'x')).await;
    assert_outcome(&other_key, "no", "key_not_anchored");
    let other_signer = judged(&licences, |forge| forge.issuer = key(3)).await;
    assert_outcome(&other_signer, "no", "malformed_credential");
}
