//! ISO mdocs as an issuer should not send them, truly signed wherever that is not what is wrong with them: refused with
//! the exact reason, nothing kept, the agency told, nobody else asked.

use crate::credentials::{GUARD, receive_error};
use crate::mdocs::{NAME_SPACE, issued, mdoc_error, prepared, refused, refused_as, taken_as, taken_under};
use crate::world::{Copy, World};
use card_formats::{Invalid, ReceiveError};
use cbor::CborError;
use jose::base64url::{self, Base64UrlError};
use jose::x5c::ChainError;
use jose::{OverBudget, SignatureError, Work};
use mdoc::{FormError, MDL, MdocError, Sign1Error};
use outbound::OutboundError;
use serde_json::{Value, json};
use status_list::StatusReferenceError;
use std::time::Instant;
use test_case::test_case;
use testkit::certificates::{Authority, ExtendedKeyUsagePurpose, Name, document_signer};
use testkit::credential::key;
use testkit::mdoc::{
    Forge, Value as Cbor, algorithm, bare, critical, date, dates, doubled, map, member, set, spoiled, x5chain, x5u,
};
use wallet::{CredentialRefused, IssuanceError, TrustError};

/// A copy taken apart and put together again with a change.
fn forge(copy: &Copy<'_>, x5c: &Value, change: impl FnOnce(&mut Forge)) -> Forge {
    let good = base64url::decode(&issued(copy, x5c)).expect("base64url");
    let mut forge = Forge::new(&good, copy.agency.key.clone(), key(9), &[0x80]);
    change(&mut forge);
    forge
}

/// Why copies with something wrong in them are refused.
async fn refused_with(wrong: fn(&mut Forge)) -> IssuanceError {
    refused_as(&prepared().await, move |copy: Copy<'_>, x5c: &Value| {
        base64url::encode(forge(&copy, x5c, wrong).issue())
    })
    .await
}

/// What is wrong with them.
async fn wrong(wrong: fn(&mut Forge)) -> MdocError {
    let error = refused_with(wrong).await;
    assert_eq!(error.code(), "card_invalid");
    mdoc_error(&error)
}

fn signature(error: SignatureError) -> MdocError {
    MdocError::IssuerAuth(Sign1Error::Signature(error))
}

/// What is changed in the tests below is changed in this one: it is taken where nothing is.
#[tokio::test]
async fn an_mdoc_that_was_put_together_again_is_taken() {
    let world = prepared().await;
    let did = world.agency.did().to_string();
    let as_it_was = |copy: Copy<'_>, x5c: &Value| base64url::encode(forge(&copy, x5c, |_| ()).issue());
    taken_as(&world, &[Name::Uri(&did)], as_it_was).await.expect("taken");
    assert_eq!(world.unused(), 3);
}

#[test_case(|forge| forge.protected = bare(), MdocError::IssuerAuth(Sign1Error::Algorithm) ; "no algorithm")]
#[test_case(|forge| forge.set_signature(&[]), signature(SignatureError::Length) ; "no signature")]
#[tokio::test]
async fn a1_wallet_an_mdoc_that_nobody_signed(change: fn(&mut Forge), expected: MdocError) {
    assert_eq!(wrong(change).await, expected);
}

/// Truly signed by the key, and said to be signed otherwise.
#[test_case(|forge| forge.protected = algorithm(5) ; "HS256")]
#[test_case(|forge| forge.protected = algorithm(-8) ; "EdDSA")]
#[test_case(|forge| forge.protected = algorithm(-35) ; "ES384")]
#[test_case(|forge| forge.unprotected.alg = algorithm(-7).alg ; "once more where nobody signed it")]
#[tokio::test]
async fn a2_wallet_an_mdoc_of_another_algorithm(change: fn(&mut Forge)) {
    assert_eq!(wrong(change).await, MdocError::IssuerAuth(Sign1Error::Algorithm));
}

