//! Errors on the wire: those of the protocol in its own form, the rest as problems (RFC 9457).

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use jose::SignError;
use oid4vci::{
    AuthorizationErrorCode, AuthorizationRequestErrorCode, CLIENT_ATTESTATION_CHALLENGE, CredentialErrorCode,
    DpopError, ErrorBody, NotificationErrorCode, TokenErrorCode,
};
use sd_jwt::IssueError;
use service::Problem;

use crate::status::TokenFailure;

/// The header that carries a fresh DPoP nonce. RFC 9449 §8
pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The header that carries a fresh challenge for wallets that say what they are.
const ATTESTATION_CHALLENGE: HeaderName = HeaderName::from_static(CLIENT_ATTESTATION_CHALLENGE);

/// Everything a route can answer but success.
#[derive(Debug)]
#[non_exhaustive]
pub enum ApiError {
    /// The token endpoint refuses. RFC 6749 §5.2
    Token(TokenErrorCode, String),
    /// The DPoP proof is refused at the token endpoint; a fresh nonce goes along.
    TokenDpop(DpopError, String),
    /// A wallet has to say what it is once more, over the challenge that goes along.
    /// draft-ietf-oauth-attestation-based-client-auth §7.2
    AttestationChallenge(String),
    /// A pushed authorization request is refused. RFC 9126 §2.3
    Pushed(AuthorizationRequestErrorCode, String),
    /// The DPoP proof of a pushed request is refused; a fresh nonce goes along.
    PushedDpop(DpopError, String),
    /// The access token or its proof is refused; a fresh nonce goes along. RFC 6750 §3
    Authorization(Option<AuthorizationErrorCode>, String),
    /// The credential endpoint refuses. OpenID4VCI 1.0 §8.3.1.2
    Credential(CredentialErrorCode, String),
    /// The notification endpoint refuses. OpenID4VCI 1.0 §11.3
    Notification(NotificationErrorCode),
    /// An answer of our own interfaces.
    Problem(Problem),
    /// The store or the signing key failed.
    Internal(Box<dyn std::error::Error + Send + Sync>),
    /// Something needed is out of reach at this moment.
    Unavailable(&'static str),
}

impl ApiError {
    /// A failure of ours; the cause goes to the log, never outside.
    pub fn internal(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Internal(Box::new(error))
    }

    /// A refusal of the token endpoint.
    pub fn token(code: TokenErrorCode, why: &impl ToString) -> Self {
        Self::Token(code, why.to_string())
    }

    /// A refusal of the credential endpoint.
    pub fn credential(code: CredentialErrorCode, why: &impl ToString) -> Self {
        Self::Credential(code, why.to_string())
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Unavailable("the store is busy"),
            error => Self::internal(error),
        }
    }
}

impl From<SignError> for ApiError {
    /// A key that is not there may be there again: nothing is lost, and nothing signed by another.
    fn from(error: SignError) -> Self {
        match error {
            SignError::KeyUnavailable => Self::Unavailable("the signing key"),
            error => Self::internal(error),
        }
    }
}

impl From<IssueError> for ApiError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Sign(error) => error.into(),
            error => Self::internal(error),
        }
    }
}

impl From<TokenFailure> for ApiError {
    fn from(error: TokenFailure) -> Self {
        match error {
            TokenFailure::Store(error) => error.into(),
            TokenFailure::Sign(error) => error.into(),
            error => Self::internal(error),
        }
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Token(code, why) => refusal(
                code.status(),
                &ErrorBody::described(code.wire_name(), &why),
                HeaderMap::new(),
            ),
            Self::TokenDpop(error, nonce) => {
                let code = error.token_code();
                let body = ErrorBody::described(code.wire_name(), &error.to_string());
                refusal(code.status(), &body, with_nonce(&nonce))
            }
            Self::AttestationChallenge(challenge) => refusal(
                400,
                &ErrorBody::new("use_attestation_challenge"),
                with(ATTESTATION_CHALLENGE, &challenge),
            ),
            Self::Pushed(code, why) => refusal(
                code.status(),
                &ErrorBody::described(code.wire_name(), &why),
                when_to_come_back(code),
            ),
            Self::PushedDpop(error, nonce) => {
                let code = error.pushed_code();
                let body = ErrorBody::described(code.wire_name(), &error.to_string());
                refusal(code.status(), &body, with_nonce(&nonce))
            }
            Self::Authorization(code, nonce) => unauthorised(code, &nonce),
            Self::Credential(code, why) => refusal(
                code.status(),
                &ErrorBody::described(code.wire_name(), &why),
                HeaderMap::new(),
            ),
            Self::Notification(code) => refusal(code.status(), &ErrorBody::new(code.wire_name()), HeaderMap::new()),
            Self::Problem(problem) => problem.into_response(),
            Self::Internal(error) => {
                tracing::error!(%error, "a request failed");
                Problem::internal().into_response()
            }
            Self::Unavailable(what) => {
                tracing::warn!(what, "a request could not be served");
                let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Try again in a moment.");
                let mut response = problem.into_response();
                response
                    .headers_mut()
                    .insert(RETRY_AFTER, HeaderValue::from_static("2"));
                response
            }
        }
    }
}

fn refusal(status: u16, body: &ErrorBody, mut headers: HeaderMap) -> Response {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    (status, headers, Json(body)).into_response()
}

/// Pushed requests last some minutes: after one, there may be room.
fn when_to_come_back(code: AuthorizationRequestErrorCode) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if code == AuthorizationRequestErrorCode::TemporarilyUnavailable {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("60"));
    }
    headers
}

/// RFC 9449 §7.1: the challenge names the algorithms; RFC 6750 §3.1: no error where no token was presented.
fn unauthorised(code: Option<AuthorizationErrorCode>, nonce: &str) -> Response {
    let mut headers = with_nonce(nonce);
    let challenge = match code {
        None => "DPoP algs=\"ES256\"".to_owned(),
        Some(code) => format!("DPoP algs=\"ES256\", error=\"{}\"", code.wire_name()),
    };
    if let Ok(value) = HeaderValue::from_str(&challenge) {
        headers.insert(WWW_AUTHENTICATE, value);
    }
    match code {
        None => (StatusCode::UNAUTHORIZED, headers).into_response(),
        Some(code) => refusal(code.status(), &ErrorBody::new(code.wire_name()), headers),
    }
}

fn with_nonce(nonce: &str) -> HeaderMap {
    with(DPOP_NONCE, nonce)
}

fn with(name: HeaderName, value: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
    headers
}
