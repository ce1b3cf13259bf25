use cbor::Value;

use crate::FormError;
use crate::element::name;

/// `encoded CBOR data item`: bytes that are an item themselves. RFC 8949 §3.4.5.1
pub(crate) const ENCODED: u64 = 24;

/// The members of a map whose keys are texts; what nobody asks for is ignored.
pub(crate) struct Members(Vec<(Value, Value)>);

impl Members {
    /// Those of `value`, which is called `name`.
    pub(crate) fn of(value: Value, name: &'static str) -> Result<Self, FormError> {
        value.into_map().map(Self).map_err(|_| FormError::Type(name))
    }

    /// A member that may be missing.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<Value> {
        let place = self.0.iter().position(|(key, _)| key.as_text() == Some(name))?;
        Some(self.0.swap_remove(place).1)
    }

    /// Whether there are others than these.
    pub(crate) fn says_more_than(&self, names: &[&str]) -> bool {
        let known = |key: &Value| key.as_text().is_some_and(|key| names.contains(&key));
        self.0.iter().any(|(key, _)| !known(key))
    }

    /// The names of those that nobody asked for.
    pub(crate) fn left(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(key, _)| name(key))
    }

    /// A member that has to be there.
    pub(crate) fn need(&mut self, name: &'static str) -> Result<Value, FormError> {
        self.take(name).ok_or(FormError::Missing(name))
    }

    /// A text that has to be there.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<String, FormError> {
        self.need(name)?.into_text().map_err(|_| FormError::Type(name))
    }

    /// An unsigned integer that has to be there.
    pub(crate) fn uint(&mut self, name: &'static str) -> Result<u64, FormError> {
        uint(&self.need(name)?).ok_or(FormError::Type(name))
    }

    /// The bytes of an encoded item that has to be there.
    pub(crate) fn encoded(&mut self, name: &'static str) -> Result<Vec<u8>, FormError> {
        encoded(self.need(name)?, name)
    }
}

pub(crate) fn uint(value: &Value) -> Option<u64> {
    u64::try_from(value.as_integer()?).ok()
}

/// The bytes inside tag 24.
pub(crate) fn encoded(value: Value, name: &'static str) -> Result<Vec<u8>, FormError> {
    match value {
        Value::Tag(ENCODED, inside) => inside.into_bytes().map_err(|_| FormError::Type(name)),
        _ => Err(FormError::Type(name)),
    }
}
