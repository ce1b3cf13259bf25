//! The names of the card types and claims that this program knows: the files under `schemas/`.

use ledger::{ClaimPath, PathElement};
use maud::{Markup, html};
use serde::Deserialize;

use super::messages::Language;
use super::plain::plain;
use super::reader::Reader;

const FILES: [&str; 4] = [
    include_str!("../../../schemas/person-identification.json"),
    include_str!("../../../schemas/residence.json"),
    include_str!("../../../schemas/driving-licence.json"),
    include_str!("../../../schemas/business-representative.json"),
];

/// The card types known by name.
#[derive(Debug)]
pub(super) struct CardTypes(Vec<CardType>);

/// What is read of type metadata. draft-ietf-oauth-sd-jwt-vc §4
#[derive(Debug, Deserialize)]
struct CardType {
    vct: String,
    display: Vec<Named>,
    claims: Vec<Claim>,
}

#[derive(Debug, Deserialize)]
struct Claim {
    path: Vec<String>,
    display: Vec<Labelled>,
}

#[derive(Debug, Deserialize)]
struct Named {
    locale: String,
    name: String,
}

#[derive(Debug, Deserialize)]
struct Labelled {
    locale: String,
    label: String,
}

impl CardTypes {
    pub(super) fn load() -> Result<Self, serde_json::Error> {
        let types = FILES.iter().map(|file| serde_json::from_str(file));
        Ok(Self(types.collect::<Result<_, _>>()?))
    }

    fn name(&self, vct: &str, language: Language) -> Option<&str> {
        let card_type = self.0.iter().find(|card_type| card_type.vct == vct)?;
        let named = card_type.display.iter().find(|named| named.locale == language.tag())?;
        Some(&named.name)
    }

    fn label(&self, vct: &str, path: &ClaimPath, language: Language) -> Option<&str> {
        let card_type = self.0.iter().find(|card_type| card_type.vct == vct)?;
        let claim = card_type.claims.iter().find(|claim| is_path(&claim.path, path))?;
        let labelled = claim
            .display
            .iter()
            .find(|labelled| labelled.locale == language.tag())?;
        Some(&labelled.label)
    }
}

fn is_path(names: &[String], path: &ClaimPath) -> bool {
    let same = |(name, element): (&String, &PathElement)| matches!(element, PathElement::Name(other) if other == name);
    names.len() == path.0.len() && names.iter().zip(&path.0).all(same)
}

impl Reader<'_> {
    /// What a card type is called; its identifier where this program knows no name.
    pub(super) fn card_type(&self, vct: &str) -> Markup {
        html! {
            @match self.card_types.name(vct, self.language) {
                Some(name) => (name),
                None => code { (plain(vct)) },
            }
        }
    }

    /// What a claim of one of these card types is called; its path where no name is known.
    pub(super) fn claim(&self, vcts: &[String], path: &ClaimPath) -> Markup {
        let mut labels = vcts
            .iter()
            .filter_map(|vct| self.card_types.label(vct, path, self.language));
        html! {
            @match labels.next() {
                Some(label) => (label),
                None => code { (path_text(path)) },
            }
        }
    }
}

fn path_text(path: &ClaimPath) -> String {
    let step = |element: &PathElement| match element {
        PathElement::Name(name) => plain(name),
        PathElement::Index(index) => index.to_string(),
        PathElement::Every => "*".to_owned(),
    };
    path.0.iter().map(step).collect::<Vec<_>>().join(" › ")
}
