//! How things are shown: names per language. OpenID4VCI 1.0 §12.2.4 and Appendix B.2

use serde::{Deserialize, Serialize};

/// A name, and how it is drawn, for one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Display {
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// BCP 47 language tag; at most one entry for each.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub locale: Option<String>,
    /// A sentence about the credential.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// CSS colour behind the card.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub background_color: Option<String>,
    /// CSS colour of the text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text_color: Option<String>,
}

/// One step of a claims path pointer. OpenID4VCI 1.0 Appendix C
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PathElement {
    /// The member of an object.
    Key(String),
    /// The element of an array.
    Index(u64),
    /// Every element of an array.
    All(()),
}

/// How one claim is shown, and whether it is always there. OpenID4VCI 1.0 Appendix B.2
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimDescription {
    /// Where the claim is.
    pub path: Vec<PathElement>,
    /// Whether the issuer always includes the claim.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub mandatory: bool,
    /// Names per language.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub display: Vec<Display>,
}

/// Usage and display of a credential. OpenID4VCI 1.0 §12.2.4
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialMetadata {
    /// Names of the card per language.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub display: Vec<Display>,
    /// The claims, in the order in which they are shown.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub claims: Vec<ClaimDescription>,
}

/// Why display data or claims descriptions are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DisplayError {
    /// Two `display` objects for one language. OpenID4VCI 1.0 §12.2.4
    #[error("two display objects for one language")]
    LocaleTwice,
    /// A claims path pointer without steps. OpenID4VCI 1.0 Appendix B.2
    #[error("a claims path is empty")]
    EmptyPath,
    /// Two claims descriptions contradict each other or address the same claim. OpenID4VCI 1.0 Appendix B.3
    #[error("claims descriptions repeat or contradict each other")]
    ContradictingClaims,
}

impl CredentialMetadata {
    pub(crate) fn check(&self) -> Result<(), DisplayError> {
        check_locales(&self.display)?;
        for claim in &self.claims {
            if claim.path.is_empty() {
                return Err(DisplayError::EmptyPath);
            }
            check_locales(&claim.display)?;
        }
        for (index, one) in self.claims.iter().enumerate() {
            for other in &self.claims[index + 1..] {
                if contradict(&one.path, &other.path) {
                    return Err(DisplayError::ContradictingClaims);
                }
            }
        }
        Ok(())
    }
}

/// Refuses two objects for one language. OpenID4VCI 1.0 §12.2.4
pub(crate) fn check_locales(display: &[Display]) -> Result<(), DisplayError> {
    for (index, one) in display.iter().enumerate() {
        if one.locale.is_some() && display[index + 1..].iter().any(|other| other.locale == one.locale) {
            return Err(DisplayError::LocaleTwice);
        }
    }
    Ok(())
}

/// Whether two paths break a rule of OpenID4VCI 1.0 Appendix B.3: the same claim twice, one claim as array and as
/// object, all elements of an array and one of them.
fn contradict(one: &[PathElement], other: &[PathElement]) -> bool {
    for (a, b) in one.iter().zip(other) {
        match (a, b) {
            (PathElement::Key(a), PathElement::Key(b)) if a == b => {}
            (PathElement::Index(a), PathElement::Index(b)) if a == b => {}
            (PathElement::All(()), PathElement::All(())) => {}
            (PathElement::Key(_), PathElement::Key(_)) | (PathElement::Index(_), PathElement::Index(_)) => {
                return false;
            }
            _ => return true,
        }
    }
    one.len() == other.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn check(claims: serde_json::Value) -> Result<(), DisplayError> {
        serde_json::from_value::<CredentialMetadata>(json!({ "claims": claims }))
            .unwrap()
            .check()
    }

    #[test_case(json!([{"path": ["a"]}, {"path": ["a", "b"]}]) => Ok(()) ; "parent and child")]
    #[test_case(json!([{"path": ["a", 1]}, {"path": ["a", 2]}]) => Ok(()) ; "two elements")]
    #[test_case(json!([{"path": []}]) => Err(DisplayError::EmptyPath) ; "empty path")]
    #[test_case(json!([{"path": ["a"]}, {"path": ["a"]}]) => Err(DisplayError::ContradictingClaims) ; "same claim twice")]
    #[test_case(json!([{"path": ["a", null]}, {"path": ["a", 0]}]) => Err(DisplayError::ContradictingClaims) ; "all and one")]
    #[test_case(json!([{"path": ["a", 0]}, {"path": ["a", "b"]}]) => Err(DisplayError::ContradictingClaims) ; "array and object")]
    #[test_case(json!([{"path": ["a"], "display": [{"locale": "en"}, {"locale": "en"}]}]) => Err(DisplayError::LocaleTwice) ; "language twice")]
    fn claims_descriptions(claims: serde_json::Value) -> Result<(), DisplayError> {
        check(claims)
    }
}
