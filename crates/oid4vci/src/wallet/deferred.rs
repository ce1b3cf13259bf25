//! Asking again for credentials that could not be issued at once. OpenID4VCI 1.0 §9

use jose::{RandomSource, Signer, UnixTime};
use serde::{Deserialize, Serialize};
use url::Url;

use super::answer::{self, Answered, Asked, IssuedCredentials};
use super::authorized::TokenUse;
use super::failure::{CredentialFailure, CredentialStepError};
use super::http::{HttpRequest, HttpResponse, Reply};
use super::protection::{Protection, ResponseKey};
use crate::deferred::DeferredCredentialRequest;
use crate::error_code::AuthorizationErrorCode;

/// What is needed to ask again. It can be stored: an issuer may take days. It holds an access token, so whoever
/// stores it keeps it as secret as the credentials.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeferredSession {
    pub(super) endpoint: Url,
    pub(super) access_token: String,
    pub(super) dpop_nonce: Option<String>,
    pub(super) transaction_id: String,
    pub(super) interval: u64,
    pub(super) keys: usize,
    /// Whether credentials of the format are objects. Sessions of older wallets are about strings.
    #[serde(default)]
    pub(super) objects: bool,
    pub(super) protection: Protection,
    /// The key of a response lives for one request. OpenID4VCI 1.0 §9.1 lets each bring its own.
    #[serde(skip)]
    pub(super) response_key: Option<ResponseKey>,
}

/// What came of asking again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeferredAnswer {
    /// The credentials. The transaction is over.
    Issued(IssuedCredentials),
    /// Not yet: ask again after so many seconds.
    Later {
        /// The seconds to wait.
        interval: u64,
    },
}

impl DeferredSession {
    /// After how many seconds, from the answer on, the issuer may be asked again. OpenID4VCI 1.0 §8.3
    #[must_use]
    pub fn interval(&self) -> u64 {
        self.interval
    }

    fn asked(&self) -> Asked {
        Asked {
            keys: self.keys,
            objects: self.objects,
        }
    }

    /// The request. OpenID4VCI 1.0 §9.1
    pub fn request(
        &mut self,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, CredentialStepError> {
        let transaction_id = self.transaction_id.clone();
        let put = |response_encryption| {
            DeferredCredentialRequest {
                transaction_id,
                response_encryption,
            }
            .to_value()
        };
        let mut sealed = self.protection.seal(put, random)?;
        self.response_key = sealed.response_key.take();
        let token = TokenUse {
            access_token: &self.access_token,
            dpop_nonce: self.dpop_nonce.as_deref(),
        };
        Ok(token.post_sealed(&self.endpoint, sealed, dpop_key, now, random)?)
    }

    /// Reads the answer. OpenID4VCI 1.0 §9.2 and §9.3
    pub fn response(&mut self, response: &HttpResponse<'_>) -> Result<Reply<DeferredAnswer>, CredentialFailure> {
        let fresh_nonce = response
            .dpop_nonce
            .is_some_and(|nonce| self.dpop_nonce.as_deref() != Some(nonce));
        if fresh_nonce {
            self.dpop_nonce = response.dpop_nonce.map(str::to_owned);
        }
        let key = self.response_key.take();
        match response.status {
            200 | 202 => match answer::read(response, key.as_ref(), self.asked())? {
                Answered::Issued(issued) => Ok(Reply::Done(DeferredAnswer::Issued(issued))),
                Answered::Deferred { transaction_id, .. } if transaction_id != self.transaction_id => {
                    Err(CredentialFailure::OtherTransaction)
                }
                Answered::Deferred { interval, .. } => {
                    self.interval = interval;
                    Ok(Reply::Done(DeferredAnswer::Later { interval }))
                }
            },
            401 | 403 => match answer::authorization_code(response) {
                Some(AuthorizationErrorCode::UseDpopNonce) if fresh_nonce => Ok(Reply::RepeatWithDpopNonce),
                code => Err(CredentialFailure::Unauthorized(code)),
            },
            status => {
                Err(answer::credential_code(response)
                    .map_or(CredentialFailure::Status(status), CredentialFailure::Refused))
            }
        }
    }
}

impl PartialEq for DeferredSession {
    /// By transaction: what else a session holds changes with each request.
    fn eq(&self, other: &Self) -> bool {
        (&self.endpoint, &self.transaction_id) == (&other.endpoint, &other.transaction_id)
    }
}

impl Eq for DeferredSession {}

impl std::fmt::Debug for DeferredSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeferredSession")
            .field("endpoint", &self.endpoint.as_str())
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}
