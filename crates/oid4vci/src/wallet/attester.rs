//! What the attester of the wallet's publisher gives, read before anybody else gets it. OpenID4VCI 1.0 Appendix D and
//! E, HAIP 1.0 §4.4.1 and §4.5.1
//!
//! Whether the signature holds and its key is trusted is for whoever gets the attestation. That it is what was asked
//! for, about these keys and for a time that makes sense, and that it says nothing by which wallets of one kind could
//! be told apart, is for the wallet.

use jose::claims::{self, ClaimError};
use jose::strict_json::{self, Limits, StrictJsonError};
use jose::{Algorithm, JwkError, JwsError, PublicJwk, UnixTime, UnverifiedJws};
use serde_json::{Map, Value};

use crate::identifier::Identifier;

/// Members of a public key that say which key it is and what it is for, and nothing else. RFC 7518 §6.2.1
const KEY_MEMBERS: [&str; 6] = ["kty", "crv", "x", "y", "use", "alg"];
/// By how many seconds the clock of a wallet may be wrong: whoever gets the attestation has a better one.
const CLOCK: u64 = 86_400;

/// The attester that a wallet was set up with, and what it may answer.
#[derive(Clone, Copy)]
pub struct OwnAttester<'a> {
    /// Its identifier.
    pub identifier: &'a Identifier,
    /// What it may sign with, and of which keys.
    pub algorithms: &'a [Algorithm],
    /// The time.
    pub now: UnixTime,
}

impl OwnAttester<'_> {
    /// The claims of an attestation of one type that says no more than `said`.
    pub(super) fn claims(
        &self,
        compact: &str,
        typ: &str,
        said: &[&str],
    ) -> Result<Map<String, Value>, AttestationReadError> {
        let jws = UnverifiedJws::parse(compact)?;
        let header = jws.header();
        if header.typ() != Some(typ) {
            return Err(JwsError::WrongType.into());
        }
        if !self.algorithms.contains(&header.alg()) {
            return Err(AttestationReadError::Algorithm);
        }
        if header.kid().is_none() && header.x5c().is_none() {
            return Err(AttestationReadError::NoKeyNamed);
        }
        if header.jwk().is_some() || !header.other().is_empty() {
            return Err(AttestationReadError::SaysMore);
        }
        let Value::Object(claims) = strict_json::parse(jws.dangerous_unverified_payload(), &Limits::MESSAGE)? else {
            return Err(AttestationReadError::NotAnObject);
        };
        if claims.keys().any(|name| !said.contains(&name.as_str())) {
            return Err(AttestationReadError::SaysMore);
        }
        if claims::string(&claims, "iss")?.is_some_and(|issuer| issuer != self.identifier.as_str()) {
            return Err(AttestationReadError::OtherAttester);
        }
        self.check_time(&claims)?;
        Ok(claims)
    }

    /// An attested key: a public one of a supported kind, without a name of its own.
    pub(super) fn key(&self, value: &Value) -> Result<PublicJwk, AttestationReadError> {
        let key = PublicJwk::parse(value)?;
        if !self.algorithms.contains(&key.algorithm()) {
            return Err(AttestationReadError::Algorithm);
        }
        let mut names = value.as_object().into_iter().flat_map(Map::keys);
        if names.any(|name| !KEY_MEMBERS.contains(&name.as_str())) {
            return Err(AttestationReadError::SaysMore);
        }
        Ok(key)
    }

    fn check_time(&self, claims: &Map<String, Value>) -> Result<(), AttestationReadError> {
        let expires_at = claims::required_date(claims, "exp")?;
        if expires_at.saturating_add(CLOCK) <= self.now {
            return Err(AttestationReadError::Expired);
        }
        for name in ["iat", "nbf"] {
            let Some(date) = claims::numeric_date(claims, name)? else {
                continue;
            };
            if date >= expires_at {
                return Err(AttestationReadError::Expired);
            }
            if date > self.now.saturating_add(CLOCK) {
                return Err(AttestationReadError::NotYetValid);
            }
        }
        Ok(())
    }
}

/// Why what the attester gave is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttestationReadError {
    /// Not a JWS of the right type.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// An algorithm, of the attestation or of a key, that is not one of the attester's.
    #[error("the algorithm is not one for attestations")]
    Algorithm,
    /// The header names neither a certificate nor a `kid`: nobody could know whose it is. HAIP 1.0 §4.4.1
    #[error("the attestation names no key")]
    NoKeyNamed,
    /// The payload is not strict JSON.
    #[error(transparent)]
    Json(#[from] StrictJsonError),
    /// The payload is not an object.
    #[error("the payload is not an object")]
    NotAnObject,
    /// It says more than it has to: whoever gets it could know the wallet by that. HAIP 1.0 §4.4.1
    #[error("it says more than it has to")]
    SaysMore,
    /// `iss` is not the attester that was asked.
    #[error("the attestation is of another attester")]
    OtherAttester,
    /// A claim is missing or of the wrong type.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// Its time is over, or never was.
    #[error("the attestation has expired")]
    Expired,
    /// It is from a time far ahead.
    #[error("the attestation is not valid yet")]
    NotYetValid,
    /// It names no key where it must. RFC 7800 §3.2, OpenID4VCI 1.0 Appendix D.1
    #[error("the attestation has no attested key")]
    NoKey,
    /// An attested key is no public key of a supported kind.
    #[error("attested key: {0}")]
    Key(#[from] JwkError),
    /// The attested keys are not those that were asked for.
    #[error("other keys are attested")]
    OtherKeys,
    /// `nonce` is not the issuer's.
    #[error("the attestation carries another nonce")]
    OtherNonce,
}

#[cfg(test)]
mod tests;
