use jose::{Budget, JwkError, UnixTime, VerifyingKey, Work};
use sd_jwt::Challenge;
use serde_json::{Map, Value};

use crate::credential::{Hints, Parts};
use crate::document::{self, DocumentError, Tally, elements};
use crate::form::{FormError, PresentationForm};
use crate::proof::{ProofError, UnverifiedProof};
use crate::{Contexts, CredentialError, HolderKey, TrustedIssuer, VerifiedCredential, budget};

/// Why a presentation was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresentationError {
    /// The document cannot be read, or breaks a rule that holds for all of it.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// No presentation of VCDM 2.0. §4.13.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The holder's proof is missing, not for this, or does not hold.
    #[error("presentation: {0}")]
    Proof(#[from] ProofError),
    /// A credential in it was refused.
    #[error("credential: {0}")]
    Credential(#[from] CredentialError),
    /// There is no credential in it.
    #[error("there is no credential in it")]
    Empty,
    /// A credential is bound to no key: anybody could show it.
    #[error("a credential is bound to no key")]
    Unbound,
    /// The credentials are bound to several keys, or `holder` names somebody else.
    #[error("the holder is not whom the credentials are bound to")]
    OtherHolder,
    /// The holder's key cannot be used.
    #[error("holder key: {0}")]
    HolderKey(JwkError),
}

/// What a holder sent; nobody has verified it.
#[derive(Clone, Debug)]
pub struct UnverifiedPresentation {
    document: Map<String, Value>,
    credentials: Vec<Parts>,
    proof: UnverifiedProof,
    tally: Tally,
    form: PresentationForm,
    budget: Budget,
}

impl UnverifiedPresentation {
    /// Takes a presentation apart, and checks its form and that of its credentials. VCDM 2.0 §4.13.
    ///
    /// # Errors
    /// [`PresentationError`]
    pub fn parse(text: &str) -> Result<Self, PresentationError> {
        Self::parse_within(text, budget::PRESENTATION)
    }

    /// Takes a presentation apart; this and all that follows stays within the budget.
    ///
    /// # Errors
    /// [`PresentationError`]
    pub fn parse_within(text: &str, mut budget: Budget) -> Result<Self, PresentationError> {
        let mut document = document::read(text.as_bytes(), &mut budget)?;
        let proof = document.remove("proof");
        let tally = Tally::of_presentation(&document)?;
        let form = PresentationForm::read(&document)?;
        let secured = document.get("verifiableCredential").map(elements).unwrap_or_default();
        budget
            .spend(Work::Documents, secured.len())
            .map_err(DocumentError::OverBudget)?;
        let mut credentials = Vec::with_capacity(secured.len());
        for credential in secured {
            let credential = credential.as_object().ok_or(DocumentError::NotAnObject)?;
            credentials.push(Parts::of(credential.clone())?);
        }
        let proof = UnverifiedProof::parse(proof)?;
        Ok(Self {
            document,
            credentials,
            proof,
            tally,
            form,
            budget,
        })
    }

    /// What its credentials say about their issuers.
    pub fn hints(&self) -> impl Iterator<Item = Hints<'_>> {
        self.credentials.iter().map(Parts::hints)
    }

    /// Verifies each credential for the issuer among `issuers` that it names, and then that the holder whom all
    /// of them are bound to signed this presentation for this challenge. OpenID4VP 1.0 §B.1.3.2, §14.1.2.
    ///
    /// # Errors
    /// [`PresentationError`]
    pub fn verify(
        self,
        contexts: &Contexts,
        issuers: &[TrustedIssuer],
        challenge: Challenge<'_>,
        now: UnixTime,
    ) -> Result<VerifiedPresentation, PresentationError> {
        let mut budget = self.budget;
        contexts
            .check(self.document.get("@context"))
            .map_err(DocumentError::Context)?;
        self.proof
            .check_authentication(challenge.nonce, challenge.audience, now)?;
        let mut credentials = Vec::with_capacity(self.credentials.len());
        for parts in self.credentials {
            let named = parts.hints().issuer;
            let issuer = issuers.iter().find(|issuer| issuer.id() == named);
            let issuer = issuer.ok_or(CredentialError::OtherIssuer)?;
            let claims = parts.verify(contexts, issuer, now, &mut budget)?;
            credentials.push(VerifiedCredential::new(claims, budget.clone()));
        }
        let holder = holder(&credentials)?;
        if self.form.holder.is_some_and(|named| named != holder.did()) {
            return Err(PresentationError::OtherHolder);
        }
        if self.proof.method() != holder.method() {
            return Err(ProofError::UnknownKey.into());
        }
        let key = VerifyingKey::new(holder.key()).map_err(PresentationError::HolderKey)?;
        self.proof
            .verify(&self.document, self.tally, contexts, &key, &mut budget)?;
        Ok(VerifiedPresentation {
            credentials,
            holder,
            budget,
        })
    }
}

/// The one holder whom every credential is bound to.
fn holder(credentials: &[VerifiedCredential]) -> Result<HolderKey, PresentationError> {
    let mut holders = credentials.iter().map(|credential| credential.credential().holder());
    let first = holders.next().ok_or(PresentationError::Empty)?;
    let first = first.ok_or(PresentationError::Unbound)?;
    for other in holders {
        if other.ok_or(PresentationError::Unbound)?.did() != first.did() {
            return Err(PresentationError::OtherHolder);
        }
    }
    Ok(first.clone())
}

/// A presentation of which every check has passed: its credentials', and the holder's proof.
#[derive(Clone, Debug)]
pub struct VerifiedPresentation {
    credentials: Vec<VerifiedCredential>,
    holder: HolderKey,
    budget: Budget,
}

impl VerifiedPresentation {
    /// The credentials, of which there is at least one.
    #[must_use]
    pub fn credentials(&self) -> &[VerifiedCredential] {
        &self.credentials
    }

    /// The credentials, of which there is at least one.
    #[must_use]
    pub fn into_credentials(self) -> Vec<VerifiedCredential> {
        self.credentials
    }

    /// Who has proved to hold the key that they are bound to.
    #[must_use]
    pub fn holder(&self) -> &HolderKey {
        &self.holder
    }

    /// What it cost: bytes, values, statements, hashes, signatures.
    #[must_use]
    pub fn work(&self) -> &Budget {
        &self.budget
    }
}