/// Whoever has a certificate made that names the agency has no key of the agency.
#[tokio::test]
async fn a3_wallet_an_mdoc_that_brings_a_key() {
    let world = prepared().await;
    let (did, address) = (world.agency.did().to_string(), world.url("evil", "/key"));
    let chain = Authority::new("evil").certify(key(5).public(), &[Name::Uri(&did)]);
    let error = refused_as(&world, move |copy: Copy<'_>, x5c: &Value| {
        let brought = forge(&copy, x5c, |forge| {
            forge.issuer = key(5);
            forge.unprotected.rest = x5chain(Cbor::Bytes(chain.leaf().to_vec())).rest;
            forge.unprotected.rest.extend(x5u(&address).rest);
        });
        base64url::encode(brought.issue())
    })
    .await;
    assert_eq!(mdoc_error(&error), signature(SignatureError::Invalid));
    assert_eq!(world.sent("GET", "/key").await.len(), 0, "nothing is fetched");
}

#[tokio::test]
async fn a3_wallet_an_mdoc_whose_key_is_named_after_somebody_else() {
    let error = refused_with(|forge| forge.unprotected.key_id = b"did:web:evil.localhost#key-1".to_vec()).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::Issuer(TrustError::KeyNotAnchored))
    ));
}

#[tokio::test]
async fn a4_wallet_an_mdoc_with_a_critical_header_that_nobody_knows() {
    let error = wrong(|forge| forge.protected = critical("holdfast")).await;
    assert_eq!(error, MdocError::IssuerAuth(Sign1Error::Critical));
}

/// How something else than `IssuerSigned` is made of a copy.
type Make = fn(Copy<'_>, &Value) -> String;

/// What a device answers a request with.
fn shown(copy: &Copy<'_>, x5c: &Value) -> String {
    base64url::encode(forge(copy, x5c, |_| ()).make())
}

/// What the issuer signed, without what it is about.
fn security_object(copy: &Copy<'_>, x5c: &Value) -> String {
    let good = base64url::decode(&issued(copy, x5c)).expect("base64url");
    base64url::encode(spoiled(&good, |issued| *issued = member(issued, "issuerAuth").clone()))
}

#[test_case(|copy, x5c| shown(&copy, x5c), ReceiveError::AlreadyBound ; "an answer to a request")]
#[test_case(|copy, x5c| security_object(&copy, x5c), ReceiveError::Invalid(Invalid::Mdoc(MdocError::Form(FormError::Type("IssuerSigned")))) ; "a signature alone")]
#[test_case(|copy, _| copy.issue(), ReceiveError::Invalid(Invalid::Base64Url(Base64UrlError)) ; "an SD JWT VC")]
#[tokio::test]
async fn a5_wallet_an_mdoc_of_another_kind(make: Make, expected: ReceiveError) {
    let error = refused_as(&prepared().await, make).await;
    assert_eq!(receive_error(&error), expected);
}

fn valid_until(forge: &mut Forge, until: Cbor) {
    let yesterday = || date("2026-11-19T12:00:00Z");
    forge.set_dates([
        ("signed", yesterday()),
        ("validFrom", yesterday()),
        ("validUntil", until),
    ]);
}

#[test_case(|forge| valid_until(forge, Cbor::Tag(1, Box::new(1_795_262_400.into()))) ; "seconds")]
#[test_case(|forge| valid_until(forge, "2026-11-21T12:00:00Z".into()) ; "a text without its tag")]
#[test_case(|forge| valid_until(forge, date("2026-11-21T12:00:00+01:00")) ; "another zone")]
#[test_case(|forge| valid_until(forge, date("soon")) ; "a word")]
#[test_case(|forge| valid_until(forge, Cbor::Null) ; "nothing")]
#[tokio::test]
async fn a6_wallet_an_mdoc_with_dates_that_are_no_dates(change: fn(&mut Forge)) {
    assert_eq!(wrong(change).await, MdocError::Form(FormError::Type("validUntil")));
}

#[test_case(|forge| forge.mso = Box::new(doubled) ; "in the security object")]
#[test_case(|forge| doubled(&mut forge.items[0].1[0]) ; "in an item")]
#[test_case(|forge| forge.issuer_signed = Box::new(doubled) ; "in what the issuer signed")]
#[tokio::test]
async fn a7_wallet_an_mdoc_with_one_name_twice(change: fn(&mut Forge)) {
    let expected = MdocError::Form(FormError::Cbor(CborError::DuplicateKey));
    assert_eq!(wrong(change).await, expected);
}

fn over(work: Work) -> MdocError {
    MdocError::OverBudget(OverBudget(work))
}

#[test_case(&[0x81; 10_000], over(Work::Depth) ; "ten thousand levels")]
#[test_case(&[0x81; 17], over(Work::Depth) ; "one level more than is read")]
#[test_case(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], MdocError::Form(FormError::Cbor(CborError::Truncated)) ; "more members than there are bytes")]
#[test_case(&[0x7a, 0x40, 0, 0, 0], MdocError::Form(FormError::Cbor(CborError::Truncated)) ; "a text of a gibibyte")]
#[test_case(&[0xa0, 0x00], MdocError::Form(FormError::Cbor(CborError::TrailingBytes)) ; "bytes behind it")]
#[tokio::test]
async fn a8_wallet_an_mdoc_without_measure(bytes: &'static [u8], expected: MdocError) {
    let start = Instant::now();
    let error = refused_as(&prepared().await, move |_: Copy<'_>, _: &Value| {
        base64url::encode(bytes)
    })
    .await;
    assert_eq!(mdoc_error(&error), expected);
    assert!(start.elapsed() < GUARD);
}

