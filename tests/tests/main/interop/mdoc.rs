//! Driving licences between us and npm `@owf/mdoc`, which issues, presents and verifies them, and makes the
//! transcript of OpenID4VP 1.0 itself.

use std::path::Path;
use std::sync::LazyLock;

use card_formats::{Binding, ClaimPath, Format, Handover, Holder, Requirements, Trusted};
use jose::x5c::TrustAnchors;
use jose::{PrivateJwk, UnixTime, VerifyingKey, base64url};
use mdoc::{
    Challenge, DeviceAuthError, ElementPath, HeldMdoc, IssuerTrust, MDL, MdocDraft, MdocError, PresentationError,
    ReceiveError, SessionTranscript, Sign1Error, UnverifiedDeviceResponse, UnverifiedMdoc,
};
use serde_json::{Map, Value, json};
use service::{Clock, SystemClock};
use testkit::certificates::{Authority, document_signer};
use testkit::credential::{key, signer, status};
use testkit::vectors::Table;

use super::libraries;

pub(super) const DAY: UnixTime = 24 * 3600;
pub(super) const NAMESPACE: &str = "org.iso.18013.5.1";
const SHOWN: [&str; 4] = ["family_name", "birth_date", "portrait", "issuing_country"];

static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::of_country("authority", "UT"));
static ANCHORS: LazyLock<TrustAnchors> = LazyLock::new(|| TrustAnchors::from_pem([AUTHORITY.pem()]).unwrap());

fn issuer() -> PrivateJwk {
    key(1)
}

fn device() -> PrivateJwk {
    key(2)
}

/// The verifier's key for the response, which the transcript names.
fn encryption() -> PrivateJwk {
    key(3)
}

fn x5chain() -> Vec<Vec<u8>> {
    AUTHORITY
        .certify_signer(issuer().public(), "UT", &[document_signer()])
        .certificates
}

fn now() -> UnixTime {
    SystemClock.now()
}

/// The beginning of this day.
pub(super) fn day() -> UnixTime {
    now() - now() % DAY
}

fn transcript(nonce: &str) -> SessionTranscript {
    SessionTranscript::openid4vp(&Challenge {
        client_id: "x509_hash:verifier",
        nonce,
        encryption_key: Some(encryption().public()),
        response_uri: "https://verifier.example/response",
    })
}

/// The same for the library.
fn challenge(nonce: &str) -> Value {
    json!({
        "clientId": "x509_hash:verifier",
        "nonce": nonce,
        "jwkThumbprint": base64url::encode(encryption().public().thumbprint()),
        "responseUri": "https://verifier.example/response",
    })
}

/// The authority's certificate, as the library takes it.
fn anchor(authority: &Authority) -> String {
    let lines = authority.pem().lines().filter(|line| !line.starts_with('-'));
    lines
        .collect::<String>()
        .replace('+', "-")
        .replace('/', "_")
        .replace('=', "")
}

fn ask(folder: &Path, task: &str, members: Value) -> Result<Value, String> {
    let mut input = json!({"do": task, "now": now(), "anchors": [anchor(&AUTHORITY)]});
    let input_members = input.as_object_mut().unwrap();
    input_members.extend(members.as_object().unwrap().clone());
    super::ask(folder, "mdoc.mjs", &input)
}

fn bytes(answer: &Value, member: &str) -> Vec<u8> {
    base64url::decode(answer[member].as_str().unwrap()).unwrap()
}

/// A driving licence that the library issued to our device.
fn theirs(folder: &Path) -> Vec<u8> {
    let chain: Vec<String> = x5chain().iter().map(base64url::encode).collect();
    let input = json!({
        "docType": MDL,
        "namespaces": {NAMESPACE: {
            "family_name": {"value": "Sample"},
            "birth_date": {"date": "1990-01-02"},
            "portrait": {"binary": base64url::encode([0xff_u8; 300])},
            "issuing_country": {"value": "UT"},
            "age_over_18": {"value": true},
        }},
        "issuerKey": issuer().dangerous_to_value(),
        "x5chain": chain,
        "deviceKey": device().public().to_value(),
        "validity": {"signed": day(), "from": day(), "until": day() + 14 * DAY},
    });
    bytes(&ask(folder, "issue", input).unwrap(), "issuerSigned")
}

/// A driving licence of ours for the same device.
fn ours() -> Vec<u8> {
    let element = |name: &str, value: mdoc::Value| (name.to_owned(), value);
    let draft = MdocDraft {
        doc_type: MDL.to_owned(),
        name_spaces: vec![(
            NAMESPACE.to_owned(),
            vec![
                element("family_name", "Sample".into()),
                element("birth_date", mdoc::Value::Tag(1004, Box::new("1990-01-02".into()))),
                element("portrait", mdoc::Value::Bytes(vec![0xff_u8; 300])),
                element("issuing_country", "UT".into()),
                element("age_over_18", true.into()),
            ],
        )],
        signed: day(),
        valid_from: day(),
        valid_until: day() + 14 * DAY,
        device_key: device().public().clone(),
        status: Some(status("https://agency.example/status/1", 412)),
        padding: Some(16),
        kid: None,
    };
    let random = &mut service::random::fill;
    draft.issue(x5chain(), random, &signer(&issuer())).unwrap()
}

