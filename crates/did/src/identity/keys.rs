//! The private side of an identity: the file `keys.json`.

use std::fmt;

use jose::{PrivateJwk, strict_json};
use serde_json::{Value, json};

/// The private keys of an organisation. Whoever has them is the organisation.
pub struct OrganisationKeys {
    pub(super) next_update: PrivateJwk,
    pub(super) ledger: NamedKey,
    /// Oldest first; the last one signs.
    pub(super) assertion: Vec<NamedKey>,
}

/// A private key and the fragment that names it in the document.
pub struct NamedKey {
    /// `assert-1`, `ledger-1`, …
    pub fragment: String,
    /// The key.
    pub key: PrivateJwk,
}

impl OrganisationKeys {
    /// Reads `keys.json`.
    ///
    /// # Errors
    /// [`KeysError`] where it is not such a file.
    pub fn from_json(bytes: &[u8]) -> Result<Self, KeysError> {
        let json = strict_json::parse(bytes, &strict_json::Limits::MESSAGE).map_err(|_| KeysError::Json)?;
        let assertion = json.get("assertion_keys").and_then(Value::as_array);
        let assertion = assertion.ok_or(KeysError::Member)?;
        let keys = Self {
            next_update: private(json.get("next_update_key"))?,
            ledger: NamedKey::from_value(json.get("ledger_key"))?,
            assertion: assertion
                .iter()
                .map(|key| NamedKey::from_value(Some(key)))
                .collect::<Result<_, _>>()?,
        };
        Ok(keys)
    }

    /// The keys in the clear, for a file that only its owner can read.
    #[must_use]
    pub fn dangerous_to_json(&self) -> Value {
        let assertion: Vec<Value> = self.assertion.iter().map(NamedKey::dangerous_to_value).collect();
        json!({
            "next_update_key": self.next_update.dangerous_to_value(),
            "ledger_key": self.ledger.dangerous_to_value(),
            "assertion_keys": assertion,
        })
    }
}

impl fmt::Debug for OrganisationKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrganisationKeys").finish_non_exhaustive()
    }
}

impl NamedKey {
    fn from_value(json: Option<&Value>) -> Result<Self, KeysError> {
        let json = json.ok_or(KeysError::Member)?;
        let fragment = json.get("name").and_then(Value::as_str).ok_or(KeysError::Member)?;
        Ok(Self {
            fragment: fragment.to_owned(),
            key: private(json.get("jwk"))?,
        })
    }

    fn dangerous_to_value(&self) -> Value {
        json!({ "name": self.fragment, "jwk": self.key.dangerous_to_value() })
    }
}

impl fmt::Debug for NamedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamedKey")
            .field("fragment", &self.fragment)
            .finish_non_exhaustive()
    }
}

/// Why a file is no `keys.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// Not strict JSON.
    #[error("the key file is not JSON")]
    Json,
    /// A key or its name is missing.
    #[error("the key file lacks a key")]
    Member,
    /// A key is not a private JWK of a kind in use.
    #[error("a key of the key file is malformed")]
    Key,
}

fn private(json: Option<&Value>) -> Result<PrivateJwk, KeysError> {
    PrivateJwk::from_value(json.ok_or(KeysError::Member)?).map_err(|_| KeysError::Key)
}
