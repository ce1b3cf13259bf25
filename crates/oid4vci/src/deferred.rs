//! The deferred credential request: asking again for what could not be issued at once. OpenID4VCI 1.0 §9

use jose::strict_json::{self, Limits, StrictJsonError};
use serde_json::{Value, json};

use crate::encryption::{EncryptionPolicy, MessageBody, MessageEncryptionError, ResponseEncryptionRequest};
use crate::error_code::CredentialErrorCode;

/// A deferred credential request. OpenID4VCI 1.0 §9.1
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeferredCredentialRequest {
    /// The transaction, as the credential response named it.
    pub transaction_id: String,
    /// How the response is to be encrypted, whatever the credential request said about it.
    pub response_encryption: Option<ResponseEncryptionRequest>,
}

impl DeferredCredentialRequest {
    /// Reads a request as it came, plain or encrypted as the policy has it.
    pub fn open(body: MessageBody<'_>, policy: &EncryptionPolicy<'_>) -> Result<Self, DeferredRequestError> {
        let opened = policy.open(body)?;
        let request = Self::parse(&opened.json)?;
        policy.check_response(&opened, request.response_encryption.as_ref())?;
        Ok(request)
    }

    /// Parses the JSON body. Unrecognised parameters are ignored.
    pub fn parse(bytes: &[u8]) -> Result<Self, DeferredRequestError> {
        let Value::Object(mut body) = strict_json::parse(bytes, &Limits::MESSAGE)? else {
            return Err(DeferredRequestError::NotAnObject);
        };
        let Some(Value::String(transaction_id)) = body.remove("transaction_id") else {
            return Err(DeferredRequestError::TransactionId);
        };
        Ok(Self {
            transaction_id,
            response_encryption: ResponseEncryptionRequest::take(&mut body)?,
        })
    }

    /// The JSON body.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut body = json!({ "transaction_id": self.transaction_id });
        if let Some(encryption) = &self.response_encryption {
            encryption.put(&mut body);
        }
        body
    }
}

/// Why a deferred credential request is refused before its transaction is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeferredRequestError {
    /// Not strict JSON.
    #[error("not a deferred credential request: {0}")]
    Json(#[from] StrictJsonError),
    /// JSON, but not an object.
    #[error("the request is not an object")]
    NotAnObject,
    /// `transaction_id` is missing or not a string.
    #[error("transaction_id is missing or not a string")]
    TransactionId,
    /// Encryption of the request, or what it asks for the response.
    #[error(transparent)]
    Encryption(#[from] MessageEncryptionError),
}

impl DeferredRequestError {
    /// The code on the wire. OpenID4VCI 1.0 §9.3
    #[must_use]
    pub const fn code(self) -> CredentialErrorCode {
        match self {
            Self::Json(_) | Self::NotAnObject | Self::TransactionId => CredentialErrorCode::InvalidCredentialRequest,
            Self::Encryption(_) => CredentialErrorCode::InvalidEncryptionParameters,
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    /// OpenID4VCI 1.0 §9.1
    #[test]
    fn the_example_comes_back_as_written() {
        let text = r#"{"transaction_id":"8xLOxBtZp8"}"#;
        let request = DeferredCredentialRequest::parse(text.as_bytes()).unwrap();
        assert_eq!(request.to_value().to_string(), text);
    }

    #[test_case("[]" => (DeferredRequestError::NotAnObject, "invalid_credential_request") ; "array")]
    #[test_case(r"{}" => (DeferredRequestError::TransactionId, "invalid_credential_request") ; "no transaction")]
    #[test_case(r#"{"transaction_id":7}"# => (DeferredRequestError::TransactionId, "invalid_credential_request") ; "number")]
    #[test_case(r#"{"transaction_id":"a","transaction_id":"b"}"#
        => (DeferredRequestError::Json(StrictJsonError::DuplicateName), "invalid_credential_request") ; "twice")]
    #[test_case(r#"{"transaction_id":"a","credential_response_encryption":{"jwk":{},"enc":"A128GCM"}}"#
        => (DeferredRequestError::Encryption(MessageEncryptionError::Key(jose::JwkError::UnsupportedKey)), "invalid_encryption_parameters") ; "no key")]
    fn refused(text: &str) -> (DeferredRequestError, &'static str) {
        let error = DeferredCredentialRequest::parse(text.as_bytes()).unwrap_err();
        (error, error.code().wire_name())
    }
}
