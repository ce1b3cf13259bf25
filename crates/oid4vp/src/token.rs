//! The two values that tie a response to its request. OpenID4VP 1.0 §5.2, §5.3

use std::fmt;

use jose::{RandomSource, base64url};
use subtle::ConstantTimeEq;

/// Why a `nonce` or `state` was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The value is empty.
    #[error("the value is empty")]
    Empty,
    /// The value is longer than 512 characters.
    #[error("the value is too long")]
    TooLong,
    /// A character outside letters, digits and `-._~`.
    #[error("the value holds a character that is not URL-safe")]
    NotUrlSafe,
}

/// Binds presentations to one transaction. OpenID4VP 1.0 §5.2
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(String);

/// Ties the response to the verifier's session. OpenID4VP 1.0 §5.3
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State(String);

macro_rules! url_safe_token {
    ($name:ident) => {
        impl $name {
            /// 256 fresh random bits.
            pub fn generate(random: &mut dyn RandomSource) -> Self {
                Self(random_text(random))
            }

            /// Reads a value from a message.
            pub fn parse(text: &str) -> Result<Self, TokenError> {
                check(text).map(|()| Self(text.to_owned()))
            }

            /// The value on the wire.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Compares in time that does not depend on where they differ.
            pub fn matches(&self, other: &str) -> bool {
                self.0.as_bytes().ct_eq(other.as_bytes()).into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

url_safe_token!(Nonce);
url_safe_token!(State);

fn random_text(random: &mut dyn RandomSource) -> String {
    let mut bytes = [0u8; 32];
    random.fill(&mut bytes);
    base64url::encode(bytes)
}

fn check(text: &str) -> Result<(), TokenError> {
    if text.is_empty() {
        return Err(TokenError::Empty);
    }
    if text.len() > MAX_LENGTH {
        return Err(TokenError::TooLong);
    }
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    {
        return Err(TokenError::NotUrlSafe);
    }
    Ok(())
}

/// Of our own: the specification sets no limit.
const MAX_LENGTH: usize = 512;

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("n-0S6_WzA2Mj~." => Ok(()) ; "all kinds of characters")]
    #[test_case("" => Err(TokenError::Empty) ; "empty")]
    #[test_case("a b" => Err(TokenError::NotUrlSafe) ; "space")]
    #[test_case("a+b" => Err(TokenError::NotUrlSafe) ; "plus")]
    #[test_case("é" => Err(TokenError::NotUrlSafe) ; "not ascii")]
    fn nonce(text: &str) -> Result<(), TokenError> {
        Nonce::parse(text).map(|_| ())
    }

    #[test]
    fn too_long() {
        assert_eq!(State::parse(&"a".repeat(513)), Err(TokenError::TooLong));
    }

    #[test]
    fn generated_values_are_fresh_and_valid() {
        let mut counter = 0u8;
        let mut random = |out: &mut [u8]| {
            counter += 1;
            out.fill(counter);
        };
        let (one, two) = (Nonce::generate(&mut random), Nonce::generate(&mut random));
        assert_ne!(one, two);
        assert_eq!(Nonce::parse(one.as_str()), Ok(one));
    }
}
