use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ClaimRuleError, Progress, ResolvedType, TypeMetadata, TypeMetadataError, TypeReference, TypeResolution};
use crate::{CredentialClaims, HeldSdJwt, VerifiedCredential, budget};

/// Type metadata documents that are held, each as it was retrieved: the local cache of
/// draft-ietf-oauth-sd-jwt-vc §5.3.4. Wallet and verifier check credentials with it; whoever fills
/// it decides when something is fetched, and that is never because a credential was shown.
#[derive(Clone, Debug, Default)]
pub struct HeldTypes {
    documents: BTreeMap<String, Arc<[u8]>>,
    /// Those of which everything is held, as a reference without a hash means them.
    known: BTreeMap<String, ResolvedType>,
}

/// Why a credential does not pass for one of its type. draft-ietf-oauth-sd-jwt-vc §5.7.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeldTypeError {
    /// The document that is held is not the one that the credential means, or breaks a rule.
    #[error(transparent)]
    Metadata(#[from] TypeMetadataError),
    /// The credential is not what its type says it must be.
    #[error(transparent)]
    Rule(#[from] ClaimRuleError),
}

impl HeldTypes {
    /// Takes the document of a type; one that was held before gives way.
    ///
    /// # Errors
    /// [`TypeMetadataError`]; [`TypeMetadataError::OtherType`] where it is the document of another
    /// type than this. What was held then stays.
    pub fn hold(&mut self, vct: &str, document: &[u8]) -> Result<(), TypeMetadataError> {
        let metadata = TypeMetadata::parse(document, &mut budget::TYPE_METADATA.clone())?;
        if metadata.vct() != vct {
            return Err(TypeMetadataError::OtherType);
        }
        self.documents.insert(vct.to_owned(), document.into());
        let known = self.documents.keys().filter_map(|vct| {
            let resolved = self.resolve(reference(vct)).ok()??;
            Some((vct.clone(), resolved))
        });
        self.known = known.collect();
        Ok(())
    }

    /// The document of a type, as it was retrieved.
    #[must_use]
    pub fn document(&self, vct: &str) -> Option<&[u8]> {
        self.documents.get(vct).map(Arc::as_ref)
    }

    /// A type of which everything is held and no rule is broken.
    #[must_use]
    pub fn known(&self, vct: &str) -> Option<&ResolvedType> {
        self.known.get(vct)
    }

    /// The type that has to be retrieved before anything is known of this one: it, or one that it
    /// extends. `None` where all is held, or where what is held breaks a rule.
    #[must_use]
    pub fn missing(&self, vct: &str) -> Option<String> {
        let mut resolution = TypeResolution::begin(reference(vct));
        loop {
            let Some(document) = self.documents.get(&resolution.wanted().vct) else {
                return Some(resolution.wanted().vct.clone());
            };
            match resolution.supply(document) {
                Ok(Progress::Wanted(next)) => resolution = next,
                Ok(Progress::Resolved(_)) | Err(_) => return None,
            }
        }
    }

    /// Checks what a wallet received by what is held of its type; nothing where nothing is held.
    ///
    /// # Errors
    /// [`HeldTypeError`]
    pub fn check_held(&self, held: &HeldSdJwt, claims: &CredentialClaims) -> Result<(), HeldTypeError> {
        self.check(claims, |known| known.check_held(held))
    }

    /// Checks what a verifier was shown by what is held of its type; nothing where nothing is held.
    ///
    /// # Errors
    /// [`HeldTypeError`]
    pub fn check_presented(&self, credential: &VerifiedCredential) -> Result<(), HeldTypeError> {
        self.check(credential.credential(), |known| known.check_presented(credential))
    }

    fn check(
        &self,
        claims: &CredentialClaims,
        rules: impl Fn(&ResolvedType) -> Result<(), ClaimRuleError>,
    ) -> Result<(), HeldTypeError> {
        let meant = TypeReference::of(claims);
        if meant.integrity.is_none()
            && let Some(known) = self.known.get(&meant.vct)
        {
            return Ok(rules(known)?);
        }
        match self.resolve(meant)? {
            Some(known) => Ok(rules(&known)?),
            None => Ok(()),
        }
    }

    /// `None` where a document is not held.
    fn resolve(&self, meant: TypeReference) -> Result<Option<ResolvedType>, TypeMetadataError> {
        let mut resolution = TypeResolution::begin(meant);
        loop {
            let Some(document) = self.documents.get(&resolution.wanted().vct) else {
                return Ok(None);
            };
            match resolution.supply(document)? {
                Progress::Resolved(known) => return Ok(Some(known)),
                Progress::Wanted(next) => resolution = next,
            }
        }
    }
}

fn reference(vct: &str) -> TypeReference {
    TypeReference {
        vct: vct.to_owned(),
        integrity: None,
    }
}
