//! What a caller is told when something does not work.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use oid4vp::{ErrorCode, RequestUriPostError, ResponseError, SessionError};
use service::Problem;

use crate::business::ProvisionError;
use crate::store::StoreFailure;

/// Every way in which a request to the service fails.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// No valid bearer token.
    #[error("no valid bearer token")]
    Unauthorised,
    /// No such check, session or page.
    #[error("not found")]
    NotFound,
    /// The token is good, but not for this.
    #[error("the token has no scope for this")]
    ScopeMissing,
    /// The business is not registered, or not any more.
    #[error("the business is not registered")]
    NotRegistered,
    /// A check asks for what its business may not.
    #[error("a check lies outside the registered scope")]
    OutsideScope {
        /// The check.
        check: String,
        /// What it asks for.
        what: String,
    },
    /// A business was not added or changed.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    /// The body of a request of the business is not understood.
    #[error("the request is malformed")]
    Malformed,
    /// More open sessions than configured.
    #[error("too many open sessions")]
    TooManySessions,
    /// More open streams of events than configured.
    #[error("too many open streams")]
    TooManyStreams,
    /// An answer that was handed in belongs to another session.
    #[error("the answer belongs to another session")]
    ForeignAnswer,
    /// What was handed in is no answer of a wallet.
    #[error("this is no answer")]
    UnreadableAnswer,
    /// The clock of this machine was set back.
    #[error("the clock of this machine is wrong")]
    ClockWrong,
    /// Nothing is held that a challenge could be made of.
    #[error("nothing is held of the ledger")]
    NothingHeld,
    /// The time of the session is over.
    #[error("the session is over")]
    SessionOver,
    /// This browser has no order at the example shop.
    #[error("no order")]
    NoOrder,
    /// A code of an invitation that lets nobody in.
    #[error("the code lets nobody in")]
    WrongCode,
    /// A password that is too short, or that nobody can type.
    #[error("the password cannot be used")]
    PasswordRefused,
    /// One address asks the example shop, or is wrong, too often.
    #[error("too many attempts from one address")]
    TooManyFromOne {
        /// Seconds until it may again.
        retry_after: u32,
    },
    /// The wallet's session is not known, or over.
    #[error("no such session, or it has expired")]
    RequestObjectNotFound,
    /// The wallet's session has its answer.
    #[error("the session is closed")]
    Closed,
    /// What a wallet says of itself is malformed, or does not suit the request.
    #[error(transparent)]
    RequestUriPost(#[from] RequestUriPostError),
    /// On the same device, and nothing says where the browser goes afterwards.
    #[error("the check has no return_url")]
    NoReturnUrl,
    /// The response breaks a rule; the session stays as it was.
    #[error(transparent)]
    Response(#[from] ResponseError),
    /// The answer came to another browser than the one that asked.
    #[error("the answer belongs to another browser")]
    SessionMismatch,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFailure),
    /// A link does not fit into a code.
    #[error(transparent)]
    Picture(#[from] service::TooLong),
    /// The request could not be signed.
    #[error("a failure of ours: {0}")]
    Internal(&'static str),
}

impl ApiError {
    fn problem(&self) -> Problem {
        match self {
            Self::Unauthorised => Problem::unauthorised(),
            Self::NotFound => Problem::not_found(),
            Self::ScopeMissing => Problem::new(
                StatusCode::FORBIDDEN,
                "scope_missing",
                "This token does not allow this.",
            ),
            Self::NotRegistered => Problem::new(
                StatusCode::FORBIDDEN,
                "not_registered",
                "This business is not registered to ask at this time.",
            ),
            Self::OutsideScope { check, what } => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "outside_scope",
                "A check asks for what this business is not registered to ask.",
            )
            .with("check", check.as_str())
            .with("outside", what.as_str()),
            Self::Provision(error) => error.problem(),
            Self::Malformed => Problem::new(
                StatusCode::BAD_REQUEST,
                "malformed",
                "The body is not what this address takes.",
            ),
            Self::TooManySessions => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too_many_sessions",
                "Too many checks are open at once.",
            )
            .retry_after(10),
            Self::TooManyStreams => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "too_many_streams",
                "Too many pages follow a check at once.",
            )
            .retry_after(5),
            Self::ForeignAnswer => Problem::new(
                StatusCode::CONFLICT,
                "answer_of_another_check",
                "This answer was made for another check.",
            ),
            Self::UnreadableAnswer => Problem::new(
                StatusCode::BAD_REQUEST,
                "answer_unreadable",
                "This is not an answer to a check.",
            ),
            Self::ClockWrong => Problem::new(
                StatusCode::CONFLICT,
                "clock_wrong",
                "The clock of this device is wrong, so nothing can be checked.",
            ),
            Self::NothingHeld => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "nothing_held",
                "This device holds nothing yet. Connect it once.",
            ),
            Self::SessionOver => Problem::new(StatusCode::GONE, "session_expired", "The time for this check is over."),
            Self::NoOrder => Problem::new(StatusCode::NOT_FOUND, "no_order", "This browser has no order here."),
            Self::WrongCode => {
                let title = "The code lets nobody in.";
                Problem::new(StatusCode::UNAUTHORIZED, "wrong_code", title).challenge("Session")
            }
            Self::PasswordRefused => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "password_refused",
                "A password has 12 to 256 characters on one line.",
            ),
            Self::TooManyFromOne { retry_after } => Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_attempts",
                "Too many attempts came from here.",
            )
            .retry_after(*retry_after),
            Self::RequestObjectNotFound => Problem::new(
                StatusCode::NOT_FOUND,
                "authorization_request_object_not_found",
                "This code is not valid, or not valid any more.",
            ),
            Self::Closed => Problem::new(
                StatusCode::CONFLICT,
                "verification_process_closed",
                "This check has been answered already.",
            ),
            Self::RequestUriPost(error) => invalid_request(error.code()),
            Self::Response(error) => invalid_request(error.code()),
            Self::NoReturnUrl => Problem::new(
                StatusCode::CONFLICT,
                "no_return_url",
                "This check does not say where the browser goes afterwards.",
            ),
            Self::SessionMismatch => Problem::new(
                StatusCode::FORBIDDEN,
                "session_mismatch",
                "This answer belongs to another browser.",
            ),
            Self::Store(StoreFailure::Database(_)) => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "The check could not be carried out. Try again.",
            )
            .retry_after(5),
            Self::Store(StoreFailure::Malformed(_)) | Self::Picture(_) | Self::Internal(_) => Problem::internal(),
        }
    }
}

/// The reply that OpenID4VP 1.0 §8.2 and RFC 6749 §5.2 name; `error` is for
/// wallets, the rest as everywhere.
fn invalid_request(code: ErrorCode) -> Problem {
    let code = code.as_str();
    Problem::new(StatusCode::BAD_REQUEST, code, "The request or response breaks a rule.").with("error", code)
}

impl From<SessionError> for ApiError {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Expired => Self::RequestObjectNotFound,
            SessionError::Closed => Self::Closed,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match &self {
            Self::Store(cause) => tracing::error!(error = ?cause, "the store failed"),
            Self::Picture(cause) => tracing::error!(%cause, "internal failure"),
            Self::Internal(what) => tracing::error!(what, "internal failure"),
            other => tracing::debug!(error = %other, "refused"),
        }
        self.problem().into_response()
    }
}
