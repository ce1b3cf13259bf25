//! Reading properties with one meaning: of the wrong type is an error, never "absent".

use serde_json::{Map, Value};

use super::TypeMetadataError;

type Members = Map<String, Value>;

pub(super) fn text(members: &Members, name: &'static str) -> Result<Option<String>, TypeMetadataError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(TypeMetadataError::Property(name)),
    }
}

pub(super) fn required_text(members: &Members, name: &'static str) -> Result<String, TypeMetadataError> {
    text(members, name)?.ok_or(TypeMetadataError::Property(name))
}

pub(super) fn object<'m>(members: &'m Members, name: &'static str) -> Result<Option<&'m Members>, TypeMetadataError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::Object(object)) => Ok(Some(object)),
        Some(_) => Err(TypeMetadataError::Property(name)),
    }
}

/// An array of objects, each read into something.
pub(super) fn objects<T>(
    members: &Members,
    name: &'static str,
    read: impl Fn(&Members) -> Result<T, TypeMetadataError>,
) -> Result<Option<Vec<T>>, TypeMetadataError> {
    let Some(value) = members.get(name) else {
        return Ok(None);
    };
    let elements = value.as_array().ok_or(TypeMetadataError::Property(name))?;
    let read = |element: &Value| read(element.as_object().ok_or(TypeMetadataError::Property(name))?);
    elements.iter().map(read).collect::<Result<_, _>>().map(Some)
}

/// A required language tag: subtags of one to eight letters and digits, the first of letters
/// alone. RFC 5646 §2.1.
pub(super) fn locale(members: &Members) -> Result<String, TypeMetadataError> {
    let locale = required_text(members, "locale")?;
    let is_tag = locale.split('-').enumerate().all(|(position, subtag)| {
        (1..=8).contains(&subtag.len())
            && match position {
                0 => subtag.bytes().all(|byte| byte.is_ascii_alphabetic()),
                _ => subtag.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            }
    });
    match is_tag {
        true => Ok(locale),
        false => Err(TypeMetadataError::Locale),
    }
}
