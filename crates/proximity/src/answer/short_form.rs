//! Random bytes that JSON writes as text, as bytes. docs/offline-qr.md §3.2

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jose::base64url;

/// 32 bytes in base64url: a digest, a coordinate.
const BYTES_32: char = '\u{1}';
/// 16 bytes in base64url: a salt.
const BYTES_16: char = '\u{2}';
/// Bytes in base64 with padding: a picture.
const BASE64: char = '\u{3}';
/// The nonce of the challenge.
const NONCE: char = '\u{4}';
/// The hash of the SD-JWT in its key binding.
const SD_HASH: char = '\u{5}';

const PICTURE: &str = ";base64,";

/// Values that both sides know.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) nonce: &'a str,
    /// Inside the payload of a key binding.
    pub(super) sd_hash: Option<&'a str>,
}

impl Known<'_> {
    /// The same in the header of a JWS, where the hash does not stand.
    pub(super) fn of_header(self) -> Self {
        Self { sd_hash: None, ..self }
    }
}

/// The short form of a text; its values go to `values`. Whether it comes back is for the caller
/// to see.
pub(super) fn shorten(text: &str, values: &mut Vec<u8>, known: Known<'_>) -> String {
    let mut short = String::with_capacity(text.len());
    for (number, string) in text.split('"').enumerate() {
        if number > 0 {
            short.push('"');
        }
        shorten_string(string, &mut short, values, known);
    }
    short
}

fn shorten_string(string: &str, short: &mut String, values: &mut Vec<u8>, known: Known<'_>) {
    if string == known.nonce {
        return short.push(NONCE);
    }
    if known.sd_hash == Some(string) {
        return short.push(SD_HASH);
    }
    let sign = match string.len() {
        43 => Some(BYTES_32),
        22 => Some(BYTES_16),
        _ => None,
    };
    if let (Some(sign), Ok(bytes)) = (sign, base64url::decode(string)) {
        values.extend_from_slice(&bytes);
        return short.push(sign);
    }
    match picture(string) {
        Some((head, length, bytes)) => {
            values.extend_from_slice(&length.to_be_bytes());
            values.extend_from_slice(&bytes);
            short.push_str(head);
            short.push(BASE64);
        }
        None => short.push_str(string),
    }
}

/// `data:image/png;base64,…`: what comes before, and the bytes. RFC 2397
fn picture(string: &str) -> Option<(&str, u16, Vec<u8>)> {
    let start = string.find(PICTURE)? + PICTURE.len();
    let (head, encoded) = string.split_at_checked(start)?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let length = u16::try_from(bytes.len()).ok()?;
    Some((head, length, bytes))
}

/// The text again; `None` where a value is missing.
pub(super) fn expand(short: &str, values: &mut &[u8], known: Known<'_>) -> Option<String> {
    let mut text = String::with_capacity(short.len());
    for character in short.chars() {
        match character {
            BYTES_32 => text.push_str(&base64url::encode(take(values, 32)?)),
            BYTES_16 => text.push_str(&base64url::encode(take(values, 16)?)),
            BASE64 => {
                let (length, rest) = values.split_first_chunk::<2>()?;
                *values = rest;
                let length = usize::from(u16::from_be_bytes(*length));
                text.push_str(&STANDARD.encode(take(values, length)?));
            }
            NONCE => text.push_str(known.nonce),
            SD_HASH => text.push_str(known.sd_hash?),
            other => text.push(other),
        }
    }
    Some(text)
}

/// The next bytes of the values.
pub(super) fn take<'a>(values: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = values.split_at_checked(length)?;
    *values = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    const KNOWN: Known<'static> = Known {
        nonce: "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg",
        sd_hash: Some("LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564"),
    };

    fn there(text: &str) -> (String, Vec<u8>) {
        let mut values = Vec::new();
        (shorten(text, &mut values, KNOWN), values)
    }

    fn back(short: &str, mut values: &[u8]) -> Option<String> {
        let text = expand(short, &mut values, KNOWN)?;
        values.is_empty().then_some(text)
    }

    #[test_case(r#"["_26bc4LT-ac6q2KI6cBW5es","given_name","John"]"#, 23 + 3, 0 ; "a_salt_of_23_characters_stays")]
    #[test_case(r#"["AAAAAAAAAAAAAAAAAAAAAA","a",true]"#, 14, 16 ; "a_salt")]
    #[test_case(r#"{"x":"TCAER19Zvu3OHF4j4W4vfSVoHIP1ILilDls7vCeGemc"}"#, 9, 32 ; "a_coordinate")]
    #[test_case(r#"{"nonce":"n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"}"#, 13, 0 ; "the_nonce")]
    #[test_case(r#"{"sd_hash":"LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564"}"#, 15, 0 ; "the_hash")]
    #[test_case(r#"["a","data:image/png;base64,iVBORw0KGgo="]"#, 31, 10 ; "a_picture")]
    fn shorter(text: &str, least: usize, values: usize) {
        let (short, bytes) = there(text);
        assert!(short.len() >= least && short.len() <= text.len(), "{short:?}");
        assert_eq!(bytes.len(), values);
        assert_eq!(back(&short, &bytes).as_deref(), Some(text));
    }

    #[test]
    fn values_that_are_missing_or_left_over_give_nothing() {
        let (short, values) = there(r#"["AAAAAAAAAAAAAAAAAAAAAA","a",true]"#);
        assert_eq!(back(&short, &values[1..]), None);
        assert_eq!(back(&short, &[values, vec![0]].concat()), None);
        assert_eq!(back("\u{3}", &[0]), None);
        assert_eq!(back("\u{3}", &[0, 9, 1]), None);
    }

    #[test]
    fn there_is_no_hash_outside_a_key_binding() {
        let known = Known { sd_hash: None, ..KNOWN };
        assert_eq!(expand("\u{5}", &mut [].as_slice(), known), None);
    }

    proptest! {
        #[test]
        fn json_comes_back(strings in prop::collection::vec("[A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{43}|[ -~]{0,50}", 0..8)) {
            let text = serde_json::Value::from(strings).to_string();
            let (short, values) = there(&text);
            prop_assert_eq!(back(&short, &values), Some(text));
        }
    }
}
