use std::fmt;

use jose::{JwsHeader, SignError, Signer, UnixTime, sign_compact};
use serde_json::{Map, Value, json};

use crate::key_binding::{self, KB_TYP};
use crate::parts::Processed;
use crate::{ClaimPath, open};

/// An SD-JWT in the holder's hands, from which claims are chosen to be shown.
#[derive(Clone, Debug)]
pub struct HeldSdJwt {
    processed: Processed,
}

/// Why a choice of claims cannot be shown.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectError {
    /// The credential has no such claim.
    #[error("there is no claim {0}")]
    NoSuchClaim(ClaimPath),
}

/// Why a presentation could not be bound to the holder's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// The credential is not bound to the signer's key, or to no key at all.
    #[error("the credential is bound to another key")]
    WrongKey,
    /// The signer failed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// What a verifier asks a key binding to contain. RFC 9901 §4.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge<'a> {
    /// Who the presentation is for: the full client id in OpenID4VP.
    pub audience: &'a str,
    /// The nonce of the request.
    pub nonce: &'a str,
}

impl HeldSdJwt {
    pub(crate) fn new(processed: Processed) -> Self {
        Self { processed }
    }

    pub(crate) fn processed(&self) -> &Processed {
        &self.processed
    }

    /// The compact text, to be stored.
    #[must_use]
    pub fn compact(&self) -> &str {
        &self.processed.text
    }

    /// The processed payload with every claim.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.processed.claims
    }

    /// The claims that can be withheld, in the order of their disclosures.
    pub fn disclosable(&self) -> impl Iterator<Item = &ClaimPath> {
        self.processed.disclosures.iter().map(|(_, path)| path)
    }

    /// The claims that no choice can hide, the outermost of each. Of an object or array in which
    /// something can be hidden they are those inside it that cannot; itself, where there are none.
    #[must_use]
    pub fn always_visible(&self) -> Vec<ClaimPath> {
        open::claims(&self.processed)
    }

    /// Chooses the claims to show. RFC 9901 §7.2.
    ///
    /// With a claim go the disclosures it lies in (its digest would be unreachable without
    /// them) and those inside it; nothing else is disclosed.
    pub fn select(&self, claims: &[ClaimPath]) -> Result<Selection<'_>, SelectError> {
        let disclosures = &self.processed.disclosures;
        let mut kept = vec![false; disclosures.len()];
        for claim in claims {
            if !exists(&self.processed.claims, claim) {
                return Err(SelectError::NoSuchClaim(claim.clone()));
            }
            for (kept, (_, path)) in kept.iter_mut().zip(disclosures) {
                *kept |= path.contains(claim) || claim.contains(path);
            }
        }
        let mut sd_jwt = String::with_capacity(self.processed.text.len());
        sd_jwt.push_str(self.processed.jwt());
        sd_jwt.push('~');
        for (range, _) in disclosures
            .iter()
            .zip(&kept)
            .filter_map(|(disclosure, kept)| kept.then_some(disclosure))
        {
            sd_jwt.push_str(&self.processed.text[range.clone()]);
            sd_jwt.push('~');
        }
        Ok(Selection { held: self, sd_jwt })
    }
}

/// An SD-JWT with the chosen disclosures only. `Debug` shows none of them.
#[derive(Clone)]
pub struct Selection<'a> {
    held: &'a HeldSdJwt,
    sd_jwt: String,
}

impl Selection<'_> {
    /// The presentation without key binding.
    #[must_use]
    pub fn into_sd_jwt(self) -> String {
        self.sd_jwt
    }

    /// Adds a Key Binding JWT made with the key in `cnf.jwk`. RFC 9901 §4.3.
    pub fn bind(self, challenge: Challenge<'_>, issued_at: UnixTime, signer: &dyn Signer) -> Result<String, BindError> {
        let bound = key_binding::holder_key(self.held.claims()).map_err(|_| BindError::WrongKey)?;
        if !bound.same_key(signer.public_jwk()) {
            return Err(BindError::WrongKey);
        }
        let header = JwsHeader::new(signer.algorithm()).with_typ(KB_TYP);
        let payload = json!({
            "iat": issued_at,
            "aud": challenge.audience,
            "nonce": challenge.nonce,
            "sd_hash": key_binding::sd_hash(&self.sd_jwt),
        });
        let key_binding = sign_compact(&header, payload.to_string().as_bytes(), signer)?;
        Ok(self.sd_jwt + &key_binding)
    }
}

impl fmt::Debug for Selection<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Selection").finish_non_exhaustive()
    }
}

fn exists(claims: &Map<String, Value>, path: &ClaimPath) -> bool {
    use crate::PathElement::{Index, Name};
    let mut elements = path.elements().iter();
    let Some(Name(first)) = elements.next() else {
        return false;
    };
    let mut value = claims.get(first);
    for element in elements {
        value = value.and_then(|value| match element {
            Name(name) => value.get(name),
            Index(index) => value.get(index),
        });
    }
    value.is_some()
}
