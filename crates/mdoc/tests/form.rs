//! Form and bounds. ISO/IEC 18013-5 §8.3.2.1.2.2, §9.1.2.4

use cbor::CborError;
use jose::{OverBudget, Work};
use mdoc::{
    FormError, MdocError, PresentationError, StatusReference, UnverifiedDeviceResponse, UnverifiedMdoc, Value, budget,
};
use status_list::StatusReferenceError;
use test_case::test_case;

use crate::fixture::{draft, held, issued, over, read, verify};
use crate::forge::{Forge, change, encode, forged, map, remove, set, tagged};

fn refused(wrong: fn(&mut Forge)) -> MdocError {
    match verify(&forged(wrong)).unwrap_err() {
        PresentationError::Mdoc(error) => error,
        other => panic!("{other}"),
    }
}

#[test_case(|forge| forge.mso = Box::new(|mso| set(mso, "version", "1.1".into())) => MdocError::Version; "version")]
#[test_case(|forge| forge.mso = Box::new(|mso| set(mso, "digestAlgorithm", "SHA-512".into())) => MdocError::DigestAlgorithm; "digest algorithm")]
#[test_case(|forge| forge.mso = Box::new(|mso| remove(mso, "valueDigests")) => MdocError::Form(FormError::Missing("valueDigests")); "no digests")]
#[test_case(|forge| forge.mso = Box::new(|mso| set(mso, "valueDigests", map(vec![("a", map(vec![("b", Value::Bytes(vec![0; 32]))]))]))) => MdocError::Form(FormError::Type("valueDigests")); "a name for a number")]
#[test_case(|forge| forge.mso = Box::new(|mso| set(mso, "valueDigests", map(vec![("a", Value::Map(vec![(1.into(), Value::Bytes(vec![0; 31]))]))]))) => MdocError::Form(FormError::Type("valueDigests")); "a short digest")]
#[test_case(|forge| forge.mso = Box::new(|mso| change(mso, "validityInfo", |info| set(info, "signed", "2026-11-19T12:00:00Z".into()))) => MdocError::Form(FormError::Type("signed")); "a date without its tag")]
#[test_case(|forge| forge.mso = Box::new(|mso| change(mso, "validityInfo", |info| remove(info, "validUntil"))) => MdocError::Form(FormError::Missing("validUntil")); "no end")]
#[test_case(|forge| forge.mso = Box::new(|mso| set(mso, "status", map(vec![("identifier_list", map(vec![]))]))) => MdocError::Status(StatusReferenceError::NoStatusList); "another status mechanism")]
#[test_case(|forge| forge.mso = Box::new(|mso| set(mso, "status", map(vec![("status_list", map(vec![("idx", (-1).into()), ("uri", "https://a/1".into())]))]))) => MdocError::Status(StatusReferenceError::Index); "a negative index")]
#[test_case(|forge| set(&mut forge.items[0].1[0], "digestID", (1_u64 << 31).into()) => MdocError::Form(FormError::Value("digestID")); "a large number")]
#[test_case(|forge| set(&mut forge.items[0].1[0], "random", "0123456789abcdef".into()) => MdocError::Form(FormError::Type("random")); "a text for a salt")]
#[test_case(|forge| remove(&mut forge.items[0].1[0], "elementValue") => MdocError::Form(FormError::Missing("elementValue")); "no value")]
#[test_case(|forge| forge.items[0].1.clear() => MdocError::Form(FormError::Value("nameSpaces")); "an empty namespace")]
#[test_case(|forge| forge.document = Box::new(|document| remove(document, "deviceSigned")) => MdocError::Form(FormError::Missing("deviceSigned")); "no device")]
#[test_case(|forge| forge.device_signed = Box::new(|device| set(device, "deviceAuth", map(vec![]))) => MdocError::Form(FormError::Missing("deviceSignature")); "no signature of the device")]
#[test_case(|forge| forge.device_signed = Box::new(|device| set(device, "nameSpaces", map(vec![]))) => MdocError::Form(FormError::Type("nameSpaces")); "namespaces of the device as a map")]
#[test_case(|forge| forge.response = Box::new(|response| set(response, "status", "0".into())) => MdocError::Form(FormError::Type("status")); "status as a text")]
#[test_case(|forge| forge.response = Box::new(|response| set(response, "documents", map(vec![]))) => MdocError::Form(FormError::Type("documents")); "documents as a map")]
#[test_case(|forge| forge.response = Box::new(|response| *response = tagged(encode(response))) => MdocError::Form(FormError::Type("DeviceResponse")); "all of it encoded again")]
fn a_part_is_malformed(wrong: fn(&mut Forge)) -> MdocError {
    refused(wrong)
}

