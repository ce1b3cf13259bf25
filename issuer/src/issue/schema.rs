//! Credential types: the files under `schemas/`, built in.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The files, by name.
const FILES: [(&str, &str); 4] = [
    (
        "person-identification",
        include_str!("../../../schemas/person-identification.json"),
    ),
    ("residence", include_str!("../../../schemas/residence.json")),
    ("driving-licence", include_str!("../../../schemas/driving-licence.json")),
    (
        "business-representative",
        include_str!("../../../schemas/business-representative.json"),
    ),
];

/// A credential type: SD-JWT VC type metadata and what the issuer needs besides.
/// draft-ietf-oauth-sd-jwt-vc §4
#[derive(Debug, Clone, Deserialize)]
pub struct CredentialType {
    /// The type's name on the wire.
    pub vct: String,
    /// Names per language.
    pub display: Vec<TypeDisplay>,
    /// The claims, in the order in which they are shown.
    pub claims: Vec<ClaimMetadata>,
    /// What the issuer needs besides.
    pub holdfast: IssuanceRules,
}

/// The card's name for one language.
#[derive(Debug, Clone, Deserialize)]
pub struct TypeDisplay {
    /// BCP 47 language tag.
    pub locale: String,
    /// The name.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// How the card is drawn.
    pub rendering: Rendering,
}

/// How a card is drawn. draft-ietf-oauth-sd-jwt-vc §4.5.1
#[derive(Debug, Clone, Deserialize)]
pub struct Rendering {
    /// Colours alone.
    pub simple: SimpleRendering,
}

/// Colours of a card.
#[derive(Debug, Clone, Deserialize)]
pub struct SimpleRendering {
    /// CSS colour behind the card.
    pub background_color: String,
    /// CSS colour of the text.
    pub text_color: String,
}

/// One claim of a type.
#[derive(Debug, Clone, Deserialize)]
pub struct ClaimMetadata {
    /// Where the claim is; one step here.
    pub path: Vec<String>,
    /// Whether every credential of the type has it.
    pub mandatory: bool,
    /// Names per language.
    pub display: Vec<ClaimLabel>,
}

/// A claim's name for one language.
#[derive(Debug, Clone, Deserialize)]
pub struct ClaimLabel {
    /// BCP 47 language tag.
    pub locale: String,
    /// The name.
    pub label: String,
}

/// How credentials of a type are made.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct IssuanceRules {
    /// For how many days a copy is valid.
    pub validity_days: u64,
    /// How many digests `_sd` has, decoys included.
    pub digests: usize,
}

/// The types an issuer offers, by file name.
#[derive(Debug, Clone)]
pub struct Catalogue(BTreeMap<String, CredentialType>);

/// Why there is no such catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A name of no file under `schemas/`.
    #[error("there is no credential type {0}")]
    Unknown(String),
    /// The file is not type metadata.
    #[error("the credential type {0} cannot be read")]
    Malformed(&'static str, #[source] serde_json::Error),
    /// `_sd` has no room for every claim, so its length would tell.
    #[error("the credential type {0} has more claims than digests")]
    TooFewDigests(&'static str),
}

impl Catalogue {
    /// The types with these file names.
    pub fn load(names: &[String]) -> Result<Self, CatalogueError> {
        if let Some(unknown) = names.iter().find(|name| FILES.iter().all(|(file, _)| file != name)) {
            return Err(CatalogueError::Unknown(unknown.clone()));
        }
        let mut types = BTreeMap::new();
        for (name, text) in FILES
            .into_iter()
            .filter(|(name, _)| names.iter().any(|wanted| wanted == name))
        {
            let credential_type: CredentialType =
                serde_json::from_str(text).map_err(|error| CatalogueError::Malformed(name, error))?;
            if credential_type.claims.len() > credential_type.holdfast.digests {
                return Err(CatalogueError::TooFewDigests(name));
            }
            types.insert(name.to_owned(), credential_type);
        }
        Ok(Self(types))
    }

    /// The names of all types there are.
    pub fn known() -> impl Iterator<Item = &'static str> {
        FILES.into_iter().map(|(name, _)| name)
    }

    /// A type by its file name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&CredentialType> {
        self.0.get(name)
    }

    /// Every type with its file name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &CredentialType)> {
        self.0
            .iter()
            .map(|(name, credential_type)| (name.as_str(), credential_type))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_complete_in_three_languages() {
        let names: Vec<String> = Catalogue::known().map(str::to_owned).collect();
        let catalogue = Catalogue::load(&names).unwrap();
        assert_eq!(catalogue.iter().count(), 4);
        for (name, credential_type) in catalogue.iter() {
            assert_eq!(credential_type.vct, format!("urn:holdfast:vct:{name}:1"));
            let locales: Vec<&str> = credential_type
                .display
                .iter()
                .map(|display| display.locale.as_str())
                .collect();
            assert_eq!(locales, ["en", "de", "fr"]);
            for claim in &credential_type.claims {
                let locales: Vec<&str> = claim.display.iter().map(|label| label.locale.as_str()).collect();
                assert_eq!((claim.path.len(), locales), (1, vec!["en", "de", "fr"]));
            }
        }
    }

    #[test]
    fn an_unknown_type_is_named() {
        let error = Catalogue::load(&["library-card".to_owned()]).unwrap_err();
        assert!(matches!(error, CatalogueError::Unknown(name) if name == "library-card"));
    }
}
