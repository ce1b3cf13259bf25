use jose::{Signer, UnixTime};
use sd_jwt::{BindError, Challenge};
use serde_json::{Map, Value, json};

use crate::document::Tally;
use crate::form::{FormError, PresentationForm};
use crate::proof::{self, MakeProofError, Options, Purpose};
use crate::{CREDENTIALS_V2, Contexts, CredentialClaims, HolderKey, budget};

/// A credential in the holder's hands. It is shown whole, or not at all.
#[derive(Clone, Debug)]
pub struct HeldCredential {
    claims: CredentialClaims,
    proof: Value,
}

/// Why a credential could not be presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresentError {
    /// The credential is not bound to the signer's key, or to no key at all.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// The document is no presentation of VCDM 2.0.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The proof could not be made.
    #[error(transparent)]
    Proof(#[from] MakeProofError),
}

impl HeldCredential {
    pub(crate) fn new(claims: CredentialClaims, proof: Value) -> Self {
        Self { claims, proof }
    }

    /// The credential with its proof, to be stored.
    #[must_use]
    pub fn to_text(&self) -> String {
        Value::Object(self.secured()).to_string()
    }

    /// What it says, and so what is seen by whoever it is shown to.
    #[must_use]
    pub fn credential(&self) -> &CredentialClaims {
        &self.claims
    }

    /// Presents the credential: `challenge` is the nonce and `domain` the client id.
    /// VCDM 2.0 §4.13; OpenID4VP 1.0 §B.1.3.2.
    ///
    /// # Errors
    /// [`PresentError`]
    pub fn present(
        &self,
        contexts: &Contexts,
        challenge: Challenge<'_>,
        created: UnixTime,
        signer: &dyn Signer,
    ) -> Result<String, PresentError> {
        let holder = self.claims.holder().ok_or(BindError::WrongKey)?;
        let presentation = json!({
            "@context": [CREDENTIALS_V2],
            "type": ["VerifiablePresentation"],
            "holder": holder.did(),
            "verifiableCredential": [self.secured()],
        });
        let presentation = presentation.as_object().cloned().unwrap_or_default();
        sign_presentation(presentation, contexts, holder, challenge, created, signer)
    }

    fn secured(&self) -> Map<String, Value> {
        let mut secured = self.claims.document().clone();
        secured.insert("proof".to_owned(), self.proof.clone());
        secured
    }
}

/// Signs any document that is a presentation of VCDM 2.0, for the holder whom its credentials are bound to.
///
/// # Errors
/// [`PresentError`]
pub fn sign_presentation(
    mut presentation: Map<String, Value>,
    contexts: &Contexts,
    holder: &HolderKey,
    challenge: Challenge<'_>,
    created: UnixTime,
    signer: &dyn Signer,
) -> Result<String, PresentError> {
    if !holder.key().same_key(signer.public_jwk()) {
        return Err(BindError::WrongKey.into());
    }
    let tally = Tally::of_presentation(&presentation).map_err(MakeProofError::Document)?;
    PresentationForm::read(&presentation)?;
    let options = Options {
        purpose: Purpose::Authentication,
        method: holder.method(),
        created,
        challenge: Some((challenge.nonce, challenge.audience)),
    };
    let mut budget = budget::PRESENTATION;
    let proof = proof::make(&presentation, tally, &options, contexts, signer, &mut budget)?;
    presentation.insert("proof".to_owned(), proof);
    Ok(Value::Object(presentation).to_string())
}
