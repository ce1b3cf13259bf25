//! Whether a value that stands in two formats is one value. Of a type that is not built in nothing says how a format
//! writes it: it is compared in every way in which both can be read, and where there is none, it is another way of
//! writing, and says nothing against it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rule::Day;
use serde_json::{Number, Value};

/// Texts as long as this are no number of a document: where both are base64, they are bytes.
const BYTES_FROM: usize = 64;
/// Kinds of pictures, and how their bytes begin. ISO/IEC 18013-5 §7.2.2
const PICTURES: [(&str, &[u8]); 3] = [
    ("png", b"\x89PNG\r\n\x1a\n"),
    ("jpeg", b"\xff\xd8\xff"),
    ("jp2", b"\x00\x00\x00\x0cjP"),
];

/// Whether these cannot be one value.
pub(super) fn differ(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(ones), Value::Array(others)) => {
            let mut pairs = ones.iter().zip(others);
            ones.len() != others.len() || pairs.any(|(one, other)| differ(one, other))
        }
        // One format has a list for what is a single value in another.
        (Value::Array(list), single) | (single, Value::Array(list)) => list.iter().all(|value| differ(value, single)),
        (Value::Object(ones), Value::Object(others)) => ones
            .iter()
            .any(|(name, value)| others.get(name).is_some_and(|other| differ(value, other))),
        (Value::Bool(one), Value::Bool(other)) => one != other,
        (Value::Bool(flag), Value::Number(number)) | (Value::Number(number), Value::Bool(flag)) => {
            number.as_u64() != Some(u64::from(*flag))
        }
        (Value::Bool(flag), Value::String(text)) | (Value::String(text), Value::Bool(flag)) => {
            text.parse::<bool>().is_ok_and(|said| said != *flag)
        }
        (Value::Number(one), Value::Number(other)) => numbers_differ(one, other),
        (Value::Number(number), Value::String(text)) | (Value::String(text), Value::Number(number)) => {
            number_differs(number, text)
        }
        (Value::String(one), Value::String(other)) => texts_differ(one, other),
        _ => false,
    }
}

fn numbers_differ(one: &Number, other: &Number) -> bool {
    match (integer(one), integer(other)) {
        (Some(one), Some(other)) => one != other,
        _ => one.as_f64() != other.as_f64(),
    }
}

fn integer(number: &Number) -> Option<i128> {
    let unsigned = number.as_u64().map(i128::from);
    unsigned.or_else(|| number.as_i64().map(i128::from))
}

/// A number may be written as a text, and a moment as seconds. Any other text is a word where the other has a code.
fn number_differs(number: &Number, text: &str) -> bool {
    if let (Some(number), Ok(said)) = (integer(number), text.parse::<i128>()) {
        return number != said;
    }
    match (text.parse::<f64>(), text.parse::<Timestamp>()) {
        (Ok(said), _) => number.as_f64() != Some(said),
        (_, Ok(moment)) => number.as_i64() != Some(moment.as_second()),
        _ => false,
    }
}

fn texts_differ(one: &str, other: &str) -> bool {
    if one == other {
        return false;
    }
    let moments = (one.parse::<Timestamp>(), other.parse::<Timestamp>());
    match (moments, Day::parse(one), Day::parse(other)) {
        ((Ok(one), Ok(other)), ..) => one != other,
        // A day, and a moment of it as it is written.
        ((_, Ok(_)), Ok(_), _) => !other.starts_with(one),
        ((Ok(_), _), _, Ok(_)) => !one.starts_with(other),
        _ => bytes_differ(one, other).unwrap_or(true),
    }
}

/// Whether these are not the same bytes; `None` where they are no bytes. Of two kinds of pictures nobody can say here
/// whether they show the same.
fn bytes_differ(one: &str, other: &str) -> Option<bool> {
    let (written, others) = (body(one), body(other));
    let is_short = |text: &str, body: &str| text.len() == body.len() && text.len() < BYTES_FROM;
    if is_short(one, written) && is_short(other, others) {
        return None;
    }
    let (bytes, others) = (decoded(written)?, decoded(others)?);
    let of_two_kinds = matches!((kind(&bytes), kind(&others)), (Some(one), Some(other)) if one != other);
    Some(bytes != others && !of_two_kinds)
}

