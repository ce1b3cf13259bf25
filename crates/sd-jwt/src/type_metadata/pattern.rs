use std::fmt;

use serde_json::Value;

use super::TypeMetadataError;

/// One component of a [`ClaimPattern`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PatternElement {
    /// The member of that name.
    Name(String),
    /// The element at that place, counted from 0 in the array as issued.
    Index(usize),
    /// Every element (`null` in JSON).
    All,
}

/// Which claims a claim metadata object is about, as if everything were disclosed.
/// draft-ietf-oauth-sd-jwt-vc §5.6.1.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClaimPattern(Vec<PatternElement>);

impl ClaimPattern {
    /// Reads a non-empty array of strings, nulls and non-negative integers.
    pub(super) fn parse(value: &Value) -> Result<Self, TypeMetadataError> {
        let components = value.as_array().filter(|components| !components.is_empty());
        components
            .ok_or(TypeMetadataError::Path)?
            .iter()
            .map(|component| match component {
                Value::String(name) => Some(PatternElement::Name(name.clone())),
                Value::Null => Some(PatternElement::All),
                Value::Number(number) => {
                    let index = usize::try_from(number.as_u64()?).ok()?;
                    Some(PatternElement::Index(index))
                }
                _ => None,
            })
            .collect::<Option<_>>()
            .map(Self)
            .ok_or(TypeMetadataError::Path)
    }

    /// The components, outermost first; never empty.
    #[must_use]
    pub fn elements(&self) -> &[PatternElement] {
        &self.0
    }
}

impl fmt::Display for ClaimPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, element) in self.0.iter().enumerate() {
            match element {
                PatternElement::Name(name) if position == 0 => formatter.write_str(name)?,
                PatternElement::Name(name) => write!(formatter, ".{name}")?,
                PatternElement::Index(index) => write!(formatter, "[{index}]")?,
                PatternElement::All => formatter.write_str("[*]")?,
            }
        }
        Ok(())
    }
}
