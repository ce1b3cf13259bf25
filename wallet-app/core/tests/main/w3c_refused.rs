//! W3C credentials as an issuer should not send them: refused with the exact reason, nothing kept, the agency told, nobody
//! else asked.

use crate::bounds::beyond_limits;
use crate::credentials::{GUARD, receive_error};
use crate::w3c::{Endpoint, taken};
use crate::world::World;
use card_formats::{Invalid, ReceiveError, W3cError};
use jose::strict_json::StrictJsonError;
use jose::{OverBudget, Work};
use oid4vci::CredentialResponseError;
use oid4vci::wallet::CredentialFailure;
use serde_json::{Value, json};
use std::time::Instant;
use test_case::test_case;
use testkit::credential::key;
use w3c_vc::{ContextError, CredentialError, DocumentError, FormError, ProofError};
use wallet::{CredentialRefused, IssuanceError, TrustError};

/// Why what an issuer gives is refused that is changed like this.
async fn refused(change: impl FnOnce(&mut Endpoint)) -> IssuanceError {
    refused_after(change, 1).await
}

/// The same where the issuer is told of so many batches: of none where its answer could not be read.
async fn refused_after(change: impl FnOnce(&mut Endpoint), batches: usize) -> IssuanceError {
    let world = World::new().await;
    let error = taken(&world, change).await.expect_err("refused");
    world.nothing_kept(&error, batches).await;
    world.nobody_else_asked().await;
    error
}

/// What is wrong with copies that are changed like this once they are signed.
async fn wrong(change: fn(u64, Value) -> Value) -> CredentialError {
    match w3c_error(&refused(|endpoint| endpoint.change = change).await) {
        W3cError::Credential(error) => error,
        other => panic!("{other:?}"),
    }
}

