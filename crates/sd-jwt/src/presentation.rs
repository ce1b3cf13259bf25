use jose::{Budget, UnixTime, VerifyingKey};
use serde_json::{Map, Value};

use crate::key_binding::{self, KeyBindingError, KeyBindingPolicy, VerifiedKeyBinding};
use crate::parts::{Parts, Processed};
use crate::{
    Challenge, ClaimPath, CredentialClaims, CredentialError, IssuerHints, Requirements, SdJwtError, TYP,
    VerifiedCredential, budget,
};

/// Why a presentation was refused. RFC 9901 §7.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PresentationError {
    /// The SD-JWT itself is not valid. §7.1.
    #[error(transparent)]
    SdJwt(#[from] SdJwtError),
    /// The key binding is missing or not valid. §7.3.
    #[error(transparent)]
    KeyBinding(#[from] KeyBindingError),
    /// The SD-JWT is no valid credential. SD-JWT VC.
    #[error(transparent)]
    Credential(#[from] CredentialError),
}

/// What a holder sent, with or without a key binding; nobody has verified it.
#[derive(Debug)]
pub struct UnverifiedPresentation {
    parts: Parts,
}

impl UnverifiedPresentation {
    /// Takes a presentation apart. RFC 9901 §4.
    pub fn parse(compact: &str) -> Result<Self, SdJwtError> {
        Self::parse_within(compact, budget::PRESENTATION)
    }

    /// Takes a presentation apart; this and all that follows stays within the budget.
    pub fn parse_within(compact: &str, budget: Budget) -> Result<Self, SdJwtError> {
        Ok(Self {
            parts: Parts::parse(compact, budget)?,
        })
    }

    /// What it says about its issuer.
    #[must_use]
    pub fn hints(&self) -> IssuerHints<'_> {
        self.parts.hints()
    }

    /// Verifies an SD-JWT of the application's own `typ`. RFC 9901 §7.1, §7.3.
    pub fn verify(
        self,
        issuer_key: &VerifyingKey,
        typ: &str,
        policy: KeyBindingPolicy<'_>,
        now: UnixTime,
    ) -> Result<VerifiedPresentation, PresentationError> {
        let required = match policy {
            KeyBindingPolicy::NotRequired => None,
            KeyBindingPolicy::Required { audience, nonce } => {
                if self.parts.key_binding().is_none() {
                    return Err(KeyBindingError::Missing.into());
                }
                Some(Challenge { audience, nonce })
            }
        };
        let mut processed = self.parts.verify(issuer_key, typ, now)?;
        check_audience(&processed.claims, required.map(|challenge| challenge.audience))?;
        let key_binding = match required {
            None => None,
            Some(challenge) => {
                let Processed {
                    text,
                    sd_jwt,
                    claims,
                    budget,
                    ..
                } = &mut processed;
                let (sd_jwt, key_binding) = text.split_at(*sd_jwt);
                Some(key_binding::verify(
                    key_binding,
                    sd_jwt,
                    claims,
                    challenge,
                    now,
                    budget,
                )?)
            }
        };
        Ok(VerifiedPresentation { processed, key_binding })
    }

    /// Verifies a credential: `typ` is `dc+sd-jwt` and the rules of SD-JWT VC hold.
    pub fn verify_credential(
        self,
        issuer_key: &VerifyingKey,
        requirements: Requirements,
        policy: KeyBindingPolicy<'_>,
        now: UnixTime,
    ) -> Result<VerifiedCredential, PresentationError> {
        let presentation = self.verify(issuer_key, TYP, policy, now)?;
        let claims = CredentialClaims::check(
            &presentation.processed,
            requirements,
            presentation.key_binding.as_ref().map(VerifiedKeyBinding::holder_key),
        )?;
        Ok(VerifiedCredential::new(presentation, claims))
    }
}

/// A presentation whose every check has passed.
#[derive(Clone, Debug)]
pub struct VerifiedPresentation {
    processed: Processed,
    key_binding: Option<VerifiedKeyBinding>,
}

impl VerifiedPresentation {
    /// The processed payload: what the issuer signed and the holder chose to show.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.processed.claims
    }

    /// The claims that the holder chose to show. Array positions are those in
    /// [`VerifiedPresentation::claims`].
    pub fn disclosed(&self) -> impl Iterator<Item = &ClaimPath> {
        self.processed.disclosures.iter().map(|(_, path)| path)
    }

    /// The key binding, where the policy asked for one.
    #[must_use]
    pub fn key_binding(&self) -> Option<&VerifiedKeyBinding> {
        self.key_binding.as_ref()
    }

    /// What it cost: bytes, values, hashes, signatures.
    #[must_use]
    pub fn work(&self) -> &Budget {
        &self.processed.budget
    }

    pub(crate) fn processed(&self) -> &Processed {
        &self.processed
    }
}

/// An SD-JWT that names its audience is for nobody else. RFC 9901 §7.1 step 6, RFC 7519 §4.1.3.
fn check_audience(claims: &Map<String, Value>, own: Option<&str>) -> Result<(), SdJwtError> {
    let named = match claims.get("aud") {
        None => return Ok(()),
        Some(Value::Array(audiences)) => audiences.as_slice(),
        Some(audience) => std::slice::from_ref(audience),
    };
    match own {
        Some(own) if named.iter().any(|audience| audience == own) => Ok(()),
        _ => Err(SdJwtError::OtherAudience),
    }
}
