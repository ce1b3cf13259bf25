//! What a finished presentation shows, found in another way than [`crate::HeldSdJwt`] made it.
//!
//! Selection goes from the payload down and replaces digests by claims. This module goes from
//! each disclosure up: it lists every digest that stands anywhere, then follows the digest of
//! a disclosure to the place it stands in. A wallet compares the result with the consent.

use std::collections::HashMap;
use std::fmt;

use jose::strict_json::{self, StrictJsonError};
use jose::{Budget, OverBudget, Work, base64url};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{ClaimPath, PathElement, budget};

/// Why a presentation cannot be decoded. A wallet sends nothing then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Not a compact SD-JWT.
    #[error("not a presentation")]
    NotAPresentation,
    /// More than [`budget::PRESENTATION`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
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
    /// The claims that no choice can hide, the outermost of each. Of an object or array in which
    /// something can be hidden they are those inside it that cannot; itself, where there are none.
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
    let mut budget = budget::PRESENTATION;
    budget.spend(Work::Bytes, compact.len())?;
    let mut segments = compact.split('~');
    let (Some(jwt), Some(key_binding)) = (segments.next(), segments.next_back()) else {
        return Err(DecodeError::NotAPresentation);
    };
    let payload = jwt_payload(jwt, &mut budget)?;
    let Value::Object(top) = &payload else {
        return Err(DecodeError::Malformed);
    };
    let mut always_visible = Vec::new();
    for (name, value) in top
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "_sd" | "_sd_alg"))
    {
        open(value, &name.as_str().into(), &mut always_visible);
    }
    let sent = segments
        .map(|text| Sent::read(text, &mut budget))
        .collect::<Result<Vec<_>, _>>()?;
    let mut places = Vec::new();
    collect(&payload, &ClaimPath::default(), None, &mut places);
    for (index, sent) in sent.iter().enumerate() {
        collect(&sent.value, &ClaimPath::default(), Some(index), &mut places);
    }
    budget.spend(Work::Digests, places.len())?;
    let by_digest = by_digest(&places);
    let paths = (0..sent.len())
        .map(|index| path_of(index, &sent, &by_digest, &mut budget))
        .collect::<Result<Vec<_>, _>>()?;
    let binding = match key_binding {
        "" => None,
        jwt => Some(jwt_payload(jwt, &mut budget)?),
    };
    let text = |name| Some(binding.as_ref()?.get(name)?.as_str()?.to_owned());
    let disclosed = paths.into_iter().zip(sent).map(|(path, sent)| DisclosedClaim {
        path,
        value: sent.value,
    });
    Ok(DecodedPresentation {
        always_visible,
        audience: text("aud"),
        nonce: text("nonce"),
        disclosed: disclosed.collect(),
    })
}

/// What of a value in the payload is always visible.
fn open(value: &Value, path: &ClaimPath, into: &mut Vec<ClaimPath>) {
    let before = into.len();
    if hides_something(value) {
        match value {
            Value::Object(object) => {
                for (name, value) in object.iter().filter(|(name, _)| *name != "_sd") {
                    open(value, &path.child(PathElement::Name(name.clone())), into);
                }
            }
            Value::Array(array) => {
                for (index, value) in array.iter().enumerate().filter(|(_, value)| value.get("...").is_none()) {
                    open(value, &path.child(PathElement::Index(index)), into);
                }
            }
            _ => {}
        }
    }
    if into.len() == before {
        into.push(path.clone());
    }
}

fn hides_something(value: &Value) -> bool {
    match value {
        Value::Object(object) => object
            .iter()
            .any(|(name, value)| matches!(name.as_str(), "_sd" | "...") || hides_something(value)),
        Value::Array(array) => array.iter().any(hides_something),
        _ => false,
    }
}

struct Sent {
    digest: String,
    name: Option<String>,
    value: Value,
}

impl Sent {
    fn read(text: &str, budget: &mut Budget) -> Result<Self, DecodeError> {
        budget.spend(Work::Disclosures, 1)?;
        budget.spend(Work::Hashes, 1)?;
        let digest = base64url::encode(Sha256::digest(text));
        match json(text, budget)? {
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

/// The one place of each digest; `None` where it stands more than once.
fn by_digest(places: &[Place]) -> HashMap<&str, Option<&Place>> {
    let mut by_digest = HashMap::with_capacity(places.len());
    for place in places {
        by_digest
            .entry(place.digest.as_str())
            .and_modify(|found| *found = None)
            .or_insert(Some(place));
    }
    by_digest
}

/// Follows a disclosure up to the payload.
fn path_of(
    index: usize,
    sent: &[Sent],
    by_digest: &HashMap<&str, Option<&Place>>,
    budget: &mut Budget,
) -> Result<ClaimPath, DecodeError> {
    let mut inner: Vec<PathElement> = Vec::new();
    let mut next = Some(index);
    let mut level = 0;
    while let Some(disclosure) = next.and_then(|index| sent.get(index)) {
        level += 1;
        budget.reach(Work::Nesting, level)?;
        let Some(Some(place)) = by_digest.get(disclosure.digest.as_str()) else {
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
    Ok(ClaimPath::new(inner))
}

fn jwt_payload(jwt: &str, budget: &mut Budget) -> Result<Value, DecodeError> {
    match jwt.split('.').collect::<Vec<_>>().as_slice() {
        [_, payload, _] => json(payload, budget),
        _ => Err(DecodeError::NotAPresentation),
    }
}

fn json(text: &str, budget: &mut Budget) -> Result<Value, DecodeError> {
    let bytes = base64url::decode(text).map_err(|_| DecodeError::Malformed)?;
    strict_json::parse_within(&bytes, budget).map_err(|error| match error {
        StrictJsonError::OverBudget(over) => over.into(),
        _ => DecodeError::Malformed,
    })
}