fn w3c_error(error: &IssuanceError) -> W3cError {
    assert_eq!(error.code(), "card_invalid");
    match receive_error(error) {
        ReceiveError::Invalid(Invalid::W3c(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// Why the answer as a whole is not read.
fn answer_error(error: &IssuanceError) -> CredentialFailure {
    assert_eq!(error.code(), "issuer_failed");
    match error {
        IssuanceError::Credential(error) => error.clone(),
        other => panic!("{other:?}"),
    }
}

fn without(mut copy: Value, member: &str) -> Value {
    copy.as_object_mut().expect("object").remove(member).expect("a member");
    copy
}

/// A copy whose proof says this besides, or otherwise.
fn proof(mut copy: Value, member: &str, value: Value) -> Value {
    copy["proof"][member] = value;
    copy
}

#[test_case(|_, copy| without(copy, "proof"), ProofError::Missing ; "no proof")]
#[test_case(|_, copy| proof(copy, "proofValue", json!("")), ProofError::Member("proofValue") ; "no signature")]
#[tokio::test]
async fn a1_wallet_w3c_that_nobody_signed(change: fn(u64, Value) -> Value, expected: ProofError) {
    assert_eq!(wrong(change).await, CredentialError::Proof(expected));
}

#[test_case(|_, copy| proof(copy, "cryptosuite", json!("eddsa-rdfc-2022")), ProofError::OtherAlgorithm ; "of another kind of key")]
#[test_case(|_, copy| proof(copy, "cryptosuite", json!("hmac-rdfc-2019")), ProofError::Cryptosuite ; "with a shared secret")]
#[test_case(|_, copy| proof(copy, "cryptosuite", Value::Null), ProofError::Cryptosuite ; "of no suite")]
#[tokio::test]
async fn a2_wallet_w3c_of_another_algorithm(change: fn(u64, Value) -> Value, expected: ProofError) {
    assert_eq!(wrong(change).await, CredentialError::Proof(expected));
}

/// Truly signed by the agency, under the name of a key that is not in its record.
#[test_case("did:web:evil.localhost#key-1" ; "of another DID")]
#[test_case("https://evil.localhost/keys/1" ; "an address")]
#[tokio::test]
async fn a3_wallet_w3c_that_names_the_key_of_somebody_else(method: &str) {
    let error = refused(|endpoint| endpoint.kid = method.to_owned()).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Issuer(TrustError::KeyNotAnchored))
    ));
}

#[tokio::test]
async fn a3_wallet_w3c_signed_by_another_key() {
    let error = refused(|endpoint| endpoint.key = key(5)).await;
    let expected = W3cError::Credential(CredentialError::Proof(ProofError::Signature));
    assert_eq!(w3c_error(&error), expected);
}

#[test_case(|_, copy| proof(copy, "previousProof", json!("urn:example:1")) ; "that the proof rests on another")]
#[test_case(|_, copy| proof(copy, "domain", json!("shop.example")) ; "that it is for somebody")]
#[tokio::test]
async fn a4_wallet_w3c_whose_proof_says_what_is_not_read(change: fn(u64, Value) -> Value) {
    assert_eq!(wrong(change).await, CredentialError::Proof(ProofError::Unsupported));
}

#[tokio::test]
async fn a5_wallet_w3c_with_a_proof_for_something_else() {
    let error = wrong(|_, copy| proof(copy, "proofPurpose", json!("authentication"))).await;
    assert_eq!(error, CredentialError::Proof(ProofError::Purpose));
}

fn malformed(name: &'static str) -> CredentialError {
    CredentialError::Form(FormError::Malformed(name))
}

fn until(mut copy: Value, date: Value) -> Value {
    copy["validUntil"] = date;
    copy
}

#[test_case(|_, copy| until(copy, json!(1_795_262_400)), malformed("validUntil") ; "seconds")]
#[test_case(|_, copy| until(copy, json!(null)), CredentialError::Document(DocumentError::Null) ; "nothing")]
#[test_case(|_, copy| until(copy, json!("soon")), malformed("validUntil") ; "a word")]
#[test_case(|_, copy| until(copy, json!("2026-11-21")), malformed("validUntil") ; "a day")]
#[test_case(|_, copy| until(copy, json!("2026-11-21 12:00:00Z")), malformed("validUntil") ; "another spelling")]
#[test_case(|_, copy| proof(copy, "created", json!("2026-11-20")), CredentialError::Proof(ProofError::Member("created")) ; "in the proof")]
#[tokio::test]
async fn a6_wallet_w3c_with_dates_that_are_no_dates(change: fn(u64, Value) -> Value, expected: CredentialError) {
    assert_eq!(wrong(change).await, expected);
}

#[test_case(|answer| answer.replacen("\"issuer\":", "\"issuer\":\"did:web:evil.localhost\",\"issuer\":", 1) ; "in the credential")]
#[test_case(|answer| answer.replacen("\"locality\":", "\"locality\":\"Bonn\",\"locality\":", 1) ; "in a claim")]
#[test_case(|answer| answer.replacen("\"proofPurpose\":", "\"proofPurpose\":\"authentication\",\"proofPurpose\":", 1) ; "in the proof")]
#[tokio::test]
async fn a7_wallet_w3c_with_one_name_twice(answer: fn(String) -> String) {
    let error = refused_after(|endpoint| endpoint.answer = answer, 0).await;
    let expected = CredentialFailure::Response(CredentialResponseError::Json(StrictJsonError::DuplicateName));
    assert_eq!(answer_error(&error), expected);
}

fn over(work: Work) -> CredentialError {
    CredentialError::Document(DocumentError::Json(StrictJsonError::OverBudget(OverBudget(work))))
}

/// Twenty objects inside one another.
fn deep(mut copy: Value) -> Value {
    let inside = (0..20).fold(json!("DE"), |inside, _| json!({ "country": inside }));
    copy["credentialSubject"]["country"] = inside;
    copy
}

fn wide(mut copy: Value) -> Value {
    copy["credentialSubject"]["country"] = (0..5_000).collect();
    copy
}

#[test_case(|_, copy| deep(copy), Work::Depth ; "more levels than are read")]
#[test_case(|_, copy| wide(copy), Work::Values ; "more values than are read")]
#[tokio::test]
async fn a8_wallet_w3c_without_measure(change: fn(u64, Value) -> Value, work: Work) {
    let start = Instant::now();
    assert_eq!(wrong(change).await, over(work));
    assert!(start.elapsed() < GUARD);
}

#[test_case(|answer| beyond_limits(&answer).swap_remove(0) ; "ten thousand levels")]
#[test_case(|answer| answer.replacen('{', &format!("{{\"x\":[{}0],", "0,".repeat(300_000)), 1) ; "more members than are read")]
#[test_case(|answer| beyond_limits(&answer).swap_remove(2) ; "what is no number")]
#[test_case(|answer| beyond_limits(&answer).swap_remove(3) ; "half a character")]
#[test_case(|answer| beyond_limits(&answer).swap_remove(4) ; "a byte order mark")]
#[test_case(|answer| beyond_limits(&answer).swap_remove(5) ; "bytes behind it")]
#[tokio::test]
async fn a8_wallet_w3c_in_an_answer_beyond_the_limits_of_json(answer: fn(String) -> String) {
    let error = refused_after(|endpoint| endpoint.answer = answer, 0).await;
    let failure = answer_error(&error);
    assert!(
        matches!(failure, CredentialFailure::Response(CredentialResponseError::Json(_))),
        "{failure:?}"
    );
}

/// As base58btc: 64 bytes that are zero, two integers in DER, and no base58 at all.
#[test_case(|_, copy| proof(copy, "proofValue", json!(format!("z{}", "1".repeat(64)))), ProofError::Signature ; "of zeros")]
#[test_case(|_, copy| proof(copy, "proofValue", json!("z92tVYr6pAHN")), ProofError::Member("proofValue") ; "as DER")]
#[test_case(|_, copy| proof(copy, "proofValue", json!("u00")), ProofError::Member("proofValue") ; "in another base")]
#[tokio::test]
async fn a9_wallet_w3c_with_signatures_that_can_be_rewritten(change: fn(u64, Value) -> Value, expected: ProofError) {
    assert_eq!(wrong(change).await, CredentialError::Proof(expected));
}

#[tokio::test]
async fn b18_wallet_w3c_bound_to_a_foreign_key() {
    let error = refused(|endpoint| endpoint.holder = |_| key(9).public().clone()).await;
    assert_eq!(receive_error(&error), ReceiveError::ForeignHolderKey);
    assert_eq!(error.code(), "card_bound_to_foreign_key");
}

/// A presentation with the copy in it, as whoever holds it would show it.
fn shown(copy: Value) -> Value {
    json!({
        "@context": [w3c_vc::CREDENTIALS_V2], "type": ["VerifiablePresentation"],
        "holder": copy["credentialSubject"]["id"], "verifiableCredential": [copy],
    })
}

#[tokio::test]
async fn b18_wallet_w3c_that_was_shown_already() {
    let error = refused(|endpoint| endpoint.change = |_, copy| shown(copy)).await;
    assert_eq!(receive_error(&error), ReceiveError::AlreadyBound);
    assert_eq!(error.code(), "card_with_key_binding");
}

#[tokio::test]
async fn b18_wallet_w3c_copies_whose_values_differ() {
    let keyed = |endpoint: &mut Endpoint| {
        endpoint.written = Some(|copy| {
            // The third copy has the third place.
            if copy["credentialStatus"][0]["statusListIndex"] == json!("2") {
                copy["credentialSubject"]["locality"] = json!("Bonn");
            }
        });
    };
    let error = refused(keyed).await;
    assert!(matches!(error, IssuanceError::Refused(CredentialRefused::ValuesDiffer)));
    assert_eq!(error.code(), "card_copies_differ");
}

#[tokio::test]
async fn b18_wallet_w3c_copies_that_share_a_status_entry() {
    let error = refused(|endpoint| endpoint.place = |_| 7).await;
    assert!(matches!(error, IssuanceError::Refused(CredentialRefused::StatusShared)));
    assert_eq!(error.code(), "card_copies_linkable");
}

#[test_case(|copy| copy["issuer"] = json!({"id": copy["issuer"], "family_name": "Mustermann"}), "issuer" ; "beside the issuer")]
#[test_case(|copy| copy["credentialStatus"][0]["family_name"] = json!("Mustermann"), "credentialStatus" ; "beside a place in a list")]
#[test_case(|copy| copy["credentialSubject"] = json!([copy["credentialSubject"]]), "credentialSubject" ; "in a list of subjects")]
#[tokio::test]
async fn b18_wallet_w3c_that_says_something_where_nothing_is_listed(written: fn(&mut Value), place: &'static str) {
    let error = refused(|endpoint| endpoint.written = Some(written)).await;
    assert_eq!(w3c_error(&error), W3cError::SaysMore(place));
}

#[tokio::test]
async fn b18_wallet_w3c_copies_whose_places_have_one_name() {
    let error = refused(|endpoint| {
        endpoint.written = Some(|copy| copy["credentialStatus"][0]["id"] = json!("urn:uuid:of-one-person"));
    })
    .await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::DisclosureShared)
    ));
    assert_eq!(error.code(), "card_copies_linkable");
}

