//! What a finished `DeviceResponse` shows, found in another way than [`crate::HeldMdoc`] made it.
//!
//! Reading what came fills types and leaves out what is not understood. This module walks through the bytes once more
//! and refuses whatever our own answers never have; it makes the bytes that the device signed of the request alone. A
//! wallet compares the result with the consent.

use std::fmt;

use cbor::{CborError, Value};
use jose::{Budget, OverBudget, PublicJwk, VerifyingKey, Work};
use sha2::{Digest, Sha256};

use crate::element::name;
use crate::{Challenge, Element, ElementPath, budget};

/// Why a response cannot be decoded. A wallet sends nothing then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// More than [`budget::PRESENTATION`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// Not the one document that an answer of a wallet is, or something beside it.
    #[error("not a response with one document alone")]
    Malformed,
    /// An element is not what the security object says, or stands there twice.
    #[error("an element has no place")]
    NoPlace,
    /// The key of the document did not sign this, for this request.
    #[error("the response is not for this request")]
    OtherRequest,
}

/// Everything that a response shows.
#[derive(Clone, Debug, PartialEq)]
pub struct DecodedResponse {
    /// The type of the document.
    pub doc_type: String,
    /// What is shown without a choice and is known to no specification, as [`crate::HeldMdoc::says_more`] calls it.
    pub says_more: Vec<String>,
    /// The elements, in the order sent.
    pub elements: Vec<ShownElement>,
}

/// One element. `Debug` shows the place only.
#[derive(Clone, PartialEq)]
pub struct ShownElement {
    /// Where it stands.
    pub path: ElementPath,
    /// Its value.
    pub value: Value,
}

impl ShownElement {
    /// It, borrowed.
    #[must_use]
    pub fn as_element(&self) -> Element<'_> {
        Element {
            namespace: &self.path.namespace,
            identifier: &self.path.identifier,
            value: &self.value,
        }
    }
}

impl fmt::Debug for ShownElement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ShownElement")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// `{1: -7}`, the protected header of ES256. RFC 9053 §2.1
const ES256: [u8; 3] = [0xa1, 0x01, 0x26];
/// Members of a security object of which nothing has to be looked at; the others are in [`is_expected`]. ISO/IEC 18013-5
/// §9.1.2.4
const KNOWN: [&str; 4] = ["version", "digestAlgorithm", "valueDigests", "docType"];

/// Decodes a response; where a request is given, the key that the document names has to have signed for it. No signature
/// of an issuer is checked.
pub fn decode_response(bytes: &[u8], challenge: Option<&Challenge<'_>>) -> Result<DecodedResponse, DecodeError> {
    let mut budget = budget::PRESENTATION;
    budget.spend(Work::Bytes, bytes.len())?;
    let response = item(bytes, &mut budget)?;
    let [version, documents, status] = exactly(&response, ["version", "documents", "status"])?;
    let is_whole = version.as_text() == Some("1.0") && *status == Value::from(0);
    let [document] = is_whole.then_some(list(documents)?).ok_or(DecodeError::Malformed)? else {
        return Err(DecodeError::Malformed);
    };
    let [doc_type, issuer, device] = exactly(document, ["docType", "issuerSigned", "deviceSigned"])?;
    let nothing = Value::Map(Vec::new());
    let (name_spaces, auth) = match exactly(issuer, ["nameSpaces", "issuerAuth"]) {
        Ok([name_spaces, auth]) => (name_spaces, auth),
        Err(_) => {
            let [auth] = exactly(issuer, ["issuerAuth"])?;
            (&nothing, auth)
        }
    };
    let object = SecurityObject::read(auth, &mut budget)?;
    if object.member("docType")? != doc_type {
        return Err(DecodeError::Malformed);
    }
    let elements = elements(name_spaces, object.member("valueDigests")?, &mut budget)?;
    let signature = device_signature(device)?;
    if let Some(challenge) = challenge {
        budget.spend(Work::Signatures, 1)?;
        let signed = to_be_signed(challenge, doc_type);
        let verified = object.device_key()?.verify(&signed, signature);
        verified.map_err(|_| DecodeError::OtherRequest)?;
    }
    Ok(DecodedResponse {
        doc_type: doc_type.as_text().ok_or(DecodeError::Malformed)?.to_owned(),
        says_more: object.says_more,
        elements,
    })
}

/// The security object, and what stands around it that nobody knows.
struct SecurityObject {
    members: Value,
    says_more: Vec<String>,
}

