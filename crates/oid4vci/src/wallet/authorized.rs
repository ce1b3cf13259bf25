//! From an access token to credentials.

use jose::strict_json::StrictJsonError;
use jose::{RandomSource, SignError, Signer, UnixTime};
use url::Url;

use super::http::{HttpRequest, HttpResponse, Reply};
use super::notifications::NotificationSession;
use super::refresh::RefreshSession;
use crate::credential_request::{CredentialRequest, RequestedCredential};
use crate::credential_response::{CredentialResponse, CredentialResponseError};
use crate::dpop::{DpopTarget, make_dpop_proof};
use crate::error_code::{AuthorizationErrorCode, CredentialErrorCode, ErrorBody};
use crate::key_proof::make_key_proof;
use crate::metadata::IssuerMetadata;
use crate::nonce::NonceResponse;
use crate::token_response::TokenResponse;

/// An access token, and what it is good for.
#[derive(Clone)]
pub struct AuthorizedIssuance {
    metadata: IssuerMetadata,
    offered: Vec<String>,
    token: TokenResponse,
    refresh: Option<RefreshSession>,
    dpop_nonce: Option<String>,
    c_nonce: Option<String>,
}

impl std::fmt::Debug for AuthorizedIssuance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthorizedIssuance")
            .field("offered", &self.offered)
            .finish_non_exhaustive()
    }
}

/// Credentials as they came, unverified. For `dc+sd-jwt` each is an SD-JWT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCredentials {
    /// One for each key, or fewer. OpenID4VCI 1.0 §8.3
    pub credentials: Vec<String>,
    /// How to name them in a notification.
    pub notification_id: Option<String>,
}

impl AuthorizedIssuance {
    pub(super) fn new(
        metadata: IssuerMetadata,
        offered: Vec<String>,
        token: TokenResponse,
        refresh: Option<RefreshSession>,
        dpop_nonce: Option<String>,
    ) -> Self {
        Self {
            metadata,
            offered,
            token,
            refresh,
            dpop_nonce,
            c_nonce: None,
        }
    }

    /// The credential configurations that were offered.
    #[must_use]
    pub fn offered(&self) -> &[String] {
        &self.offered
    }

    /// The issuer's metadata.
    #[must_use]
    pub fn metadata(&self) -> &IssuerMetadata {
        &self.metadata
    }

    /// What is needed to get the copies again later, if the server gave a refresh token. OpenID4VCI 1.0 §13.5
    #[must_use]
    pub fn refresh(&self) -> Option<&RefreshSession> {
        self.refresh.as_ref()
    }

    /// The request for a fresh `c_nonce`, unless the issuer needs none. OpenID4VCI 1.0 §7.1
    #[must_use]
    pub fn nonce_request(&self) -> Option<HttpRequest> {
        let url = self.metadata.nonce_endpoint.clone()?;
        let headers = vec![("accept", "application/json".to_owned())];
        Some(HttpRequest {
            method: "POST",
            url,
            headers,
            body: Vec::new(),
        })
    }

    /// Keeps the nonce for the next credential request. OpenID4VCI 1.0 §7.2
    pub fn nonce_response(&mut self, response: &HttpResponse<'_>) -> Result<(), NonceFailure> {
        self.keep_dpop_nonce(response);
        if response.status != 200 {
            return Err(NonceFailure::Status(response.status));
        }
        if !response.is_json() {
            return Err(NonceFailure::NotJson);
        }
        self.c_nonce = Some(NonceResponse::parse(response.body)?.c_nonce);
        Ok(())
    }