#[test_case(|_, mut copy| { copy["credentialSubject"]["locality"] = json!("Bonn"); copy }, CredentialError::Proof(ProofError::Signature) ; "a claim that nobody signed")]
#[test_case(|_, mut copy| { copy["@context"][1] = json!("https://a.example/v1"); copy }, CredentialError::Document(DocumentError::Context(ContextError::Unknown)) ; "a context of others")]
#[tokio::test]
async fn b18_wallet_w3c_that_does_not_hold(change: fn(u64, Value) -> Value, expected: CredentialError) {
    assert_eq!(wrong(change).await, expected);
}

/// OpenID4VCI 1.0 Appendix A.1.2.4
#[tokio::test]
async fn b18_wallet_w3c_that_is_a_text() {
    let text = |endpoint: &mut Endpoint| endpoint.change = |_, copy| Value::String(copy.to_string());
    let error = refused_after(text, 0).await;
    assert_eq!(answer_error(&error), CredentialFailure::NotAnObject);
}

/// 2026-11-20T12:00:00Z is now.
#[test_case(|copy| copy["validUntil"] = json!("2026-11-20T12:00:00Z"), CredentialError::Expired ; "run out")]
#[test_case(|copy| copy["validFrom"] = json!("2026-11-21T12:00:00Z"), CredentialError::NotYetValid ; "not yet valid")]
#[tokio::test]
async fn i5_wallet_w3c_outside_of_its_time(written: fn(&mut Value), expected: CredentialError) {
    let error = refused(|endpoint| endpoint.written = Some(written)).await;
    assert_eq!(w3c_error(&error), W3cError::Credential(expected));
}

