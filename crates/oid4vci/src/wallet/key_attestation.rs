//! What the wallet's own attester says about the keys of copies. OpenID4VCI 1.0 Appendix D

use jose::{PublicJwk, claims};
use serde_json::Value;

use super::attester::{AttestationReadError, OwnAttester};
use crate::key_attestation::TYP;

/// What an attestation may say: which keys they are, how well they are kept, and for how long that holds. Its `status`
/// would be a place of this wallet alone.
const SAID: [&str; 9] = [
    "iss",
    "iat",
    "nbf",
    "exp",
    "attested_keys",
    "key_storage",
    "user_authentication",
    "certification",
    "nonce",
];

/// A key attestation, as the wallet's own attester gave it, for keys and an issuer's nonce.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyAttestation(String);

impl KeyAttestation {
    /// Reads an attestation of exactly these keys, over the issuer's `c_nonce` where it gave one.
    pub fn parse(
        compact: &str,
        keys: &[&PublicJwk],
        c_nonce: Option<&str>,
        attester: &OwnAttester<'_>,
    ) -> Result<Self, AttestationReadError> {
        let claims = attester.claims(compact, TYP, &SAID)?;
        claims::required_date(&claims, "iat")?;
        if claims::string(&claims, "nonce")? != c_nonce {
            return Err(AttestationReadError::OtherNonce);
        }
        let attested = claims.get("attested_keys").and_then(Value::as_array);
        let attested = attested.ok_or(AttestationReadError::NoKey)?;
        if attested.len() != keys.len() {
            return Err(AttestationReadError::OtherKeys);
        }
        let attested = attested.iter().map(|value| attester.key(value));
        let attested = attested.collect::<Result<Vec<_>, _>>()?;
        let is_attested = |key: &&PublicJwk| attested.iter().any(|one| one.same_key(key));
        if !keys.iter().all(is_attested) {
            return Err(AttestationReadError::OtherKeys);
        }
        Ok(Self(compact.to_owned()))
    }

    /// The attestation in compact form.
    #[must_use]
    pub fn into_compact(self) -> String {
        self.0
    }
}

impl std::fmt::Debug for KeyAttestation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyAttestation(…)")
    }
}
