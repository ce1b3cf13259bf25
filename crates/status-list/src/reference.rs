use jose::claims::is_uri;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;

use crate::StatusPurpose;

/// Where a credential's status stands: in a Token Status List, by the `status_list` member of its `status`
/// claim (draft-ietf-oauth-status-list §6.2), or in a Bitstring Status List (Bitstring Status List 1.0 §2.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StatusReference {
    /// Which list.
    pub uri: String,
    /// Which entry of it.
    #[serde(rename = "idx")]
    pub index: u64,
    /// What the bit of a Bitstring Status List stands for; `None` for a Token Status List.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<StatusPurpose>,
}

/// Why a `status` claim was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StatusReferenceError {
    /// There is no `status_list` in the claim, so no mechanism we know.
    #[error("the status claim has no status_list")]
    NoStatusList,
    /// `idx` is no whole number from 0 to 2^53 - 1.
    #[error("idx is not a whole number")]
    Index,
    /// `uri` is missing, no text or no URI with a scheme.
    #[error("uri is not a URI")]
    Uri,
}

/// The largest whole number that every JSON reader keeps. RFC 8259 §6
const LARGEST_INDEX: u64 = (1 << 53) - 1;

impl StatusReference {
    /// A place in a Token Status List.
    #[must_use]
    pub fn of_token(uri: impl Into<String>, index: u64) -> Self {
        Self {
            uri: uri.into(),
            index,
            purpose: None,
        }
    }

    /// The same place in the Bitstring Status List that an issuer publishes beside a Token Status List:
    /// [`StatusPurpose::list_beside`].
    #[must_use]
    pub fn beside(&self, purpose: StatusPurpose) -> Self {
        Self {
            uri: purpose.list_beside(&self.uri),
            index: self.index,
            purpose: Some(purpose),
        }
    }

    /// The same place in the Token Status List that this list lies beside, as Holdfast's issuers name them; `None` for
    /// a place in any other list.
    #[must_use]
    pub fn beside_which(&self) -> Option<Self> {
        let end = self.purpose?.list_beside("");
        Some(Self::of_token(self.uri.strip_suffix(end.as_str())?, self.index))
    }

    /// Reads the value of a `status` claim.
    ///
    /// # Errors
    /// [`StatusReferenceError`]
    pub fn from_claim(status: &Value) -> Result<Self, StatusReferenceError> {
        let list = status.get("status_list").ok_or(StatusReferenceError::NoStatusList)?;
        let index = list
            .get("idx")
            .and_then(Value::as_u64)
            .filter(|index| *index <= LARGEST_INDEX);
        let uri = list.get("uri").and_then(Value::as_str).filter(|uri| is_uri(uri));
        Ok(Self {
            uri: uri.ok_or(StatusReferenceError::Uri)?.to_owned(),
            index: index.ok_or(StatusReferenceError::Index)?,
            purpose: None,
        })
    }

    /// The value of a `status` claim.
    #[must_use]
    pub fn to_claim(&self) -> Value {
        serde_json::json!({"status_list": {"idx": self.index, "uri": self.uri}})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use test_case::test_case;

    #[test]
    fn the_list_beside_is_named_after_its_purpose() {
        let place = StatusReference::of_token("https://a/lists/1", 7);
        let beside = place.beside(StatusPurpose::Suspension);
        assert_eq!((beside.uri.as_str(), beside.index), ("https://a/lists/1/suspension", 7));
        assert_eq!(
            (beside.beside_which(), place.beside_which()),
            (Some(place.clone()), None)
        );
        assert_ne!(
            StatusReference {
                purpose: None,
                ..beside.clone()
            },
            beside
        );
        let stored = serde_json::to_string(&beside).unwrap();
        assert_eq!(serde_json::from_str::<StatusReference>(&stored).unwrap(), beside);
        let older: StatusReference = serde_json::from_str(r#"{"uri":"https://a/lists/1","idx":7}"#).unwrap();
        assert_eq!(older, place);
    }

    #[test_case(json!({"status_list": {"idx": 0, "uri": "https://a/1"}}) => Ok(0); "zero")]
    #[test_case(json!({"status_list": {"idx": 9_007_199_254_740_991_u64, "uri": "https://a/1"}}) => Ok(9_007_199_254_740_991); "the largest")]
    #[test_case(json!({"status_list": {"idx": 9_007_199_254_740_992_u64, "uri": "https://a/1"}}) => Err(StatusReferenceError::Index); "beyond 2 to the 53")]
    #[test_case(json!({"status_list": {"idx": -1, "uri": "https://a/1"}}) => Err(StatusReferenceError::Index); "negative")]
    #[test_case(json!({"status_list": {"idx": "1", "uri": "https://a/1"}}) => Err(StatusReferenceError::Index); "text")]
    #[test_case(json!({"status_list": {"idx": 1.0, "uri": "https://a/1"}}) => Err(StatusReferenceError::Index); "a fraction")]
    #[test_case(json!({"status_list": {"uri": "https://a/1"}}) => Err(StatusReferenceError::Index); "no index")]
    #[test_case(json!({"status_list": {"idx": 1}}) => Err(StatusReferenceError::Uri); "no uri")]
    #[test_case(json!({"status_list": {"idx": 1, "uri": "list"}}) => Err(StatusReferenceError::Uri); "no scheme")]
    #[test_case(json!({"status_list": {"idx": 1, "uri": "https://a/ b"}}) => Err(StatusReferenceError::Uri); "a space")]
    #[test_case(json!({"other": {}}) => Err(StatusReferenceError::NoStatusList); "another mechanism")]
    #[test_case(json!("valid") => Err(StatusReferenceError::NoStatusList); "no object")]
    fn from_claim(claim: Value) -> Result<u64, StatusReferenceError> {
        StatusReference::from_claim(&claim).map(|reference| {
            assert_eq!(reference.to_claim(), claim);
            reference.index
        })
    }
}