impl SecurityObject {
    /// Reads it out of `issuerAuth`.
    fn read(auth: &Value, budget: &mut Budget) -> Result<Self, DecodeError> {
        let [protected, unprotected, payload, _] = list(auth)? else {
            return Err(DecodeError::Malformed);
        };
        let protected = item(binary(protected)?, budget)?;
        let payload = item(binary(payload)?, budget)?;
        let members = item(inside(&payload)?, budget)?;
        let mut says_more = Vec::new();
        for (key, value) in entries(&members)? {
            if !is_expected(key, value)? {
                says_more.push(name(key));
            }
        }
        let signer = |key: &Value| [Value::from(4), Value::from(33)].contains(key);
        let bare = |header: &[(Value, Value)]| matches!(header, [(key, _)] if *key == Value::from(1));
        if !bare(entries(&protected)?) || !entries(unprotected)?.iter().all(|(key, _)| signer(key)) {
            says_more.push("header".to_owned());
        }
        Ok(Self { members, says_more })
    }

    fn member(&self, name: &str) -> Result<&Value, DecodeError> {
        find(&self.members, &name.into())
    }

    /// The P-256 key that has to have signed. RFC 9053 §7.1.1
    fn device_key(&self) -> Result<VerifyingKey, DecodeError> {
        let key = find(self.member("deviceKeyInfo")?, &"deviceKey".into())?;
        if *find(key, &1.into())? != Value::from(2) || *find(key, &(-1).into())? != Value::from(1) {
            return Err(DecodeError::Malformed);
        }
        let mut point = vec![4];
        point.extend_from_slice(binary(find(key, &(-2).into())?)?);
        point.extend_from_slice(binary(find(key, &(-3).into())?)?);
        let key = PublicJwk::from_p256_sec1(&point).map_err(|_| DecodeError::Malformed)?;
        VerifyingKey::new(&key).map_err(|_| DecodeError::Malformed)
    }
}

/// Whether a member of the security object is one that the specifications know, and says what they have it say.
fn is_expected(key: &Value, value: &Value) -> Result<bool, DecodeError> {
    let has_only = |known: &[&str]| {
        let named = |(key, _): &(Value, Value)| key.as_text().is_some_and(|key| known.contains(&key));
        Ok::<_, DecodeError>(entries(value)?.iter().all(named))
    };
    Ok(match key.as_text() {
        Some("deviceKeyInfo") => {
            let parts = entries(find(value, &"deviceKey".into())?)?;
            let labels = [1, -1, -2, -3].map(Value::from);
            let of_a_key = |(label, value): &(Value, Value)| {
                labels.contains(label) || (*label == Value::from(3) && value.is_integer())
            };
            has_only(&["deviceKey", "keyAuthorizations"])? && parts.iter().all(of_a_key)
        }
        Some("validityInfo") => {
            let update = find(value, &"expectedUpdate".into());
            has_only(&["signed", "validFrom", "validUntil", "expectedUpdate"])? && update.map_or(true, is_date)
        }
        Some("status") => exactly(value, ["status_list"]).is_ok_and(|[list]| exactly(list, ["idx", "uri"]).is_ok()),
        known => known.is_some_and(|known| KNOWN.contains(&known)),
    })
}

/// Digits with what stands between them in a date, and `Z`. §9.1.2.4
fn is_date(value: &Value) -> bool {
    let Some((0, text)) = value.as_tag() else {
        return false;
    };
    let text = text.as_text().unwrap_or_default();
    text.len() == 20
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"-T:Z".contains(&byte))
}

/// Every element with its place; each has to be one whose digest the issuer signed.
fn elements(name_spaces: &Value, digests: &Value, budget: &mut Budget) -> Result<Vec<ShownElement>, DecodeError> {
    let mut shown: Vec<ShownElement> = Vec::new();
    for (name_space, items) in entries(name_spaces)? {
        let of_it = find(digests, name_space).map_err(|_| DecodeError::NoPlace)?;
        budget.spend(Work::Digests, entries(of_it)?.len())?;
        let name_space = name_space.as_text().ok_or(DecodeError::Malformed)?;
        for tagged in list(items)? {
            budget.spend(Work::Disclosures, 1)?;
            budget.spend(Work::Hashes, 1)?;
            let members = item(inside(tagged)?, budget)?;
            let names = ["digestID", "random", "elementIdentifier", "elementValue"];
            let [id, _, identifier, value] = exactly(&members, names)?;
            let digest = Value::Bytes(Sha256::digest(bytes_of(tagged)).to_vec());
            if find(of_it, id) != Ok(&digest) {
                return Err(DecodeError::NoPlace);
            }
            let identifier = identifier.as_text().ok_or(DecodeError::Malformed)?;
            let path = ElementPath::new(name_space, identifier);
            if shown.iter().any(|element| element.path == path) {
                return Err(DecodeError::NoPlace);
            }
            let value = value.clone();
            shown.push(ShownElement { path, value });
        }
    }
    Ok(shown)
}