/// What an address that has its content inside has there; any other text as it is. RFC 2397 §3
fn body(text: &str) -> &str {
    let inside = text.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
    inside.map_or(text, |(_, body)| body)
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD
        .decode(text)
        .ok()
        .or_else(|| jose::base64url::decode(text).ok())
}

fn kind(bytes: &[u8]) -> Option<&'static str> {
    let (kind, _) = PICTURES.iter().find(|(_, start)| bytes.starts_with(start))?;
    Some(*kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use test_case::test_case;

    const PNG: &str = "data:image/png;base64,iVBORw0KGgo=";

    #[test_case(json!("Erika"), json!("Erika") => false ; "one text")]
    #[test_case(json!("Erika"), json!("Eve") => true ; "two texts")]
    #[test_case(json!("AB-1"), json!("AB+1") => true ; "what would be one in two alphabets")]
    #[test_case(json!(180), json!(180.0) => false ; "one number")]
    #[test_case(json!(180), json!("180") => false ; "a number as a text")]
    #[test_case(json!(180), json!("181") => true ; "another number as a text")]
    #[test_case(json!(u64::MAX), json!(u64::MAX - 1) => true ; "large numbers")]
    #[test_case(json!(u64::MAX), json!("18446744073709551614") => true ; "a large number as a text")]
    #[test_case(json!(1.5), json!("1.50") => false ; "a fraction as a text")]
    #[test_case(json!(2), json!("female") => false ; "a code and a word")]
    #[test_case(json!(true), json!("true") => false ; "yes as a text")]
    #[test_case(json!(true), json!("false") => true ; "no as a text")]
    #[test_case(json!(true), json!(1) => false ; "yes as a number")]
    #[test_case(json!(true), json!(0) => true ; "no as a number")]
    #[test_case(json!("1990-05-17"), json!("1990-05-17T00:00:00Z") => false ; "a day as a moment")]
    #[test_case(json!("1990-05-17T00:00:00Z"), json!("1990-05-18") => true ; "another day")]
    #[test_case(json!("1990-05-17"), json!("1990-05-18") => true ; "two days")]
    #[test_case(json!("2026-01-01T01:00:00+01:00"), json!("2026-01-01T00:00:00Z") => false ; "one moment in two zones")]
    #[test_case(json!(1_767_225_600), json!("2026-01-01T00:00:00Z") => false ; "a moment in seconds")]
    #[test_case(json!(1_767_225_601), json!("2026-01-01T00:00:00Z") => true ; "another one in seconds")]
    #[test_case(json!(PNG), json!("iVBORw0KGgo") => false ; "a picture without its kind")]
    #[test_case(json!(PNG), json!("data:image/png;base64,iVBORw0KGgpB") => true ; "another picture")]
    #[test_case(json!(PNG), json!("data:image/jpeg;base64,/9j/") => false ; "a picture of another kind")]
    #[test_case(json!(PNG), json!("Erika") => true ; "a picture and a text")]
    #[test_case(json!(PNG), json!("Anna") => true ; "a picture and a text that could be bytes")]
    #[test_case(json!(["DE"]), json!("DE") => false ; "one of one")]
    #[test_case(json!(["DE", "FR"]), json!(["DE", "IT"]) => true ; "two lists")]
    #[test_case(json!(["DE"]), json!("FR") => true ; "another one")]
    #[test_case(json!({"locality": "Bonn", "country": "DE"}), json!({"locality": "Bonn"}) => false ; "less of it")]
    #[test_case(json!({"locality": "Bonn"}), json!({"locality": "Köln"}) => true ; "another part")]
    #[test_case(json!({"locality": "Bonn"}), json!("Bonn") => false ; "written in another way")]
    fn compared(one: Value, other: Value) -> bool {
        let differs = differ(&one, &other);
        assert_eq!(differ(&other, &one), differs);
        differs
    }
}