fn receive(issued: &[u8]) -> Result<HeldMdoc, ReceiveError> {
    let received = UnverifiedMdoc::parse(issued)?;
    let (held, _) = received.receive(IssuerTrust::Anchors(&ANCHORS), device().public(), now())?;
    Ok(held)
}

/// What a wallet of ours answers: all but the age.
fn present(issued: &[u8], nonce: &str) -> Vec<u8> {
    let held = receive(issued).unwrap();
    let chosen = SHOWN.map(|name| ElementPath::new(NAMESPACE, name));
    let selection = held.select(&chosen).unwrap();
    selection.respond(&transcript(nonce), &signer(&device())).unwrap()
}

fn verify(response: &[u8], nonce: &str) -> Result<Map<String, Value>, PresentationError> {
    let response = UnverifiedDeviceResponse::parse(response)?;
    let verified = response.verify(IssuerTrust::Anchors(&ANCHORS), &transcript(nonce), now())?;
    Ok(verified.claims())
}

fn verify_there(folder: &Path, response: &[u8], nonce: &str) -> Result<Value, String> {
    let response = base64url::encode(response);
    ask(
        folder,
        "verify",
        json!({"response": response, "challenge": challenge(nonce)}),
    )
}

/// The elements that are shown, as both sides read them.
fn shown() -> Value {
    json!({NAMESPACE: {
        "family_name": "Sample",
        "birth_date": "1990-01-02",
        "portrait": base64url::encode([0xff_u8; 300]),
        "issuing_country": "UT",
    }})
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    changed[at] ^= 1;
    changed
}

fn places<'a>(bytes: &'a [u8], text: &'a str) -> impl DoubleEndedIterator<Item = usize> + 'a {
    let windows = bytes.windows(text.len()).enumerate();
    windows
        .filter(move |(_, window)| *window == text.as_bytes())
        .map(|(at, _)| at)
}

/// A byte of a value.
fn of_a_value(bytes: &[u8]) -> usize {
    places(bytes, "Sample").next().unwrap()
}

/// A byte of the device's signature, which stands behind the name and nine bytes of headers.
fn of_the_device(response: &[u8]) -> usize {
    places(response, "deviceSignature").next().unwrap() + "deviceSignature".len() + 9 + 20
}

/// The last byte of the issuer's signature: it ends a document of theirs, and in ours the namespaces follow.
fn of_the_issuer(issuer_signed_at_the_end: &[u8]) -> usize {
    let auth = places(issuer_signed_at_the_end, "issuerAuth").next_back().unwrap();
    let after = places(issuer_signed_at_the_end, "jnameSpaces").next_back().unwrap();
    let end = if after > auth {
        after
    } else {
        issuer_signed_at_the_end.len()
    };
    end - 1
}

#[test]
fn a_card_of_another_library_is_held_and_shown() {
    let Some(folder) = libraries() else { return };
    let mut table = Table::new("from @owf/mdoc");
    let issued = theirs(&folder);
    let held = receive(&issued).unwrap();
    assert_eq!(held.claims().doc_type(), MDL);
    assert_eq!(held.claims().valid_until() - held.claims().valid_from(), 14 * DAY);
    assert_eq!(held.elements().count(), 5);
    table.agrees("issued", true);
    let changed = receive(&flipped(&issued, of_a_value(&issued))).unwrap_err();
    assert_eq!(changed, MdocError::DigestMismatch.into());
    table.agrees("issued", false);
    let changed = receive(&flipped(&issued, of_the_issuer(&issued))).unwrap_err();
    assert!(
        matches!(
            changed,
            ReceiveError::Mdoc(MdocError::IssuerAuth(Sign1Error::Signature(_)))
        ),
        "{changed}"
    );
    table.agrees("issued", false);
    let response = present(&issued, "n-1");
    assert_eq!(Value::Object(verify(&response, "n-1").unwrap()), shown());
    table.agrees("shown by us, verified by us", true);
    assert_eq!(verify_there(&folder, &response, "n-1").unwrap()["elements"], shown());
    table.agrees("shown by us, verified there", true);
    table.check(&[
        ("issued", [1, 2, 0, 0]),
        ("shown by us, verified by us", [1, 0, 0, 0]),
        ("shown by us, verified there", [1, 0, 0, 0]),
    ]);
}

