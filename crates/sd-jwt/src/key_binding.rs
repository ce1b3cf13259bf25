use jose::claims::{ClaimError, numeric_date, required_date, required_string};
use jose::{Budget, JwkError, JwsError, OverBudget, PublicJwk, UnixTime, UnverifiedJws, VerifyingKey, Work, base64url};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::Challenge;

/// `typ` of a Key Binding JWT. RFC 9901 §4.3.
pub const KB_TYP: &str = "kb+jwt";
/// How old a Key Binding JWT may be, in seconds.
const MAX_AGE: UnixTime = 300;
/// How far its `iat` may lie ahead, in seconds.
const MAX_AHEAD: UnixTime = 60;

/// Whether the holder must prove possession of the key. RFC 9901 §7.3 step 1.
///
/// The verifier's own decision; what the holder sent has no part in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyBindingPolicy<'a> {
    /// A Key Binding JWT for this audience and nonce must be there.
    Required {
        /// Who the presentation is for: the full client id in OpenID4VP.
        audience: &'a str,
        /// The nonce of this transaction.
        nonce: &'a str,
    },
    /// Possession is not asked for; a Key Binding JWT that came along proves nothing here.
    NotRequired,
}

/// Why a key binding was refused. RFC 9901 §7.3 step 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyBindingError {
    /// The policy asks for key binding and there is none. Step 2.
    #[error("the key binding is missing")]
    Missing,
    /// The credential has no `cnf` with a `jwk`; `kid` and `jku` name no key here. Step 5.1.
    #[error("the credential names no holder key")]
    NoHolderKey,
    /// `cnf.jwk` is not a public key that can be used. Step 5.1.
    #[error("holder key: {0}")]
    HolderKey(JwkError),
    /// Malformed, of another `typ`, or signed by another key. Steps 5.2 to 5.4.
    #[error("key binding JWT: {0}")]
    Jws(#[from] JwsError),
    /// A claim is missing or of the wrong type. §4.3.
    #[error("key binding JWT: {0}")]
    Claim(#[from] ClaimError),
    /// `iat` is more than 300 seconds ago. Step 5.5.
    #[error("the key binding is too old")]
    TooOld,
    /// `iat` is more than 60 seconds ahead. Step 5.5.
    #[error("the key binding lies in the future")]
    InTheFuture,
    /// Made for another transaction. Step 5.6.
    #[error("the nonce is another one")]
    NonceMismatch,
    /// Made for another verifier. Step 5.6.
    #[error("the audience is another one")]
    AudienceMismatch,
    /// Disclosures were added or removed after key binding. Step 5.7, §4.3.1.
    #[error("disclosures were changed after key binding")]
    SdHashMismatch,
    /// The Key Binding JWT has an `exp` that has passed. Step 5.8.
    #[error("the key binding has expired")]
    Expired,
    /// The Key Binding JWT has an `nbf` that is not reached. Step 5.8.
    #[error("the key binding is not valid yet")]
    NotYetValid,
    /// More work than the reader's budget allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

/// A key binding that was checked.
#[derive(Clone, Debug)]
pub struct VerifiedKeyBinding {
    issued_at: UnixTime,
    holder_key: PublicJwk,
}

impl VerifiedKeyBinding {
    /// When the holder signed it.
    #[must_use]
    pub fn issued_at(&self) -> UnixTime {
        self.issued_at
    }

    /// The key that the holder has proved to have.
    #[must_use]
    pub fn holder_key(&self) -> &PublicJwk {
        &self.holder_key
    }
}

/// RFC 9901 §7.3 step 5. `sd_jwt` is the presentation up to its last `~`.
pub(crate) fn verify(
    key_binding: &str,
    sd_jwt: &str,
    payload: &Map<String, Value>,
    challenge: Challenge<'_>,
    now: UnixTime,
    budget: &mut Budget,
) -> Result<VerifiedKeyBinding, KeyBindingError> {
    let holder_key = holder_key(payload)?;
    let key = VerifyingKey::new(&holder_key).map_err(KeyBindingError::HolderKey)?;
    let claims = UnverifiedJws::parse_within(key_binding, budget)?
        .verify_within(&key, KB_TYP, budget)?
        .claims_from(budget)?;
    let issued_at = required_date(&claims, "iat")?;
    if issued_at.saturating_add(MAX_AGE) < now {
        return Err(KeyBindingError::TooOld);
    }
    if issued_at > now.saturating_add(MAX_AHEAD) {
        return Err(KeyBindingError::InTheFuture);
    }
    if required_string(&claims, "nonce")? != challenge.nonce {
        return Err(KeyBindingError::NonceMismatch);
    }
    if required_string(&claims, "aud")? != challenge.audience {
        return Err(KeyBindingError::AudienceMismatch);
    }
    budget.spend(Work::Hashes, 1)?;
    if required_string(&claims, "sd_hash")? != sd_hash(sd_jwt) {
        return Err(KeyBindingError::SdHashMismatch);
    }
    if numeric_date(&claims, "exp")?.is_some_and(|exp| now >= exp) {
        return Err(KeyBindingError::Expired);
    }
    if numeric_date(&claims, "nbf")?.is_some_and(|nbf| now.saturating_add(MAX_AHEAD) < nbf) {
        return Err(KeyBindingError::NotYetValid);
    }
    Ok(VerifiedKeyBinding { issued_at, holder_key })
}

/// The holder's key, from `cnf.jwk` and nowhere else. RFC 9901 §4.1.2, RFC 7800 §3.2.
pub(crate) fn holder_key(payload: &Map<String, Value>) -> Result<PublicJwk, KeyBindingError> {
    let jwk = payload
        .get("cnf")
        .and_then(|cnf| cnf.get("jwk"))
        .ok_or(KeyBindingError::NoHolderKey)?;
    PublicJwk::parse(jwk).map_err(KeyBindingError::HolderKey)
}

/// RFC 9901 §4.3.1.
pub(crate) fn sd_hash(sd_jwt: &str) -> String {
    base64url::encode(Sha256::digest(sd_jwt.as_bytes()))
}
