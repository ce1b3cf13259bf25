//! The notification: what became of the credentials in the wallet. OpenID4VCI 1.0 §11

use jose::strict_json::{self, Limits, StrictJsonError};
use serde::{Deserialize, Serialize};

use crate::error_code::{NotificationErrorCode, is_description_char};

/// What happened. OpenID4VCI 1.0 §11.1
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationEvent {
    /// Stored.
    CredentialAccepted,
    /// Not stored, because the person did not want it.
    CredentialDeleted,
    /// Not stored, for any other reason.
    CredentialFailure,
}

impl NotificationEvent {
    /// The name on the wire.
    #[must_use]
    pub const fn wire_name(self) -> &'static str {
        match self {
            Self::CredentialAccepted => "credential_accepted",
            Self::CredentialDeleted => "credential_deleted",
            Self::CredentialFailure => "credential_failure",
        }
    }
}

/// A notification request. OpenID4VCI 1.0 §11.1
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRequest {
    /// The id from the credential response.
    pub notification_id: String,
    /// What happened.
    pub event: NotificationEvent,
    /// A text for the issuer's developers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event_description: Option<String>,
}

impl NotificationRequest {
    /// Parses the JSON body. Unrecognised parameters are ignored.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotificationError> {
        let request: Self = strict_json::from_slice(bytes, &Limits::MESSAGE)?;
        if request
            .event_description
            .as_ref()
            .is_some_and(|text| !text.chars().all(is_description_char))
        {
            return Err(NotificationError::Description);
        }
        Ok(request)
    }
}

/// Why a notification is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotificationError {
    /// Not strict JSON, a parameter is missing, or the event is unknown.
    #[error("not a notification: {0}")]
    Json(#[from] StrictJsonError),
    /// `event_description` has characters that are not allowed.
    #[error("event_description has characters that are not allowed")]
    Description,
    /// The notification id was not given out with this access token.
    #[error("the notification id is unknown")]
    UnknownId,
}

impl NotificationError {
    /// The code on the wire. OpenID4VCI 1.0 §11.3
    #[must_use]
    pub const fn code(self) -> NotificationErrorCode {
        match self {
            Self::Json(_) | Self::Description => NotificationErrorCode::InvalidNotificationRequest,
            Self::UnknownId => NotificationErrorCode::InvalidNotificationId,
        }
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    /// OpenID4VCI 1.0 §11.1
    #[test_case(r#"{"notification_id":"3fwe98js","event":"credential_accepted"}"# ; "accepted")]
    #[test_case(r#"{"notification_id":"3fwe98js","event":"credential_failure","event_description":"Could not store the Credential. Out of storage."}"# ; "failure")]
    fn the_examples_come_back_as_written(text: &str) {
        let request = NotificationRequest::parse(text.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&request).unwrap(), text);
        assert!(text.contains(request.event.wire_name()));
    }

    #[test_case(r#"{"event":"credential_accepted"}"# => NotificationError::Json(StrictJsonError::Shape) ; "no id")]
    #[test_case(r#"{"notification_id":"a","event":"Credential_Accepted"}"# => NotificationError::Json(StrictJsonError::Shape) ; "the event has case")]
    #[test_case(r#"{"notification_id":"a","event":"credential_accepted","event_description":"\u00e9"}"# => NotificationError::Description ; "not ascii")]
    fn refused(text: &str) -> NotificationError {
        NotificationRequest::parse(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn codes() {
        assert_eq!(
            NotificationError::UnknownId.code(),
            NotificationErrorCode::InvalidNotificationId
        );
        assert_eq!(
            NotificationError::Description.code(),
            NotificationErrorCode::InvalidNotificationRequest
        );
    }
}
