use std::collections::HashMap;

use super::document::check_svg_ids;
use super::{ClaimMetadata, ClaimPattern, TypeDisplay, TypeMetadata, TypeMetadataError, TypeReference};

/// A type with everything that it extends. draft-ietf-oauth-sd-jwt-vc §5.7.
///
/// That a type extends another gives nobody the right to issue either (§7, Credential Type
/// Extension and Issuer Authorization).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedType {
    reference: TypeReference,
    types: Vec<String>,
    name: Option<String>,
    description: Option<String>,
    display: Vec<TypeDisplay>,
    claims: Vec<ClaimMetadata>,
}

impl ResolvedType {
    /// Puts each type over the one that it extends. The documents come extending type first.
    pub(super) fn merge(reference: TypeReference, documents: Vec<TypeMetadata>) -> Result<Self, TypeMetadataError> {
        let mut resolved = Self {
            reference,
            types: documents.iter().map(|document| document.vct.clone()).collect(),
            name: None,
            description: None,
            display: Vec::new(),
            claims: Vec::new(),
        };
        for document in documents.into_iter().rev() {
            // Text for developers describes one document only.
            resolved.name = document.name;
            resolved.description = document.description;
            // §5.5.2: the display of the extended type counts, unless there is one of its own.
            if let Some(display) = document.display {
                resolved.display = display;
            }
            resolved.extend_claims(document.claims)?;
        }
        check_svg_ids(&resolved.claims)?;
        Ok(resolved)
    }

    /// §5.6.5.
    fn extend_claims(&mut self, claims: Vec<ClaimMetadata>) -> Result<(), TypeMetadataError> {
        let mut places: HashMap<ClaimPattern, usize> = HashMap::new();
        for (place, claim) in self.claims.iter().enumerate() {
            places.insert(claim.path.clone(), place);
        }
        for claim in claims {
            match places.get(&claim.path).and_then(|place| self.claims.get_mut(*place)) {
                None => self.claims.push(claim),
                Some(extended) => *extended = extended.clone().extended_by(claim)?,
            }
        }
        Ok(())
    }

    /// What the credential referred to: the type, and the hash that was checked.
    #[must_use]
    pub fn reference(&self) -> &TypeReference {
        &self.reference
    }

    /// The type itself and those that it extends, from the most particular to the most general.
    #[must_use]
    pub fn types(&self) -> &[String] {
        &self.types
    }

    /// Its name, for developers.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its description, for developers.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// What it is called and how it is drawn, for each language.
    #[must_use]
    pub fn display(&self) -> &[TypeDisplay] {
        &self.display
    }

    /// What is said about claims, those of extended types first.
    #[must_use]
    pub fn claims(&self) -> &[ClaimMetadata] {
        &self.claims
    }

    /// What is said about the claims that a placeholder of an SVG template stands for.
    #[must_use]
    pub fn svg_claim(&self, svg_id: &str) -> Option<&ClaimMetadata> {
        self.claims.iter().find(|claim| claim.svg_id() == Some(svg_id))
    }
}
