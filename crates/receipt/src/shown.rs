//! Which claims were shown: names only, found in the same way by the one who sent them and the one
//! who received them. docs/receipts.md §2

use std::collections::BTreeSet;

use card_formats::{ClaimPath, DecodeError, Decoded, Format, PathElement};
use oid4vp::{ClaimsPath, ClaimsQuery, DcqlQuery, PathComponent, QueryId};
use serde_json::Value;

/// What was shown of one card.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShownCard {
    /// The type of card.
    pub vct: String,
    /// The claims asked for that were shown, sorted, none twice.
    pub claims: Vec<ClaimsPath>,
}

/// Why it cannot be said what was shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShownError {
    /// A presentation does not decode.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A presentation answers nothing that was asked, or in a format that is not known.
    #[error("a presentation of a format that is not known")]
    UnknownFormat,
    /// A presentation names no type of card.
    #[error("a presentation names no type of card")]
    NoType,
}

/// What the presentations of one answer show of what was asked; sorted, so that the order of cards
/// says nothing. No signature is looked at: it says what was shown, not whether it holds.
pub fn shown<'p>(
    query: &DcqlQuery,
    presentations: impl Iterator<Item = (&'p QueryId, &'p str)>,
) -> Result<Vec<ShownCard>, ShownError> {
    let mut cards = Vec::new();
    for (id, text) in presentations {
        let asked = query.credential(id.as_str()).ok_or(ShownError::UnknownFormat)?;
        let format = Format::named(asked.format()).ok_or(ShownError::UnknownFormat)?;
        let decoded = format.decode(text, None)?;
        let presentation = format.presented(text).map_err(|_| ShownError::NoType)?;
        let vct = presentation.hints().vct.ok_or(ShownError::NoType)?.to_owned();
        let claims: BTreeSet<&ClaimsPath> = asked
            .claims()
            .iter()
            .map(ClaimsQuery::path)
            .filter(|path| is_shown(path, &decoded))
            .collect();
        cards.push(ShownCard {
            vct,
            claims: claims.into_iter().cloned().collect(),
        });
    }
    cards.sort();
    Ok(cards)
}

fn is_shown(claim: &ClaimsPath, decoded: &Decoded) -> bool {
    let disclosed = decoded
        .disclosed
        .iter()
        .any(|one| lies_on(claim, &one.path, Some(&one.value)));
    disclosed || decoded.always_visible.iter().any(|path| lies_on(claim, path, None))
}

/// Whether the claim is at this place, above it, or inside of what stands there.
fn lies_on(claim: &ClaimsPath, place: &ClaimPath, value: Option<&Value>) -> bool {
    let (steps, elements) = (claim.components(), place.elements());
    let along = steps.iter().zip(elements).all(|pair| match pair {
        (PathComponent::Key(key), PathElement::Name(name)) => key == name,
        // Which element of an array it was is told to nobody.
        (PathComponent::Index(_) | PathComponent::AllElements, PathElement::Index(_)) => true,
        _ => false,
    });
    let inside = steps.get(elements.len()..).unwrap_or_default();
    along && value.is_none_or(|value| holds(value, inside))
}

/// Whether a value has something there.
fn holds(value: &Value, steps: &[PathComponent]) -> bool {
    match steps.split_first() {
        None => true,
        Some((PathComponent::Key(key), rest)) => value.get(key.as_str()).is_some_and(|value| holds(value, rest)),
        Some((_, rest)) => {
            let elements = value.as_array().map(Vec::as_slice).unwrap_or_default();
            elements.iter().any(|element| holds(element, rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use test_case::test_case;

    #[test_case(json!(["a"]), &["a"], &json!(1) => true ; "the claim itself")]
    #[test_case(json!(["a"]), &["b"], &json!(1) => false ; "another claim")]
    #[test_case(json!(["a", "b"]), &["a"], &json!({"b": 1}) => true ; "inside of what was shown")]
    #[test_case(json!(["a", "b"]), &["a"], &json!({}) => false ; "hidden inside of what was shown")]
    #[test_case(json!(["a"]), &["a", "b"], &json!(1) => true ; "a part of it")]
    #[test_case(json!(["a", null]), &["a"], &json!([]) => false ; "every element hidden")]
    #[test_case(json!(["a", 3]), &["a"], &json!([1]) => true ; "some element")]
    fn shows(claim: Value, place: &[&str], value: &Value) -> bool {
        let claim = ClaimsPath::parse(&claim).expect("a path");
        lies_on(&claim, &ClaimPath::from(place), Some(value))
    }
}
