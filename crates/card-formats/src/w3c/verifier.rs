//! A copy on its way through a verifier.

use oid4vp::{CredentialType, HolderBinding};
use serde_json::Value;
use status_list::StatusReference;
use w3c_vc::{CredentialError, ProofError, UnverifiedCredential, UnverifiedPresentation};

use super::{challenge, decode, shape};
use crate::{
    Binding, ClaimPath, HeldTypeError, HeldTypes, IssuerHints, PresentationError, PresentedCopy, ShownCopy, Trusted,
};

/// What came: a credential, in the presentation that its holder signed or by itself. OpenID4VP 1.0 Appendix B.1.3.2
pub(super) struct Presented {
    presentation: Option<UnverifiedPresentation>,
    credential: UnverifiedCredential,
    card_type: String,
}

impl Presented {
    pub(super) fn of(text: &str) -> Result<Self, PresentationError> {
        let (presentation, credential) = match decode::credential_in(text) {
            None => (None, UnverifiedCredential::parse(text).map_err(refusal)?),
            Some(inside) => {
                let presentation = UnverifiedPresentation::parse(text).map_err(refused)?;
                let one = inside.ok_or(PresentationError::Invalid)?.to_string();
                (Some(presentation), UnverifiedCredential::parse(&one).map_err(refusal)?)
            }
        };
        let card_type = shape::card_type(&credential).map_err(|_| PresentationError::Invalid)?;
        Ok(Self {
            presentation,
            credential,
            card_type,
        })
    }
}

impl PresentedCopy for Presented {
    fn hints(&self) -> IssuerHints<'_> {
        shape::hints(self.credential.hints(), &self.card_type)
    }

    fn verify(
        self: Box<Self>,
        by: Trusted<'_>,
        binding: Option<Binding<'_>>,
    ) -> Result<Box<dyn ShownCopy>, PresentationError> {
        let Self {
            presentation,
            credential,
            ..
        } = *self;
        let issuer = shape::trusted(credential.hints(), by);
        let contexts = shape::contexts().map_err(|_| PresentationError::Invalid)?;
        let (credential, holder_binding) = match (binding, presentation) {
            (None, _) => {
                let verified = credential.verify(contexts, &issuer, by.now).map_err(refusal)?;
                (verified, HolderBinding::None)
            }
            (Some(_), None) => return Err(PresentationError::HolderBinding),
            (Some(binding), Some(presentation)) => {
                let verified = presentation.verify(contexts, &[issuer], challenge(binding), by.now);
                let mut credentials = verified.map_err(refused)?.into_credentials();
                let (Some(one), true) = (credentials.pop(), credentials.is_empty()) else {
                    return Err(PresentationError::Invalid);
                };
                (one, HolderBinding::Cryptographic)
            }
        };
        let shape = shape::Shape::of(credential.credential()).map_err(|_| PresentationError::Invalid)?;
        shape
            .check(credential.credential(), by.requirements)
            .map_err(|_| PresentationError::Invalid)?;
        let claims = Value::Object(credential.credential().document().clone());
        Ok(Box::new(Shown {
            claims,
            shape,
            holder_binding,
        }))
    }
}

fn refusal(error: CredentialError) -> PresentationError {
    match error {
        CredentialError::Expired | CredentialError::Proof(ProofError::Expired) => PresentationError::Expired,
        // A proof that was made later than now is of a credential that does not count yet.
        CredentialError::NotYetValid | CredentialError::Proof(ProofError::InTheFuture) => {
            PresentationError::NotYetValid
        }
        _ => PresentationError::Invalid,
    }
}

fn refused(error: w3c_vc::PresentationError) -> PresentationError {
    use w3c_vc::PresentationError as Error;
    match error {
        Error::Credential(error) => refusal(error),
        Error::Proof(_) | Error::Unbound | Error::OtherHolder | Error::HolderKey(_) => PresentationError::HolderBinding,
        _ => PresentationError::Invalid,
    }
}

/// A credential that holds.
struct Shown {
    claims: Value,
    shape: shape::Shape,
    holder_binding: HolderBinding,
}

impl ShownCopy for Shown {
    fn kind(&self) -> CredentialType<'_> {
        CredentialType::Types(&self.shape.types)
    }

    fn claims(&self) -> &Value {
        &self.claims
    }

    /// Nothing: the holder had no choice.
    fn disclosed(&self) -> Vec<&ClaimPath> {
        Vec::new()
    }

    fn holder_binding(&self) -> HolderBinding {
        self.holder_binding
    }

    fn status(&self) -> Option<&StatusReference> {
        self.shape.statuses.first()
    }

    fn statuses(&self) -> Vec<&StatusReference> {
        self.shape.statuses.iter().collect()
    }

    fn check_type(&self, _types: &HeldTypes) -> Result<(), HeldTypeError> {
        Ok(())
    }
}
