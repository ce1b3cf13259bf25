use serde_json::{Value, json};

use crate::strict_json::{self, StrictJsonError};
use crate::{Budget, JwkError, KeyUse, OverBudget, PublicJwk, Work};

/// Why a JWK Set was refused. RFC 7517 §5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkSetError {
    /// Longer than the budget allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// Not strict JSON.
    #[error(transparent)]
    Json(#[from] StrictJsonError),
    /// Not an object with an array `keys` of objects. §5.1.
    #[error("a JWK Set is an object with an array of keys")]
    Shape,
    /// A private or symmetric key was published; whoever did so controls none of the others either.
    #[error("a private key stands in the JWK Set")]
    PrivateKey,
    /// Two keys have the same `kid`: it would be open which one is meant. §4.5.
    #[error("two keys of the JWK Set have one kid")]
    RepeatedKid,
}

/// The public keys that somebody publishes. RFC 7517 §5.
///
/// Keys of kinds that are not used here are passed over, as §5 asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JwkSet(Vec<PublicJwk>);

impl JwkSet {
    /// A set of these keys.
    #[must_use]
    pub fn new(keys: Vec<PublicJwk>) -> Self {
        Self(keys)
    }

    /// Reads a document.
    pub fn parse(document: &[u8], budget: &mut Budget) -> Result<Self, JwkSetError> {
        budget.spend(Work::Bytes, document.len())?;
        Self::from_value(&strict_json::parse_within(document, budget)?)
    }

    /// Reads a set that stands in another document.
    pub fn from_value(set: &Value) -> Result<Self, JwkSetError> {
        let keys = set.get("keys").and_then(Value::as_array).ok_or(JwkSetError::Shape)?;
        let mut known: Vec<PublicJwk> = Vec::new();
        for key in keys {
            match PublicJwk::parse(key) {
                Ok(key) if key.kid().is_some() && known.iter().any(|other| other.kid() == key.kid()) => {
                    return Err(JwkSetError::RepeatedKid);
                }
                Ok(key) => known.push(key),
                Err(JwkError::NotAnObject) => return Err(JwkSetError::Shape),
                Err(JwkError::PrivateMember) => return Err(JwkSetError::PrivateKey),
                Err(_) => {}
            }
        }
        Ok(Self(known))
    }

    /// The set as JSON.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({ "keys": self.0.iter().map(PublicJwk::to_value).collect::<Vec<_>>() })
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[PublicJwk] {
        &self.0
    }

    /// The key for signatures that a header's `kid` names; without `kid` the only one there is.
    #[must_use]
    pub fn signing_key(&self, kid: Option<&str>) -> Option<&PublicJwk> {
        let mut found = self
            .0
            .iter()
            .filter(|key| key.key_use() != Some(KeyUse::Encryption))
            .filter(|key| kid.is_none() || key.kid() == kid);
        match (found.next(), found.next()) {
            (Some(key), None) => Some(key),
            _ => None,
        }
    }
}
