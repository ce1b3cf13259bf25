//! Authorization error codes. OpenID4VP 1.0 §8.5

use std::fmt;
use std::str::FromStr;

/// `error` of an authorization error response. OpenID4VP 1.0 §8.5, RFC 6749 §4.1.2.1
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The request breaks a rule.
    InvalidRequest,
    /// The requested scope is not known.
    InvalidScope,
    /// The verifier's metadata contradicts what is known of it.
    InvalidClient,
    /// No consent, or nothing to show: the two are not told apart.
    AccessDenied,
    /// None of the requested formats is supported.
    VpFormatsNotSupported,
    /// `request_uri_method` is neither `get` nor `post`.
    InvalidRequestUriMethod,
    /// Transaction data of a type that is not supported.
    InvalidTransactionData,
    /// No wallet could be reached.
    WalletUnavailable,
    /// The response type is not supported. RFC 6749 §4.1.2.1
    UnsupportedResponseType,
}

/// A code that is none of [`ErrorCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown error code")]
pub struct UnknownErrorCode;

impl ErrorCode {
    /// Every code.
    pub const ALL: [Self; 9] = [
        Self::InvalidRequest,
        Self::InvalidScope,
        Self::InvalidClient,
        Self::AccessDenied,
        Self::VpFormatsNotSupported,
        Self::InvalidRequestUriMethod,
        Self::InvalidTransactionData,
        Self::WalletUnavailable,
        Self::UnsupportedResponseType,
    ];

    /// The code on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidClient => "invalid_client",
            Self::AccessDenied => "access_denied",
            Self::VpFormatsNotSupported => "vp_formats_not_supported",
            Self::InvalidRequestUriMethod => "invalid_request_uri_method",
            Self::InvalidTransactionData => "invalid_transaction_data",
            Self::WalletUnavailable => "wallet_unavailable",
            Self::UnsupportedResponseType => "unsupported_response_type",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|code| code.as_str() == text)
            .ok_or(UnknownErrorCode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back() {
        for code in ErrorCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(code));
        }
        assert_eq!("server_error".parse::<ErrorCode>(), Err(UnknownErrorCode));
    }
}
