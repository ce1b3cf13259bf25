//! What a check asks, in words: the labels of the card types that are built in.

use std::collections::BTreeMap;

use oid4vp::{ClaimsQuery, CredentialQuery, Meta, PathComponent};
use serde::{Deserialize, Serialize};

use super::Check;

/// A text by language.
type Texts = BTreeMap<String, String>;

/// The names of cards and what stands on them, by type.
#[derive(Debug, Clone)]
pub struct Words(BTreeMap<String, TypeWords>);

/// A file under `schemas/` is not type metadata.
#[derive(Debug, thiserror::Error)]
#[error("a built-in card type cannot be read")]
pub struct UnreadableType(#[from] serde_json::Error);

#[derive(Debug, Clone)]
struct TypeWords {
    name: Texts,
    claims: BTreeMap<String, Texts>,
}

/// One card that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Asked {
    card: Texts,
    claims: Vec<AskedClaim>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct AskedClaim {
    label: Texts,
    optional: bool,
    kept: bool,
}

impl Words {
    /// The types under `schemas/`.
    ///
    /// # Errors
    /// [`UnreadableType`]
    pub fn built_in() -> Result<Self, UnreadableType> {
        let types = FILES.into_iter().map(|text| {
            let metadata: TypeMetadata = serde_json::from_str(text)?;
            Ok((metadata.vct.clone(), metadata.words()))
        });
        types.collect::<Result<_, _>>().map(Self)
    }

    /// What a check asks, card by card. A card or claim that has no name here
    /// is shown by the name that it has on the wire.
    pub(crate) fn asked(&self, check: &Check) -> Vec<Asked> {
        let queries = check.query().credentials().iter();
        queries.map(|asked| self.card(check, asked)).collect()
    }

    fn card(&self, check: &Check, asked: &CredentialQuery) -> Asked {
        let vct = match asked.meta() {
            Meta::VctValues(types) => types.first().map_or("", String::as_str),
            _ => "",
        };
        let known = self.0.get(vct);
        let label = |name: &str| {
            let label = known.and_then(|words| words.claims.get(name));
            label.cloned().unwrap_or_else(|| as_on_the_wire(name))
        };
        let claim = |(place, claim): (usize, &ClaimsQuery)| {
            let name = last_name(claim)?;
            Some(AskedClaim {
                label: label(name),
                optional: !asked.claim_sets().iter().all(|set| set.contains(&place)),
                kept: check.keeps(asked.id(), name),
            })
        };
        Asked {
            card: known.map_or_else(|| as_on_the_wire(vct), |words| words.name.clone()),
            claims: asked.claims().iter().enumerate().filter_map(claim).collect(),
        }
    }
}

fn last_name(claim: &ClaimsQuery) -> Option<&str> {
    claim
        .path()
        .components()
        .iter()
        .rev()
        .find_map(|component| match component {
            PathComponent::Key(name) => Some(name.as_str()),
            _ => None,
        })
}

fn as_on_the_wire(name: &str) -> Texts {
    Texts::from([("en".to_owned(), name.to_owned())])
}

const FILES: [&str; 4] = [
    include_str!("../../../schemas/person-identification.json"),
    include_str!("../../../schemas/residence.json"),
    include_str!("../../../schemas/driving-licence.json"),
    include_str!("../../../schemas/business-representative.json"),
];

/// The part of type metadata that names things. draft-ietf-oauth-sd-jwt-vc §4
#[derive(Deserialize)]
struct TypeMetadata {
    vct: String,
    display: Vec<TypeName>,
    claims: Vec<ClaimMetadata>,
}

#[derive(Deserialize)]
struct TypeName {
    locale: String,
    name: String,
}

#[derive(Deserialize)]
struct ClaimMetadata {
    path: Vec<String>,
    display: Vec<ClaimLabel>,
}

#[derive(Deserialize)]
struct ClaimLabel {
    locale: String,
    label: String,
}

impl TypeMetadata {
    fn words(self) -> TypeWords {
        let labels = |display: Vec<ClaimLabel>| display.into_iter().map(|each| (each.locale, each.label)).collect();
        TypeWords {
            name: self.display.into_iter().map(|each| (each.locale, each.name)).collect(),
            claims: self
                .claims
                .into_iter()
                .filter_map(|claim| Some((claim.path.last()?.clone(), labels(claim.display))))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::file::parse_checks;

    #[test]
    fn what_is_asked_has_a_name_in_every_language() {
        let checks = parse_checks(include_str!("../../tests/main/checks.toml")).unwrap();
        let words = Words::built_in().unwrap();
        let asked = words.asked(&checks["contact"]);
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].card["de"], "Personenausweis");
        let claims: Vec<(&str, bool, bool)> = asked[0]
            .claims
            .iter()
            .map(|claim| (claim.label["fr"].as_str(), claim.optional, claim.kept))
            .collect();
        assert_eq!(
            claims,
            [
                ("Prénom", false, false),
                ("Nom", false, true),
                ("Date de naissance", true, false)
            ]
        );
    }

    #[test]
    fn what_has_no_name_is_shown_as_it_is_called() {
        let text = include_str!("../../tests/main/checks.toml").replace("categories", "animals");
        let asked = Words::built_in()
            .unwrap()
            .asked(&parse_checks(&text).unwrap()["driver"]);
        assert_eq!(asked[0].claims[0].label["en"], "animals");
    }
}
