use jose::OverBudget;
use jose::jwe::JweError;
use jose::strict_json::StrictJsonError;

use crate::ErrorCode;

/// Which rule a response breaks. OpenID4VP 1.0 §8
///
/// All are answered with `invalid_request`; the session stays as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// The body is no form in UTF-8. §8.2
    #[error("the response is not a form")]
    NotAForm,
    /// More bytes or parameters than [`crate::budget::FORM`] allows.
    #[error(transparent)]
    OverBudget(OverBudget),
    /// A parameter stands there twice. RFC 6749 §3.1
    #[error("a parameter stands there twice")]
    RepeatedParameter,
    /// None of `response`, `vp_token` and `error`, or more than one.
    #[error("the response has neither a token nor an error")]
    NoAnswer,
    /// The answer is in the clear although encryption was asked for. §8.3.1
    #[error("the response is not encrypted")]
    NotEncrypted,
    /// The answer is encrypted although no key was offered. §8.2
    #[error("an encrypted response was not asked for")]
    NotAskedToEncrypt,
    /// The JWE is not acceptable, or not encrypted to this session's key.
    #[error("response: {0}")]
    Jwe(#[from] JweError),
    /// `kid` is not that of this session's key. §8.3
    #[error("the response is encrypted to another key")]
    WrongKey,
    /// The payload or `vp_token` is no strict JSON.
    #[error("response: {0}")]
    Json(#[from] StrictJsonError),
    /// `state` is absent or that of another session. §5.3
    #[error("state is not the one of this session")]
    StateMismatch,
    /// The payload or `vp_token` is not an object. §8.1
    #[error("vp_token is not an object")]
    NotAnObject,
    /// `vp_token` names a query that was not asked. §8.1
    #[error("vp_token answers a query that was not asked")]
    UnknownQueryId,
    /// The answer to a query is not an array. §8.1
    #[error("an answer is not an array")]
    NotAnArray,
    /// The answer to a query is an empty array. §8.1
    #[error("an answer is an empty array")]
    EmptyAnswer,
    /// Several presentations without `multiple`. §8.1
    #[error("more than one presentation where one was asked for")]
    MoreThanOne,
    /// More presentations than [`crate::budget::RESPONSE`] allows: the specification sets no limit.
    #[error("too many presentations")]
    TooManyPresentations,
    /// A presentation of a format whose presentations are strings is none. §8.1
    #[error("a presentation is not a string")]
    PresentationNotAString,
    /// `vp_token` is empty: an answer that answers nothing. §8.1
    #[error("vp_token is empty")]
    EmptyToken,
}

impl ResponseError {
    /// The code for the reply. OpenID4VP 1.0 §8.2, RFC 6749 §5.2
    pub fn code(self) -> ErrorCode {
        ErrorCode::InvalidRequest
    }
}
