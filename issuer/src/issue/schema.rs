//! Credential types: the files under `schemas/`, built in.

use std::collections::BTreeMap;

use card_formats::Format;
use card_types::{CARD_TYPES, InFormat};
use jose::UnixTime;
use sd_jwt::type_metadata::{ResolvedType, TypeMetadataError};
use serde::Deserialize;

use crate::day;

/// A credential type: SD-JWT VC type metadata and what the issuer needs besides.
/// draft-ietf-oauth-sd-jwt-vc §5
#[derive(Debug, Clone)]
pub struct CredentialType {
    /// What it is called and what its credentials hold.
    pub metadata: ResolvedType,
    /// The document, as it is published.
    pub document: &'static str,
    /// What the issuer needs besides.
    pub holdfast: IssuanceRules,
    name: &'static str,
    formats: Vec<Format>,
}

impl CredentialType {
    /// The type's name on the wire.
    #[must_use]
    pub fn vct(&self) -> &str {
        &self.metadata.reference().vct
    }

    /// The formats in which cards of the type are issued.
    #[must_use]
    pub fn formats(&self) -> &[Format] {
        &self.formats
    }

    /// What each of them calls the type.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.formats.iter().filter_map(move |format| self.name_in(*format))
    }

    /// What a format calls the type; `None` for a format in which it is not issued.
    #[must_use]
    pub fn name_in(&self, format: Format) -> Option<&str> {
        if !self.formats.contains(&format) {
            return None;
        }
        match self.form(format) {
            Some(form) => Some(form.type_name),
            None => (format == Format::SD_JWT_VC).then(|| self.vct()),
        }
    }

    /// From when on copies that are issued now count no longer: the same moment for all of one day.
    pub(crate) fn expires(&self, now: UnixTime) -> UnixTime {
        day::start(now) + self.holdfast.validity_days * day::SECONDS
    }

    /// How a format writes the type; `None` for the one that the schemas are written in.
    #[must_use]
    pub fn form(&self, format: Format) -> Option<&'static InFormat> {
        InFormat::of(self.name, format.name())
    }
}

/// The one member of a document that is the issuer's own.
#[derive(Deserialize)]
struct OwnMember {
    holdfast: IssuanceRules,
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
    /// A file is not type metadata.
    #[error("a credential type cannot be read")]
    Metadata(#[from] TypeMetadataError),
    /// The type extends one that is not built in.
    #[error("the credential type {0} extends another")]
    Extends(&'static str),
    /// The file does not say how credentials of the type are made.
    #[error("the credential type {0} cannot be read")]
    Malformed(&'static str, #[source] serde_json::Error),
    /// `_sd` has no room for every claim, so its length would tell.
    #[error("the credential type {0} has more claims than digests")]
    TooFewDigests(&'static str),
    /// Formats are named for a type that is not issued here.
    #[error("formats of {0} are named, which is not issued here")]
    FormatsOfNothing(String),
    /// No format is named for a type, or one in which it cannot be issued.
    #[error("the credential type {0} cannot be issued in the formats that are named for it")]
    NoSuchForm(String),
}

impl Catalogue {
    /// The types with these file names, each in the formats that are named for it; SD-JWT VC where none are.
    pub fn load(names: &[String], formats: &BTreeMap<String, Vec<Format>>) -> Result<Self, CatalogueError> {
        if let Some(name) = formats.keys().find(|name| !names.contains(name)) {
            return Err(CatalogueError::FormatsOfNothing(name.clone()));
        }
        let mut known = names.iter();
        if let Some(unknown) = known.find(|name| CARD_TYPES.iter().all(|known| known.name != **name)) {
            return Err(CatalogueError::Unknown(unknown.clone()));
        }
        let held = card_types::held()?;
        let mut types = BTreeMap::new();
        for file in CARD_TYPES {
            if !names.iter().any(|wanted| wanted == file.name) {
                continue;
            }
            let metadata = held.known(file.vct).ok_or(CatalogueError::Extends(file.name))?;
            let own: OwnMember =
                serde_json::from_str(file.document).map_err(|error| CatalogueError::Malformed(file.name, error))?;
            if metadata.claims().len() > own.holdfast.digests {
                return Err(CatalogueError::TooFewDigests(file.name));
            }
            let credential_type = CredentialType {
                metadata: metadata.clone(),
                document: file.document,
                holdfast: own.holdfast,
                name: file.name,
                formats: match formats.get(file.name) {
                    Some(formats) => formats.clone(),
                    None => vec![Format::SD_JWT_VC],
                },
            };
            let named = credential_type.names().count();
            if named == 0 || named != credential_type.formats.len() {
                return Err(CatalogueError::NoSuchForm(file.name.to_owned()));
            }
            types.insert(file.name.to_owned(), credential_type);
        }
        Ok(Self(types))
    }

    /// The names of all types there are.
    pub fn known() -> impl Iterator<Item = &'static str> {
        CARD_TYPES.into_iter().map(|known| known.name)
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
        let catalogue = Catalogue::load(&names, &BTreeMap::new()).unwrap();
        assert_eq!(catalogue.iter().count(), 6);
        for (name, credential_type) in catalogue.iter() {
            assert_eq!(credential_type.vct(), format!("urn:holdfast:vct:{name}:1"));
            let locales: Vec<&str> = credential_type
                .metadata
                .display()
                .iter()
                .map(|display| display.locale.as_str())
                .collect();
            assert_eq!(locales, ["en", "de", "fr"]);
            for claim in credential_type.metadata.claims() {
                let locales: Vec<&str> = claim.display().iter().map(|label| label.locale.as_str()).collect();
                assert_eq!((claim.path().elements().len(), locales), (1, vec!["en", "de", "fr"]));
            }
        }
    }

    #[test]
    fn an_unknown_type_is_named() {
        let error = Catalogue::load(&["library-card".to_owned()], &BTreeMap::new()).unwrap_err();
        assert!(matches!(error, CatalogueError::Unknown(name) if name == "library-card"));
    }

    #[test]
    fn a_type_comes_in_the_formats_that_are_named_for_it() {
        let residence = ["residence".to_owned()];
        let load = |name: &str, formats: &[Format]| {
            Catalogue::load(&residence, &BTreeMap::from([(name.to_owned(), formats.to_vec())]))
        };
        let sd_jwt_vc = load("residence", &[Format::SD_JWT_VC]).unwrap();
        let names: Vec<&str> = sd_jwt_vc.find("residence").unwrap().names().collect();
        assert_eq!(names, ["urn:holdfast:vct:residence:1"]);
        assert!(matches!(load("residence", &[]), Err(CatalogueError::NoSuchForm(_))));
        assert!(matches!(
            load("driving-licence", &[Format::SD_JWT_VC]),
            Err(CatalogueError::FormatsOfNothing(_))
        ));
    }
}
