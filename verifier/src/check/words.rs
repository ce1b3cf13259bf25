//! What a check asks, in words: the labels of the card types that are built in.

use std::collections::BTreeMap;

use card_types::{CARD_TYPES, IN_FORMATS, InFormat};
use ledger::ClaimPath;
use oid4vp::{ClaimsQuery, CredentialQuery, PathComponent};
use receipt::as_registered;
use sd_jwt::type_metadata::{ClaimMetadata, PatternElement, ResolvedType, TypeMetadataError};
use serde::Serialize;

use super::Check;

/// A text by language.
type Texts = BTreeMap<String, String>;

/// The names of cards and what stands on them, by type.
#[derive(Debug, Clone)]
pub struct Words(BTreeMap<String, TypeWords>);

/// A file under `schemas/` is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableType {
    /// It is not the metadata of its type.
    #[error("a built-in card type cannot be read")]
    Metadata(#[from] TypeMetadataError),
    /// It extends a type that is not built in.
    #[error("a built-in card type extends another")]
    Extends,
}

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
    /// It belongs to one of several sets of which any is enough.
    choice: bool,
    kept: bool,
}

impl Words {
    /// The types under `schemas/`.
    ///
    /// # Errors
    /// [`UnreadableType`]
    pub fn built_in() -> Result<Self, UnreadableType> {
        let held = card_types::held()?;
        let types = CARD_TYPES.iter().map(|card_type| {
            let known = held.known(card_type.vct).ok_or(UnreadableType::Extends)?;
            Ok((card_type.vct.to_owned(), TypeWords::of(known)))
        });
        let mut words: BTreeMap<String, TypeWords> = types.collect::<Result<_, UnreadableType>>()?;
        for form in &IN_FORMATS {
            let of_the_type = form.vct().and_then(|vct| words.get(vct));
            if let Some(in_format) = of_the_type.map(|known| known.in_format(form)) {
                words.insert(form.type_name.to_owned(), in_format);
            }
        }
        Ok(Self(words))
    }

    /// What a check asks, card by card; a card that may come in several formats once. A card or claim that has no name
    /// here is shown by the name that it has on the wire.
    pub(crate) fn asked(&self, check: &Check) -> Vec<Asked> {
        let queries = check.query().credentials().iter();
        let stands_once = queries.filter(|asked| !is_another_form(check, asked));
        stands_once.map(|asked| self.card(check, asked)).collect()
    }

    fn card(&self, check: &Check, asked: &CredentialQuery) -> Asked {
        let vct = asked.meta().type_names().first().copied().unwrap_or_default();
        let known = self.0.get(vct);
        let label = |name: &str| {
            let label = known.and_then(|words| words.claims.get(name));
            label.cloned().unwrap_or_else(|| as_on_the_wire(name))
        };
        let sets = as_registered(asked).map(|card| card.claim_sets).unwrap_or_default();
        let is_chosen = |claim: &ClaimsQuery| {
            let path = ClaimPath::from_json(&claim.path().to_value());
            path.is_ok_and(|path| sets.iter().any(|set| set.contains(&path)))
        };
        let claim = |(place, claim): (usize, &ClaimsQuery)| {
            let name = last_name(claim)?;
            let optional = !asked.claim_sets().iter().all(|set| set.contains(&place));
            Some(AskedClaim {
                label: label(name),
                optional,
                choice: optional && is_chosen(claim),
                kept: check.keeps(asked.id(), name),
            })
        };
        Asked {
            card: known.map_or_else(|| as_on_the_wire(vct), |words| words.name.clone()),
            claims: asked.claims().iter().enumerate().filter_map(claim).collect(),
        }
    }
}

/// Whether the same card is asked for in SD-JWT VC too.
fn is_another_form(check: &Check, asked: &CredentialQuery) -> bool {
    let names = asked.meta().type_names();
    let form = names.first().and_then(|name| InFormat::named(name));
    let Some(vct) = form.and_then(InFormat::vct) else {
        return false;
    };
    if names.contains(&vct) {
        return false;
    }
    let mut others = check.query().credentials().iter();
    others.any(|other| other.meta().type_names().contains(&vct))
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

impl TypeWords {
    /// The same in another format.
    fn in_format(&self, form: &InFormat) -> Self {
        let placed = form.claims.iter().filter_map(|place| {
            let label = self.claims.get(place.claim)?;
            Some((place.name.to_owned(), label.clone()))
        });
        let added = form.added.iter().map(|added| {
            let labels = added.labels.iter();
            let labels = labels.map(|(locale, label)| ((*locale).to_owned(), (*label).to_owned()));
            (added.name.to_owned(), labels.collect())
        });
        Self {
            name: self.name.clone(),
            claims: placed.chain(added).collect(),
        }
    }

    fn of(known: &ResolvedType) -> Self {
        let name = known.display().iter();
        let claim = |claim: &ClaimMetadata| {
            let Some(PatternElement::Name(name)) = claim.path().elements().last() else {
                return None;
            };
            let labels = claim.display().iter();
            let labels = labels.map(|each| (each.locale.clone(), each.label.clone()));
            Some((name.clone(), labels.collect()))
        };
        Self {
            name: name.map(|each| (each.locale.clone(), each.name.clone())).collect(),
            claims: known.claims().iter().filter_map(claim).collect(),
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
    fn one_of_several_is_told_from_what_may_be_left_out() {
        let text = include_str!("../../tests/main/checks.toml")
            .replace(r#"[["g","f"],["g","f","b"]]"#, r#"[["g"],["f"],["g","b"]]"#)
            .replace("keep = [\"person.family_name\"]\nretention_days = 7\n", "");
        let asked = Words::built_in()
            .unwrap()
            .asked(&parse_checks(&text).unwrap()["contact"]);
        let claims = asked[0].claims.iter().map(|claim| (claim.optional, claim.choice));
        assert_eq!(claims.collect::<Vec<_>>(), [(true, true), (true, true), (true, false)]);
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
