//! Reading single claims of a JWT with one meaning. RFC 7519 §4.
//!
//! A claim of the wrong type is an error and never "absent".

use serde_json::{Map, Value};

use crate::UnixTime;

/// A claim is not what it must be. The claim is named, its value is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// A required claim is missing.
    #[error("claim {0} is missing")]
    Missing(&'static str),
    /// Not a whole number of seconds from 0 to 2^53 - 1.
    #[error("claim {0} is not a date")]
    NotADate(&'static str),
    /// Not a string.
    #[error("claim {0} is not a string")]
    NotAString(&'static str),
}

/// Greatest date accepted: whole numbers are exact in every JSON reader up to here.
const LATEST: UnixTime = (1 << 53) - 1;

/// Reads a NumericDate. A string, fraction, negative number, `null` or a number beyond
/// 2^53 - 1 is an error.
pub fn numeric_date(claims: &Map<String, Value>, name: &'static str) -> Result<Option<UnixTime>, ClaimError> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => match value.as_u64() {
            Some(seconds) if seconds <= LATEST => Ok(Some(seconds)),
            _ => Err(ClaimError::NotADate(name)),
        },
    }
}

/// Reads a NumericDate that must be there.
pub fn required_date(claims: &Map<String, Value>, name: &'static str) -> Result<UnixTime, ClaimError> {
    numeric_date(claims, name)?.ok_or(ClaimError::Missing(name))
}

/// Reads a string claim.
pub fn string<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, ClaimError> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ClaimError::NotAString(name)),
    }
}

/// Reads a string claim that must be there.
pub fn required_string<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, ClaimError> {
    string(claims, name)?.ok_or(ClaimError::Missing(name))
}

/// Whether a text is a URI: a scheme, a colon and something without spaces. What of it may be
/// fetched is for the fetching side to decide. RFC 3986 §3.
#[must_use]
pub fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
            && !rest.is_empty()
            && rest.chars().all(|c| c.is_ascii_graphic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use test_case::test_case;

    #[test_case(json!("1700000000"); "string")]
    #[test_case(json!(1_700_000_000.5); "fraction")]
    #[test_case(json!(1_700_000_000.0); "float")]
    #[test_case(json!(-1); "negative")]
    #[test_case(json!(null); "null")]
    #[test_case(json!([1]); "array")]
    #[test_case(json!(9_223_372_036_854_775_808_u64); "two_to_the_63")]
    #[test_case(json!(u64::MAX); "greatest")]
    #[test_case(json!(9_007_199_254_740_992_u64); "two_to_the_53")]
    fn not_a_date(value: Value) {
        let Value::Object(claims) = json!({ "exp": value }) else {
            unreachable!()
        };
        assert_eq!(numeric_date(&claims, "exp"), Err(ClaimError::NotADate("exp")));
    }

    #[test]
    fn a_date_or_nothing() {
        let Value::Object(claims) = json!({ "exp": 5 }) else {
            unreachable!()
        };
        assert_eq!(numeric_date(&claims, "exp"), Ok(Some(5)));
        assert_eq!(numeric_date(&claims, "nbf"), Ok(None));
        assert_eq!(required_date(&claims, "nbf"), Err(ClaimError::Missing("nbf")));
    }

    #[test]
    fn a_string_or_nothing() {
        let Value::Object(claims) = json!({ "iss": "a", "sub": 1 }) else {
            unreachable!()
        };
        assert_eq!(string(&claims, "iss"), Ok(Some("a")));
        assert_eq!(string(&claims, "sub"), Err(ClaimError::NotAString("sub")));
        assert_eq!(required_string(&claims, "aud"), Err(ClaimError::Missing("aud")));
    }
}