/// Digests of five thousand elements, of which none is there.
fn with_digests(mso: &mut Cbor) {
    let digests = (0..5_000_u64).map(|id| (id.into(), Cbor::Bytes(vec![0; 32])));
    set(
        mso,
        "valueDigests",
        map(vec![(NAME_SPACE, Cbor::Map(digests.collect()))]),
    );
}

/// A thousand elements and one.
fn with_elements(forge: &mut Forge) {
    let one = forge.items[0].1[0].clone();
    let numbered = (0..1_001_u64).map(|id| {
        let mut item = one.clone();
        set(&mut item, "digestID", id.into());
        set(&mut item, "elementIdentifier", format!("element_{id}").into());
        item
    });
    forge.items[0].1 = numbered.collect();
}

#[test_case(|forge| forge.mso = Box::new(with_digests), Work::Digests ; "digests")]
#[test_case(with_elements, Work::Disclosures ; "elements")]
#[tokio::test]
async fn a8_wallet_an_mdoc_with_more_than_is_read(change: fn(&mut Forge), work: Work) {
    assert_eq!(wrong(change).await, over(work));
}

#[tokio::test]
async fn a8_wallet_mdocs_of_ten_megabytes() {
    let world = prepared().await;
    let did = world.agency.did().to_string();
    let large = |_: Copy<'_>, _: &Value| "A".repeat(10 * 1024 * 1024);
    let error = taken_as(&world, &[Name::Uri(&did)], large).await.expect_err("refused");
    assert!(
        matches!(error, IssuanceError::Outbound(OutboundError::TooLarge { .. })),
        "{error:?}"
    );
    world.nothing_kept(&error, 0).await;
}

#[test_case(|forge| forge.set_signature(&[0; 64]), SignatureError::Invalid ; "of zeros")]
#[test_case(|forge| forge.set_signature(&[0xff; 64]), SignatureError::Invalid ; "beyond the order of the group")]
#[test_case(|forge| forge.set_signature(&[1; 63]), SignatureError::Length ; "too short")]
#[test_case(|forge| forge.set_signature(&[0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01]), SignatureError::Length ; "as DER")]
#[tokio::test]
async fn a9_wallet_an_mdoc_with_signatures_that_can_be_rewritten(change: fn(&mut Forge), expected: SignatureError) {
    assert_eq!(wrong(change).await, signature(expected));
}

