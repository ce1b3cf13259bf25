//! The credential response: now, or later. OpenID4VCI 1.0 §8.3 and §9.2

use jose::strict_json::{self, Limits, StrictJsonError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::metadata::FormatProfile;

/// A credential response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialResponse {
    /// Status 200.
    Issued {
        /// The credentials; a string or an object each, as the format says.
        credentials: Vec<Value>,
        /// How the wallet names them when it says what became of them.
        notification_id: Option<String>,
    },
    /// Status 202.
    Deferred {
        /// How the wallet asks again.
        transaction_id: String,
        /// After how many seconds.
        interval: u64,
    },
}

#[derive(Serialize, Deserialize)]
struct Item {
    credential: Value,
}

#[derive(Deserialize)]
struct Raw {
    credentials: Option<Vec<Item>>,
    transaction_id: Option<String>,
    interval: Option<u64>,
    notification_id: Option<String>,
}

impl CredentialResponse {
    /// Credentials of a format, each as text: strings as they are, objects from their JSON. OpenID4VCI 1.0 Appendix A
    #[must_use]
    pub fn issued_as(profile: &FormatProfile, credentials: Vec<String>, notification_id: Option<String>) -> Self {
        let wire = |text: String| match profile.is_object() {
            true => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            false => Value::String(text),
        };
        Self::Issued {
            credentials: credentials.into_iter().map(wire).collect(),
            notification_id,
        }
    }

    /// The HTTP status. OpenID4VCI 1.0 §8.3
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Issued { .. } => 200,
            Self::Deferred { .. } => 202,
        }
    }

    /// The JSON body.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Issued {
                credentials,
                notification_id,
            } => {
                let items: Vec<Value> = credentials.iter().map(|c| json!({ "credential": c })).collect();
                let mut body = json!({ "credentials": items });
                if let Some(id) = notification_id {
                    body["notification_id"] = id.as_str().into();
                }
                body
            }
            Self::Deferred {
                transaction_id,
                interval,
            } => {
                json!({ "transaction_id": transaction_id, "interval": interval })
            }
        }
    }

    /// Parses a response with its HTTP status. Unrecognised parameters are ignored.
    pub fn parse(status: u16, bytes: &[u8]) -> Result<Self, CredentialResponseError> {
        let raw: Raw = strict_json::from_slice(bytes, &Limits::VP_TOKEN)?;
        let response = match (raw.credentials, raw.transaction_id, raw.interval) {
            (Some(items), None, None) if !items.is_empty() => Self::Issued {
                credentials: items.into_iter().map(|item| item.credential).collect(),
                notification_id: raw.notification_id,
            },
            (Some(_), None, None) => return Err(CredentialResponseError::NoCredentials),
            (None, Some(transaction_id), Some(interval)) if interval > 0 && raw.notification_id.is_none() => {
                Self::Deferred {
                    transaction_id,
                    interval,
                }
            }
            _ => return Err(CredentialResponseError::Combination),
        };
        if response.status() != status {
            return Err(CredentialResponseError::Status);
        }
        Ok(response)
    }
}

/// Why a credential response is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialResponseError {
    /// Not strict JSON of this shape.
    #[error("not a credential response: {0}")]
    Json(#[from] StrictJsonError),
    /// `credentials` is empty.
    #[error("no credentials")]
    NoCredentials,
    /// Parameters that do not go together, or one missing. OpenID4VCI 1.0 §8.3
    #[error("parameters that do not go together")]
    Combination,
    /// The status is not the one for this body.
    #[error("the status does not fit the body")]
    Status,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    #[test_case(200, r#"{"credentials":[{"credential":"a"},{"credential":"b"}],"notification_id":"n"}"# ; "batch")]
    #[test_case(202, r#"{"interval":3600,"transaction_id":"8xLOxBtZp8"}"# ; "deferred")]
    fn a_response_comes_back_as_written(status: u16, text: &str) {
        let response = CredentialResponse::parse(status, text.as_bytes()).unwrap();
        let expected: Value = serde_json::from_str(text).unwrap();
        assert_eq!((response.status(), response.to_value()), (status, expected));
    }

    #[test]
    fn a_credential_is_a_string_or_an_object_as_its_format_says() {
        let text = r#"{"type":["VerifiableCredential"]}"#;
        let issued = |profile: &FormatProfile| {
            let response = CredentialResponse::issued_as(profile, vec![text.to_owned()], None);
            response.to_value()["credentials"][0]["credential"].clone()
        };
        let object = FormatProfile::LdpVc {
            context: Vec::new(),
            types: Vec::new(),
        };
        assert_eq!(issued(&object), json!({"type": ["VerifiableCredential"]}));
        let string = FormatProfile::SdJwtVc { vct: "a".to_owned() };
        assert_eq!(issued(&string), json!(text));
    }

    #[test_case(200, r#"{"credentials":[]}"# => CredentialResponseError::NoCredentials ; "none")]
    #[test_case(200, r"{}" => CredentialResponseError::Combination ; "nothing")]
    #[test_case(200, r#"{"credentials":[{"credential":"a"}],"transaction_id":"t"}"# => CredentialResponseError::Combination ; "both")]
    #[test_case(200, r#"{"credentials":[{"credential":"a"}],"interval":1}"# => CredentialResponseError::Combination ; "interval")]
    #[test_case(202, r#"{"transaction_id":"t"}"# => CredentialResponseError::Combination ; "no interval")]
    #[test_case(202, r#"{"transaction_id":"t","interval":0}"# => CredentialResponseError::Combination ; "interval of zero")]
    #[test_case(202, r#"{"transaction_id":"t","interval":1,"notification_id":"n"}"# => CredentialResponseError::Combination ; "notification id of nothing")]
    #[test_case(202, r#"{"credentials":[{"credential":"a"}]}"# => CredentialResponseError::Status ; "issued with 202")]
    #[test_case(200, r#"{"transaction_id":"t","interval":1}"# => CredentialResponseError::Status ; "deferred with 200")]
    #[test_case(200, r#"{"credentials":["a"]}"# => CredentialResponseError::Json(StrictJsonError::Shape) ; "not wrapped")]
    fn refused(status: u16, text: &str) -> CredentialResponseError {
        CredentialResponse::parse(status, text.as_bytes()).unwrap_err()
    }

    proptest! {
        #[test]
        fn parsing_never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = CredentialResponse::parse(200, &body);
        }
    }
}
