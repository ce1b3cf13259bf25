//! Keys, an authority, and a good document of a synthetic person.

use std::sync::LazyLock;

use jose::x5c::TrustAnchors;
use jose::{OverBudget, PrivateJwk, UnixTime, Work};
use mdoc::{
    Challenge, HeldMdoc, IssuerTrust, MdocDraft, MdocError, PresentationError, SessionTranscript, StatusReference,
    UnverifiedDeviceResponse, UnverifiedMdoc, Value, VerifiedMdoc,
};
use testkit::certificates::{Authority, document_signer};
use testkit::credential::{key, random, signer};

/// 2026-11-20T12:00:00Z.
pub(crate) const NOW: UnixTime = 1_795_176_000;
pub(crate) const DAY: UnixTime = 24 * 3600;
pub(crate) const DOC_TYPE: &str = "org.example.card.1";
pub(crate) const FIRST: &str = "org.example.card.1";
pub(crate) const SECOND: &str = "org.example.card.1.more";

pub(crate) static AUTHORITY: LazyLock<Authority> = LazyLock::new(|| Authority::of_country("authority", "UT"));
pub(crate) static ANCHORS: LazyLock<TrustAnchors> =
    LazyLock::new(|| TrustAnchors::from_pem([AUTHORITY.pem()]).unwrap());
/// The certificates of [`issuer`].
pub(crate) static X5CHAIN: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let chain = AUTHORITY.certify_signer(issuer().public(), "UT", &[document_signer()]);
    chain.certificates
});

pub(crate) fn issuer() -> PrivateJwk {
    key(1)
}

pub(crate) fn device() -> PrivateJwk {
    key(2)
}

pub(crate) fn trust() -> IssuerTrust<'static> {
    IssuerTrust::Anchors(&ANCHORS)
}

pub(crate) fn draft() -> MdocDraft {
    let element = |name: &str, value: Value| (name.to_owned(), value);
    MdocDraft {
        doc_type: DOC_TYPE.to_owned(),
        name_spaces: vec![
            (
                FIRST.to_owned(),
                vec![
                    element("family_name", "Sample".into()),
                    element("birth_date", Value::Tag(1004, Box::new("1990-01-02".into()))),
                    element("age_over_18", true.into()),
                    element("portrait", Value::Bytes(vec![0xff; 300])),
                ],
            ),
            (SECOND.to_owned(), vec![element("number", 7.into())]),
        ],
        signed: NOW - DAY,
        valid_from: NOW - DAY,
        valid_until: NOW + DAY,
        device_key: device().public().clone(),
        status: Some(StatusReference::of_token("https://agency.example/status/1", 412)),
        padding: None,
        kid: None,
    }
}

pub(crate) fn issued(draft: MdocDraft) -> Vec<u8> {
    draft
        .issue(X5CHAIN.clone(), &mut random(5), &signer(&issuer()))
        .unwrap()
}

pub(crate) fn held() -> HeldMdoc {
    let received = UnverifiedMdoc::parse(&issued(draft())).unwrap();
    received.receive(trust(), device().public(), NOW).unwrap().0
}

pub(crate) const CHALLENGE: Challenge<'_> = Challenge {
    client_id: "x509_hash:verifier",
    nonce: "n-0S6_WzA2Mj",
    encryption_key: None,
    response_uri: "https://verifier.example/response",
};

pub(crate) fn transcript() -> SessionTranscript {
    SessionTranscript::openid4vp(&CHALLENGE)
}

pub(crate) fn verify(response: &[u8]) -> Result<VerifiedMdoc, PresentationError> {
    UnverifiedDeviceResponse::parse(response)?.verify(trust(), &transcript(), NOW)
}

pub(crate) fn over(work: Work) -> PresentationError {
    MdocError::OverBudget(OverBudget(work)).into()
}

pub(crate) fn read(bytes: &[u8]) -> Value {
    let mut budget = mdoc::budget::PRESENTATION;
    cbor::decode_value(bytes, &mut budget).unwrap()
}
