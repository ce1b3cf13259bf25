//! What a finished presentation shows, found in another way than [`crate::HeldSdJwt`] made it.
//!
//! Selection goes from the payload down and replaces digests by claims. This module goes from
//! each disclosure up: it lists every digest that stands anywhere, then follows the digest of
//! a disclosure to the place it stands in. A wallet compares the result with the consent.

use std::fmt;

use jose::base64url;
use jose::strict_json::{self, Limits};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::limits::{MAX_DISCLOSURE_DEPTH, MAX_DISCLOSURES, MAX_LENGTH};
use crate::{ClaimPath, PathElement};

/// Why a presentation cannot be decoded. A wallet sends nothing then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Not a compact SD-JWT within the limits.
    #[error("not a presentation")]
    NotAPresentation,
    /// A part is not base64url of strict JSON of the right shape.
    #[error("a part is malformed")]
    Malformed,
    /// A disclosure's digest stands nowhere, or more than once.
    #[error("a disclosure has no place")]
    NoPlace,
}

/// Everything that a presentation shows.
#[derive(Clone, Debug, PartialEq)]
pub struct DecodedPresentation {
    /// Top-level claims that no choice can hide.
    pub always_visible: Vec<ClaimPath>,
    /// The claims disclosed, in the order sent.
    pub disclosed: Vec<DisclosedClaim>,
    /// `aud` of the Key Binding JWT, where there is one.
    pub audience: Option<String>,
    /// `nonce` of the Key Binding JWT, where there is one.
    pub nonce: Option<String>,
}

/// One disclosure and where it belongs. `Debug` shows the place only.
#[derive(Clone, PartialEq)]
pub struct DisclosedClaim {
    /// The place in the issuer's payload; array positions count withheld elements too.
    pub path: ClaimPath,
    /// The value as signed: parts that can be withheld stand in it as digests.
    pub value: Value,
}

impl fmt::Debug for DisclosedClaim {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("DisclosedClaim")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Decodes a presentation. No signature is checked: the wallet has made it itself.
pub fn decode_presentation(compact: &str) -> Result<DecodedPresentation, DecodeError> {
    if compact.len() > MAX_LENGTH {
        return Err(DecodeError::NotAPresentation);
    }
    let mut segments: Vec<&str> = compact.split('~').collect();
    let (Some(key_binding), true) = (segments.pop(), !segments.is_empty()) else {
        return Err(DecodeError::NotAPresentation);
    };
    if segments.len() > MAX_DISCLOSURES + 1 {
        return Err(DecodeError::NotAPresentation);
    }
    let payload = jwt_payload(segments.remove(0))?;
    let Value::Object(top) = &payload else {
        return Err(DecodeError::Malformed);
    };
    let always_visible = top
        .keys()
        .filter(|name| !matches!(name.as_str(), "_sd" | "_sd_alg"))
        .map(|name| name.as_str().into())
        .collect();
    let sent = segments.into_iter().map(Sent::read).collect::<Result<Vec<_>, _>>()?;
    let mut places = Vec::new();
    collect(&payload, &ClaimPath::default(), None, &mut places);
    for (index, sent) in sent.iter().enumerate() {
        collect(&sent.value, &ClaimPath::default(), Some(index), &mut places);
    }
    let paths = (0..sent.len())
        .map(|index| path_of(index, &sent, &places))
        .collect::<Result<Vec<_>, _>>()?;
    let binding = match key_binding {
        "" => None,
        jwt => Some(jwt_payload(jwt)?),
    };
    let text = |name| Some(binding.as_ref()?.get(name)?.as_str()?.to_owned());
    Ok(DecodedPresentation {
        always_visible,
        audience: text("aud"),
        nonce: text("nonce"),
        disclosed: paths
            .into_iter()
            .zip(sent)
            .map(|(path, sent)| DisclosedClaim {
                path,
                value: sent.value,
            })
            .collect(),
    })
}

struct Sent {
    digest: String,
    name: Option<String>,
    value: Value,
}

impl Sent {
    fn read(text: &str) -> Result<Self, DecodeError> {
        let digest = base64url::encode(Sha256::digest(text));
        match json(text)? {
            Value::Array(mut parts) => match (parts.pop(), parts.pop(), parts.pop(), parts.pop()) {
                (Some(value), Some(Value::String(_)), None, None) => Ok(Self {
                    digest,
                    name: None,
                    value,
                }),
                (Some(value), Some(Value::String(name)), Some(Value::String(_)), None) => Ok(Self {
                    digest,
                    name: Some(name),
                    value,
                }),
                _ => Err(DecodeError::Malformed),
            },
            _ => Err(DecodeError::Malformed),
        }
    }
}

/// A digest and where it stands.
struct Place {
    digest: String,
    /// The disclosure whose value it stands in; `None` for the payload.
    owner: Option<usize>,
    /// The object of an `_sd`, or the array element itself.
    path: ClaimPath,
    is_element: bool,
}

fn collect(value: &Value, path: &ClaimPath, owner: Option<usize>, places: &mut Vec<Place>) {
    match value {
        Value::Object(object) => {
            for digest in object.get("_sd").and_then(Value::as_array).into_iter().flatten() {
                places.push(Place {
                    digest: digest.as_str().unwrap_or_default().to_owned(),
                    owner,
                    path: path.clone(),
                    is_element: false,
                });
            }
            for (name, value) in object.iter().filter(|(name, _)| *name != "_sd") {
                collect(value, &path.child(PathElement::Name(name.clone())), owner, places);
            }
        }
        Value::Array(array) => {
            for (index, value) in array.iter().enumerate() {
                let path = path.child(PathElement::Index(index));
                match value.get("...").and_then(Value::as_str) {
                    Some(digest) => places.push(Place {
                        digest: digest.to_owned(),
                        owner,
                        path,
                        is_element: true,
                    }),
                    None => collect(value, &path, owner, places),
                }
            }
        }
        _ => {}
    }
}

/// Follows a disclosure up to the payload.
fn path_of(index: usize, sent: &[Sent], places: &[Place]) -> Result<ClaimPath, DecodeError> {
    let mut inner: Vec<PathElement> = Vec::new();
    let mut next = Some(index);
    for _ in 0..=MAX_DISCLOSURE_DEPTH {
        let Some(disclosure) = next.and_then(|index| sent.get(index)) else {
            return Ok(ClaimPath::new(inner));
        };
        let mut found = places.iter().filter(|place| place.digest == disclosure.digest);
        let (Some(place), None) = (found.next(), found.next()) else {
            return Err(DecodeError::NoPlace);
        };
        let mut outer = place.path.elements().to_vec();
        match (&disclosure.name, place.is_element) {
            (Some(name), false) => outer.push(PathElement::Name(name.clone())),
            (None, true) => {}
            _ => return Err(DecodeError::NoPlace),
        }
        outer.append(&mut inner);
        inner = outer;
        next = place.owner;
    }
    Err(DecodeError::NoPlace)
}

fn jwt_payload(jwt: &str) -> Result<Value, DecodeError> {
    match jwt.split('.').collect::<Vec<_>>().as_slice() {
        [_, payload, _] => json(payload),
        _ => Err(DecodeError::NotAPresentation),
    }
}

fn json(text: &str) -> Result<Value, DecodeError> {
    let bytes = base64url::decode(text).map_err(|_| DecodeError::Malformed)?;
    strict_json::parse(&bytes, &Limits::VP_TOKEN).map_err(|_| DecodeError::Malformed)
}