#[tokio::test]
async fn b18_wallet_an_mdoc_that_was_shown_already() {
    let make = |copy: Copy<'_>, x5c: &Value| shown(&copy, x5c);
    let error = refused_as(&prepared().await, make).await;
    assert_eq!(receive_error(&error), ReceiveError::AlreadyBound);
    assert_eq!(error.code(), "card_with_key_binding");
}

#[tokio::test]
async fn b18_wallet_an_mdoc_bound_to_a_foreign_key() {
    let error = refused(&prepared().await, |copy| {
        copy.draft.holder_key = key(9).public().clone();
    })
    .await;
    assert_eq!(receive_error(&error), ReceiveError::ForeignHolderKey);
    assert_eq!(error.code(), "card_bound_to_foreign_key");
}

#[tokio::test]
async fn b18_wallet_mdocs_whose_values_differ_inside_a_batch() {
    let error = refused(&prepared().await, |copy| {
        if copy.number == 2 {
            copy.draft.claims.insert("given_name".into(), "Eve".into());
        }
    })
    .await;
    assert!(matches!(error, IssuanceError::Refused(CredentialRefused::ValuesDiffer)));
}

#[tokio::test]
async fn b18_wallet_mdocs_with_the_same_salts() {
    let error = refused(&prepared().await, |copy| copy.number = 7).await;
    assert!(matches!(
        error,
        IssuanceError::Refused(CredentialRefused::DisclosureShared)
    ));
}

#[tokio::test]
async fn b18_wallet_mdocs_that_share_a_status_entry() {
    let error = refused(&prepared().await, |copy| {
        let status = copy.draft.status.as_mut().expect("a status");
        status.index = 7;
    })
    .await;
    assert!(matches!(error, IssuanceError::Refused(CredentialRefused::StatusShared)));
}

#[test_case(|forge| forge.late = Box::new(|items| items[0].1[0].as_map_mut().expect("a map").reverse()), MdocError::DigestMismatch ; "members in another order")]
#[test_case(|forge| forge.late = Box::new(|items| set(&mut items[0].1[0], "elementValue", "Other".into())), MdocError::DigestMismatch ; "another value")]
#[test_case(|forge| forge.late = Box::new(|items| set(&mut items[0].1[0], "digestID", 99.into())), MdocError::NotInMso ; "an item that the object does not have")]
#[test_case(|forge| forge.items[0].1.iter_mut().for_each(|item| set(item, "digestID", 1.into())), MdocError::DuplicateDigestId ; "a number twice")]
#[test_case(|forge| forge.late = Box::new(|items| { let item = items[0].1[1].clone(); items[0].1.push(item); }), MdocError::DuplicateDigestId ; "an item twice")]
#[tokio::test]
async fn c2_wallet_items_that_the_issuer_did_not_sign(change: fn(&mut Forge), expected: MdocError) {
    assert_eq!(wrong(change).await, expected);
}

#[tokio::test]
async fn c3_wallet_a_document_of_another_type() {
    let error = refused_with(|forge| {
        forge.mso = Box::new(|mso| set(mso, "docType", "org.example.other".into()));
    })
    .await;
    assert!(matches!(error, IssuanceError::Refused(CredentialRefused::OtherType)));
    assert_eq!(error.code(), "card_of_other_type");
}

#[tokio::test]
async fn c3_wallet_an_element_in_another_namespace() {
    let error = wrong(|forge| forge.late = Box::new(|items| items[0].0 = "org.example.other".to_owned())).await;
    assert_eq!(error, MdocError::UnknownNamespace);
}

