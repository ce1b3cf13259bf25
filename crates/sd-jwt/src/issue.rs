use std::cmp::Reverse;
use std::collections::BTreeMap;

use jose::{JwsHeader, RandomSource, SignError, Signer, base64url, sign_compact};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::disclosure::{digest, is_reserved};
use crate::{ClaimPath, PathElement};

/// How digests are filled up with decoys so that their number tells nothing. RFC 9901 §4.2.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// No decoys.
    None,
    /// Decoys up to this many digests in the top-level `_sd`.
    To(usize),
    /// Decoys up to this many digests in every `_sd`, and up to this many at the end of every
    /// array with an element that can be withheld.
    Everywhere(usize),
}

impl Padding {
    /// How many decoys a container with that many digests gets.
    fn decoys(self, container: &[PathElement], digests: usize) -> Result<usize, IssueError> {
        match self {
            Self::To(total) if container.is_empty() => total.checked_sub(digests).ok_or(IssueError::PaddingTooSmall),
            Self::Everywhere(total) => total.checked_sub(digests).ok_or(IssueError::PaddingTooSmall),
            Self::None | Self::To(_) => Ok(0),
        }
    }
}

/// Why an SD-JWT could not be issued.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IssueError {
    /// A claim is named `_sd`, `...` or `_sd_alg`. RFC 9901 §4.1.
    #[error("a claim has a reserved name")]
    ReservedName,
    /// There is no claim where one is to be disclosable, or it was named twice.
    #[error("there is no claim {0} to be made disclosable")]
    NoSuchClaim(ClaimPath),
    /// The claim must stay visible. draft-ietf-oauth-sd-jwt-vc §2.2.2.3.
    #[error("{0} must not be selectively disclosable")]
    NeverDisclosable(&'static str),
    /// A subject's claim would replace one that the issuer sets itself, such as `exp`.
    #[error("the subject's claims contain {0}")]
    IssuerClaim(&'static str),
    /// More disclosable claims in one place than the padding allows: their number would tell
    /// people apart.
    #[error("more disclosable claims than the padding allows")]
    PaddingTooSmall,
    /// Signing failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Bytes of a salt: 128 bits. RFC 9901 §9.3.
const SALT: usize = 16;
/// Random bytes behind a decoy.
const DECOY: usize = 32;

/// Issues an SD-JWT in which the claims named are selectively disclosable. RFC 9901 §4.
///
/// A claim inside another may be named beside it: its disclosure then lies inside the other's
/// (§4.2.6). The digests of an `_sd` are sorted, which hides the order of the claims and which of
/// them are decoys (§4.2.4.1, §4.2.5).
pub fn issue(
    header: &JwsHeader,
    mut claims: Map<String, Value>,
    disclosable: &[ClaimPath],
    padding: Padding,
    random: &mut dyn RandomSource,
    signer: &dyn Signer,
) -> Result<String, IssueError> {
    check_names(&claims)?;
    let containers = containers(disclosable)?;
    let mut disclosures = Vec::with_capacity(disclosable.len());
    for (container, inside) in containers {
        let decoys = padding.decoys(container, inside.len())?;
        let mut bytes = vec![0; inside.len() * SALT + decoys * DECOY];
        random.fill(&mut bytes);
        let (salts, decoys) = bytes.split_at(inside.len() * SALT);
        for (path, salt) in inside.into_iter().zip(salts.chunks_exact(SALT)) {
            disclosures.push(withhold(&mut claims, path, salt)?);
        }
        for decoy in decoys.chunks_exact(DECOY) {
            add_decoy(&mut claims, container, base64url::encode(Sha256::digest(decoy)));
        }
    }
    if !disclosures.is_empty() {
        claims.insert("_sd_alg".to_owned(), json!("sha-256"));
    }
    let payload = Value::Object(claims).to_string();
    let mut sd_jwt = sign_compact(header, payload.as_bytes(), signer)?;
    sd_jwt.push('~');
    for disclosure in disclosures {
        sd_jwt.push_str(&disclosure);
        sd_jwt.push('~');
    }
    Ok(sd_jwt)
}

/// A place, and the claims in it that can be withheld.
type Container<'p> = (&'p [PathElement], Vec<&'p ClaimPath>);

/// The places that get digests, the innermost first, so that what lies inside a claim is done
/// before the claim itself is withheld; the payload is always the last.
fn containers(disclosable: &[ClaimPath]) -> Result<Vec<Container<'_>>, IssueError> {
    let mut containers: BTreeMap<(Reverse<usize>, &[PathElement]), Vec<&ClaimPath>> = BTreeMap::new();
    containers.insert((Reverse(0), &[]), Vec::new());
    for path in disclosable {
        let (_, container) = path
            .elements()
            .split_last()
            .ok_or_else(|| IssueError::NoSuchClaim(path.clone()))?;
        let key = (Reverse(container.len()), container);
        containers.entry(key).or_default().push(path);
    }
    Ok(containers
        .into_iter()
        .map(|((_, container), inside)| (container, inside))
        .collect())
}

/// Takes a claim out of the payload, leaves its digest, and gives its disclosure.
fn withhold(claims: &mut Map<String, Value>, path: &ClaimPath, salt: &[u8]) -> Result<String, IssueError> {
    let missing = || IssueError::NoSuchClaim(path.clone());
    let salt = base64url::encode(salt);
    match path.elements() {
        [] => Err(missing()),
        [PathElement::Name(name)] => {
            let value = claims.remove(name).ok_or_else(missing)?;
            let disclosure = member(&salt, name, &value);
            add_digest(claims, digest(&disclosure));
            Ok(disclosure)
        }
        [outer @ .., last] => match (container(claims, outer), last) {
            (Some(Value::Object(object)), PathElement::Name(name)) => {
                let value = object.remove(name).ok_or_else(missing)?;
                let disclosure = member(&salt, name, &value);
                add_digest(object, digest(&disclosure));
                Ok(disclosure)
            }
            (Some(Value::Array(array)), PathElement::Index(index)) => {
                let value = array.get_mut(*index).ok_or_else(missing)?;
                if value.get("...").is_some() {
                    return Err(missing());
                }
                let disclosure = base64url::encode(format!("[\"{salt}\",{value}]"));
                *value = json!({ "...": digest(&disclosure) });
                Ok(disclosure)
            }
            _ => Err(missing()),
        },
    }
}

fn member(salt: &str, name: &str, value: &Value) -> String {
    base64url::encode(format!("[\"{salt}\",{},{value}]", Value::from(name)))
}

/// Puts a decoy into the `_sd` of an object, or at the end of an array.
fn add_decoy(claims: &mut Map<String, Value>, path: &[PathElement], digest: String) {
    match path {
        [] => add_digest(claims, digest),
        path => match container(claims, path) {
            Some(Value::Object(object)) => add_digest(object, digest),
            Some(Value::Array(array)) => array.push(json!({ "...": digest })),
            _ => {}
        },
    }
}

fn container<'a>(claims: &'a mut Map<String, Value>, path: &[PathElement]) -> Option<&'a mut Value> {
    let (first, rest) = path.split_first()?;
    let PathElement::Name(first) = first else {
        return None;
    };
    rest.iter()
        .try_fold(claims.get_mut(first)?, |value, element| match element {
            PathElement::Name(name) => value.get_mut(name),
            PathElement::Index(index) => value.get_mut(index),
        })
}

/// Puts a digest into `_sd`, which stays sorted.
fn add_digest(object: &mut Map<String, Value>, digest: String) {
    if let Value::Array(digests) = object.entry("_sd").or_insert_with(|| json!([])) {
        let position = digests.partition_point(|other| other.as_str() < Some(digest.as_str()));
        digests.insert(position, Value::String(digest));
    }
}

fn check_names(object: &Map<String, Value>) -> Result<(), IssueError> {
    object.iter().try_for_each(|(name, value)| {
        if is_reserved(name) {
            return Err(IssueError::ReservedName);
        }
        check_value(value)
    })
}

fn check_value(value: &Value) -> Result<(), IssueError> {
    match value {
        Value::Object(object) => check_names(object),
        Value::Array(array) => array.iter().try_for_each(check_value),
        _ => Ok(()),
    }
}
