//! What elements say: CBOR in an mdoc, JSON for queries, rules and screens.

use ::mdoc::Element;
use ::mdoc::Value as Cbor;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};

use crate::IssueError;

/// `full-date`. RFC 8943 §2.1
const FULL_DATE: u64 = 1004;
/// Kinds of pictures, and how their bytes begin. ISO/IEC 18013-5 §7.2.2
const PICTURES: [(&str, &[u8]); 2] = [("png", b"\x89PNG\r\n\x1a\n"), ("jpeg", b"\xff\xd8\xff")];
const DATA_URL: &str = "data:image/";
const IN_BASE64: &str = ";base64,";

/// The value of an element: a picture as an address that has it inside, everything else as [`Element::to_json`] says.
pub(super) fn to_json(element: &Element<'_>) -> Value {
    let picture = element.value.as_bytes().and_then(|bytes| picture(bytes));
    picture.unwrap_or_else(|| element.to_json())
}

/// Elements as one object of namespaces.
pub(super) fn claims<'a>(elements: impl Iterator<Item = Element<'a>>) -> Map<String, Value> {
    ::mdoc::claims(elements, to_json)
}

/// The elements of every namespace by their name alone. A name that means two things means none.
pub(super) fn by_name(claims: &Map<String, Value>) -> Map<String, Value> {
    let elements = || claims.values().filter_map(Value::as_object).flatten();
    let mut named = Map::new();
    for (name, value) in elements() {
        let mut others = elements().filter(|(other, _)| *other == name);
        if others.all(|(_, other)| other == value) {
            named.insert(name.clone(), value.clone());
        }
    }
    named
}

/// A namespace, and its elements with their values.
type NameSpace = (String, Vec<(String, Cbor)>);

/// The claims of a new copy as elements.
pub(super) fn name_spaces(claims: &Map<String, Value>) -> Result<Vec<NameSpace>, IssueError> {
    claims.iter().map(name_space).collect()
}

fn name_space((name, elements): (&String, &Value)) -> Result<NameSpace, IssueError> {
    let elements = elements.as_object().ok_or(IssueError::NoNamespace)?;
    let elements = elements.iter().map(|(name, value)| (name.clone(), from_json(value)));
    Ok((name.clone(), elements.collect()))
}

fn from_json(value: &Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(value) => number(value),
        Value::String(text) => written(text),
        Value::Array(values) => values.iter().map(from_json).collect::<Vec<_>>().into(),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| (name.len(), *name));
            let members = members.into_iter();
            Cbor::Map(
                members
                    .map(|(name, value)| (name.as_str().into(), from_json(value)))
                    .collect(),
            )
        }
    }
}

fn number(number: &Number) -> Cbor {
    match (number.as_u64(), number.as_i64()) {
        (Some(number), _) => number.into(),
        (_, Some(number)) => number.into(),
        _ => number.as_f64().map_or(Cbor::Null, Cbor::Float),
    }
}

/// A date and a picture are what an mdoc has types for; any other text is one. ISO/IEC 18013-5 §7.2.1
fn written(text: &str) -> Cbor {
    if is_full_date(text) {
        return Cbor::Tag(FULL_DATE, Box::new(text.into()));
    }
    pictured(text).map_or_else(|| text.into(), Cbor::Bytes)
}

fn is_full_date(text: &str) -> bool {
    let [year, month, day] = text.split('-').collect::<Vec<_>>()[..] else {
        return false;
    };
    let within = |text: &str, digits: usize, last: u16| {
        let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number && text.parse().is_ok_and(|number: u16| (1..=last).contains(&number))
    };
    within(year, 4, 9999) && within(month, 2, 12) && within(day, 2, 31)
}

fn picture(bytes: &[u8]) -> Option<Value> {
    let (kind, _) = PICTURES.iter().find(|(_, start)| bytes.starts_with(start))?;
    Some(format!("{DATA_URL}{kind}{IN_BASE64}{}", STANDARD.encode(bytes)).into())
}

/// The bytes of a picture that is read back as the same text.
fn pictured(text: &str) -> Option<Vec<u8>> {
    let (_, body) = text.strip_prefix(DATA_URL)?.split_once(IN_BASE64)?;
    let bytes = STANDARD.decode(body).ok()?;
    (picture(&bytes)? == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case(json!("Sample"); "text")]
    #[test_case(json!(true); "boolean")]
    #[test_case(json!(null); "null")]
    #[test_case(json!([1, -2, 1.5]); "numbers")]
    #[test_case(json!("1990-05-17"); "a date")]
    #[test_case(json!("1990-13-17"); "no date")]
    #[test_case(json!({"code": "B", "from": "2012-06-01"}); "an object")]
    #[test_case(json!("data:image/png;base64,iVBORw0KGgo="); "a picture")]
    #[test_case(json!("data:image/jpeg;base64,iVBORw0KGgo="); "a picture of another kind than it says")]
    fn what_is_written_is_read_as_the_same(value: Value) {
        let claims = json!({"org.example.1": {"element": value}});
        let claims = claims.as_object().unwrap();
        let written = name_spaces(claims).unwrap();
        let (name_space, elements) = &written[0];
        let elements = elements.iter().map(|(identifier, value)| Element {
            namespace: name_space,
            identifier,
            value,
        });
        assert_eq!(self::claims(elements), *claims);
    }

    #[test]
    fn a_date_and_a_picture_have_types_of_their_own() {
        assert!(matches!(from_json(&json!("1990-05-17")), Cbor::Tag(FULL_DATE, _)));
        assert!(matches!(from_json(&json!("1990-5-17")), Cbor::Text(_)));
        let picture = json!("data:image/png;base64,iVBORw0KGgo=");
        assert_eq!(from_json(&picture), Cbor::Bytes(b"\x89PNG\r\n\x1a\n".to_vec()));
    }

    #[test]
    fn what_stands_in_no_namespace_is_not_issued() {
        let claims = json!({"family_name": "Sample"});
        let refused = name_spaces(claims.as_object().unwrap());
        assert_eq!(refused.unwrap_err(), IssueError::NoNamespace);
    }

    #[test]
    fn a_name_that_means_two_things_means_none() {
        let claims = json!({"a": {"age_over_18": true, "sex": 2, "n": 1}, "b": {"age_over_18": false, "sex": 2}});
        let named = by_name(claims.as_object().unwrap());
        assert_eq!(Value::Object(named), json!({"sex": 2, "n": 1}));
    }
}
