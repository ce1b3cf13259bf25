//! Secrets that callers present as bearer tokens (RFC 6750).

use std::fmt;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Shortest secret that is accepted, in bytes.
const SHORTEST: usize = 16;

/// A shared secret. Never shown by `Debug`, wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

/// Why a text is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// Fewer than 16 bytes.
    #[error("the secret is shorter than 16 characters")]
    TooShort,
    /// A value that documentation or examples use.
    #[error("the secret is a placeholder")]
    Placeholder,
    /// Characters that a bearer token cannot hold.
    #[error("the secret holds characters other than A-Z a-z 0-9 - . _ ~ + / =")]
    Characters,
}

impl Secret {
    /// A fresh secret of 256 random bits.
    #[must_use]
    pub fn generate() -> Self {
        Self(Zeroizing::new(crate::random::token()))
    }

    /// The secret itself, for writing it where its owner finds it.
    #[must_use]
    pub fn dangerous_reveal(&self) -> &str {
        &self.0
    }

    /// Whether the request carries `Authorization: Bearer <this secret>`.
    /// Compared in time that depends on the length only.
    #[must_use]
    pub fn authorises(&self, headers: &HeaderMap) -> bool {
        bearer(headers).is_some_and(|presented| presented.as_bytes().ct_eq(self.0.as_bytes()).into())
    }
}

/// The one bearer token of a request, whoever gave it; none if there are two headers.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

impl TryFrom<String> for Secret {
    type Error = SecretError;

    fn try_from(text: String) -> Result<Self, SecretError> {
        let text = Zeroizing::new(text);
        let lower = Zeroizing::new(text.to_ascii_lowercase());
        if ["change", "example", "secret", "password", "placeholder"]
            .iter()
            .any(|word| lower.starts_with(word))
        {
            return Err(SecretError::Placeholder);
        }
        if text.len() < SHORTEST {
            return Err(SecretError::TooShort);
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
        if !text.bytes().all(allowed) {
            return Err(SecretError::Characters);
        }
        Ok(Self(text))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(Text)
    }
}

/// Reads a secret. Where serde's own error would show the value, this one does not.
struct Text;

impl Visitor<'_> for Text {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text in quotes")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
        text.to_owned().try_into().map_err(E::custom)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Secret, E> {
        Err(E::invalid_type(Unexpected::Other("a boolean"), &self))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Secret, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Secret, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Secret, E> {
        Err(E::invalid_type(Unexpected::Other("a number"), &self))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, SecretError};
    use http::HeaderMap;
    use http::header::{AUTHORIZATION, HeaderValue};
    use test_case::test_case;

    #[test_case("short" => SecretError::TooShort)]
    #[test_case("" => SecretError::TooShort; "empty")]
    #[test_case("change-me-change-me-change-me" => SecretError::Placeholder)]
    #[test_case("Password1234567890" => SecretError::Placeholder)]
    #[test_case("with space 1234567890" => SecretError::Characters)]
    fn refused(text: &str) -> SecretError {
        Secret::try_from(text.to_owned()).unwrap_err()
    }

    fn headers(values: &[&str]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for value in values {
            map.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        map
    }

    #[test]
    fn only_the_exact_token_authorises() {
        let secret = Secret::try_from("kX3vJ9-abcdefghij".to_owned()).unwrap();
        assert!(secret.authorises(&headers(&["Bearer kX3vJ9-abcdefghij"])));
        assert!(secret.authorises(&headers(&["bearer kX3vJ9-abcdefghij"])));
        for bad in [
            "Bearer kX3vJ9-abcdefghix",
            "Bearer kX3vJ9-abcdefghij ",
            "Basic kX3vJ9-abcdefghij",
            "Bearer",
            "",
        ] {
            assert!(!secret.authorises(&headers(&[bad])), "{bad:?}");
        }
        assert!(!secret.authorises(&headers(&[])));
        assert!(!secret.authorises(&headers(&["Bearer kX3vJ9-abcdefghij", "Bearer kX3vJ9-abcdefghij"])));
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Secret::generate()), "Secret(…)");
    }
}
