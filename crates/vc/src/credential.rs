use jose::{Budget, PublicJwk, UnixTime};
use serde_json::{Map, Value};

use crate::document::{self, DocumentError, Tally};
use crate::form::{CredentialForm, FormError};
use crate::proof::{ProofError, UnverifiedProof};
use crate::{Contexts, CredentialClaims, HeldCredential, TrustedIssuer, budget, json_ld};

/// Why a credential was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The document cannot be read, or breaks a rule that holds for all of it.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// No credential of VCDM 2.0.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The proof is missing, not for this, or does not hold.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// `issuer` is not whom policy trusts. VCDM 2.0 §4.7.
    #[error("the credential is of another issuer")]
    OtherIssuer,
    /// `validFrom` is not reached. §4.9.
    #[error("not valid yet")]
    NotYetValid,
    /// `validUntil` has passed. §4.9.
    #[error("expired")]
    Expired,
}

/// Why a wallet refused a credential that an issuer sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// The credential does not hold.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The credential is bound to a key that is not the wallet's, or to none.
    #[error("the credential is bound to another key")]
    ForeignHolderKey,
}

/// What a credential says about its issuer: enough for a policy to find the key it trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hints<'a> {
    /// The URL or DID in `issuer`.
    pub issuer: &'a str,
    /// The verification method that claims to have signed.
    pub method: &'a str,
}

/// A credential that nobody has verified.
#[derive(Clone, Debug)]
pub struct UnverifiedCredential {
    parts: Parts,
    budget: Budget,
}

impl UnverifiedCredential {
    /// Takes a credential apart, and checks its form. VCDM 2.0 §4.
    ///
    /// # Errors
    /// [`CredentialError`]
    pub fn parse(text: &str) -> Result<Self, CredentialError> {
        Self::parse_within(text, budget::CREDENTIAL)
    }

    /// Takes a credential apart; this and all that follows stays within the budget.
    ///
    /// # Errors
    /// [`CredentialError`]
    pub fn parse_within(text: &str, mut budget: Budget) -> Result<Self, CredentialError> {
        let secured = document::read(text.as_bytes(), &mut budget)?;
        Ok(Self {
            parts: Parts::of(secured)?,
            budget,
        })
    }

    /// What it says about its issuer.
    #[must_use]
    pub fn hints(&self) -> Hints<'_> {
        self.parts.hints()
    }

    /// Its types as its contexts define them: [`CredentialClaims::type_names`].
    ///
    /// # Errors
    /// [`DocumentError`]
    pub fn type_names(&self, contexts: &Contexts) -> Result<Vec<String>, DocumentError> {
        let Parts { document, form, .. } = &self.parts;
        json_ld::type_names(document.get("@context"), &form.types, contexts)
    }

    /// Checks issuer, purpose, times and signature. Data Integrity 1.0 §4.4.
    ///
    /// # Errors
    /// [`CredentialError`]
    pub fn verify(
        self,
        contexts: &Contexts,
        issuer: &TrustedIssuer,
        now: UnixTime,
    ) -> Result<VerifiedCredential, CredentialError> {
        let Self { parts, mut budget } = self;
        let claims = parts.verify(contexts, issuer, now, &mut budget)?;
        Ok(VerifiedCredential { claims, budget })
    }

    /// Verifies a credential that a wallet received for its own key. OpenID4VCI 1.0 §A.1.2.
    ///
    /// # Errors
    /// [`ReceiveError`]
    pub fn receive(
        self,
        contexts: &Contexts,
        issuer: &TrustedIssuer,
        holder_key: &PublicJwk,
        now: UnixTime,
    ) -> Result<HeldCredential, ReceiveError> {
        let proof = self.parts.secured_proof.clone();
        let verified = self.verify(contexts, issuer, now)?;
        match verified.claims.holder() {
            Some(holder) if holder.key().same_key(holder_key) => Ok(HeldCredential::new(verified.claims, proof)),
            _ => Err(ReceiveError::ForeignHolderKey),
        }
    }

    /// The credential without its signature and dates checked: for what the wallet verified before it put it
    /// into its own vault.
    #[must_use]
    pub fn dangerous_from_storage(self) -> HeldCredential {
        let proof = self.parts.secured_proof.clone();
        HeldCredential::new(self.parts.into_claims(), proof)
    }
}

/// A credential taken apart: what is signed, and the proof.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    document: Map<String, Value>,
    secured_proof: Value,
    proof: UnverifiedProof,
    tally: Tally,
    form: CredentialForm,
}

impl Parts {
    pub(crate) fn of(mut secured: Map<String, Value>) -> Result<Self, CredentialError> {
        let proof = secured.remove("proof");
        let tally = Tally::of_node(&secured)?;
        let form = CredentialForm::read(&secured)?;
        Ok(Self {
            document: secured,
            secured_proof: proof.clone().unwrap_or_default(),
            proof: UnverifiedProof::parse(proof)?,
            tally,
            form,
        })
    }

    pub(crate) fn hints(&self) -> Hints<'_> {
        Hints {
            issuer: &self.form.issuer,
            method: self.proof.method(),
        }
    }

    pub(crate) fn verify(
        self,
        contexts: &Contexts,
        issuer: &TrustedIssuer,
        now: UnixTime,
        budget: &mut Budget,
    ) -> Result<CredentialClaims, CredentialError> {
        contexts
            .check(self.document.get("@context"))
            .map_err(DocumentError::Context)?;
        if self.form.issuer != issuer.id() {
            return Err(CredentialError::OtherIssuer);
        }
        self.proof.check_assertion(now)?;
        let key = issuer.key(self.proof.method()).ok_or(ProofError::UnknownKey)?;
        self.proof.verify(&self.document, self.tally, contexts, key, budget)?;
        if self.form.valid_from.is_some_and(|from| now < from) {
            return Err(CredentialError::NotYetValid);
        }
        if self.form.valid_until.is_some_and(|until| now >= until) {
            return Err(CredentialError::Expired);
        }
        Ok(self.into_claims())
    }

    fn into_claims(self) -> CredentialClaims {
        CredentialClaims::new(self.document, self.form)
    }
}

/// A credential of which every check has passed. Its status has not been looked up.
#[derive(Clone, Debug)]
pub struct VerifiedCredential {
    claims: CredentialClaims,
    budget: Budget,
}

impl VerifiedCredential {
    pub(crate) fn new(claims: CredentialClaims, budget: Budget) -> Self {
        Self { claims, budget }
    }

    /// What it says.
    #[must_use]
    pub fn credential(&self) -> &CredentialClaims {
        &self.claims
    }

    /// What verifying it cost: bytes, values, statements, hashes, signatures. Of a credential in a
    /// presentation: what all of it had cost so far.
    #[must_use]
    pub fn work(&self) -> &Budget {
        &self.budget
    }
}
