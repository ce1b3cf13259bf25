use std::collections::HashSet;

use jose::claims::is_uri;
use jose::strict_json;
use jose::{Budget, Work};
use serde_json::{Map, Value};

use super::members::{objects, required_text, text};
use super::{ClaimMetadata, TypeDisplay, TypeMetadataError};
use crate::{CredentialClaims, Integrity};

/// Which document is meant: a type, and what its metadata must hash to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeReference {
    /// The type. Where its document is found is for the caller to decide: at that URL, in a
    /// registry, or among those it holds already (§5.3).
    pub vct: String,
    /// The hash, where the referring side names one.
    pub integrity: Option<Integrity>,
}

impl TypeReference {
    /// The type of a credential.
    #[must_use]
    pub fn of(credential: &CredentialClaims) -> Self {
        Self {
            vct: credential.vct().to_owned(),
            integrity: credential.type_integrity().cloned(),
        }
    }
}

/// One type metadata document. What it extends is not in it: see [`super::TypeResolution`].
/// draft-ietf-oauth-sd-jwt-vc §5.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeMetadata {
    pub(super) vct: String,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) extends: Option<TypeReference>,
    pub(super) display: Option<Vec<TypeDisplay>>,
    pub(super) claims: Vec<ClaimMetadata>,
}

impl TypeMetadata {
    /// Reads a document strictly; properties that are not understood are ignored.
    pub fn parse(document: &[u8], budget: &mut Budget) -> Result<Self, TypeMetadataError> {
        budget.spend(Work::Documents, 1)?;
        budget.spend(Work::Bytes, document.len())?;
        let Value::Object(members) = strict_json::parse_within(document, budget)? else {
            return Err(TypeMetadataError::NotAnObject);
        };
        let vct = required_text(&members, "vct")?;
        if vct.is_empty() {
            return Err(TypeMetadataError::Property("vct"));
        }
        let claims = objects(&members, "claims", ClaimMetadata::read)?.unwrap_or_default();
        let mut paths = HashSet::new();
        if let Some(repeated) = claims.iter().find(|claim| !paths.insert(&claim.path)) {
            return Err(TypeMetadataError::RepeatedPath(repeated.path.clone()));
        }
        check_svg_ids(&claims)?;
        Ok(Self {
            vct,
            name: text(&members, "name")?,
            description: text(&members, "description")?,
            extends: extends(&members)?,
            display: objects(&members, "display", TypeDisplay::read)?,
            claims,
        })
    }

    /// The type that the document describes.
    #[must_use]
    pub fn vct(&self) -> &str {
        &self.vct
    }

    /// The type that it extends.
    #[must_use]
    pub fn extends(&self) -> Option<&TypeReference> {
        self.extends.as_ref()
    }
}

fn extends(members: &Map<String, Value>) -> Result<Option<TypeReference>, TypeMetadataError> {
    let integrity = text(members, "extends#integrity")?;
    let integrity = integrity.as_deref().map(Integrity::parse).transpose()?;
    match text(members, "extends")? {
        None => Ok(None),
        Some(vct) if is_uri(&vct) => Ok(Some(TypeReference { vct, integrity })),
        Some(_) => Err(TypeMetadataError::ExtendsNoUri),
    }
}

/// An `svg_id` stands for one claim metadata object. §5.6.
pub(super) fn check_svg_ids(claims: &[ClaimMetadata]) -> Result<(), TypeMetadataError> {
    let mut ids = HashSet::new();
    match claims
        .iter()
        .filter_map(ClaimMetadata::svg_id)
        .find(|id| !ids.insert(*id))
    {
        Some(repeated) => Err(TypeMetadataError::RepeatedSvgId(repeated.to_owned())),
        None => Ok(()),
    }
}
