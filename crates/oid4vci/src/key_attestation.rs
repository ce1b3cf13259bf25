//! Key attestations: a publisher of wallets says what it knows about keys. OpenID4VCI 1.0 Appendix D
//!
//! ```json
//! { "typ": "key-attestation+jwt", "alg": "ES256", "x5c": ["MIIDQjCCA…"] }
//! { "iat": 1516247022, "exp": 1541493724, "nonce": "…", "attested_keys": [{ "kty": "EC", "crv": "P-256", … }] }
//! ```

use jose::claims::{self, ClaimError};
use jose::{
    Algorithm, JwkError, JwsError, JwsHeader, PublicJwk, SignError, Signer, UnixTime, UnverifiedJws, sign_compact,
};
use serde_json::{Map, Value, json};

use crate::attester::{AttesterError, TrustedAttesters};
use crate::key_proof::{AHEAD, ProofFreshness};
use crate::nonce::{FreshNonce, NonceError};

/// `typ` of a key attestation. OpenID4VCI 1.0 Appendix D.1
pub(crate) const TYP: &str = "key-attestation+jwt";

/// What a key attestation says. An attester leaves out what it does not know.
#[derive(Clone, Copy)]
pub struct KeyAttestationDraft<'a> {
    /// The attester.
    pub issuer: &'a str,
    /// The keys, all in one key storage.
    pub keys: &'a [PublicJwk],
    /// The credential issuer's `c_nonce`.
    pub nonce: Option<&'a str>,
    /// From when on it is worth nothing.
    pub expires_at: UnixTime,
}

/// Makes a key attestation. `header` names the attester's key.
pub fn make_key_attestation(
    draft: &KeyAttestationDraft<'_>,
    header: JwsHeader,
    signer: &dyn Signer,
    now: UnixTime,
) -> Result<String, SignError> {
    let keys: Vec<Value> = draft.keys.iter().map(PublicJwk::to_value).collect();
    let mut payload = json!({ "iss": draft.issuer, "iat": now, "exp": draft.expires_at, "attested_keys": keys });
    if let Some(nonce) = draft.nonce {
        payload["nonce"] = nonce.into();
    }
    sign_compact(&header.with_typ(TYP), payload.to_string().as_bytes(), signer)
}

/// What an issuer asks of key attestations. OpenID4VCI 1.0 §12.2.4
#[derive(Clone, Copy)]
pub struct KeyAttestationPolicy<'a> {
    /// Whose attestations count.
    pub attesters: &'a TrustedAttesters,
    /// Whether every key has to be attested.
    pub required: bool,
    /// Levels of the key storage, of which one has to be attested; empty: any, or none.
    pub key_storage: &'a [String],
    /// Levels of the user authentication, of which one has to be attested; empty: any, or none.
    pub user_authentication: &'a [String],
}

/// Keys that a trusted attester vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedKeyAttestation {
    pub(crate) keys: Vec<PublicJwk>,
    pub(crate) nonce: Option<FreshNonce>,
}

/// What an attestation is checked against.
pub(crate) struct Expected<'a> {
    pub(crate) policy: KeyAttestationPolicy<'a>,
    pub(crate) algorithms: &'a [Algorithm],
    pub(crate) freshness: ProofFreshness<'a>,
    /// Whether `exp` has to be there: with the proof type `jwt`. OpenID4VCI 1.0 Appendix D.1
    pub(crate) must_expire: bool,
    pub(crate) at_most: usize,
}

