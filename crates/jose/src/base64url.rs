//! Base64url without padding, canonical only. RFC 7515 §2, RFC 4648 §5.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The text is not canonical base64url: a foreign character, padding, white space, an
/// impossible length, or bits set that encode nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not canonical base64url without padding")]
pub struct Base64UrlError;

/// Encodes without padding.
#[must_use]
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes; exactly one text is accepted for each byte string.
pub fn decode(text: &str) -> Result<Vec<u8>, Base64UrlError> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Base64UrlError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use test_case::test_case;

    #[test_case("AA=="; "padding")]
    #[test_case("AB"; "trailing_bits")]
    #[test_case("A"; "impossible_length")]
    #[test_case("AA A"; "white_space")]
    #[test_case("AA+A"; "standard_alphabet")]
    #[test_case("AAAA\n"; "line_end")]
    fn refuses(text: &str) {
        assert_eq!(decode(text), Err(Base64UrlError));
    }

    proptest! {
        #[test]
        fn round_trip(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)), Ok(bytes));
        }

        #[test]
        fn one_text_for_each_byte_string(text in "[A-Za-z0-9_-]{0,12}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(bytes), text);
            }
        }
    }
}
