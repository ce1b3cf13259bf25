//! Authorization request: the signed request object and the link to it.
//! OpenID4VP 1.0 §5

mod build;
mod error;
mod incoming;
mod metadata;
mod object;
mod uri;
mod verifier_info;
mod wallet_metadata;

pub use build::{NewRequest, RequestSigner};
pub use error::RequestError;
pub use incoming::{AuthenticatedRequest, UnverifiedRequest, VerifierEvidence};
pub use metadata::ResponseEncryption;
pub use object::{PresentationRequest, ResponseMode};
pub(crate) use uri::http_url;
pub use uri::{RequestUri, RequestUriError, RequestUriMethod, WalletScheme};
pub use verifier_info::VerifierInfo;
pub use wallet_metadata::{ReceivedRequestUriPost, RequestUriPost, RequestUriPostError};

/// `typ` of a request object. RFC 9101 §10.8
pub const REQUEST_TYP: &str = "oauth-authz-req+jwt";

/// `aud` of a request to a wallet that was not discovered. OpenID4VP 1.0 §5.8
pub const STATIC_WALLET_AUDIENCE: &str = "https://self-issued.me/v2";
