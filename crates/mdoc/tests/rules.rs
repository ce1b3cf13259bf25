//! What the issuer and the device signed, with one thing wrong. ISO/IEC 18013-5 §9.1.3, §9.3.1

use jose::SignatureError;
use mdoc::{DeviceAuthError, MdocError, PresentationError, SessionTranscript, Sign1Error, Value};
use test_case::test_case;
use testkit::credential::key;

use crate::fixture::{CHALLENGE, FIRST, NOW, SECOND, transcript, verify};
use crate::forge::{Forge, change, forged, map, remove, set, tagged};

/// How a forgery differs from what is good.
type Wrong = fn(&mut Forge);

fn date(text: &str) -> Value {
    Value::Tag(0, Box::new(text.into()))
}

/// 2026-11-19T12:00:00Z is when the good document is signed and its validity begins; it ends two days later.
fn with_dates(forge: &mut Forge, signed: &'static str, from: &'static str, until: &'static str) {
    forge.mso = Box::new(move |mso| {
        let dates = [("signed", signed), ("validFrom", from), ("validUntil", until)];
        let dates = dates.map(|(name, text)| (name, date(text))).to_vec();
        set(mso, "validityInfo", map(dates));
    });
}

fn with_device_key(forge: &mut Forge, edit: fn(&mut Vec<(Value, Value)>)) {
    forge.mso = Box::new(move |mso| {
        change(mso, "deviceKeyInfo", |info| {
            change(info, "deviceKey", |key| edit(key.as_map_mut().unwrap()));
        });
    });
}

fn refused(wrong: Wrong) -> PresentationError {
    let response = forged(wrong);
    verify(&response).unwrap_err()
}

#[test]
fn what_is_forged_without_a_fault_is_good() {
    let verified = verify(&forged(|_| {})).unwrap();
    assert_eq!(verified.elements().count(), 5);
    let two_days = |forge: &mut Forge| {
        with_dates(
            forge,
            "2026-11-19T12:00:00Z",
            "2026-11-20T12:00:00Z",
            "2026-11-21T12:00:00Z",
        );
    };
    let verified = verify(&forged(two_days)).unwrap();
    assert_eq!(verified.credential().valid_from(), NOW);
}

/// The answer to another request is refused whichever part of it differs.
#[test]
fn c1_a_device_that_signed_for_another_transcript_has_proved_nothing() {
    let stranger = key(9).public().clone();
    let others = [
        mdoc::Challenge {
            client_id: "x509_hash:another",
            ..CHALLENGE
        },
        mdoc::Challenge {
            nonce: "another",
            ..CHALLENGE
        },
        mdoc::Challenge {
            encryption_key: Some(&stranger),
            ..CHALLENGE
        },
        mdoc::Challenge {
            response_uri: "https://verifier.example/another",
            ..CHALLENGE
        },
    ];
    for other in others {
        let other = SessionTranscript::openid4vp(&other);
        let response = forged(|forge| forge.transcript = other.as_bytes().to_vec());
        assert_eq!(
            verify(&response).unwrap_err(),
            device(Sign1Error::Signature(SignatureError::Invalid))
        );
    }
    // The handover of the Digital Credentials API, over the same hash. OpenID4VP 1.0 Appendix B.2.6.2
    let response = forged(|forge| {
        let mut bytes = transcript().as_bytes().to_vec();
        let name = b"\x71OpenID4VPHandover";
        let at = bytes.windows(name.len()).position(|window| window == name).unwrap();
        let other = b"\x76OpenID4VPDCAPIHandover".iter().copied();
        bytes.splice(at..at + name.len(), other).for_each(drop);
        forge.transcript = bytes;
    });
    assert_eq!(
        verify(&response).unwrap_err(),
        device(Sign1Error::Signature(SignatureError::Invalid))
    );
}

fn device(error: Sign1Error) -> PresentationError {
    DeviceAuthError::Signature(error).into()
}

