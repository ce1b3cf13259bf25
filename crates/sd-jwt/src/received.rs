use jose::{Budget, PublicJwk, UnixTime, VerifyingKey};
use serde_json::{Map, Value};

use crate::parts::{Parts, Processed};
use crate::{
    ClaimPath, CredentialClaims, CredentialError, HeldSdJwt, IssuerHints, Requirements, SdJwtError, TYP, budget,
};

/// Why a wallet refused a credential that an issuer sent. RFC 9901 §7.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// The SD-JWT itself is not valid; also an SD-JWT+KB from an issuer.
    #[error(transparent)]
    SdJwt(#[from] SdJwtError),
    /// The SD-JWT is no valid credential.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The credential is bound to a key that is not the wallet's.
    #[error("the credential is bound to another key")]
    ForeignHolderKey,
}

/// An SD-JWT from an issuer that nobody has verified.
#[derive(Debug)]
pub struct UnverifiedSdJwt {
    parts: Parts,
}

impl UnverifiedSdJwt {
    /// Takes an SD-JWT apart; one with a key binding is refused. RFC 9901 §4, §7.2.
    pub fn parse(compact: &str) -> Result<Self, SdJwtError> {
        Self::parse_within(compact, budget::CREDENTIAL)
    }

    /// Takes an SD-JWT apart; this and all that follows stays within the budget.
    pub fn parse_within(compact: &str, budget: Budget) -> Result<Self, SdJwtError> {
        let parts = Parts::parse(compact, budget)?;
        if parts.key_binding().is_some() {
            return Err(SdJwtError::KeyBindingPresent);
        }
        Ok(Self { parts })
    }

    /// What it says about its issuer.
    #[must_use]
    pub fn hints(&self) -> IssuerHints<'_> {
        self.parts.hints()
    }

    /// Verifies an SD-JWT of the application's own `typ`. RFC 9901 §7.1.
    pub fn verify(self, issuer_key: &VerifyingKey, typ: &str, now: UnixTime) -> Result<VerifiedSdJwt, SdJwtError> {
        Ok(VerifiedSdJwt {
            processed: self.parts.verify(issuer_key, typ, now)?,
        })
    }

    /// Verifies a credential that a wallet received for its own key. RFC 9901 §7.2, SD-JWT VC.
    pub fn receive(
        self,
        issuer_key: &VerifyingKey,
        holder_key: &PublicJwk,
        requirements: Requirements,
        now: UnixTime,
    ) -> Result<(HeldSdJwt, CredentialClaims), ReceiveError> {
        let verified = self.verify(issuer_key, TYP, now)?;
        let claims = CredentialClaims::check(&verified.processed, requirements, None)?;
        match claims.holder_key() {
            Some(bound) if bound.same_key(holder_key) => Ok((verified.into_held(), claims)),
            _ => Err(ReceiveError::ForeignHolderKey),
        }
    }

    /// The SD-JWT without its signature and dates checked: for what the wallet verified before
    /// it put it into its own vault.
    pub fn dangerous_from_storage(self) -> Result<HeldSdJwt, SdJwtError> {
        Ok(HeldSdJwt::new(self.parts.dangerous_process()?))
    }
}

/// An SD-JWT whose signature, disclosures and dates have been checked.
#[derive(Clone, Debug)]
pub struct VerifiedSdJwt {
    processed: Processed,
}

impl VerifiedSdJwt {
    /// The processed payload.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.processed.claims
    }

    /// What it cost: bytes, values, hashes, signatures.
    #[must_use]
    pub fn work(&self) -> &Budget {
        &self.processed.budget
    }

    /// The claims that can be withheld.
    pub fn disclosed(&self) -> impl Iterator<Item = &ClaimPath> {
        self.processed.disclosures.iter().map(|(_, path)| path)
    }

    /// The SD-JWT as the holder keeps it.
    #[must_use]
    pub fn into_held(self) -> HeldSdJwt {
        HeldSdJwt::new(self.processed)
    }
}