    /// The request for one copy of a card for each key. OpenID4VCI 1.0 §8.2
    pub fn credential_request(
        &self,
        configuration_id: &str,
        keys: &[&dyn Signer],
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, CredentialStepError> {
        if !self.offered.iter().any(|id| id == configuration_id) {
            return Err(CredentialStepError::NotOffered);
        }
        if keys.is_empty() || keys.len() > self.metadata.proofs_per_request() {
            return Err(CredentialStepError::BatchSize);
        }
        if self.metadata.nonce_endpoint.is_some() && self.c_nonce.is_none() {
            return Err(CredentialStepError::NonceMissing);
        }
        let issuer = &self.metadata.credential_issuer;
        let proofs: Result<Vec<_>, _> = keys
            .iter()
            .map(|key| make_key_proof(issuer, self.c_nonce.as_deref(), *key, now))
            .collect();
        let request = CredentialRequest {
            requested: self.requested(configuration_id),
            jwt_proofs: Some(proofs?),
            response_encryption: None,
        };
        let body = request.to_value().to_string().into_bytes();
        let token = TokenUse {
            access_token: &self.token.access_token,
            dpop_nonce: self.dpop_nonce.as_deref(),
        };
        Ok(token.post(&self.metadata.credential_endpoint, body, dpop_key, now, random)?)
    }

    /// Reads the answer to a credential request made with `keys` keys. OpenID4VCI 1.0 §8.3
    pub fn credential_response(
        &mut self,
        response: &HttpResponse<'_>,
        keys: usize,
    ) -> Result<Reply<IssuedCredentials>, CredentialFailure> {
        let fresh_nonce = self.keep_dpop_nonce(response);
        // A `c_nonce` is used once, whatever came of it.
        self.c_nonce = None;
        if !matches!(response.status, 200 | 202) {
            return self.credential_refusal(response, fresh_nonce);
        }
        if !response.is_json() {
            return Err(CredentialFailure::NotJson);
        }
        match CredentialResponse::parse(response.status, response.body)? {
            CredentialResponse::Deferred { interval, .. } => Err(CredentialFailure::Deferred { interval }),
            CredentialResponse::Issued { credentials, .. } if credentials.len() > keys => {
                Err(CredentialFailure::MoreCredentialsThanKeys)
            }
            CredentialResponse::Issued {
                credentials,
                notification_id,
            } => {
                let texts = credentials.into_iter().map(|credential| match credential {
                    serde_json::Value::String(text) => Ok(text),
                    _ => Err(CredentialFailure::NotAString),
                });
                Ok(Reply::Done(IssuedCredentials {
                    credentials: texts.collect::<Result<_, _>>()?,
                    notification_id,
                }))
            }
        }
    }

    /// What is needed to tell the issuer later what became of the credentials, if it wants to know.
    /// OpenID4VCI 1.0 §11
    #[must_use]
    pub fn notifications(&self) -> Option<NotificationSession> {
        Some(NotificationSession {
            endpoint: self.metadata.notification_endpoint.clone()?,
            access_token: self.token.access_token.clone(),
            expires_in: self.token.expires_in,
            dpop_nonce: self.dpop_nonce.clone(),
        })
    }

    fn credential_refusal(
        &self,
        response: &HttpResponse<'_>,
        fresh_nonce: bool,
    ) -> Result<Reply<IssuedCredentials>, CredentialFailure> {
        if matches!(response.status, 401 | 403) {
            return match authorization_code(response) {
                // The proofs were not looked at, but their nonce is gone here: a fresh one costs nothing.
                Some(AuthorizationErrorCode::UseDpopNonce) if fresh_nonce && self.metadata.nonce_endpoint.is_some() => {
                    Ok(Reply::RepeatWithFreshNonce)
                }
                Some(AuthorizationErrorCode::UseDpopNonce) if fresh_nonce => Ok(Reply::RepeatWithDpopNonce),
                code => Err(CredentialFailure::Unauthorized(code)),
            };
        }
        let code = ErrorBody::parse(response.body)
            .ok()
            .and_then(|body| CredentialErrorCode::from_wire(&body.error));
        match code {
            Some(CredentialErrorCode::InvalidNonce) if self.metadata.nonce_endpoint.is_some() => {
                Ok(Reply::RepeatWithFreshNonce)
            }
            Some(code) => Err(CredentialFailure::Refused(code)),
            None => Err(CredentialFailure::Status(response.status)),
        }
    }

    /// By dataset when the token response named one, else by configuration. OpenID4VCI 1.0 §8.2
    fn requested(&self, configuration_id: &str) -> RequestedCredential {
        let details = self.token.authorization_details.iter().flatten();
        let identifier = details
            .filter(|detail| detail.credential_configuration_id == configuration_id)
            .find_map(|detail| detail.credential_identifiers.as_ref()?.first());
        match identifier {
            Some(identifier) => RequestedCredential::Identifier(identifier.clone()),
            None => RequestedCredential::Configuration(configuration_id.to_owned()),
        }
    }

    /// Whether the response brought a nonce that was not known.
    fn keep_dpop_nonce(&mut self, response: &HttpResponse<'_>) -> bool {
        match response.dpop_nonce {
            Some(nonce) if self.dpop_nonce.as_deref() != Some(nonce) => {
                self.dpop_nonce = Some(nonce.to_owned());
                true
            }
            _ => false,
        }
    }
}

/// An access token about to be used. RFC 9449 §7
pub(super) struct TokenUse<'a> {
    pub(super) access_token: &'a str,
    pub(super) dpop_nonce: Option<&'a str>,
}