fn place(mut copy: Value, index: Value) -> Value {
    copy["credentialStatus"][0]["statusListIndex"] = index;
    copy
}

#[test_case(|_, copy| place(copy, json!("-1")) ; "negative")]
#[test_case(|_, copy| place(copy, json!("+1")) ; "with a sign")]
#[test_case(|_, copy| place(copy, json!("0.5")) ; "half")]
#[test_case(|_, copy| place(copy, json!("18446744073709551616")) ; "2 to the 64")]
#[test_case(|_, copy| place(copy, json!(1)) ; "a number")]
#[tokio::test]
async fn d2_wallet_w3c_with_a_place_that_is_none(change: fn(u64, Value) -> Value) {
    assert_eq!(wrong(change).await, malformed("credentialStatus"));
}

/// One bit for each card is what is read.
#[test_case(|copy| copy["credentialStatus"][0]["statusSize"] = json!(2) ; "two bits")]
#[test_case(|copy| copy["credentialStatus"][0]["statusSize"] = json!(3) ; "three bits")]
#[test_case(|copy| copy["credentialStatus"][1]["statusSize"] = json!(16) ; "sixteen bits")]
#[tokio::test]
async fn d3_wallet_w3c_with_places_of_several_bits(written: fn(&mut Value)) {
    let error = refused(|endpoint| endpoint.written = Some(written)).await;
    assert_eq!(w3c_error(&error), W3cError::Status);
}