/// The same through what wallet and verifier see of every card.
#[test]
fn a_card_of_another_library_is_a_card_like_others() {
    let Some(folder) = libraries() else { return };
    let copy = base64url::encode(theirs(&folder));
    let issuer_key = VerifyingKey::new(issuer().public()).unwrap();
    let by = Trusted {
        issuer_key: &issuer_key,
        anchors: Some(&ANCHORS),
        requirements: Requirements::Haip,
        now: now(),
    };
    let received = Format::MDOC.received(&copy).unwrap();
    let verified = received.verify(by, device().public()).unwrap();
    assert_eq!(verified.card_type(), MDL);
    let (answer_key, device_key) = (encryption(), signer(&device()));
    let binding = Binding {
        audience: "x509_hash:verifier",
        nonce: "n-1",
        handover: Some(Handover {
            response_uri: "https://verifier.example/response",
            encryption_key: Some(answer_key.public()),
        }),
    };
    let held = Format::MDOC.held(&copy).unwrap();
    let chosen = SHOWN.map(|name| ClaimPath::from([NAMESPACE, name].as_slice()));
    let holder = Holder {
        key: &device_key,
        now: now(),
    };
    let answer = held.present(&chosen, binding, holder).unwrap();
    let decoded = Format::MDOC.decode(&answer, Some(binding)).unwrap();
    assert_eq!(decoded.always_visible, held.always_visible());
    assert_eq!(decoded.disclosed.len(), SHOWN.len());
    assert!(decoded.disclosed.iter().all(|claim| chosen.contains(&claim.path)));
    let believed = Format::MDOC.presented(&answer).unwrap().verify(by, Some(binding));
    assert_eq!(*believed.unwrap().claims(), shown());
    let answer = base64url::decode(&answer).unwrap();
    assert_eq!(verify_there(&folder, &answer, "n-1").unwrap()["elements"], shown());
}

#[test]
fn a_card_of_ours_is_believed_by_another_library() {
    let Some(folder) = libraries() else { return };
    let mut table = Table::new("to @owf/mdoc");
    let response = present(&ours(), "n-1");
    let believed = verify_there(&folder, &response, "n-1").unwrap();
    assert_eq!(believed["docType"], MDL);
    assert_eq!(believed["elements"], shown());
    assert_eq!(bytes(&believed, "transcript"), transcript("n-1").as_bytes());
    table.agrees("verified there", true);
    for (at, complaint) in [
        (of_a_value(&response), "must match the digest"),
        (of_the_issuer(&response), "Issuer auth signature is invalid"),
        (of_the_device(&response), "Device signature must be valid"),
    ] {
        let refused = verify_there(&folder, &flipped(&response, at), "n-1").unwrap_err();
        assert!(refused.contains(complaint), "{refused}");
        table.agrees("verified there", false);
    }
    let refused = verify_there(&folder, &response, "n-2").unwrap_err();
    assert!(refused.contains("Device signature must be valid"), "{refused}");
    table.agrees("verified there", false);
    let stranger = json!({
        "response": base64url::encode(&response),
        "challenge": challenge("n-1"),
        "anchors": [anchor(&Authority::of_country("stranger", "UT"))],
    });
    let refused = ask(&folder, "verify", stranger).unwrap_err();
    assert!(refused.contains("signed by nobody who is trusted"), "{refused}");
    table.agrees("verified there", false);
    table.check(&[("verified there", [1, 5, 0, 0])]);
}

#[test]
fn a_presentation_of_another_library_is_believed_by_us() {
    let Some(folder) = libraries() else { return };
    let mut table = Table::new("@owf/mdoc as wallet");
    let asked: Map<String, Value> = SHOWN.map(|name| (name.to_owned(), json!(false))).into_iter().collect();
    for (issued, row) in [(ours(), "a card of ours"), (theirs(&folder), "a card of theirs")] {
        let input = json!({
            "issuerSigned": base64url::encode(&issued),
            "request": {"docType": MDL, "namespaces": {NAMESPACE: asked}},
            "deviceKey": device().dangerous_to_value(),
            "challenge": challenge("n-1"),
        });
        let response = bytes(&ask(&folder, "present", input).unwrap(), "response");
        assert_eq!(Value::Object(verify(&response, "n-1").unwrap()), shown());
        table.agrees(row, true);
        let changed = verify(&flipped(&response, of_a_value(&response)), "n-1").unwrap_err();
        assert_eq!(changed, MdocError::DigestMismatch.into());
        table.agrees(row, false);
        for changed in [
            verify(&flipped(&response, of_the_device(&response)), "n-1"),
            verify(&response, "n-2"),
        ] {
            let error = changed.unwrap_err();
            let of_the_device = matches!(
                error,
                PresentationError::DeviceAuth(DeviceAuthError::Signature(Sign1Error::Signature(_)))
            );
            assert!(of_the_device, "{error}");
            table.agrees(row, false);
        }
    }
    table.check(&[("a card of ours", [1, 3, 0, 0]), ("a card of theirs", [1, 3, 0, 0])]);
}
