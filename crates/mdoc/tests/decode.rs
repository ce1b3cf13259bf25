//! A finished response, read in another way than it was made.

use mdoc::{Challenge, DecodeError, DecodedResponse, ElementPath, UnverifiedMdoc, Value, decode_response};
use test_case::test_case;
use testkit::credential::{key, signer};

use crate::fixture::{CHALLENGE, DOC_TYPE, FIRST, device, held, read, transcript};
use crate::forge::{Forge, change, encode, forged, map, member, set};

type Wrong = fn(&mut Forge);

fn decoded(wrong: Wrong) -> Result<DecodedResponse, DecodeError> {
    decode_response(&forged(wrong), Some(&CHALLENGE))
}

#[test]
fn what_was_chosen_is_what_is_found() {
    let held = held();
    let chosen = [
        ElementPath::new(FIRST, "family_name"),
        ElementPath::new(FIRST, "age_over_18"),
    ];
    for chosen in [&chosen[..], &chosen[..1], &[]] {
        let selection = held.select(chosen).unwrap();
        let response = selection.respond(&transcript(), &signer(&device())).unwrap();
        let decoded = decode_response(&response, Some(&CHALLENGE)).unwrap();
        assert!(decoded.doc_type == DOC_TYPE && decoded.says_more.is_empty());
        let paths: Vec<_> = decoded.elements.iter().map(|element| element.path.clone()).collect();
        assert_eq!(paths, chosen);
        let shown = held.elements().filter(|element| chosen.contains(&element.path()));
        assert!(decoded.elements.iter().map(|element| element.as_element()).eq(shown));
        assert!(!format!("{decoded:?}").contains("Sample"));
    }
}

#[test]
fn it_is_for_one_request() {
    let stranger = key(9);
    let response = forged(|_| ());
    for other in [
        Challenge {
            client_id: "x509_hash:verifies",
            ..CHALLENGE
        },
        Challenge {
            nonce: "n-0S6_WzA2Mk",
            ..CHALLENGE
        },
        Challenge {
            encryption_key: Some(stranger.public()),
            ..CHALLENGE
        },
        Challenge {
            response_uri: "https://verifier.example/response/",
            ..CHALLENGE
        },
    ] {
        assert_eq!(decode_response(&response, Some(&other)), Err(DecodeError::OtherRequest));
        assert!(decode_response(&response, None).is_ok());
    }
    assert_eq!(decoded(|forge| forge.device = key(3)), Err(DecodeError::OtherRequest));
}

#[test_case(|forge| forge.late = Box::new(|items| set(&mut items[0].1[2], "elementValue", false.into())) => DecodeError::NoPlace; "another value")]
#[test_case(|forge| forge.late = Box::new(|items| set(&mut items[0].1[0], "digestID", 99.into())) => DecodeError::NoPlace; "a number that is not given")]
#[test_case(|forge| forge.late = Box::new(|items| items[1].0 = "org.example.other".to_owned()) => DecodeError::NoPlace; "another namespace")]
#[test_case(|forge| set(&mut forge.items[0].1[2], "elementIdentifier", "family_name".into()) => DecodeError::NoPlace; "an element twice")]
#[test_case(|forge| set(&mut forge.items[0].1[2], "more", true.into()) => DecodeError::Malformed; "a member of an item")]
#[test_case(|forge| forge.document = Box::new(|document| set(document, "errors", map(vec![]))) => DecodeError::Malformed; "a member of the document")]
#[test_case(|forge| forge.response = Box::new(|response| set(response, "documentErrors", Value::Array(vec![]))) => DecodeError::Malformed; "a member of the response")]
#[test_case(|forge| forge.document = Box::new(|document| set(document, "docType", "org.example.other".into())) => DecodeError::Malformed; "another type")]
#[test_case(|forge| forge.response = Box::new(|response| set(response, "status", 10.into())) => DecodeError::Malformed; "an error")]
#[test_case(|forge| forge.device_signed = Box::new(|device| change(device, "deviceAuth", |auth| set(auth, "deviceMac", Value::Bytes(vec![0; 32])))) => DecodeError::Malformed; "a MAC beside the signature")]
fn nothing_else_is_there(wrong: Wrong) -> DecodeError {
    decoded(wrong).unwrap_err()
}

fn label(key: &mut Value, label: i64, value: Value) {
    key.as_map_mut().unwrap().push((label.into(), value));
}

/// What every presentation says beside its elements is found on both ways.
#[test_case(|_| () => Vec::<String>::new(); "nothing more")]
#[test_case(|forge| forge.mso = Box::new(|mso| set(mso, "personal_number", "1".into())) => vec!["personal_number"]; "a member of the security object")]
#[test_case(|forge| forge.mso = Box::new(|mso| change(mso, "deviceKeyInfo", |info| set(info, "keyInfo", map(vec![])))) => vec!["deviceKeyInfo"]; "of the device key")]
#[test_case(|forge| forge.mso = Box::new(|mso| change(mso, "deviceKeyInfo", |info| change(info, "deviceKey", |key| label(key, 2, Value::Bytes(b"Sample".to_vec()))))) => vec!["deviceKeyInfo"]; "a name of the device key")]
#[test_case(|forge| forge.mso = Box::new(|mso| change(mso, "deviceKeyInfo", |info| change(info, "deviceKey", |key| label(key, 3, (-7).into())))) => Vec::<String>::new(); "the algorithm of the device key")]
#[test_case(|forge| forge.mso = Box::new(|mso| change(mso, "status", |status| set(status, "name", "Sample".into()))) => vec!["status"]; "beside a status")]
#[test_case(|forge| forge.mso = Box::new(|mso| change(mso, "status", |status| change(status, "status_list", |list| set(list, "name", "Sample".into())))) => vec!["status"]; "beside a place in a list")]
#[test_case(|forge| forge.mso = Box::new(|mso| change(mso, "validityInfo", |info| set(info, "expectedUpdate", "Sample".into()))) => vec!["validityInfo"]; "a date that is none")]
#[test_case(|forge| forge.mso = Box::new(|mso| change(mso, "validityInfo", |info| set(info, "expectedUpdate", Value::Tag(0, Box::new("2026-12-01T00:00:00Z".into()))))) => Vec::<String>::new(); "what a specification knows")]
#[test_case(|forge| forge.unprotected.rest.push((coset::Label::Int(99), "x".into())) => vec!["header"]; "of the header")]
fn what_travels_with_it(wrong: Wrong) -> Vec<String> {
    let response = forged(wrong);
    let decoded = decode_response(&response, Some(&CHALLENGE)).unwrap();
    let response = read(&response);
    let document = &member(&response, "documents").as_array().unwrap()[0];
    let issued = encode(member(document, "issuerSigned"));
    let held = UnverifiedMdoc::parse(&issued).unwrap().dangerous_from_storage();
    assert_eq!(held.says_more(), decoded.says_more);
    decoded.says_more
}