/// 2026-11-20T12:00:00Z is now.
#[test_case(|forge| forge.set_dates(dates("2026-11-18T12:00:00Z", "2026-11-18T12:00:00Z", "2026-11-20T11:59:59Z")), MdocError::Expired ; "run out")]
#[test_case(|forge| forge.set_dates(dates("2026-11-18T12:00:00Z", "2026-11-21T12:00:01Z", "2026-11-22T12:00:00Z")), MdocError::NotYetValid ; "not yet valid")]
#[test_case(|forge| forge.set_dates(dates("2026-11-22T12:00:00Z", "2026-11-18T12:00:00Z", "2026-11-21T12:00:00Z")), MdocError::ValidityOrder ; "signed after its end")]
#[tokio::test]
async fn c4_wallet_validity_that_cannot_be(change: fn(&mut Forge), expected: MdocError) {
    assert_eq!(wrong(change).await, expected);
}

#[test_case(|forge| forge.edit_device_key(|key| key[1].1 = 2.into()) ; "P 384")]
#[test_case(|forge| forge.edit_device_key(|key| key[0].1 = 1.into()) ; "OKP")]
#[tokio::test]
async fn c5_wallet_a_device_key_that_is_not_allowed(change: fn(&mut Forge)) {
    assert_eq!(wrong(change).await, MdocError::DeviceKey);
}

/// Takes licences that say they are of one country, by a signer of another and for these purposes, whom an authority of
/// a third certified.
async fn licences(
    (licence, signer, authority): (&'static str, &str, &str),
    purposes: &[ExtendedKeyUsagePurpose],
) -> (World, Result<(), IssuanceError>) {
    let authority = Authority::of_country("authority", authority);
    let chain = authority.certify_signer(key(31).public(), signer, purposes);
    let world = World::with_anchors(Some(&authority), None).await;
    let said = json!({ "org.iso.18013.5.1": { "family_name": "Mustermann", "issuing_country": licence } });
    let taken = taken_under(&world, &chain, MDL, said).await;
    (world, taken)
}

#[tokio::test]
async fn a_licence_of_a_signer_of_its_country_is_taken() {
    let (world, taken) = licences(("UT", "UT", "UT"), &[document_signer()]).await;
    taken.expect("taken");
    assert_eq!(world.unused(), 3);
}

#[test_case(("UT", "UT", "NL") ; "whom another country certified")]
#[test_case(("NL", "UT", "UT") ; "for licences of another country")]
#[tokio::test]
async fn c7_wallet_a_signer_of_another_country(countries: (&'static str, &str, &str)) {
    let (world, taken) = licences(countries, &[document_signer()]).await;
    let error = taken.expect_err("refused");
    assert_eq!(mdoc_error(&error), MdocError::Country);
    world.nothing_kept(&error, 1).await;
}

#[tokio::test]
async fn c7_wallet_a_signer_that_may_not_sign_licences() {
    let (world, taken) = licences(("UT", "UT", "UT"), &[]).await;
    let error = taken.expect_err("refused");
    assert!(
        matches!(
            error,
            IssuanceError::Refused(CredentialRefused::Issuer(TrustError::Chain(ChainError::WrongPurpose)))
        ),
        "{error:?}"
    );
    world.nothing_kept(&error, 1).await;
}

/// A place in a list, in the words of CBOR.
fn with_index(forge: &mut Forge, index: Cbor) {
    forge.mso = Box::new(move |mso| {
        let uri = "http://agency.localhost/lists/1".into();
        let list = map(vec![("idx", index.clone()), ("uri", uri)]);
        set(mso, "status", map(vec![("status_list", list)]));
    });
}

#[test_case(|forge| with_index(forge, (-1).into()) ; "negative")]
#[test_case(|forge| with_index(forge, (1_u64 << 53).into()) ; "2 to the 53")]
#[test_case(|forge| with_index(forge, "3".into()) ; "a text")]
#[test_case(|forge| with_index(forge, Cbor::Float(0.5)) ; "half")]
#[tokio::test]
async fn d2_wallet_an_mdoc_with_an_index_that_is_none(change: fn(&mut Forge)) {
    assert_eq!(wrong(change).await, MdocError::Status(StatusReferenceError::Index));
}
