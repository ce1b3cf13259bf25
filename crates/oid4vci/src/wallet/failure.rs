//! Why an issuance stops between an access token and the credentials.

use jose::SignError;
use jose::jwe::JweError;
use jose::strict_json::StrictJsonError;

use super::protection::{ProtectionError, ResponseFormError};
use crate::credential_response::CredentialResponseError;
use crate::error_code::{AuthorizationErrorCode, CredentialErrorCode};

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
    /// The issuer requires encryption that the wallet cannot do.
    #[error(transparent)]
    Protection(#[from] ProtectionError),
    /// The request cannot be encrypted.
    #[error(transparent)]
    Encryption(#[from] JweError),
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
    /// The response is neither plain nor encrypted as it was asked for.
    #[error(transparent)]
    Form(#[from] ResponseFormError),
    /// The credential response is refused.
    #[error(transparent)]
    Response(#[from] CredentialResponseError),
    /// The issuer wants to be asked again later and does not say where.
    #[error("the issuer defers the credential and has no deferred credential endpoint")]
    NoDeferredEndpoint,
    /// The answer to a deferred request is about another transaction. OpenID4VCI 1.0 §9.2
    #[error("the answer is about another transaction")]
    OtherTransaction,
    /// More credentials than keys: each key is bound to at most one. OpenID4VCI 1.0 §8.3
    #[error("more credentials than keys")]
    MoreCredentialsThanKeys,
    /// A credential is not a string. OpenID4VCI 1.0 Appendix A.3.4
    #[error("a credential is not a string")]
    NotAString,
    /// A credential is not an object. OpenID4VCI 1.0 Appendix A.1.2.4
    #[error("a credential is not an object")]
    NotAnObject,
}
