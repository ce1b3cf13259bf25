//! Encodings that all C2SP text formats share.

use base64::{Engine, engine::general_purpose::STANDARD};

/// Standard base64 with padding, RFC 4648 §4.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes base64 and accepts one spelling only: padding present, unused bits zero.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// ASCII decimal without sign or leading zeroes; zero itself is `0`.
pub(crate) fn parse_decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    if !canonical || text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("0" => Some(0); "zero")]
    #[test_case("18446744073709551615" => Some(u64::MAX); "largest")]
    #[test_case("18446744073709551616" => None; "too large")]
    #[test_case("00" => None; "zero twice")]
    #[test_case("01" => None; "leading zero")]
    #[test_case("+1" => None; "sign")]
    #[test_case("" => None; "empty")]
    #[test_case("1 " => None; "space")]
    fn decimal(text: &str) -> Option<u64> {
        parse_decimal(text)
    }

    #[test_case("AA==" => Some(vec![0]); "canonical")]
    #[test_case("AB==" => None; "unused bits set")]
    #[test_case("AA" => None; "no padding")]
    #[test_case("A_==" => None; "url alphabet")]
    #[test_case("AA==\n" => None; "newline")]
    fn base64(text: &str) -> Option<Vec<u8>> {
        decode_base64(text)
    }
}
