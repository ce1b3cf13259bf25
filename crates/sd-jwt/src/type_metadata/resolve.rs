use jose::{Budget, OverBudget, Work};

use super::{ResolvedType, TypeMetadata, TypeMetadataError, TypeReference};
use crate::budget;

/// A type of which not all documents are known yet. draft-ietf-oauth-sd-jwt-vc §5.4, §5.7.
#[derive(Clone, Debug)]
pub struct TypeResolution {
    wanted: TypeReference,
    /// What the credential refers to.
    first: TypeReference,
    /// The extending type before the extended one.
    documents: Vec<TypeMetadata>,
    budget: Budget,
}

/// How far a resolution has come.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is made")]
pub enum Progress {
    /// Another document is wanted.
    Wanted(TypeResolution),
    /// Everything is known.
    Resolved(ResolvedType),
}

impl TypeResolution {
    /// Begins with the type of a credential.
    #[must_use]
    pub fn begin(reference: TypeReference) -> Self {
        Self::begin_within(reference, budget::TYPE_METADATA)
    }

    /// Begins with the type of a credential; all documents together stay within the budget.
    #[must_use]
    pub fn begin_within(reference: TypeReference, budget: Budget) -> Self {
        Self {
            first: reference.clone(),
            wanted: reference,
            documents: Vec::new(),
            budget,
        }
    }

    /// The document that is wanted next.
    #[must_use]
    pub fn wanted(&self) -> &TypeReference {
        &self.wanted
    }

    /// Takes the document that was wanted, as it was retrieved. Its hash is checked before
    /// anything in it is read (§6).
    pub fn supply(mut self, document: &[u8]) -> Result<Progress, TypeMetadataError> {
        if document.len() > self.budget.left(Work::Bytes) {
            return Err(OverBudget(Work::Bytes).into());
        }
        if let Some(integrity) = &self.wanted.integrity {
            integrity.check(document, &mut self.budget)?;
        }
        let metadata = TypeMetadata::parse(document, &mut self.budget)?;
        if metadata.vct != self.wanted.vct {
            return Err(TypeMetadataError::OtherType);
        }
        let extends = metadata.extends.clone();
        self.documents.push(metadata);
        let Some(next) = extends else {
            return ResolvedType::merge(self.first, self.documents).map(Progress::Resolved);
        };
        if self.documents.iter().any(|known| known.vct == next.vct) {
            return Err(TypeMetadataError::Circular);
        }
        if self.budget.left(Work::Documents) == 0 {
            return Err(OverBudget(Work::Documents).into());
        }
        self.wanted = next;
        Ok(Progress::Wanted(self))
    }
}
