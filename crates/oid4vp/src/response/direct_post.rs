//! The verifier's reader of a posted response. OpenID4VP 1.0 §8.2, §8.3.1

use std::fmt;

use jose::PrivateJwk;
use jose::jwe::{ContentEncryption, UnverifiedJwe};
use jose::strict_json::{self, Limits};
use serde_json::{Map, Value};

use super::{ResponseError, UnverifiedVpToken};
use crate::form::{self, FormError};
use crate::{DcqlQuery, ErrorCode, State};

/// A posted body, taken apart and not yet opened. `Debug` shows which kind it is.
#[derive(Clone)]
pub struct DirectPost(Body);

#[derive(Clone)]
enum Body {
    Encrypted(UnverifiedJwe),
    Plain { vp_token: String, state: Option<String> },
    Error { code: String, state: Option<String> },
}

/// What the session expects.
#[derive(Debug, Clone, Copy)]
pub struct ResponseExpectation<'a> {
    /// The query that was asked.
    pub query: &'a DcqlQuery,
    /// The session's `state`.
    pub state: &'a State,
    /// The session's own key; with it only an encrypted token is taken.
    pub decryption_key: Option<&'a PrivateJwk>,
}

/// A response that belongs to the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceivedResponse {
    /// Presentations, unchecked.
    Presentations(UnverifiedVpToken),
    /// The wallet shows nothing. A code that the specification does not know
    /// reads as `access_denied`.
    Refused(ErrorCode),
}

impl DirectPost {
    /// Reads the form: exactly one of `response`, `vp_token` and `error`;
    /// unknown parameters are ignored. OpenID4VP 1.0 §8.2
    pub fn parse(body: &[u8]) -> Result<Self, ResponseError> {
        std::str::from_utf8(body).map_err(|_| ResponseError::NotAForm)?;
        let response = parameter(body, "response")?;
        let vp_token = parameter(body, "vp_token")?;
        let error = parameter(body, "error")?;
        let state = parameter(body, "state")?;
        match (response, vp_token, error) {
            (Some(jwe), None, None) => Ok(Self(Body::Encrypted(UnverifiedJwe::parse(&jwe)?))),
            (None, Some(vp_token), None) => Ok(Self(Body::Plain { vp_token, state })),
            (None, None, Some(code)) => Ok(Self(Body::Error { code, state })),
            _ => Err(ResponseError::NoAnswer),
        }
    }

    /// Opens the response with the session's key and checks that it belongs to
    /// the session. An error response may come in the clear. OpenID4VP 1.0 §8.3.1
    pub fn open(self, expected: &ResponseExpectation<'_>) -> Result<ReceivedResponse, ResponseError> {
        match (self.0, expected.decryption_key) {
            (Body::Error { code, state }, _) => {
                check_state(state.as_deref(), expected.state)?;
                Ok(refused(&code))
            }
            (Body::Plain { .. }, Some(_)) => Err(ResponseError::NotEncrypted),
            (Body::Plain { vp_token, state }, None) => {
                check_state(state.as_deref(), expected.state)?;
                let token = strict_json::parse(vp_token.as_bytes(), &Limits::VP_TOKEN)?;
                UnverifiedVpToken::parse(&token, expected.query).map(ReceivedResponse::Presentations)
            }
            (Body::Encrypted(_), None) => Err(ResponseError::NotAskedToEncrypt),
            (Body::Encrypted(jwe), Some(key)) => read_payload(&decrypt(jwe, key)?, expected),
        }
    }
}

impl fmt::Debug for DirectPost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self.0 {
            Body::Encrypted(_) => "DirectPost(encrypted)",
            Body::Plain { .. } => "DirectPost(plain)",
            Body::Error { .. } => "DirectPost(error)",
        })
    }
}

fn decrypt(jwe: UnverifiedJwe, key: &PrivateJwk) -> Result<Map<String, Value>, ResponseError> {
    if jwe.kid() != key.public().kid() {
        return Err(ResponseError::WrongKey);
    }
    let plaintext = jwe.decrypt(key, &[ContentEncryption::A128Gcm, ContentEncryption::A256Gcm])?;
    match strict_json::parse(&plaintext, &Limits::VP_TOKEN)? {
        Value::Object(members) => Ok(members),
        _ => Err(ResponseError::NotAnObject),
    }
}

fn read_payload(
    members: &Map<String, Value>,
    expected: &ResponseExpectation<'_>,
) -> Result<ReceivedResponse, ResponseError> {
    check_state(members.get("state").and_then(Value::as_str), expected.state)?;
    match (members.get("vp_token"), members.get("error")) {
        (Some(token), None) => UnverifiedVpToken::parse(token, expected.query).map(ReceivedResponse::Presentations),
        (None, Some(Value::String(code))) => Ok(refused(code)),
        _ => Err(ResponseError::NoAnswer),
    }
}

fn refused(code: &str) -> ReceivedResponse {
    ReceivedResponse::Refused(code.parse().unwrap_or(ErrorCode::AccessDenied))
}

fn check_state(received: Option<&str>, expected: &State) -> Result<(), ResponseError> {
    if received.is_some_and(|state| expected.matches(state)) {
        Ok(())
    } else {
        Err(ResponseError::StateMismatch)
    }
}

fn parameter(body: &[u8], name: &str) -> Result<Option<String>, ResponseError> {
    form::parameter(body, name).map_err(|error| match error {
        FormError::OverBudget(over) => ResponseError::OverBudget(over),
        FormError::Repeated => ResponseError::RepeatedParameter,
    })
}
