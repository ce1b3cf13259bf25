//! Shapes of messages. JSON Schema 2020-12

use serde_json::{Map, Value, json};

/// Members by name.
type Members<'a> = [(&'a str, Value)];

/// Text.
#[must_use]
pub fn string() -> Value {
    json!({"type": "string"})
}

/// Bytes that are no text.
#[must_use]
pub fn bytes() -> Value {
    json!({"type": "string", "format": "binary"})
}

/// Yes or no.
#[must_use]
pub fn boolean() -> Value {
    json!({"type": "boolean"})
}

/// A whole number that is not negative.
#[must_use]
pub fn count() -> Value {
    json!({"type": "integer", "minimum": 0})
}

/// One of these words.
#[must_use]
pub fn one_of(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

/// Any number of these.
#[must_use]
pub fn array(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

/// A text for each language.
#[must_use]
pub fn texts() -> Value {
    json!({"type": "object", "additionalProperties": string()})
}

/// Any object: what stands in it is said by a specification.
#[must_use]
pub fn anything() -> Value {
    json!({"type": "object"})
}

/// A line of a DID log: readers take a JSON text of many lines one by one. did:webvh 1.0 "The DID Log File"
#[must_use]
pub fn did_log_line() -> Value {
    let members = [
        ("versionId", string()),
        ("versionTime", string()),
        ("parameters", anything()),
        ("state", anything()),
        ("proof", array(anything())),
    ];
    object(&members, &[])
}

/// A stream of events with this name, as each of them is. WHATWG HTML §9.2
#[must_use]
pub fn events(name: &str) -> Value {
    exactly(&[("event", one_of(&[name])), ("data", string())], &[])
}

/// This, or null.
#[must_use]
pub fn nullable(schema: Value) -> Value {
    either(schema, json!({"type": "null"}))
}

/// The one or the other; nothing is both.
#[must_use]
pub fn either(one: Value, other: Value) -> Value {
    json!({"oneOf": [one, other]})
}

/// A problem, where it stands in an answer. RFC 9457
#[must_use]
pub fn problem() -> Value {
    json!({"$ref": "#/components/schemas/Problem"})
}

/// An object with these members, those that must be there first, and others that nobody here knows.
#[must_use]
pub fn object(required: &Members<'_>, optional: &Members<'_>) -> Value {
    let names: Vec<&str> = required.iter().map(|(name, _)| *name).collect();
    let all = required.iter().chain(optional);
    let properties: Map<String, Value> = all.map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "required": names, "properties": properties})
}

/// The same without others: for what is ours.
#[must_use]
pub fn exactly(required: &Members<'_>, optional: &Members<'_>) -> Value {
    let mut schema = object(required, optional);
    schema["additionalProperties"] = Value::Bool(false);
    schema
}
