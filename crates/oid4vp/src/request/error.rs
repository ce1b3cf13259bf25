use jose::strict_json::StrictJsonError;
use jose::{JwkError, JwsError};

use crate::{ClientIdError, DcqlError, ErrorCode, TokenError};

/// Which rule a request breaks. OpenID4VP 1.0 §5
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The request object is no acceptable JWS: unsigned, another `typ`, a bad signature.
    #[error("request object: {0}")]
    Jws(#[from] JwsError),
    /// The payload is no strict JSON object.
    #[error("request object: {0}")]
    Json(#[from] StrictJsonError),
    /// A parameter is of the wrong JSON type.
    #[error("{0} is of the wrong type")]
    WrongType(&'static str),
    /// A REQUIRED parameter is absent.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The client identifier is not one that is supported. §5.9
    #[error(transparent)]
    ClientId(#[from] ClientIdError),
    /// `client_id` in the link and in the request differ. §5.10.1
    #[error("client_id of the link and of the request differ")]
    ClientIdMismatch,
    /// The wallet's nonce did not come back. §5.10.1
    #[error("wallet_nonce did not come back")]
    WalletNonceMismatch,
    /// The proof of identity is not of the kind that the client identifier names. §5.9.3
    #[error("the verifier was not authenticated in the way its client_id says")]
    WrongEvidence,
    /// The leaf certificate is not the one of `x509_hash`. §5.9.3
    #[error("the certificate is not the one named by client_id")]
    CertificateHashMismatch,
    /// The leaf certificate does not name the host of `x509_san_dns`. §5.9.3
    #[error("the certificate does not name the host of client_id")]
    DnsNameMismatch,
    /// `response_uri` leads to another host than `x509_san_dns`. §5.9.3
    #[error("response_uri leads to another host than client_id")]
    ForeignResponseUri,
    /// `kid` is absent, or not a key of the DID in `client_id`. §5.9.3
    #[error("kid is not a key of the DID in client_id")]
    KidNotOfDid,
    /// `aud` is not the symbolic wallet. §5.8
    #[error("the request is for another audience")]
    WrongAudience,
    /// `exp` has passed.
    #[error("the request has expired")]
    Expired,
    /// `iat` or `nbf` lies ahead.
    #[error("the request is not valid yet")]
    NotYetValid,
    /// `exp`, `iat` or `nbf` is no number of seconds. RFC 7519 §4.1
    #[error("{0} is no number of seconds")]
    BadTime(&'static str),
    /// `response_type` is not `vp_token`. §5.6
    #[error("response_type is not vp_token")]
    UnsupportedResponseType,
    /// `response_mode` is neither `direct_post` nor `direct_post.jwt`. §8.2, §8.3.1
    #[error("response_mode is not supported")]
    UnsupportedResponseMode,
    /// `redirect_uri` beside `response_uri`. §8.2
    #[error("redirect_uri is forbidden with direct_post")]
    RedirectUriPresent,
    /// `response_uri` is no http address. §8.2
    #[error("response_uri is not an http address")]
    BadResponseUri,
    /// `nonce` breaks a rule. §5.2
    #[error("nonce: {0}")]
    Nonce(TokenError),
    /// `state` breaks a rule. §5.2
    #[error("state: {0}")]
    State(TokenError),
    /// `state` is absent although a credential without holder binding is asked for. §5.3
    #[error("state is required without holder binding")]
    StateRequired,
    /// Both `dcql_query` and `scope`. §5.1
    #[error("dcql_query and scope exclude each other")]
    QueryAndScope,
    /// Neither `dcql_query` nor `scope`. §5.1
    #[error("neither dcql_query nor scope")]
    NoQuery,
    /// `scope` instead of a query: none is defined here. §5.5
    #[error("scope values are not supported")]
    ScopeNotSupported,
    /// The query breaks a rule. §6
    #[error("dcql_query: {0}")]
    Dcql(#[from] DcqlError),
    /// Every credential query asks for a format that is not supported. §8.5
    #[error("none of the requested formats is supported")]
    NoSupportedFormat,
    /// A key of `jwks` has no `kid`, or two have the same. §5.1
    #[error("a key of client_metadata has no kid of its own")]
    KeyWithoutKid,
    /// A key of `jwks` has no `alg`. §8.3
    #[error("a key of client_metadata has no alg")]
    KeyWithoutAlg,
    /// No key of `jwks` can be used for ECDH-ES on P-256. §8.3, HAIP 1.0 §5
    #[error("no key to encrypt the response to")]
    NoEncryptionKey,
    /// The key of `jwks` for encryption is no P-256 point, or is a private key.
    #[error("the key to encrypt the response to: {0}")]
    EncryptionKey(JwkError),
    /// No content encryption both sides know. §8.3
    #[error("no content encryption in common")]
    NoContentEncryption,
    /// `transaction_data`, of which no type is supported. §8.4
    #[error("transaction_data is not supported")]
    TransactionData,
    /// `verifier_info` breaks a rule. §5.1
    #[error("verifier_info is malformed")]
    VerifierInfo,
}

impl RequestError {
    /// The specification's error code. OpenID4VP 1.0 §8.5
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::TransactionData => ErrorCode::InvalidTransactionData,
            Self::ScopeNotSupported => ErrorCode::InvalidScope,
            Self::NoSupportedFormat => ErrorCode::VpFormatsNotSupported,
            Self::UnsupportedResponseType => ErrorCode::UnsupportedResponseType,
            _ => ErrorCode::InvalidRequest,
        }
    }
}
