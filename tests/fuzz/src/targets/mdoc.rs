//! mdocs: what issuers sign and devices show. ISO/IEC 18013-5

use std::sync::LazyLock;

use cbor::Value;
use coset::{AsCborValue, CoseSign1};
use jose::x5c::TrustAnchors;
use jose::{PrivateJwk, Signer, VerifyingKey};
use mdoc::{
    Challenge, Element, ElementPath, HeldMdoc, IssuerTrust, MdocClaims, MdocDraft, SessionTranscript, StatusReference,
    UnverifiedDeviceResponse, UnverifiedMdoc, budget, decode_response,
};
use sha2::{Digest, Sha256};
use testkit::credential::{key, random};

use super::Target;
use super::x5c::{ANCHOR, BETWEEN, LEAF};
use crate::keys::{NOW, OWN_P256, SameEs256, TRUSTED_P256, verifying};
use crate::{Reached, seeds};

pub(super) const TARGET: Target = Target {
    name: "mdoc",
    asserts: "what is read is written, read again and the same, as a document and as a response; what a wallet \
              decodes of a finished response are the same elements; nothing verifies but what the issuer signed, or \
              less of it, and no device but its own for its transcript; what the body signs \
              verifies only where a plain reader finds every digest and the dates around now",
    body,
    seeds: inputs,
};

const DAY: u64 = 24 * 3600;
const NAME_SPACE: &str = "org.example.card.1";

static DEVICE: LazyLock<PrivateJwk> = LazyLock::new(|| key(6));
static ANCHORS: LazyLock<TrustAnchors> = LazyLock::new(|| TrustAnchors::from_pem([ANCHOR]).unwrap());
static OWN: LazyLock<VerifyingKey> = LazyLock::new(|| verifying(&OWN_P256));

/// A document of a synthetic person.
static ISSUED: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let element = |name: &str, value: Value| (name.to_owned(), value);
    let draft = MdocDraft {
        doc_type: NAME_SPACE.to_owned(),
        name_spaces: vec![(
            NAME_SPACE.to_owned(),
            vec![
                element("family_name", "Sample".into()),
                element("birth_date", Value::Tag(1004, Box::new("1990-01-02".into()))),
                element("age_over_18", true.into()),
                element(
                    "privileges",
                    Value::Array(vec![Value::Map(vec![("code".into(), "B".into())])]),
                ),
            ],
        )],
        signed: NOW - DAY,
        valid_from: NOW - DAY,
        valid_until: NOW + DAY,
        device_key: DEVICE.public().clone(),
        status: Some(StatusReference::of_token("https://agency.example/status/1", 7)),
        padding: Some(6),
        kid: None,
    };
    let x5chain = vec![LEAF.to_vec(), BETWEEN.to_vec()];
    let signer = SameEs256::new(&TRUSTED_P256);
    draft.issue(x5chain, &mut random(1), &signer).unwrap()
});

/// The document as its holder has it.
static HELD: LazyLock<(HeldMdoc, MdocClaims)> = LazyLock::new(|| {
    let issued = UnverifiedMdoc::parse(&ISSUED).unwrap();
    issued
        .receive(IssuerTrust::Anchors(&ANCHORS), DEVICE.public(), NOW)
        .unwrap()
});

fn transcript(nonce: &str) -> SessionTranscript {
    SessionTranscript::openid4vp(&Challenge {
        client_id: "x509_hash:verifier",
        nonce,
        encryption_key: None,
        response_uri: "https://verifier.example/response",
    })
}

fn shown(identifiers: &[&str]) -> Vec<u8> {
    let paths: Vec<_> = identifiers
        .iter()
        .map(|name| ElementPath::new(NAME_SPACE, *name))
        .collect();
    let selection = HELD.0.select(&paths).unwrap();
    selection
        .respond(&transcript("nonce"), &SameEs256::new(&DEVICE))
        .unwrap()
}

fn inputs() -> Vec<Vec<u8>> {
    let mut inputs = vec![
        ISSUED.clone(),
        shown(&["age_over_18"]),
        shown(&["family_name", "birth_date", "age_over_18", "privileges"]),
    ];
    for text in seeds::texts("iso18013-5-annex-d", |text| text.starts_with("a36776657273696f6e")) {
        let response = hex::decode(text).unwrap();
        let value = read(&response).unwrap();
        let document = &member(&value, "documents").unwrap().as_array().unwrap()[0];
        inputs.push(written(member(document, "issuerSigned").unwrap()));
        inputs.push(response);
    }
    inputs
}

fn body(input: &[u8]) -> Reached {
    document(input).max(response(input))
}

