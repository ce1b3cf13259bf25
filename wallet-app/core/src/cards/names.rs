//! What cards and claims are called, in the languages of whoever published the names.

use super::Card;
use crate::history::HistoryCard;
use crate::text::{Localized, in_english, localized};
use card_types::claim_in_every_format;
use oid4vci::metadata::{ClaimDescription, CredentialMetadata, Display, PathElement};

/// Names in every language that `display` has; English is always among them, by what is there.
pub(super) fn of_display(display: &[Display], otherwise: &str) -> Localized {
    let named = display.iter().filter_map(|shown| {
        let language = shown.locale.as_deref().unwrap_or("en");
        Some((language, shown.name.as_deref()?))
    });
    localized(named, otherwise)
}

/// The name of a card.
pub(super) fn title(metadata: &CredentialMetadata, vct: &str) -> Localized {
    of_display(&metadata.display, vct)
}

/// The name of a claim, by its path with dots. What is not described is called by its path.
pub(super) fn label(metadata: &CredentialMetadata, name: &str) -> Localized {
    let described = metadata.claims.iter().find(|claim| path_of(claim) == name);
    let plain = name.replace('_', " ");
    described.map_or_else(|| in_english(&plain), |claim| of_display(&claim.display, &plain))
}

/// Every claim that is described, in the order in which they are shown.
pub(crate) fn labels_of(metadata: &CredentialMetadata) -> Vec<(String, Localized)> {
    metadata
        .claims
        .iter()
        .map(|claim| {
            let name = path_of(claim);
            let label = label(metadata, &name);
            (name, label)
        })
        .collect()
}

/// A path with dots, as [`oid4vp::ClaimsPath`] writes it.
pub(super) fn path_of(claim: &ClaimDescription) -> String {
    let steps: Vec<String> = claim
        .path
        .iter()
        .map(|step| match step {
            PathElement::Key(name) => name.clone(),
            PathElement::Index(place) => place.to_string(),
            PathElement::All(()) => "*".to_owned(),
        })
        .collect();
    steps.join(".")
}

/// Names for what stands in the history, from the cards that are here.
#[derive(Clone, Debug, Default)]
pub struct Names {
    known: Vec<(String, CredentialMetadata)>,
}

impl Names {
    /// The names that these cards bring.
    #[must_use]
    pub fn of<'c>(cards: impl IntoIterator<Item = &'c Card>) -> Self {
        let cards = cards.into_iter();
        let known = cards.map(|card| (card.vct.clone(), card.display.clone()));
        Self { known: known.collect() }
    }

    /// The name of a card in the history: as it was noted, or as a card of its type is called.
    #[must_use]
    pub fn title(&self, noted: &HistoryCard) -> Localized {
        match &noted.title {
            Some(title) => title.clone(),
            None => self
                .metadata(&noted.vct)
                .map_or_else(|| in_english(&noted.vct), |metadata| title(metadata, &noted.vct)),
        }
    }

    /// The name of a claim of a type of card: as a card here describes it, in whatever format that is.
    #[must_use]
    pub fn claim(&self, vct: &str, name: &str) -> Localized {
        let names = claim_in_every_format(vct, name);
        let here = names.iter().filter_map(|(vct, name)| Some((self.metadata(vct)?, name)));
        let here: Vec<(&CredentialMetadata, &String)> = here.collect();
        let describes = |(metadata, name): &&(&CredentialMetadata, &String)| {
            let mut claims = metadata.claims.iter();
            claims.any(|claim| path_of(claim) == **name)
        };
        match here.iter().find(describes).or(here.first()) {
            Some((metadata, name)) => label(metadata, name),
            None => in_english(&name.replace('_', " ")),
        }
    }

    fn metadata(&self, vct: &str) -> Option<&CredentialMetadata> {
        self.known
            .iter()
            .find(|(known, _)| known == vct)
            .map(|(_, metadata)| metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cards::sample;
    use card_formats::Format;
    use serde_json::json;

    fn metadata() -> CredentialMetadata {
        serde_json::from_value(json!({
            "display": [{"name": "Carte", "locale": "fr"}, {"name": "Karte", "locale": "de-AT"}],
            "claims": [
                {"path": ["address", "locality"], "display": [{"name": "Town", "locale": "en"}]},
                {"path": ["nationalities", null]},
            ],
        }))
        .expect("metadata")
    }

    #[test]
    fn a_language_is_there_by_its_first_part_and_english_always() {
        let title = title(&metadata(), "v");
        assert_eq!(
            (title.text("fr"), title.text("de"), title.text("en")),
            ("Carte", "Karte", "Carte")
        );
    }

    #[test]
    fn a_claim_is_found_by_its_path_or_called_by_it() {
        let metadata = metadata();
        assert_eq!(label(&metadata, "address.locality").text("en"), "Town");
        assert_eq!(label(&metadata, "birth_date").text("en"), "birth date");
        assert_eq!(labels_of(&metadata)[1].0, "nationalities.*");
    }

    #[test]
    fn a_claim_is_called_as_on_the_card_that_is_here() {
        let number = json!({"path": ["licence_number"], "display": [{"name": "Number", "locale": "en"}]});
        let display = serde_json::from_value(json!({ "claims": [number] })).expect("metadata");
        let licence = Card {
            display,
            ..sample(Format::SD_JWT_VC, "urn:holdfast:vct:driving-licence:1", &json!({}))
        };
        let names = Names::of([&licence]);
        let iso = |claim: &str| {
            let claim = format!("org.iso.18013.5.1.{claim}");
            names.claim("org.iso.18013.5.1.mDL", &claim).text("en").to_owned()
        };
        assert_eq!(iso("document_number"), "Number");
        assert_eq!(iso("family_name"), "family name", "nobody describes it");
        assert_eq!(
            iso("issuing_country"),
            "org.iso.18013.5.1.issuing country",
            "it is in one format alone"
        );
    }

    #[test]
    fn what_has_no_name_is_called_by_its_type() {
        assert_eq!(
            title(&CredentialMetadata::default(), "urn:x:card:1").text("de"),
            "urn:x:card:1"
        );
    }
}