#[test_case(|forge| forge.late = Box::new(|items| set(&mut items[0].1[2], "elementValue", false.into())) => MdocError::DigestMismatch; "another value")]
#[test_case(|forge| forge.late = Box::new(|items| set(&mut items[0].1[0], "elementIdentifier", "given_name".into())) => MdocError::DigestMismatch; "another name")]
#[test_case(|forge| forge.late = Box::new(|items| set(&mut items[0].1[0], "random", Value::Bytes(vec![0; 32]))) => MdocError::DigestMismatch; "another salt")]
#[test_case(|forge| forge.late = Box::new(|items| set(&mut items[0].1[0], "more", true.into())) => MdocError::DigestMismatch; "a member more")]
#[test_case(|forge| forge.late = Box::new(|items| items[0].1[0].as_map_mut().unwrap().reverse()) => MdocError::DigestMismatch; "members in another order")]
#[test_case(|forge| forge.late = Box::new(|items| set(&mut items[0].1[0], "digestID", 99.into())) => MdocError::NotInMso; "a number that the issuer did not give")]
#[test_case(|forge| forge.late = Box::new(|items| { let item = items[0].1[1].clone(); items[0].1.push(item); }) => MdocError::DuplicateDigestId; "an item twice")]
#[test_case(|forge| forge.items[0].1.iter_mut().for_each(|item| set(item, "digestID", 1.into())) => MdocError::DuplicateDigestId; "a number twice")]
#[test_case(|forge| set(&mut forge.items[0].1[2], "elementIdentifier", "family_name".into()) => MdocError::DuplicateElement; "an element twice")]
#[test_case(|forge| set(&mut forge.items[0].1[0], "random", Value::Bytes(vec![7; 15])) => MdocError::ShortRandom; "a short salt")]
#[test_case(|forge| forge.mso = Box::new(|mso| change(mso, "valueDigests", |digests| { digests.as_map_mut().unwrap().pop(); })) => MdocError::UnknownNamespace; "a namespace without digests")]
fn c2_items_that_the_issuer_did_not_sign(wrong: Wrong) -> MdocError {
    mdoc_error(refused(wrong))
}

fn mdoc_error(error: PresentationError) -> MdocError {
    match error {
        PresentationError::Mdoc(error) => error,
        other => panic!("{other}"),
    }
}

#[test_case(|forge| forge.mso = Box::new(|mso| set(mso, "docType", "org.example.other".into())) => MdocError::DocType; "another type in the security object")]
#[test_case(|forge| forge.document = Box::new(|document| set(document, "docType", "org.example.other".into())) => MdocError::DocType; "another type of the document")]
#[test_case(|forge| forge.late = Box::new(|items| items[1].0 = "org.example.other".to_owned()) => MdocError::UnknownNamespace; "another namespace")]
#[test_case(|forge| forge.late = Box::new(|items| { let (_, items_of_it) = items.pop().unwrap(); items[0].1 = items_of_it; }) => MdocError::DigestMismatch; "an item of another namespace")]
fn c3_a_document_of_another_type(wrong: Wrong) -> MdocError {
    mdoc_error(refused(wrong))
}

#[test_case("2026-11-18T12:00:00Z", "2026-11-18T12:00:00Z", "2026-11-20T11:59:59Z" => MdocError::Expired; "run out")]
#[test_case("2026-11-18T12:00:00Z", "2026-11-20T12:00:01Z", "2026-11-21T12:00:00Z" => MdocError::NotYetValid; "not yet valid")]
#[test_case("2026-11-22T12:00:00Z", "2026-11-18T12:00:00Z", "2026-11-21T12:00:00Z" => MdocError::ValidityOrder; "signed after its end")]
#[test_case("2026-11-19T12:00:00Z", "2026-11-18T12:00:00Z", "2026-11-21T12:00:00Z" => MdocError::ValidityOrder; "signed after its beginning")]
#[test_case("2026-11-18T12:00:00Z", "2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z" => MdocError::ValidityOrder; "no time at all")]
#[test_case("2019-11-18T12:00:00Z", "2026-11-18T12:00:00Z", "2026-11-21T12:00:00Z" => MdocError::SignedOutsideCertificate; "signed before the certificate")]
fn c4_validity_that_cannot_be(signed: &'static str, from: &'static str, until: &'static str) -> MdocError {
    let response = forged(|forge| with_dates(forge, signed, from, until));
    mdoc_error(verify(&response).unwrap_err())
}

#[test_case(|key| key[1].1 = 2.into(); "P 384")]
#[test_case(|key| key[1].1 = 8.into(); "secp256k1")]
#[test_case(|key| key[0].1 = 1.into(); "OKP")]
#[test_case(|key| key[3].1 = true.into(); "a sign for y")]
#[test_case(|key| key[2].1 = Value::Bytes(vec![1; 32]); "not on the curve")]
#[test_case(|key| key[2].1 = Value::Bytes(vec![1; 31]); "a short x")]
#[test_case(|key| drop(key.remove(1)); "no curve")]
fn c5_a_device_key_that_is_not_allowed(edit: fn(&mut Vec<(Value, Value)>)) {
    let response = forged(|forge| with_device_key(forge, edit));
    assert_eq!(mdoc_error(verify(&response).unwrap_err()), MdocError::DeviceKey);
}

