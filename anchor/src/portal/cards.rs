//! What can be asked: the claims of the card types that are built in, and which of them say yes or no alone.

use ledger::ClaimPath;
use serde_json::Value;

/// A card type and its claims.
#[derive(Clone, Debug)]
pub(crate) struct Card {
    /// The name of its file.
    pub(crate) name: &'static str,
    pub(crate) vct: &'static str,
    /// What queries for it are called.
    pub(crate) query: &'static str,
    pub(crate) claims: Vec<Claim>,
}

/// A claim that can be asked.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// What a claim is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Yes or no.
    Boolean,
    Date,
    /// A list of texts or of more.
    List,
    /// A picture, or anything else that is no plain value.
    Other,
    Text,
}

/// The card types that are built in.
pub(crate) fn cards() -> Vec<Card> {
    card_types::CARD_TYPES
        .into_iter()
        .map(|card| Card {
            name: card.name,
            vct: card.vct,
            query: card.query,
            claims: claims(card.document),
        })
        .collect()
}

/// Those at the top level; what lies below one comes with it.
fn claims(document: &str) -> Vec<Claim> {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let claims = document["claims"].as_array().cloned().unwrap_or_default();
    claims.iter().filter_map(claim).collect()
}

fn claim(claim: &Value) -> Option<Claim> {
    let path = claim["path"].as_array()?;
    let [Value::String(name)] = path.as_slice() else {
        return None;
    };
    let kind = match claim["value_type"].as_str().unwrap_or_default() {
        "boolean" => Kind::Boolean,
        "date" => Kind::Date,
        "list" => Kind::List,
        "text" | "country" => Kind::Text,
        _ => Kind::Other,
    };
    Some(Claim {
        name: name.clone(),
        kind,
    })
}

/// The kind of a claim; unknown cards and claims have none.
pub(crate) fn kind(cards: &[Card], vct: &str, name: &str) -> Option<Kind> {
    let card = cards.iter().find(|card| card.vct == vct)?;
    let claim = card.claims.iter().find(|claim| claim.name == name)?;
    Some(claim.kind)
}

/// The path of a claim.
pub(crate) fn path(name: &str) -> ClaimPath {
    ClaimPath::names(&[name])
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("urn:holdfast:vct:person-identification:1", "age_over_18" => Some(Kind::Boolean); "a threshold")]
    #[test_case("urn:holdfast:vct:person-identification:1", "birth_date" => Some(Kind::Date); "a day")]
    #[test_case("urn:holdfast:vct:person-identification:1", "portrait" => Some(Kind::Other); "a picture")]
    #[test_case("urn:holdfast:vct:residence:1", "age_over_18" => None; "a claim of another card")]
    #[test_case("urn:example:1", "age_over_18" => None; "an unknown card")]
    fn kinds(vct: &str, name: &str) -> Option<Kind> {
        kind(&cards(), vct, name)
    }

    #[test]
    fn every_card_has_claims() {
        for card in cards() {
            assert!(!card.claims.is_empty(), "{}", card.name);
        }
    }
}
