//! JSON in JCS form. RFC 8785; docs/ledger.md §1.

use jose::strict_json::{self, Limits, StrictJsonError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::PayloadError;

const LIMITS: Limits = Limits {
    bytes: 256 * 1024,
    depth: 16,
    nodes: 16 * 1024,
    string: 64 * 1024,
};
const LARGEST: u64 = (1 << 53) - 1;

/// Reads a blob that must equal its own JCS form.
pub(crate) fn from_canonical<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, PayloadError> {
    let value = strict_json::parse(bytes, &LIMITS)?;
    check_numbers(&value)?;
    if to_canonical(&value)? != bytes {
        return Err(PayloadError::NotCanonical);
    }
    from_value(value)
}

/// A value of its schema's shape.
pub(crate) fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, PayloadError> {
    serde_json::from_value(value).map_err(|_| StrictJsonError::Shape.into())
}

/// The JCS form.
pub(crate) fn to_canonical<T: Serialize>(value: &T) -> Result<Vec<u8>, PayloadError> {
    serde_jcs::to_vec(value).map_err(|_| PayloadError::NotCanonical)
}

fn check_numbers(value: &Value) -> Result<(), PayloadError> {
    match value {
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(0..=LARGEST), _) => Ok(()),
            (None, Some(negative)) if negative.unsigned_abs() <= LARGEST => Ok(()),
            _ => Err(PayloadError::Number),
        },
        Value::Array(elements) => elements.iter().try_for_each(check_numbers),
        Value::Object(members) => members.values().try_for_each(check_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

/// A member that may be left out and is never `null`, for `#[serde(deserialize_with)]`.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// A hash as base64url text, for `#[serde(with)]`.
pub(crate) mod hash_text {
    use jose::base64url;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::hash::Hash;

    pub(crate) fn serialize<S: Serializer>(hash: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64url::encode(hash))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = base64url::decode(&text).map_err(D::Error::custom)?;
        bytes.try_into().map_err(|_| D::Error::custom("a hash has 32 bytes"))
    }
}

/// A hash that may be left out, for `#[serde(with)]`.
pub(crate) mod optional_hash_text {
    use serde::{Deserializer, Serializer};

    use crate::hash::Hash;

    pub(crate) fn serialize<S: Serializer>(hash: &Option<Hash>, serializer: S) -> Result<S::Ok, S::Error> {
        match hash {
            Some(hash) => super::hash_text::serialize(hash, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Hash>, D::Error> {
        super::hash_text::deserialize(deserializer).map(Some)
    }
}

/// A list of hashes as base64url texts, for `#[serde(with)]`.
pub(crate) mod hash_texts {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::hash::Hash;

    #[derive(Serialize, Deserialize)]
    struct Text(#[serde(with = "super::hash_text")] Hash);

    pub(crate) fn serialize<S: Serializer>(hashes: &[Hash], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(hashes.iter().copied().map(Text))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Hash>, D::Error> {
        let texts = Vec::<Text>::deserialize(deserializer)?;
        Ok(texts.into_iter().map(|text| text.0).collect())
    }
}

/// A hash that may be missing, for `#[serde(default, with)]` together with `skip_serializing_if`.
pub(crate) mod optional_hash_text {
    use serde::{Deserializer, Serializer};

    use crate::hash::Hash;

    pub(crate) fn serialize<S: Serializer>(hash: &Option<Hash>, serializer: S) -> Result<S::Ok, S::Error> {
        match hash {
            Some(hash) => super::hash_text::serialize(hash, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Hash>, D::Error> {
        super::hash_text::deserialize(deserializer).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(r#"{"b":1,"a":2}"# => Err(PayloadError::NotCanonical) ; "unsorted_names")]
    #[test_case(r#"{"a": 1}"# => Err(PayloadError::NotCanonical) ; "white_space")]
    #[test_case(r#"{"a":"\u0061"}"# => Err(PayloadError::NotCanonical) ; "needless_escape")]
    #[test_case(r#"{"a":"\/"}"# => Err(PayloadError::NotCanonical) ; "escaped_slash")]
    #[test_case("{\"\u{fb33}\":1,\"\u{1f600}\":2}" => Err(PayloadError::NotCanonical) ; "sorted_by_code_point")]
    #[test_case("{\"\u{1f600}\":2,\"\u{fb33}\":1}" => Ok(()) ; "sorted_by_utf16_unit")]
    #[test_case(r#"{"a":1.5}"# => Err(PayloadError::Number) ; "fraction")]
    #[test_case(r#"{"a":1.0}"# => Err(PayloadError::Number) ; "float_that_is_whole")]
    #[test_case(r#"{"a":9007199254740992}"# => Err(PayloadError::Number) ; "two_pow_53")]
    #[test_case(r#"{"a":9007199254740991}"# => Ok(()) ; "largest")]
    #[test_case(r#"{"a":-9007199254740992}"# => Err(PayloadError::Number) ; "minus_two_pow_53")]
    #[test_case(r#"{"a":1,"a":1}"# => Err(PayloadError::Json(StrictJsonError::DuplicateName)) ; "name_twice")]
    fn canonical(text: &str) -> Result<(), PayloadError> {
        from_canonical::<Value>(text.as_bytes()).map(|_| ())
    }
}
