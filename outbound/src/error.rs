//! Why nothing came back.

/// Why a request failed. None of the texts holds a URL, an address or a body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutboundError {
    /// The scheme is not https (or http, where development allows it).
    #[error("the scheme of the address is not allowed")]
    Scheme,
    /// The URL carries a user name or a password.
    #[error("the address carries credentials")]
    Credentials,
    /// The host, or one of the addresses it resolves to, may not be reached.
    #[error("the address is not allowed")]
    Blocked,
    /// The name does not resolve.
    #[error("the name does not resolve")]
    Unresolved,
    /// No connection: refused, reset, or the TLS handshake failed.
    #[error("the connection failed")]
    Connect(#[source] reqwest::Error),
    /// The connection or the whole exchange took too long.
    #[error("the exchange took too long")]
    Timeout,
    /// A redirect where none is followed, one too many, or one without a target.
    #[error("the answer is a redirect that is not followed")]
    Redirect,
    /// The body is longer than the limit.
    #[error("the body is longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A successful answer has another content type than those expected.
    #[error("the content type is not the one expected")]
    ContentType,
    /// The body is compressed although no compression was asked for.
    #[error("the body has a content encoding that was not asked for")]
    ContentEncoding,
    /// The status is not a success; see [`crate::Response::success`].
    #[error("the status is {0}")]
    Status(http::StatusCode),
    /// The exchange broke off or was not HTTP.
    #[error("the exchange failed")]
    Exchange(#[source] reqwest::Error),
}

/// Why a client could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A root certificate is not PEM.
    #[error("a root certificate cannot be read")]
    RootCertificate(#[source] reqwest::Error),
    /// The TLS stack did not start, for example because the system has no root certificates.
    #[error("the HTTP client cannot be set up")]
    Setup(#[source] reqwest::Error),
}
