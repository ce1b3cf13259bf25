//! `meta` of a credential query: what is asked of the credential's type.
//! OpenID4VP 1.0 §6.1 and Appendix B

use serde_json::{Map, Value};

use super::{CredentialType, DcqlError};

/// Constraints on the type, as the format defines them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Meta {
    /// `vct_values` of `dc+sd-jwt`: one of these types. Appendix B.3.5
    VctValues(Vec<String>),
    /// `doctype_value` of `mso_mdoc`. Appendix B.2.3
    DoctypeValue(String),
    /// `type_values` of the W3C formats: all types of one of these lists. Appendix B.1.1
    TypeValues(Vec<Vec<String>>),
    /// A format that this implementation does not know; its members are ignored.
    Unconstrained,
}

impl Meta {
    pub(super) fn parse(format: &str, meta: &Map<String, Value>) -> Result<Self, DcqlError> {
        match format {
            "dc+sd-jwt" => strings(required(meta, "vct_values")?, "vct_values").map(Self::VctValues),
            "mso_mdoc" => match required(meta, "doctype_value")? {
                Value::String(doctype) => Ok(Self::DoctypeValue(doctype.clone())),
                _ => Err(DcqlError::WrongType("doctype_value")),
            },
            "jwt_vc_json" | "ldp_vc" => type_values(required(meta, "type_values")?),
            _ => Ok(Self::Unconstrained),
        }
    }

    /// Whether a credential of that type is meant. Types are compared as
    /// case-sensitive strings.
    pub(super) fn accepts(&self, kind: &CredentialType<'_>) -> bool {
        match (self, kind) {
            (Self::VctValues(values), CredentialType::Vct(vct)) => values.iter().any(|value| value == vct),
            (Self::DoctypeValue(value), CredentialType::Doctype(doctype)) => value == doctype,
            (Self::TypeValues(lists), CredentialType::Types(types)) => lists
                .iter()
                .any(|list| list.iter().all(|value| types.iter().any(|held| held == value))),
            (Self::Unconstrained, _) => true,
            _ => false,
        }
    }
}

pub(super) fn required<'m>(object: &'m Map<String, Value>, name: &'static str) -> Result<&'m Value, DcqlError> {
    object.get(name).ok_or(DcqlError::Missing(name))
}

pub(super) fn non_empty<'v>(value: &'v Value, name: &'static str) -> Result<&'v [Value], DcqlError> {
    match value.as_array() {
        None => Err(DcqlError::WrongType(name)),
        Some(items) if items.is_empty() => Err(DcqlError::Empty(name)),
        Some(items) => Ok(items),
    }
}

pub(super) fn strings(value: &Value, name: &'static str) -> Result<Vec<String>, DcqlError> {
    non_empty(value, name)?
        .iter()
        .map(|item| item.as_str().map(str::to_owned).ok_or(DcqlError::WrongType(name)))
        .collect()
}

fn type_values(value: &Value) -> Result<Meta, DcqlError> {
    non_empty(value, "type_values")?
        .iter()
        .map(|list| strings(list, "type_values"))
        .collect::<Result<_, _>>()
        .map(Meta::TypeValues)
}