#[test]
fn what_is_not_understood_is_ignored() {
    let response = forged(|forge| {
        forge.mso = Box::new(|mso| set(mso, "later", 1.into()));
        forge.issuer_signed = Box::new(|signed| set(signed, "later", 1.into()));
        forge.document = Box::new(|document| set(document, "errors", map(vec![])));
        forge.response = Box::new(|response| set(response, "documentErrors", Value::Array(vec![])));
    });
    assert_eq!(verify(&response).unwrap().elements().count(), 5);
}

#[test]
fn bytes_have_one_form() {
    let good = issued(draft());
    let error = |bytes: &[u8]| UnverifiedMdoc::parse(bytes).unwrap_err();
    let form = |error| MdocError::Form(FormError::Cbor(error));
    assert_eq!(error(&[]), form(CborError::Truncated));
    assert_eq!(error(&good[..good.len() - 1]), form(CborError::Truncated));
    assert_eq!(error(&[good.as_slice(), &[0]].concat()), form(CborError::TrailingBytes));
    // The head of the outermost map: indefinite, or longer than it has to be.
    assert_eq!(
        error(&[b"\xbf".as_slice(), &good[1..], b"\xff"].concat()),
        form(CborError::Unsupported)
    );
    assert_eq!(
        error(&[b"\xb8\x02".as_slice(), &good[1..]].concat()),
        form(CborError::NotShortest)
    );
    let response = forged(|_| {});
    let twice = [b"\xa4".as_slice(), &response[1..], b"\x66status\x00"].concat();
    assert_eq!(
        UnverifiedDeviceResponse::parse(&twice).unwrap_err(),
        form(CborError::DuplicateKey).into()
    );
}

#[test_case(Work::Bytes, 100; "bytes")]
#[test_case(Work::Values, 50; "values")]
#[test_case(Work::Depth, 3; "levels")]
#[test_case(Work::StringBytes, 200; "strings")]
#[test_case(Work::Disclosures, 4; "elements")]
#[test_case(Work::Digests, 4; "digests")]
#[test_case(Work::Hashes, 4; "hashes")]
#[test_case(Work::Signatures, 1; "signatures")]
fn more_than_allowed(work: Work, amount: usize) {
    let budget = budget::PRESENTATION.allow(work, amount);
    let parsed = UnverifiedDeviceResponse::parse_within(&forged(|_| {}), budget);
    let refused = match parsed {
        Ok(response) => response
            .verify(
                crate::fixture::trust(),
                &crate::fixture::transcript(),
                crate::fixture::NOW,
            )
            .map(drop),
        Err(error) => Err(error),
    };
    assert_eq!(refused.unwrap_err(), over(work));
}

#[test]
fn arrays_without_end_cost_nothing() {
    let deep = vec![0x81; 100_000];
    assert_eq!(
        UnverifiedMdoc::parse(&deep).unwrap_err(),
        MdocError::OverBudget(OverBudget(Work::Depth))
    );
}

#[test]
fn the_status_of_a_copy_is_where_the_draft_says() {
    let held = held();
    let expected = StatusReference::of_token("https://agency.example/status/1", 412);
    assert_eq!(held.claims().status(), Some(&expected));
    let plain = crate::forge::forged(|forge| forge.mso = Box::new(|mso| remove(mso, "status")));
    assert_eq!(verify(&plain).unwrap().credential().status(), None);
    assert!(read(&issued(draft())).as_map().is_some());
}