impl TokenUse<'_> {
    /// A request with the token and a proof for it.
    pub(super) fn post(
        &self,
        url: &Url,
        body: Vec<u8>,
        dpop_key: &dyn Signer,
        now: UnixTime,
        random: &mut dyn RandomSource,
    ) -> Result<HttpRequest, SignError> {
        let target = DpopTarget {
            method: "POST",
            url,
            access_token: Some(self.access_token),
            nonce: self.dpop_nonce,
        };
        let proof = make_dpop_proof(&target, dpop_key, now, random)?;
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("accept", "application/json".to_owned()),
            ("authorization", format!("DPoP {}", self.access_token)),
            ("dpop", proof),
        ];
        Ok(HttpRequest {
            method: "POST",
            url: url.clone(),
            headers,
            body,
        })
    }
}

pub(super) fn authorization_code(response: &HttpResponse<'_>) -> Option<AuthorizationErrorCode> {
    ErrorBody::parse(response.body)
        .ok()
        .and_then(|body| AuthorizationErrorCode::from_wire(&body.error))
}

/// Why no nonce came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NonceFailure {
    /// Another status than 200.
    #[error("the issuer answered with status {0}")]
    Status(u16),
    /// The response is not `application/json`.
    #[error("the issuer did not answer with application/json")]
    NotJson,
    /// Not a nonce response.
    #[error("not a nonce response: {0}")]
    Json(#[from] StrictJsonError),
}

/// Why no credential request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialStepError {
    /// The configuration is not part of the offer.
    #[error("the credential was not offered")]
    NotOffered,
    /// No key, or more than the issuer takes in one request.
    #[error("no key, or more than one request may carry")]
    BatchSize,
    /// The issuer wants a `c_nonce` and none is held.
    #[error("a nonce is needed first")]
    NonceMissing,
    /// A key does not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Why there are no credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialFailure {
    /// The issuer refused with a code of its specification; `credential_request_denied` is final.
    #[error("the issuer refused: {}", .0.wire_name())]
    Refused(CredentialErrorCode),
    /// The access token is not taken. RFC 6750 §3.1
    #[error("the access token is not taken")]
    Unauthorized(Option<AuthorizationErrorCode>),
    /// Another status and no code.
    #[error("the issuer answered with status {0}")]
    Status(u16),
    /// The response is not `application/json`.
    #[error("the issuer did not answer with application/json")]
    NotJson,
    /// The credential response is refused.
    #[error(transparent)]
    Response(#[from] CredentialResponseError),
    /// The issuer wants to be asked again later, which this wallet does not do yet.
    #[error("the issuer defers the credential for {interval} seconds")]
    Deferred {
        /// The seconds to wait.
        interval: u64,
    },
    /// More credentials than keys: each key is bound to at most one. OpenID4VCI 1.0 §8.3
    #[error("more credentials than keys")]
    MoreCredentialsThanKeys,
    /// A credential is not a string. OpenID4VCI 1.0 Appendix A.3.4
    #[error("a credential is not a string")]
    NotAString,
}