#[test_case(|forge| forge.device_signed = Box::new(|device| change(device, "deviceAuth", |auth| { let signature = auth.as_map_mut().unwrap().remove(0).1; set(auth, "deviceMac", signature); })) => DeviceAuthError::Mac; "a MAC")]
#[test_case(|forge| forge.device_signed = Box::new(|device| change(device, "deviceAuth", |auth| set(auth, "deviceMac", Value::Bytes(vec![0; 32])))) => DeviceAuthError::Mac; "a MAC beside the signature")]
#[test_case(|forge| forge.device_signed = Box::new(|device| set(device, "nameSpaces", tagged(b"\xa1\x61n\xa1\x61e\x01".to_vec()))) => DeviceAuthError::DeviceSignedElements; "an element of the device")]
#[test_case(|forge| forge.device = key(3) => DeviceAuthError::Signature(Sign1Error::Signature(SignatureError::Invalid)); "another key")]
#[test_case(|forge| forge.device_protected = coset::HeaderBuilder::new().algorithm(coset::iana::Algorithm::ES384).build() => DeviceAuthError::Signature(Sign1Error::Algorithm); "another algorithm")]
#[test_case(|forge| forge.device_signed = Box::new(|device| change(device, "deviceAuth", |auth| change(auth, "deviceSignature", |sign1| sign1.as_array_mut().unwrap()[2] = Value::Bytes(vec![1])))) => DeviceAuthError::Signature(Sign1Error::Payload); "a payload")]
#[test_case(|forge| forge.device_signed = Box::new(|device| change(device, "deviceAuth", |auth| change(auth, "deviceSignature", |sign1| sign1.as_array_mut().unwrap()[3] = Value::Bytes(vec![1; 63])))) => DeviceAuthError::Signature(Sign1Error::Signature(SignatureError::Length)); "a short signature")]
fn c5_a_device_that_authenticates_in_another_way(wrong: Wrong) -> DeviceAuthError {
    match refused(wrong) {
        PresentationError::DeviceAuth(error) => error,
        other => panic!("{other}"),
    }
}

#[test_case(|forge| forge.response = Box::new(|response| change(response, "documents", |documents| { let first = documents.as_array().unwrap()[0].clone(); documents.as_array_mut().unwrap().push(first); })) => PresentationError::Documents; "two documents")]
#[test_case(|forge| forge.response = Box::new(|response| set(response, "documents", Value::Array(vec![]))) => PresentationError::Documents; "an empty list")]
#[test_case(|forge| forge.response = Box::new(|response| remove(response, "documents")) => PresentationError::Documents; "no list")]
#[test_case(|forge| forge.response = Box::new(|response| set(response, "status", 10.into())) => PresentationError::Status; "a general error")]
#[test_case(|forge| forge.response = Box::new(|response| set(response, "version", "1.1".into())) => PresentationError::Version; "another version")]
fn c6_not_exactly_one_document(wrong: Wrong) -> PresentationError {
    refused(wrong)
}

#[test_case(|forge| forge.issuer = key(3) => Sign1Error::Signature(SignatureError::Invalid); "another key")]
#[test_case(|forge| forge.protected = coset::HeaderBuilder::new().algorithm(coset::iana::Algorithm::ES512).build() => Sign1Error::Algorithm; "another algorithm")]
#[test_case(|forge| forge.protected = coset::Header::default() => Sign1Error::Algorithm; "no algorithm")]
#[test_case(|forge| forge.unprotected.alg = forge.protected.alg.clone() => Sign1Error::Algorithm; "the algorithm unprotected too")]
#[test_case(|forge| forge.protected.crit = vec![coset::iana::HeaderParameter::Kid.into()] => Sign1Error::Critical; "a critical header")]
#[test_case(|forge| forge.issuer_signed = Box::new(|signed| change(signed, "issuerAuth", |auth| auth.as_array_mut().unwrap()[2] = Value::Null)) => Sign1Error::Payload; "a detached payload")]
#[test_case(|forge| forge.issuer_signed = Box::new(|signed| change(signed, "issuerAuth", |auth| *auth = Value::Tag(18, Box::new(auth.clone())))) => Sign1Error::Form; "a tag")]
#[test_case(|forge| forge.issuer_signed = Box::new(|signed| change(signed, "issuerAuth", |auth| auth.as_array_mut().unwrap()[0] = Value::Bytes(vec![0xbf, 0x01, 0x26, 0xff]))) => Sign1Error::Form; "a header of indefinite length")]
fn the_issuers_signature_does_not_hold(wrong: Wrong) -> Sign1Error {
    match mdoc_error(refused(wrong)) {
        MdocError::IssuerAuth(error) => error,
        other => panic!("{other}"),
    }
}

/// -9, which names the curve too. HAIP 1.0 §7
#[test]
fn es256_has_two_numbers() {
    let response = forged(|forge| {
        let header = coset::HeaderBuilder::new()
            .algorithm(coset::iana::Algorithm::ESP256)
            .build();
        (forge.protected, forge.device_protected) = (header.clone(), header);
    });
    assert!(verify(&response).is_ok());
}

#[test]
fn nothing_shown_is_nothing_said() {
    let response = forged(|forge| forge.issuer_signed = Box::new(|signed| remove(signed, "nameSpaces")));
    let verified = verify(&response).unwrap();
    assert_eq!(verified.elements().count(), 0);
    assert!(verified.element(FIRST, "age_over_18").is_none() && verified.element(SECOND, "number").is_none());
}
