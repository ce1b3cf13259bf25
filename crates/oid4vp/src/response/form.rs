//! The body that a wallet posts. OpenID4VP 1.0 §8.2, §8.3.1, §8.5

use std::fmt;

use serde_json::json;

use super::VpToken;
use crate::{ErrorCode, PresentationRequest, ResponseMode, State};
use jose::jwe::{self, JweError};
use url::Url;

/// `application/x-www-form-urlencoded` parameters, ready to be sent. To send
/// again after a lost reply means sending exactly these bytes. `Debug` shows none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct FormBody(String);

/// An authorization error response. OpenID4VP 1.0 §8.5
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    code: ErrorCode,
    state: Option<String>,
}

impl FormBody {
    fn of(pairs: &[(&str, &str)]) -> Self {
        Self(
            url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(pairs)
                .finish(),
        )
    }

    /// The encoded body.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FormBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("FormBody")
            .field("length", &self.0.len())
            .finish_non_exhaustive()
    }
}

impl ErrorResponse {
    pub(crate) fn new(code: ErrorCode, state: Option<&str>) -> Self {
        Self {
            code,
            state: state.map(str::to_owned),
        }
    }

    /// The code that is sent.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The body. It never carries a description: nothing but the code is told.
    pub fn to_form(&self) -> FormBody {
        let mut pairs = vec![("error", self.code.as_str())];
        if let Some(state) = &self.state {
            pairs.push(("state", state));
        }
        FormBody::of(&pairs)
    }
}

impl PresentationRequest {
    /// Makes the response and says where it goes. The request is used up: one
    /// request, one answer. OpenID4VP 1.0 §8.2, §8.3.1
    pub fn respond(self, token: &VpToken) -> Result<(Url, FormBody), JweError> {
        let state = self.state.as_ref().map(State::as_str);
        let body = match &self.response_mode {
            ResponseMode::DirectPost => {
                let token = token.to_value().to_string();
                let mut pairs = vec![("vp_token", token.as_str())];
                pairs.extend(state.map(|state| ("state", state)));
                FormBody::of(&pairs)
            }
            ResponseMode::DirectPostJwt(encryption) => {
                let mut payload = json!({ "vp_token": token.to_value() });
                if let Some(state) = state {
                    payload["state"] = json!(state);
                }
                let payload = payload.to_string();
                let jwe = jwe::encrypt(payload.as_bytes(), encryption.key(), encryption.content(), None, None)?;
                FormBody::of(&[("response", &jwe)])
            }
        };
        Ok((self.response_uri, body))
    }

    /// Makes the answer of a holder who shows nothing, whatever the reason:
    /// refused and not held look alike. OpenID4VP 1.0 §8.5, §15.9.1
    pub fn refuse(self) -> (Url, FormBody) {
        let state = self.state.as_ref().map(State::as_str);
        let body = ErrorResponse::new(ErrorCode::AccessDenied, state).to_form();
        (self.response_uri, body)
    }
}
