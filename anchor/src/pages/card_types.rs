//! The names of the card types and claims that this program knows: the files under `schemas/`.

use ledger::{ClaimPath, PathElement};
use maud::{Markup, html};
use sd_jwt::type_metadata::{ClaimMetadata, HeldTypes, PatternElement, TypeMetadataError};

use super::messages::Language;
use super::plain::plain;
use super::reader::Reader;

/// The card types known by name.
#[derive(Debug)]
pub(crate) struct CardTypes(HeldTypes);

impl CardTypes {
    pub(crate) fn load() -> Result<Self, TypeMetadataError> {
        card_types::held().map(Self)
    }

    /// What a type is called in a language, whatever its format.
    fn name(&self, vct: &str, language: Language) -> Option<&str> {
        let mut named = self.0.known(card_types::own_type(vct))?.display().iter();
        let named = named.find(|named| named.locale == language.tag())?;
        Some(&named.name)
    }

    /// What a claim is called in a language, wherever it stands in the format of its card.
    pub(crate) fn label(&self, vct: &str, path: &ClaimPath, language: Language) -> Option<&str> {
        self.own_label(vct, path, language).or_else(|| {
            let elsewhere = card_types::claim_in_every_format(vct, &dotted(path)?);
            elsewhere.iter().find_map(|(vct, claim)| {
                let path = ClaimPath::names(&claim.split('.').collect::<Vec<_>>());
                self.own_label(vct, &path, language)
            })
        })
    }

    fn own_label(&self, vct: &str, path: &ClaimPath, language: Language) -> Option<&str> {
        let mut claims = self.0.known(vct)?.claims().iter();
        let claim = claims.find(|claim| is_path(claim, path))?;
        let labelled = claim
            .display()
            .iter()
            .find(|labelled| labelled.locale == language.tag())?;
        Some(&labelled.label)
    }
}

/// A path of names alone.
fn dotted(path: &ClaimPath) -> Option<String> {
    let name = |element: &PathElement| match element {
        PathElement::Name(name) => Some(name.clone()),
        _ => None,
    };
    let names: Option<Vec<String>> = path.0.iter().map(name).collect();
    names.map(|names| names.join("."))
}

fn is_path(claim: &ClaimMetadata, path: &ClaimPath) -> bool {
    let elements = claim.path().elements();
    let same = |(known, element): (&PatternElement, &PathElement)| match (known, element) {
        (PatternElement::Name(name), PathElement::Name(other)) => name == other,
        (PatternElement::Index(place), PathElement::Index(other)) => u64::try_from(*place).ok() == Some(*other),
        (PatternElement::All, PathElement::Every) => true,
        _ => false,
    };
    elements.len() == path.0.len() && elements.iter().zip(&path.0).all(same)
}

impl Reader<'_> {
    /// What a card type is called; its identifier where this program knows no name.
    pub(crate) fn card_type(&self, vct: &str) -> Markup {
        html! {
            @match self.card_types.name(vct, self.language) {
                Some(name) => {
                    (name)
                    @if card_types::own_type(vct) != vct { " (" code { (plain(vct)) } ")" }
                }
                None => code { (plain(vct)) },
            }
        }
    }

    /// What a claim of one of these card types is called; its path where no name is known.
    pub(crate) fn claim(&self, vcts: &[String], path: &ClaimPath) -> Markup {
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
