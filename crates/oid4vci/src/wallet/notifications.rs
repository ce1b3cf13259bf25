//! Telling the issuer what became of the credentials. OpenID4VCI 1.0 §11

use jose::{RandomSource, SignError, Signer, UnixTime};
use serde::{Deserialize, Serialize};
use url::Url;

use super::answer::authorization_code;
use super::authorized::TokenUse;
use super::failure::CredentialFailure;
use super::http::{HttpRequest, HttpResponse, Reply};
use crate::error_code::AuthorizationErrorCode;
use crate::notification::{NotificationEvent, NotificationRequest};

/// What is left of an issuance once the credentials are here. It can be stored: the person may take
/// their time to say whether the credential is kept. It holds an access token, so whoever stores it
/// keeps it as secret as the credentials.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationSession {
    pub(super) endpoint: Url,
    pub(super) access_token: String,
    pub(super) expires_in: Option<u64>,
    pub(super) dpop_nonce: Option<String>,
}

impl NotificationSession {
    /// Where the issuer is told.
    #[must_use]
    pub fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// For how many seconds from its issue the token is good, where the issuer said so.
    #[must_use]
    pub fn expires_in(&self) -> Option<u64> {
        self.expires_in
    }

    /// The request that says what became of one credential response. OpenID4VCI 1.0 §11.1
    pub fn request(
        &self,
        notification_id: &str,
        event: NotificationEvent,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, SignError> {
        let request = NotificationRequest {
            notification_id: notification_id.to_owned(),
            event,
            event_description: None,
        };
        let body = serde_json::to_vec(&request).unwrap_or_default();
        let token = TokenUse {
            access_token: &self.access_token,
            dpop_nonce: self.dpop_nonce.as_deref(),
        };
        token.post(&self.endpoint, body, dpop_key, now, random)
    }

    /// Reads the answer. OpenID4VCI 1.0 §11.2
    pub fn response(&mut self, response: &HttpResponse<'_>) -> Result<Reply<()>, CredentialFailure> {
        let fresh_nonce = response
            .dpop_nonce
            .is_some_and(|nonce| self.dpop_nonce.as_deref() != Some(nonce));
        if fresh_nonce {
            self.dpop_nonce = response.dpop_nonce.map(str::to_owned);
        }
        match response.status {
            200..=299 => Ok(Reply::Done(())),
            401 if fresh_nonce && authorization_code(response) == Some(AuthorizationErrorCode::UseDpopNonce) => {
                Ok(Reply::RepeatWithDpopNonce)
            }
            status => Err(CredentialFailure::Status(status)),
        }
    }
}

impl std::fmt::Debug for NotificationSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NotificationSession")
            .field("endpoint", &self.endpoint.as_str())
            .finish_non_exhaustive()
    }
}
