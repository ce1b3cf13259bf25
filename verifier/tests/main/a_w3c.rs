//! Groups A and B in W3C credentials: what must not hold there holds in no format.
//!
//! What is wrong is truly signed where the row is about something else than the signature.

use serde_json::{Map, Value, json};
use status_list::StatusReference;
use test_case::test_case;
use testkit::credential::{key, vct};
use testkit::w3c::Forge;
use w3c_vc::HolderKey;

use crate::a_tokens::malformed;
use crate::forge::copy;
use crate::w3c::{changed, world};
use crate::wallet::assert_outcome;
use crate::world::LIST;

const MISMATCH: &str = "holder_binding_mismatch";

/// Judges a change that must make the presentation worth nothing.
async fn refused(wrong: impl FnOnce(&mut Forge), reason: &str) {
    let outcome = world().await.judge_w3c(wrong).await;
    assert_outcome(&outcome, "no", reason);
    assert!(!outcome.to_string().contains("Musterstadt"));
}

/// Puts this in the place of the issuer's signature, once the rest is signed.
fn signature(forge: &mut Forge, value: &str) {
    let value = value.to_owned();
    forge.late = Box::new(move |credential| credential["proof"]["proofValue"] = json!(value));
}

#[tokio::test]
async fn a0_the_forged_w3c_credential_is_good_before_it_is_spoiled() {
    assert_outcome(&world().await.judge_w3c(|_| ()).await, "yes", "ok");
}

/// 64 bytes that are zero, as base58btc.
fn of_zeros() -> String {
    format!("z{}", "1".repeat(64))
}

#[test_case(|forge| forge.late = Box::new(|credential| drop(credential.remove("proof"))) ; "no proof")]
#[test_case(|forge| signature(forge, "") ; "no signature")]
#[test_case(|forge| signature(forge, &of_zeros()) ; "a signature of zeros")]
#[test_case(|forge| drop(forge.proof.remove("cryptosuite")) ; "no cryptosuite")]
#[test_case(|forge| forge.proof["cryptosuite"] = json!("none") ; "cryptosuite none")]
#[tokio::test]
async fn a1_verifier_w3c_that_nobody_signed(wrong: fn(&mut Forge)) {
    refused(wrong, "malformed_credential").await;
}

/// Truly signed by the key, and said to be signed otherwise.
#[tokio::test]
async fn a2_verifier_w3c_of_another_cryptosuite() {
    let other = || json!("eddsa-rdfc-2022");
    refused(|forge| forge.proof["cryptosuite"] = other(), "malformed_credential").await;
    refused(|forge| forge.shown["cryptosuite"] = other(), MISMATCH).await;
}

/// Truly signed by the agency under another name of its key.
#[test_case("did:web:a.example#1" ; "of another DID")]
#[test_case("https://a.example/keys/1" ; "an address")]
#[tokio::test]
async fn a3_verifier_w3c_that_names_the_key_of_somebody_else(method: &str) {
    let world = world().await;
    let outcome = world
        .judge_w3c(|forge| forge.proof["verificationMethod"] = json!(method))
        .await;
    assert_outcome(&outcome, "no", "key_not_anchored");
    assert!(!world.site.asked().iter().any(|address| address.contains("a.example")));
}

#[tokio::test]
async fn a4_verifier_w3c_with_a_member_of_the_proof_that_nobody_knows() {
    let add = |proof: &mut Map<String, Value>, name: &str| drop(proof.insert(name.to_owned(), json!("x")));
    refused(|forge| add(&mut forge.proof, "nonce"), "malformed_credential").await;
    refused(|forge| add(&mut forge.proof, "challenge"), "malformed_credential").await;
    refused(|forge| add(&mut forge.shown, "nonce"), MISMATCH).await;
}

#[tokio::test]
async fn a5_verifier_w3c_with_a_proof_for_something_else() {
    refused(
        |forge| forge.proof["proofPurpose"] = json!("authentication"),
        "malformed_credential",
    )
    .await;
    refused(|forge| forge.shown["proofPurpose"] = json!("assertionMethod"), MISMATCH).await;
}

