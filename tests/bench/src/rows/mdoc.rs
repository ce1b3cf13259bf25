//! An mdoc with eight elements that can be withheld, of which two are shown.

use ::mdoc::{
    Challenge, ElementPath, IssuerTrust, MdocDraft, SessionTranscript, UnverifiedDeviceResponse, UnverifiedMdoc, Value,
};
use anyhow::{Context, Result, anyhow, ensure};
use jose::{VerifyingKey, base64url};
use status_list::{Bits, Status, StatusList};
use testkit::certificates::{Authority, Name};
use testkit::credential::{key, signer, status};
use testkit::mdoc::{member, read};

use super::credential::{self, CHALLENGE, DID, INDEX, LIST, NOW};
use crate::limits::{BareChecks, BareSignature};
use crate::measure::rates;
use crate::report::Line;

const DOC_TYPE: &str = "org.example.person-identification.1";
const DAY: u64 = 24 * 3600;
/// What stands around the payload where the issuer signs: `Sig_structure`. RFC 9052 §4.4
const AROUND: usize = 20;
/// What stands around transcript and type where the device signs.
const AROUND_DEVICE: usize = 53;

fn draft() -> MdocDraft {
    let element = |value: serde_json::Value| match value {
        serde_json::Value::Bool(value) => Value::Bool(value),
        value => Value::Text(value.as_str().unwrap_or_default().to_owned()),
    };
    let elements = credential::claims()
        .into_iter()
        .map(|(name, value)| (name, element(value)));
    MdocDraft {
        doc_type: DOC_TYPE.to_owned(),
        name_spaces: vec![(DOC_TYPE.to_owned(), elements.collect())],
        signed: NOW - DAY,
        valid_from: NOW - DAY,
        valid_until: NOW + 365 * DAY,
        device_key: key(2).public().clone(),
        status: Some(status("https://agency.example/status/1", INDEX)),
        padding: None,
        kid: Some(format!("{DID}#assert-1")),
    }
}

/// The certificate of the key that signs.
fn x5chain() -> Vec<Vec<u8>> {
    let authority = Authority::new("authority");
    authority.certify(key(1).public(), &[Name::Uri(DID)]).certificates
}

/// How many bytes the issuer signed of a document.
fn signed_length(issued: &[u8]) -> Result<usize> {
    let issued = read(issued);
    let auth = member(&issued, "issuerAuth").as_array();
    let payload = auth.and_then(|auth| auth.get(2)?.as_bytes());
    Ok(payload.context("no payload")?.len() + AROUND)
}

/// From received text to a verified document whose status is known.
pub(crate) fn verify() -> Result<Vec<Line>> {
    let issuer_key = VerifyingKey::new(key(1).public())?;
    let list = StatusList::new(Bits::Two, LIST);
    let issued = draft().issue(x5chain(), &mut credential::random, &signer(&key(1)))?;
    let (held, _) = UnverifiedMdoc::parse(&issued)?.receive(IssuerTrust::Key(&issuer_key), key(2).public(), NOW)?;
    let answer_key = key(4);
    let challenge = Challenge {
        client_id: CHALLENGE.audience,
        nonce: CHALLENGE.nonce,
        encryption_key: Some(answer_key.public()),
        response_uri: "https://verifier.example/response",
    };
    let transcript = SessionTranscript::openid4vp(&challenge);
    let chosen = ["family_name", "age_over_18"].map(|name| ElementPath::new(DOC_TYPE, name));
    let response = held.select(&chosen)?.respond(&transcript, &signer(&key(2)))?;
    let presentation = base64url::encode(&response);
    let mut ours = || {
        let bytes = base64url::decode(&presentation)?;
        let transcript = SessionTranscript::openid4vp(&challenge);
        let response = UnverifiedDeviceResponse::parse(&bytes)?;
        let verified = response.verify(IssuerTrust::Key(&issuer_key), &transcript, NOW)?;
        let reference = verified.credential().status();
        let reference = reference.ok_or_else(|| anyhow!("the document has no status"))?;
        ensure!(
            list.status(reference.index)? == Status::Valid,
            "the document is revoked"
        );
        Ok(())
    };
    let by_device = transcript.as_bytes().len() + DOC_TYPE.len() + AROUND_DEVICE;
    let bare = BareChecks::p256(&[signed_length(&issued)?, by_device])?;
    let rates = rates([&mut ours, &mut || bare.run()])?;
    let counts = format!("{} bytes, 2 signature checks, 4 hashes beside them", response.len());
    Ok(vec![Line::new("verify-mdoc", rates, Some(0.80)).counting(counts)])
}

/// From elements to a signed document.
pub(crate) fn issue() -> Result<Vec<Line>> {
    let (template, chain, signer) = (draft(), x5chain(), signer(&key(1)));
    let mut ours = || {
        let issued = template
            .clone()
            .issue(chain.clone(), &mut credential::random, &signer)?;
        ensure!(!issued.is_empty(), "nothing is issued");
        Ok(())
    };
    let issued = draft().issue(x5chain(), &mut credential::random, &signer)?;
    let bare = BareSignature::p256(signed_length(&issued)?)?;
    let rates = rates([&mut ours, &mut || bare.run()])?;
    let counts = format!("{} bytes, 1 signature, 8 hashes beside it", issued.len());
    Ok(vec![Line::new("issue-mdoc", rates, Some(0.45)).counting(counts)])
}
