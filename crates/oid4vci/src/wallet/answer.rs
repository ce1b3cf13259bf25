//! What a credential endpoint answers, at once or later. OpenID4VCI 1.0 §8.3 and §9.2

use serde_json::Value;

use super::deferred::DeferredSession;
use super::failure::CredentialFailure;
use super::http::HttpResponse;
use super::protection::{ResponseKey, unseal};
use crate::credential_response::CredentialResponse;
use crate::error_code::{AuthorizationErrorCode, CredentialErrorCode, ErrorBody};

/// Credentials as they came, unverified: a string as it is, an object as its JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCredentials {
    /// One for each key, or fewer. OpenID4VCI 1.0 §8.3
    pub credentials: Vec<String>,
    /// How to name them in a notification.
    pub notification_id: Option<String>,
}

/// What came of a credential request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialAnswer {
    /// The credentials.
    Issued(IssuedCredentials),
    /// The issuer needs time; this is how to ask again.
    Deferred(Box<DeferredSession>),
}

/// A successful response, read and checked.
pub(super) enum Answered {
    Issued(IssuedCredentials),
    Deferred { transaction_id: String, interval: u64 },
}

/// What was asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// With so many keys.
    pub(super) keys: usize,
    /// In a format whose credentials are objects.
    pub(super) objects: bool,
}

/// Reads a response with status 200 or 202.
pub(super) fn read(
    response: &HttpResponse<'_>,
    key: Option<&ResponseKey>,
    asked: Asked,
) -> Result<Answered, CredentialFailure> {
    let json = unseal(response, key)?;
    match CredentialResponse::parse(response.status, &json)? {
        CredentialResponse::Deferred {
            transaction_id,
            interval,
        } => Ok(Answered::Deferred {
            transaction_id,
            interval,
        }),
        CredentialResponse::Issued { credentials, .. } if credentials.len() > asked.keys => {
            Err(CredentialFailure::MoreCredentialsThanKeys)
        }
        CredentialResponse::Issued {
            credentials,
            notification_id,
        } => {
            let texts = credentials
                .into_iter()
                .map(|credential| match (credential, asked.objects) {
                    (Value::String(text), false) => Ok(text),
                    (object @ Value::Object(_), true) => Ok(object.to_string()),
                    (_, true) => Err(CredentialFailure::NotAnObject),
                    (_, false) => Err(CredentialFailure::NotAString),
                });
            Ok(Answered::Issued(IssuedCredentials {
                credentials: texts.collect::<Result<_, _>>()?,
                notification_id,
            }))
        }
    }
}

/// The code of a refusal with status 401 or 403. RFC 6750 §3.1
pub(super) fn authorization_code(response: &HttpResponse<'_>) -> Option<AuthorizationErrorCode> {
    ErrorBody::parse(response.body)
        .ok()
        .and_then(|body| AuthorizationErrorCode::from_wire(&body.error))
}

/// The code of another refusal. OpenID4VCI 1.0 §8.3.1.2
pub(super) fn credential_code(response: &HttpResponse<'_>) -> Option<CredentialErrorCode> {
    ErrorBody::parse(response.body)
        .ok()
        .and_then(|body| CredentialErrorCode::from_wire(&body.error))
}