/// The signature in `DeviceSigned`, which has nothing else in it. §8.3.2.1.2.2
fn device_signature(device: &Value) -> Result<&[u8], DecodeError> {
    let [name_spaces, auth] = exactly(device, ["nameSpaces", "deviceAuth"])?;
    let [signature] = exactly(auth, ["deviceSignature"])?;
    let [protected, unprotected, payload, signature] = list(signature)? else {
        return Err(DecodeError::Malformed);
    };
    let is_bare = inside(name_spaces)? == [0xa0] && binary(protected)? == ES256;
    if !is_bare || !entries(unprotected)?.is_empty() || !payload.is_null() {
        return Err(DecodeError::Malformed);
    }
    binary(signature)
}

/// `Sig_structure` over `DeviceAuthenticationBytes` for a request. RFC 9052 §4.4, ISO/IEC 18013-5 §9.1.3.4, OpenID4VP 1.0
/// Appendix B.2.6.1
fn to_be_signed(challenge: &Challenge<'_>, doc_type: &Value) -> Vec<u8> {
    let thumbprint = challenge.encryption_key.map(PublicJwk::thumbprint);
    let info = Value::Array(vec![
        challenge.client_id.into(),
        challenge.nonce.into(),
        thumbprint.map_or(Value::Null, |thumbprint| Value::Bytes(thumbprint.to_vec())),
        challenge.response_uri.into(),
    ]);
    let hash = Value::Bytes(Sha256::digest(bytes_of(&info)).to_vec());
    let handover = Value::Array(vec!["OpenID4VPHandover".into(), hash]);
    let authentication = Value::Array(vec![
        "DeviceAuthentication".into(),
        Value::Array(vec![Value::Null, Value::Null, handover]),
        doc_type.clone(),
        encoded(vec![0xa0]),
    ]);
    let payload = bytes_of(&encoded(bytes_of(&authentication)));
    bytes_of(&Value::Array(vec![
        "Signature1".into(),
        Value::Bytes(ES256.to_vec()),
        Value::Bytes(Vec::new()),
        Value::Bytes(payload),
    ]))
}

fn encoded(bytes: Vec<u8>) -> Value {
    Value::Tag(24, Box::new(Value::Bytes(bytes)))
}

/// The one encoding of an item without floats, which is in the form that is read; nothing could be written of it if it
/// were none.
fn bytes_of(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    match ciborium::into_writer(value, &mut bytes) {
        Ok(()) => bytes,
        Err(_) => Vec::new(),
    }
}

fn item(bytes: &[u8], budget: &mut Budget) -> Result<Value, DecodeError> {
    cbor::decode_value(bytes, budget).map_err(|error| match error {
        CborError::OverBudget(over) => over.into(),
        _ => DecodeError::Malformed,
    })
}

fn list(value: &Value) -> Result<&[Value], DecodeError> {
    value.as_array().map(Vec::as_slice).ok_or(DecodeError::Malformed)
}

fn entries(value: &Value) -> Result<&[(Value, Value)], DecodeError> {
    value.as_map().map(Vec::as_slice).ok_or(DecodeError::Malformed)
}

fn binary(value: &Value) -> Result<&[u8], DecodeError> {
    value.as_bytes().map(Vec::as_slice).ok_or(DecodeError::Malformed)
}

/// The bytes inside tag 24. RFC 8949 §3.4.5.1
fn inside(value: &Value) -> Result<&[u8], DecodeError> {
    match value.as_tag() {
        Some((24, bytes)) => binary(bytes),
        _ => Err(DecodeError::Malformed),
    }
}

fn find<'v>(map: &'v Value, wanted: &Value) -> Result<&'v Value, DecodeError> {
    let mut entries = entries(map)?.iter();
    let found = entries.find(|(key, _)| key == wanted);
    found.map(|(_, value)| value).ok_or(DecodeError::Malformed)
}

/// The members of a map that has these and no others.
fn exactly<'v, const N: usize>(map: &'v Value, names: [&str; N]) -> Result<[&'v Value; N], DecodeError> {
    if entries(map)?.len() != N {
        return Err(DecodeError::Malformed);
    }
    let found: Vec<&Value> = names
        .iter()
        .map(|name| find(map, &(*name).into()))
        .collect::<Result<_, _>>()?;
    found.try_into().map_err(|_| DecodeError::Malformed)
}