fn document(input: &[u8]) -> Reached {
    let Ok(read) = UnverifiedMdoc::parse(input) else {
        return Reached::Refused;
    };
    let encoded = read.encode();
    let again = UnverifiedMdoc::parse(&encoded).expect("what was written");
    assert_eq!(again.encode(), encoded);
    let (one, other) = (read.clone().dangerous_from_storage(), again.dangerous_from_storage());
    assert!(one.elements().eq(other.elements()) && one.claims() == other.claims());
    signed_anew(&encoded);
    match read.receive(IssuerTrust::Anchors(&ANCHORS), DEVICE.public(), NOW) {
        Ok((held, claims)) => {
            assert_eq!(claims, HELD.1, "nobody signed this");
            is_part(held.elements());
            Reached::Accepted
        }
        Err(_) => Reached::Read,
    }
}

fn response(input: &[u8]) -> Reached {
    // Whatever it is, it is read to an end.
    let _ = decode_response(input, None);
    let Ok(read) = UnverifiedDeviceResponse::parse(input) else {
        return Reached::Refused;
    };
    let encoded = read.encode();
    let again = UnverifiedDeviceResponse::parse(&encoded).expect("what was written");
    assert_eq!(again.encode(), encoded);
    assert!(read.dangerous_elements().eq(again.dangerous_elements()));
    if let Ok(decoded) = decode_response(&encoded, None) {
        let found = decoded.elements.iter().map(|element| element.as_element());
        assert!(
            found.eq(again.dangerous_elements()),
            "it says something else to whoever reads it again"
        );
    }
    let verify = |nonce| {
        let response = read.clone();
        response.verify(IssuerTrust::Anchors(&ANCHORS), &transcript(nonce), NOW)
    };
    assert!(verify("another").is_err(), "shown for another transcript");
    match verify("nonce") {
        Ok(verified) => {
            assert_eq!(verified.credential(), &HELD.1, "nobody signed this");
            is_part(verified.elements());
            Reached::Accepted
        }
        Err(_) => Reached::Read,
    }
}

fn is_part<'a>(elements: impl Iterator<Item = Element<'a>>) {
    for element in elements {
        assert!(HELD.0.elements().any(|known| known == element), "nobody signed this");
    }
}

/// The same document under a signature of the body's.
fn signed_anew(encoded: &[u8]) {
    let mut value = read(encoded).expect("what was written");
    let auth = member(&value, "issuerAuth").expect("what was read").clone();
    let mut sign1 = CoseSign1::from_cbor_value(auth).expect("what was read");
    sign1.signature = SameEs256::new(&OWN_P256).sign(&sign1.tbs_data(&[])).unwrap();
    let mso = sign1.payload.clone().unwrap();
    for (name, member) in value.as_map_mut().unwrap() {
        if name.as_text() == Some("issuerAuth") {
            *member = sign1.clone().to_cbor_value().unwrap();
        }
    }
    let signed = UnverifiedMdoc::parse(&written(&value)).expect("only the signature differs");
    let Ok((held, claims)) = signed.receive(IssuerTrust::Key(&OWN), DEVICE.public(), NOW) else {
        return;
    };
    assert!((claims.valid_from()..=claims.valid_until()).contains(&NOW) && claims.signed() <= claims.valid_from());
    let mso = read(&encoded_inside(&read(&mso).unwrap())).unwrap();
    let digests = member(&mso, "valueDigests").unwrap();
    let mut items = 0;
    for (name, found) in member(&value, "nameSpaces")
        .and_then(Value::as_map)
        .into_iter()
        .flatten()
    {
        for item in found.as_array().unwrap() {
            let digest = Value::Bytes(Sha256::digest(written(item)).to_vec());
            let id = member(&read(&encoded_inside(item)).unwrap(), "digestID")
                .unwrap()
                .clone();
            let digests = member(digests, name.as_text().unwrap())
                .and_then(Value::as_map)
                .unwrap();
            assert!(digests.contains(&(id, digest)), "not the item that was signed");
            items += 1;
        }
    }
    assert_eq!(items, held.elements().count());
}

fn read(bytes: &[u8]) -> Option<Value> {
    let mut budget = budget::CREDENTIAL;
    cbor::decode_value(bytes, &mut budget).ok()
}

fn written(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let mut members = value.as_map()?.iter();
    members
        .find(|(key, _)| key.as_text() == Some(name))
        .map(|(_, value)| value)
}

fn encoded_inside(value: &Value) -> Vec<u8> {
    match value {
        Value::Tag(24, inside) => inside.as_bytes().unwrap().clone(),
        _ => panic!("what was read is encoded"),
    }
}