#[test_case(json!(1_795_262_400) ; "a number")]
#[test_case(json!(null) ; "nothing")]
#[test_case(json!("soon") ; "a word")]
#[test_case(json!("2026-11-21") ; "a day")]
#[test_case(json!("2026-11-21T12:00:00") ; "no zone")]
#[test_case(json!(["2026-11-21T12:00:00Z"]) ; "a list")]
#[tokio::test]
async fn a6_verifier_w3c_dates_that_are_no_dates(date: Value) {
    for name in ["validFrom", "validUntil"] {
        refused(|forge| forge.credential[name] = date.clone(), "malformed_credential").await;
    }
    if date.is_string() {
        refused(|forge| forge.proof["created"] = date.clone(), "malformed_credential").await;
        refused(|forge| forge.shown["created"] = date.clone(), MISMATCH).await;
    }
}

/// Whatever a name says the second time, the first one is no less signed.
#[test_case("{", r#""holder":"","# ; "in the presentation")]
#[test_case(r#""credentialSubject":{"#, r#""country":"FR","# ; "in a claim")]
#[test_case(r#""proof":{"#, r#""type":"other","# ; "in a proof")]
#[tokio::test]
async fn a7_verifier_w3c_with_one_name_twice(place: &str, added: &str) {
    let world = world().await;
    let opened = world.open("home-w3c").await;
    let request = world.request(&opened).await;
    let audience = request.client_id().to_string();
    let shown = world.w3c_shown(&world.w3c_card(3), &audience, request.nonce().as_str());
    let twice = shown.replacen(place, &format!("{place}{added}"), 1);
    assert!(twice.len() > shown.len(), "{shown}");
    let state = request.state().unwrap();
    let payload = format!(r#"{{"state":"{state}","vp_token":{{"home":[{twice}]}}}}"#);
    malformed(&world, &opened, &request, &payload).await;
}

/// So many objects, each inside of the next.
fn nested(levels: usize) -> Value {
    (0..levels).fold(
        json!("Musterstadt"),
        |inner, level| json!({ (format!("l{level}")): inner }),
    )
}

/// Whoever signed it: a credential has as many levels as may be read, and no more.
#[tokio::test]
async fn a8_verifier_w3c_without_measure() {
    let locality = |levels| {
        move |forge: &mut Forge| {
            forge.credential["credentialSubject"]["locality"] = nested(levels);
        }
    };
    let outcome = world().await.judge_w3c(locality(12)).await;
    assert_outcome(&outcome, "yes", "ok");
    for levels in [15, 18] {
        refused(locality(levels), "malformed_credential").await;
    }
}

/// Two integers in DER, and no base58 at all, beside 64 bytes that are zero.
#[test_case(&of_zeros() ; "of zeros")]
#[test_case("z92tVYr6pAHN" ; "as DER")]
#[test_case("u00" ; "in another base")]
#[test_case("" ; "nothing")]
#[tokio::test]
async fn a9_verifier_w3c_with_signatures_that_can_be_rewritten(value: &str) {
    refused(|forge| signature(forge, value), "malformed_credential").await;
}

/// Contexts are not signed: whoever could choose them could give a claim the name of another.
#[tokio::test]
async fn b1_verifier_w3c_with_the_name_of_one_claim_for_another() {
    const TERM: &str = "https://www.w3.org/ns/credentials/undefined-term#";
    let world = world().await;
    let abroad = json!({ "country": "FR", "locality": "DE" });
    let card = world.w3c_card_of(&vct("residence"), &abroad, StatusReference::of_token(LIST, 3));
    assert_outcome(&world.w3c_as_it_is(&card).await, "no", "rule_not_met");
    let swapped = |credential: &mut Map<String, Value>| {
        let names = json!({ "country": format!("{TERM}locality"), "locality": format!("{TERM}country") });
        credential["@context"].as_array_mut().unwrap().push(names);
        credential["credentialSubject"]["country"] = json!("DE");
        credential["credentialSubject"]["locality"] = json!("FR");
    };
    let outcome = world
        .w3c(&card, |_, text| {
            let mut forge = Forge::new(&text, world.issuer().key, copy(&world.holder));
            forge.late = Box::new(swapped);
            forge.make()
        })
        .await;
    assert_outcome(&outcome, "no", "malformed_credential");
}

#[test_case("validFrom" ; "its beginning")]
#[test_case("validUntil" ; "its end")]
#[test_case("credentialStatus" ; "its status")]
#[tokio::test]
async fn b8_verifier_w3c_without_what_it_has_to_say(name: &str) {
    refused(|forge| drop(forge.credential.remove(name)), "malformed_credential").await;
}

#[test_case(|subject| drop(subject.as_object_mut().unwrap().remove("id")) ; "bound to nothing")]
#[test_case(|subject| subject["id"] = json!("https://a.example/somebody") ; "bound to a name")]
#[tokio::test]
async fn b8_verifier_w3c_bound_to_no_key(unbind: fn(&mut Value)) {
    refused(|forge| unbind(&mut forge.credential["credentialSubject"]), MISMATCH).await;
}

#[tokio::test]
async fn b10_verifier_w3c_shown_too_long_ago_or_ahead_of_time() {
    let world = world().await;
    for (created, verdict) in [
        ("2025-11-20T12:00:00Z", "no"),
        ("2026-11-20T11:54:59Z", "no"),
        ("2026-11-20T11:55:00Z", "yes"),
        ("2026-11-20T12:01:00Z", "yes"),
        ("2026-11-20T12:01:01Z", "no"),
        ("2027-11-20T12:00:00Z", "no"),
    ] {
        let outcome = world.judge_w3c(|forge| forge.shown["created"] = json!(created)).await;
        assert_eq!(outcome["verdict"], verdict, "{created}");
        if verdict == "no" {
            assert_outcome(&outcome, "no", MISMATCH);
        }
    }
    let outcome = world.judge_w3c(|forge| drop(forge.shown.remove("created"))).await;
    assert_outcome(&outcome, "no", MISMATCH);
}

/// Another card of the same key, which the agency signed too.
#[tokio::test]
async fn b12_verifier_w3c_changed_after_it_was_shown() {
    let world = world().await;
    let other: Value = serde_json::from_str(&world.w3c_card(4)).unwrap();
    let outcome = world
        .w3c(&world.w3c_card(3), |_, text| {
            changed(&text, "/verifiableCredential/0", other)
        })
        .await;
    assert_outcome(&outcome, "no", MISMATCH);
}

/// All of it is shown, because nothing can be withheld; what nobody asked for goes nowhere.
#[tokio::test]
async fn b16_verifier_w3c_with_more_claims_than_asked() {
    let world = world().await;
    let outcome = world.w3c_as_it_is(&world.w3c_card(3)).await;
    assert_outcome(&outcome, "yes", "ok");
    assert!(!outcome.to_string().contains("Musterstadt"));
    let stored = std::fs::read(world.folder.path().join("verifier.sqlite-wal")).unwrap();
    assert!(
        !String::from_utf8_lossy(&stored).contains("Musterstadt"),
        "nothing is stored"
    );
}

#[tokio::test]
async fn b17_verifier_w3c_issuer_of_another_type() {
    let world = world().await;
    let student = json!({ "institution_name": "Synthetic University" });
    let status = StatusReference::of_token(LIST, 3);
    let card = world.w3c_card_of(&vct("student-card"), &student, status);
    let outcome = world.w3c_for("student-w3c", &card, |_, text| text).await;
    assert_outcome(&outcome, "no", "issuer_not_accepted");
}

#[tokio::test]
async fn b9_verifier_w3c_without_a_presentation() {
    let world = world().await;
    let card = world.w3c_card(3);
    let outcome = world.w3c(&card, |_, _| card.clone()).await;
    assert_outcome(&outcome, "no", "holder_binding_mismatch");
}

#[tokio::test]
async fn b11_verifier_w3c_for_another_request() {
    let world = world().await;
    let card = world.w3c_card(3);
    let outcome = world
        .w3c(&card, |request, _| {
            world.w3c_shown(&card, &request.client_id().to_string(), "n-other")
        })
        .await;
    assert_outcome(&outcome, "no", "holder_binding_mismatch");
}

#[tokio::test]
async fn b14_verifier_w3c_for_another_verifier() {
    let world = world().await;
    let card = world.w3c_card(3);
    let outcome = world
        .w3c(&card, |request, _| {
            world.w3c_shown(&card, "x509_hash:other", request.nonce().as_str())
        })
        .await;
    assert_outcome(&outcome, "no", "holder_binding_mismatch");
}

#[tokio::test]
async fn b13_verifier_w3c_by_another_key() {
    let thief = key(51);
    let did = did::key::from_public_key(thief.public()).unwrap();
    let named = HolderKey::from_id(did.as_str()).unwrap();
    let stolen = |forge: &mut Forge| {
        forge.holder = thief;
        forge.presentation["holder"] = json!(named.did());
        forge.shown["verificationMethod"] = json!(named.method());
    };
    refused(stolen, MISMATCH).await;
}
