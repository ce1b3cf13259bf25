use std::fmt;

use cbor::Value;
use jose::base64url;
use serde_json::{Map, Number, json};

/// Where an element stands: the path of a claim in DCQL. OpenID4VP 1.0 §7.2
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ElementPath {
    /// The namespace.
    pub namespace: String,
    /// The name of the element in it.
    pub identifier: String,
}

impl ElementPath {
    /// The path of an element.
    pub fn new(namespace: impl Into<String>, identifier: impl Into<String>) -> Self {
        Self {
            namespace: namespace.into(),
            identifier: identifier.into(),
        }
    }
}

impl fmt::Display for ElementPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.namespace, self.identifier)
    }
}

/// An element of a document. `Debug` shows no value.
#[derive(Clone, Copy, PartialEq)]
pub struct Element<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub identifier: &'a str,
    /// Its value.
    pub value: &'a Value,
}

impl Element<'_> {
    /// The path to it.
    #[must_use]
    pub fn path(&self) -> ElementPath {
        ElementPath::new(self.namespace, self.identifier)
    }

    /// Its value in JSON, as rules and screens read it: bytes in base64url, what a tag is around
    /// without the tag, a key that is no text as the JSON of it.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        to_json(self.value)
    }
}

impl fmt::Debug for Element<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Element")
            .field("namespace", &self.namespace)
            .field("identifier", &self.identifier)
            .finish_non_exhaustive()
    }
}

/// Elements as an object of namespaces, each an object of elements, with their values as `in_json` writes them.
pub fn claims<'a>(
    elements: impl Iterator<Item = Element<'a>>,
    in_json: impl Fn(&Element<'a>) -> serde_json::Value,
) -> Map<String, serde_json::Value> {
    let mut claims = Map::new();
    for element in elements {
        let namespace = claims.entry(element.namespace).or_insert_with(|| json!({}));
        if let Some(members) = namespace.as_object_mut() {
            members.insert(element.identifier.to_owned(), in_json(&element));
        }
    }
    claims
}

pub(crate) fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Integer(number) => integer(i128::from(*number)),
        Value::Bytes(bytes) => base64url::encode(bytes).into(),
        Value::Float(number) => Number::from_f64(*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Bool(value) => (*value).into(),
        Value::Tag(_, inside) => to_json(inside),
        Value::Array(elements) => elements.iter().map(to_json).collect(),
        Value::Map(entries) => {
            let members = entries.iter().map(|(key, value)| (name(key), to_json(value)));
            serde_json::Value::Object(members.collect())
        }
        _ => serde_json::Value::Null,
    }
}

fn integer(number: i128) -> serde_json::Value {
    match (u64::try_from(number), i64::try_from(number)) {
        (Ok(number), _) => number.into(),
        (_, Ok(number)) => number.into(),
        _ => number.to_string().into(),
    }
}

/// A key of a map as a text: the JSON of one that is none.
pub(crate) fn name(key: &Value) -> String {
    match key {
        Value::Text(text) => text.clone(),
        other => to_json(other).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    #[test_case("6161" => json!("a"); "text")]
    #[test_case("f5" => json!(true); "boolean")]
    #[test_case("f6" => json!(null); "null")]
    #[test_case("1bffffffffffffffff" => json!(u64::MAX); "greatest")]
    #[test_case("20" => json!(-1); "negative")]
    #[test_case("3bffffffffffffffff" => json!("-18446744073709551616"); "beyond what JSON readers keep")]
    #[test_case("f93e00" => json!(1.5); "float")]
    #[test_case("d903ec6a313937312d30392d3031" => json!("1971-09-01"); "full date")]
    #[test_case("4200ff" => json!("AP8"); "bytes")]
    #[test_case("81a26161010203" => json!([{"a": 1, "2": 3}]); "array and map")]
    fn in_json(text: &str) -> serde_json::Value {
        let bytes = hex::decode(text).unwrap();
        to_json(&cbor::decode_value(&bytes, &mut crate::budget::CREDENTIAL.clone()).unwrap())
    }
}