impl Expected<'_> {
    /// Verifies one attestation.
    pub(crate) fn verify(&self, compact: &str, now: UnixTime) -> Result<VerifiedKeyAttestation, KeyAttestationError> {
        let jws = UnverifiedJws::parse(compact)?;
        if !self.algorithms.contains(&jws.header().alg()) {
            return Err(KeyAttestationError::Algorithm);
        }
        let key = self.policy.attesters.key(jws.header(), now)?;
        let claims = jws.verify(&key, TYP)?.claims()?;
        self.check_time(&claims, now)?;
        // Whether it was revoked cannot be found out here, and unknown is not yes.
        if claims.contains_key("status") {
            return Err(KeyAttestationError::Status);
        }
        check_level(&claims, "key_storage", self.policy.key_storage)?;
        check_level(&claims, "user_authentication", self.policy.user_authentication)?;
        let nonce = match self.freshness {
            ProofFreshness::Nonce(nonces) => {
                let nonce = claims::string(&claims, "nonce")?.ok_or(KeyAttestationError::NonceMissing)?;
                Some(nonces.check(nonce, now).map_err(KeyAttestationError::Nonce)?)
            }
            ProofFreshness::IssuedWithin(window) => {
                if claims::required_date(&claims, "iat")?.abs_diff(now) > window {
                    return Err(KeyAttestationError::IssuedAt);
                }
                None
            }
        };
        Ok(VerifiedKeyAttestation {
            keys: self.keys(&claims)?,
            nonce,
        })
    }

    fn check_time(&self, claims: &Map<String, Value>, now: UnixTime) -> Result<(), KeyAttestationError> {
        if claims::required_date(claims, "iat")? > now.saturating_add(AHEAD) {
            return Err(KeyAttestationError::IssuedAt);
        }
        match claims::numeric_date(claims, "exp")? {
            Some(exp) if exp <= now => Err(KeyAttestationError::Expired),
            None if self.must_expire => Err(KeyAttestationError::Claim(ClaimError::Missing("exp"))),
            _ => Ok(()),
        }
    }

    fn keys(&self, claims: &Map<String, Value>) -> Result<Vec<PublicJwk>, KeyAttestationError> {
        let list = claims.get("attested_keys").and_then(Value::as_array);
        let list = list.filter(|list| !list.is_empty());
        let list = list.ok_or(KeyAttestationError::NoKeys)?;
        if list.len() > self.at_most {
            return Err(KeyAttestationError::TooManyKeys);
        }
        let mut keys: Vec<PublicJwk> = Vec::with_capacity(list.len());
        for value in list {
            let key = PublicJwk::parse(value)?;
            if !self.algorithms.contains(&key.algorithm()) {
                return Err(KeyAttestationError::Algorithm);
            }
            if keys.iter().any(|known| known.same_key(&key)) {
                return Err(KeyAttestationError::KeyTwice);
            }
            keys.push(key);
        }
        Ok(keys)
    }
}

/// Whether one of the accepted levels is attested. OpenID4VCI 1.0 Appendix D.2
fn check_level(
    claims: &Map<String, Value>,
    name: &'static str,
    accepted: &[String],
) -> Result<(), KeyAttestationError> {
    let attested = match claims.get(name) {
        None => &[][..],
        Some(Value::Array(levels)) if !levels.is_empty() && levels.iter().all(Value::is_string) => levels.as_slice(),
        Some(_) => return Err(KeyAttestationError::Malformed(name)),
    };
    let is_accepted = |level: &Value| accepted.iter().any(|one| level.as_str() == Some(one));
    if accepted.is_empty() || attested.iter().any(is_accepted) {
        Ok(())
    } else {
        Err(KeyAttestationError::Level(name))
    }
}

/// Why a key attestation is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyAttestationError {
    /// Not a JWS of the right type whose signature holds.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Nobody trusted made it.
    #[error(transparent)]
    Attester(#[from] AttesterError),
    /// An algorithm, of the attestation or of a key, that is not in the metadata.
    #[error("the algorithm is not supported for key attestations")]
    Algorithm,
    /// A claim is missing or of the wrong type.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// A list of levels is none.
    #[error("{0} is malformed")]
    Malformed(&'static str),
    /// Its time is over.
    #[error("the key attestation has expired")]
    Expired,
    /// `iat` is too far away.
    #[error("the key attestation is too old or ahead of time")]
    IssuedAt,
    /// It names a place where it may have been revoked, which is not looked at.
    #[error("whether the key attestation was revoked cannot be checked")]
    Status,
    /// None of the accepted levels is attested.
    #[error("{0} is not attested at an accepted level")]
    Level(&'static str),
    /// No `nonce` although there is a nonce endpoint. OpenID4VCI 1.0 Appendix F.1 and F.3
    #[error("the key attestation has no nonce")]
    NonceMissing,
    /// The nonce is not ours or has run out.
    #[error(transparent)]
    Nonce(NonceError),
    /// `attested_keys` is missing or empty.
    #[error("no attested keys")]
    NoKeys,
    /// More keys than `batch_size`.
    #[error("more attested keys than the batch size")]
    TooManyKeys,
    /// An attested key is no public key of a supported kind.
    #[error("attested key: {0}")]
    Key(#[from] JwkError),
    /// The same key twice.
    #[error("the same attested key twice")]
    KeyTwice,
}

#[cfg(test)]
mod tests;
