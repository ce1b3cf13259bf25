use jose::strict_json;
use jose::{Budget, base64url};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::SdJwtError;

/// A disclosure taken apart. RFC 9901 §4.2.
pub(crate) struct Disclosure {
    /// Present for an object member, absent for an array element.
    pub(crate) name: Option<String>,
    pub(crate) value: Value,
}

impl Disclosure {
    /// Reads the text of a disclosure, whose bytes have been paid for.
    pub(crate) fn parse(encoded: &str, budget: &mut Budget) -> Result<Self, SdJwtError> {
        let json = base64url::decode(encoded).map_err(|_| SdJwtError::DisclosureBase64)?;
        let value = strict_json::parse_within(&json, budget).map_err(SdJwtError::DisclosureJson)?;
        let Value::Array(elements) = value else {
            return Err(SdJwtError::MalformedDisclosure);
        };
        let count = elements.len();
        let mut elements = elements.into_iter();
        match (count, elements.next(), elements.next(), elements.next()) {
            (2, Some(Value::String(_)), Some(value), None) => Ok(Self { name: None, value }),
            (3, Some(Value::String(_)), Some(Value::String(name)), Some(value)) => Ok(Self {
                name: Some(name),
                value,
            }),
            _ => Err(SdJwtError::MalformedDisclosure),
        }
    }
}

/// The digest of a disclosure, over its text as it stands. RFC 9901 §4.2.3.
pub(crate) fn digest(encoded: &str) -> String {
    base64url::encode(Sha256::digest(encoded.as_bytes()))
}

/// Names with a meaning of their own in SD-JWT.
pub(crate) fn is_reserved(name: &str) -> bool {
    matches!(name, "_sd" | "..." | "_sd_alg")
}
