//! `meta` of a credential query: what is asked of the credential's type.
//! OpenID4VP 1.0 §6.1 and Appendix B

use serde_json::{Map, Value};

use super::{CredentialType, DcqlError};
use crate::{ClaimsPath, PathComponent};

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
    pub(crate) fn parse(format: &str, meta: &Map<String, Value>) -> Result<Self, DcqlError> {
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

    /// The names of the types asked for, as registered scopes and accreditations name types of card; none where the
    /// format is not known. Of a W3C credential that is every type but the one that all of them have.
    pub fn type_names(&self) -> Vec<&str> {
        match self {
            Self::VctValues(values) => values.iter().map(String::as_str).collect(),
            Self::DoctypeValue(value) => vec![value],
            Self::TypeValues(lists) => {
                let names = lists.iter().flatten().map(String::as_str);
                names.filter(|name| *name != OF_EVERY_W3C_CREDENTIAL).collect()
            }
            Self::Unconstrained => Vec::new(),
        }
    }

    /// Where the claims of the format stand.
    fn shape(&self) -> Shape {
        match self {
            Self::VctValues(_) | Self::Unconstrained => Shape::Top,
            Self::DoctypeValue(_) => Shape::Namespaces,
            Self::TypeValues(_) => Shape::Subject,
        }
    }

    /// What a claim is called by rules and on screens: its name, where it stands at the top of what the credential
    /// says; `None` for what lies inside of another claim.
    pub fn claim_name<'p>(&self, path: &'p ClaimsPath) -> Option<&'p str> {
        self.shape().claim_name(path)
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

impl CredentialType<'_> {
    fn shape(&self) -> Shape {
        match self {
            Self::Vct(_) => Shape::Top,
            Self::Doctype(_) => Shape::Namespaces,
            Self::Types(_) => Shape::Subject,
        }
    }

    /// [`Meta::claim_name`] in a credential of this type.
    pub fn claim_name<'p>(&self, path: &'p ClaimsPath) -> Option<&'p str> {
        self.shape().claim_name(path)
    }

    /// The name of the claim that a path means or leads into; `None` where it means more than one claim.
    pub fn claim_around<'p>(&self, path: &'p ClaimsPath) -> Option<&'p str> {
        self.shape().claim_around(path).map(|(name, _)| name)
    }
}

/// Where the claims of a format stand. Appendix B
#[derive(Clone, Copy)]
enum Shape {
    /// At the top.
    Top,
    /// One step in, inside of a namespace. §7.2
    Namespaces,
    /// Inside of `credentialSubject`.
    Subject,
}

impl Shape {
    fn claim_name(self, path: &ClaimsPath) -> Option<&str> {
        self.claim_around(path)
            .and_then(|(name, inside)| inside.is_empty().then_some(name))
    }

    /// The name of a claim, and the steps that lead on into it.
    fn claim_around(self, path: &ClaimsPath) -> Option<(&str, &[PathComponent])> {
        match (self, path.components()) {
            (Self::Top, [PathComponent::Key(name), inside @ ..])
            | (Self::Namespaces, [PathComponent::Key(_), PathComponent::Key(name), inside @ ..]) => {
                Some((name, inside))
            }
            (Self::Subject, [PathComponent::Key(subject), PathComponent::Key(name), inside @ ..])
                if subject == "credentialSubject" =>
            {
                Some((name, inside))
            }
            _ => None,
        }
    }
}

/// The base type of the W3C data model, expanded. VCDM 2.0 §4.5
const OF_EVERY_W3C_CREDENTIAL: &str = "https://www.w3.org/2018/credentials#VerifiableCredential";

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

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn meta(format: &str, meta: &Value) -> Meta {
        Meta::parse(format, meta.as_object().unwrap()).unwrap()
    }

    #[test_case("dc+sd-jwt", json!({"vct_values": ["a", "b"]}) => vec!["a", "b"] ; "sd_jwt_vc")]
    #[test_case("mso_mdoc", json!({"doctype_value": "d"}) => vec!["d"] ; "mdoc")]
    #[test_case("ldp_vc", json!({"type_values": [[OF_EVERY_W3C_CREDENTIAL, "x:A"], ["x:B"]]}) => vec!["x:A", "x:B"] ; "w3c")]
    #[test_case("other", json!({}) => Vec::<String>::new() ; "a format that is not known")]
    fn types_asked_for(format: &str, value: Value) -> Vec<String> {
        let meta = meta(format, &value);
        meta.type_names().into_iter().map(str::to_owned).collect()
    }

    #[test_case("dc+sd-jwt", json!({"vct_values": ["a"]}), json!(["age"]) => Some("age".to_owned()) ; "sd_jwt_vc")]
    #[test_case("dc+sd-jwt", json!({"vct_values": ["a"]}), json!(["address", "town"]) => None ; "inside of a claim")]
    #[test_case("mso_mdoc", json!({"doctype_value": "d"}), json!(["n", "age"]) => Some("age".to_owned()) ; "mdoc")]
    #[test_case("ldp_vc", json!({"type_values": [["A"]]}), json!(["credentialSubject", "age"]) => Some("age".to_owned()) ; "w3c")]
    #[test_case("ldp_vc", json!({"type_values": [["A"]]}), json!(["issuer", "age"]) => None ; "not about the subject")]
    fn claims_are_called(format: &str, value: Value, path: Value) -> Option<String> {
        let path = ClaimsPath::parse(&path).unwrap();
        meta(format, &value).claim_name(&path).map(str::to_owned)
    }
}
