//! The authorization request, and how it is pushed. OpenID4VCI 1.0 §5.1, RFC 6749 §4.1.1, RFC 9126
//!
//! ```text
//! POST /par
//! response_type=code&client_id=CLIENT1234&code_challenge=E9Melhoa…&code_challenge_method=S256
//! &redirect_uri=https%3A%2F%2Fwallet.example.org%2Fcb&scope=UniversityDegreeCredential
//! ```

use jose::base64url;
use jose::strict_json::{self, Limits, StrictJsonError};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::authorization_details::{AuthorizationDetail, AuthorizationDetailsError};
use crate::error_code::AuthorizationRequestErrorCode;
use crate::form::{FormError, Parameters};
use crate::pkce::{PkceChallenge, PkceError, S256};

/// What a `request_uri` of a pushed request begins with. RFC 9126 §2.2
const REQUEST_URI: &str = "urn:ietf:params:oauth:request_uri:";
/// Longest `state` and `issuer_state` taken.
const STATE_LIMIT: usize = 2048;

/// An authorization request for credentials, with PKCE. OpenID4VCI 1.0 §5.1
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Which wallet.
    pub client_id: String,
    /// Where the answer goes; compared as a plain string. RFC 6749 §3.1.2
    pub redirect_uri: String,
    /// Sent back with the answer. RFC 6749 §4.1.1
    pub state: Option<String>,
    /// What the code will be redeemed with. RFC 7636 §4.3
    pub code_challenge: PkceChallenge,
    /// Scope values, in their order. OpenID4VCI 1.0 §5.1.2
    pub scope: Vec<String>,
    /// Which credentials, in the other form. OpenID4VCI 1.0 §5.1.1
    pub authorization_details: Option<Vec<AuthorizationDetail>>,
    /// What the offer carried. It may be injected by anybody. OpenID4VCI 1.0 §5.1.3
    pub issuer_state: Option<String>,
    /// The credential issuer, where the server protects several. RFC 8707 §2
    pub resource: Option<String>,
    /// Thumbprint of the key that the code is for. RFC 9449 §10
    pub dpop_jkt: Option<[u8; 32]>,
}

impl std::fmt::Debug for AuthorizationRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AuthorizationRequest")
            .field("client_id", &self.client_id)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl AuthorizationRequest {
    /// Parses the form of a pushed request. Unrecognised parameters are ignored. RFC 9126 §2.1
    pub fn parse(form: &[u8]) -> Result<Self, AuthorizationRequestError> {
        let mut parameters = Parameters::parse(form)?;
        let mut take = |name: &str| parameters.take(name);
        if take("request_uri").is_some() || take("request").is_some() {
            return Err(AuthorizationRequestError::RequestObject);
        }
        let client_id = take("client_id").ok_or(AuthorizationRequestError::NoClient)?;
        match take("response_type")
            .ok_or(AuthorizationRequestError::NoResponseType)?
            .as_str()
        {
            "code" => {}
            _ => return Err(AuthorizationRequestError::ResponseType),
        }
        let challenge = PkceChallenge::parse(
            take("code_challenge").as_deref(),
            take("code_challenge_method").as_deref(),
        )?;
        let short = |name: &str, value: Option<String>| match value {
            Some(text) if text.len() > STATE_LIMIT => Err(AuthorizationRequestError::TooLong(name.to_owned())),
            value => Ok(value),
        };
        let request = Self {
            client_id,
            redirect_uri: take("redirect_uri").ok_or(AuthorizationRequestError::NoRedirectUri)?,
            state: short("state", take("state"))?,
            code_challenge: challenge,
            scope: take("scope")
                .map(|text| {
                    text.split(' ')
                        .filter(|one| !one.is_empty())
                        .map(str::to_owned)
                        .collect()
                })
                .unwrap_or_default(),
            authorization_details: take("authorization_details")
                .map(|text| AuthorizationDetail::parse_array(text.as_bytes()))
                .transpose()?,
            issuer_state: short("issuer_state", take("issuer_state"))?,
            resource: take("resource"),
            dpop_jkt: take("dpop_jkt").map(|text| thumbprint(&text)).transpose()?,
        };
        if request.scope.is_empty() && request.authorization_details.is_none() {
            return Err(AuthorizationRequestError::NothingAsked);
        }
        Ok(request)
    }

    /// The form of a pushed request.
    #[must_use]
    pub fn to_form(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("code_challenge", self.code_challenge.as_str())
            .append_pair("code_challenge_method", S256);
        let details = self
            .authorization_details
            .as_ref()
            .and_then(|d| serde_json::to_string(d).ok());
        let jkt = self.dpop_jkt.map(base64url::encode);
        let scope = (!self.scope.is_empty()).then(|| self.scope.join(" "));
        let optional = [
            ("state", self.state.as_ref()),
            ("scope", scope.as_ref()),
            ("authorization_details", details.as_ref()),
            ("issuer_state", self.issuer_state.as_ref()),
            ("resource", self.resource.as_ref()),
            ("dpop_jkt", jkt.as_ref()),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                form.append_pair(name, value);
            }
        }
        form.finish()
    }
}

fn thumbprint(text: &str) -> Result<[u8; 32], AuthorizationRequestError> {
    let bytes = base64url::decode(text).map_err(|_| AuthorizationRequestError::DpopThumbprint)?;
    bytes.try_into().map_err(|_| AuthorizationRequestError::DpopThumbprint)
}

/// Why an authorization request is refused before client and credentials are looked up.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationRequestError {
    /// Not a form of parameters.
    #[error(transparent)]
    Form(#[from] FormError),
    /// `request` or `request_uri` in a pushed request. RFC 9126 §2.1
    #[error("a pushed request must not refer to another request")]
    RequestObject,
    /// No `client_id`. RFC 6749 §4.1.1
    #[error("no client_id")]
    NoClient,
    /// No `response_type`. RFC 6749 §3.1.1
    #[error("no response_type")]
    NoResponseType,
    /// Another `response_type` than `code`. OpenID4VCI 1.0 §5.1
    #[error("the response type is not supported")]
    ResponseType,
    /// PKCE is missing or not `S256`.
    #[error(transparent)]
    Pkce(#[from] PkceError),
    /// No `redirect_uri`.
    #[error("no redirect_uri")]
    NoRedirectUri,
    /// A parameter is longer than it needs to be.
    #[error("{0} is too long")]
    TooLong(String),
    /// `authorization_details` is unusable. RFC 9396 §5
    #[error(transparent)]
    AuthorizationDetails(#[from] AuthorizationDetailsError),
    /// `dpop_jkt` is not a thumbprint. RFC 9449 §10
    #[error("dpop_jkt is not a thumbprint")]
    DpopThumbprint,
    /// Neither `scope` nor `authorization_details`. OpenID4VCI 1.0 §5.1
    #[error("neither scope nor authorization_details says what is asked for")]
    NothingAsked,
}

impl AuthorizationRequestError {
    /// The code on the wire. RFC 6749 §4.1.2.1, RFC 9396 §5
    #[must_use]
    pub const fn code(&self) -> AuthorizationRequestErrorCode {
        match self {
            Self::ResponseType => AuthorizationRequestErrorCode::UnsupportedResponseType,
            Self::AuthorizationDetails(_) => AuthorizationRequestErrorCode::InvalidAuthorizationDetails,
            Self::NothingAsked => AuthorizationRequestErrorCode::InvalidScope,
            _ => AuthorizationRequestErrorCode::InvalidRequest,
        }
    }
}

/// The answer to a pushed request. RFC 9126 §2.2
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushedAuthorizationResponse {
    /// What names the request in the browser.
    pub request_uri: String,
    /// For how many seconds.
    pub expires_in: u64,
}

impl PushedAuthorizationResponse {
    /// The answer that names a request by a random token.
    #[must_use]
    pub fn new(token: &str, expires_in: u64) -> Self {
        Self {
            request_uri: format!("{REQUEST_URI}{token}"),
            expires_in,
        }
    }

    /// Parses the body of the answer.
    pub fn parse(bytes: &[u8]) -> Result<Self, StrictJsonError> {
        strict_json::from_slice(bytes, &Limits::MESSAGE)
    }

    /// The token in a `request_uri` that [`PushedAuthorizationResponse::new`] made.
    #[must_use]
    pub fn token(request_uri: &str) -> Option<&str> {
        request_uri.strip_prefix(REQUEST_URI).filter(|token| !token.is_empty())
    }

    /// Where the browser is sent. RFC 9126 §4
    #[must_use]
    pub fn authorization_url(&self, endpoint: &Url, client_id: &str) -> Url {
        let mut url = endpoint.clone();
        url.query_pairs_mut()
            .append_pair("client_id", client_id)
            .append_pair("request_uri", &self.request_uri);
        url
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;
    use crate::pkce::PkceVerifier;

    /// OpenID4VCI 1.0 §5.1.4 with a scope, line breaks taken out.
    const EXAMPLE: &str = "response_type=code&client_id=CLIENT1234&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&redirect_uri=https%3A%2F%2Fwallet.example.org%2Fcb&scope=UniversityDegreeCredential&x=1";

    fn with(name: &str, value: Option<&str>) -> Result<AuthorizationRequest, AuthorizationRequestError> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        for (key, text) in url::form_urlencoded::parse(EXAMPLE.as_bytes()) {
            if key != name {
                form.append_pair(&key, &text);
            }
        }
        if let Some(value) = value {
            form.append_pair(name, value);
        }
        AuthorizationRequest::parse(form.finish().as_bytes())
    }

    #[test]
    fn the_example_parses_and_comes_back() {
        let request = AuthorizationRequest::parse(EXAMPLE.as_bytes()).unwrap();
        assert_eq!(request.scope, ["UniversityDegreeCredential"]);
        assert_eq!(request.redirect_uri, "https://wallet.example.org/cb");
        assert_eq!(
            AuthorizationRequest::parse(request.to_form().as_bytes()).unwrap(),
            request
        );
    }

    #[test_case("response_type", None => AuthorizationRequestErrorCode::InvalidRequest ; "no response type")]
    #[test_case("response_type", Some("token") => AuthorizationRequestErrorCode::UnsupportedResponseType ; "implicit")]
    #[test_case("client_id", None => AuthorizationRequestErrorCode::InvalidRequest ; "no client")]
    #[test_case("redirect_uri", None => AuthorizationRequestErrorCode::InvalidRequest ; "no redirect uri")]
    #[test_case("code_challenge", None => AuthorizationRequestErrorCode::InvalidRequest ; "no pkce")]
    #[test_case("code_challenge_method", Some("plain") => AuthorizationRequestErrorCode::InvalidRequest ; "plain")]
    #[test_case("code_challenge_method", None => AuthorizationRequestErrorCode::InvalidRequest ; "plain by default")]
    #[test_case("scope", None => AuthorizationRequestErrorCode::InvalidScope ; "nothing asked")]
    #[test_case("authorization_details", Some("[]") => AuthorizationRequestErrorCode::InvalidAuthorizationDetails ; "empty details")]
    #[test_case("request_uri", Some("urn:x") => AuthorizationRequestErrorCode::InvalidRequest ; "request uri")]
    #[test_case("request", Some("ey") => AuthorizationRequestErrorCode::InvalidRequest ; "request object")]
    #[test_case("dpop_jkt", Some("abc") => AuthorizationRequestErrorCode::InvalidRequest ; "no thumbprint")]
    fn refused(name: &str, value: Option<&str>) -> AuthorizationRequestErrorCode {
        with(name, value).unwrap_err().code()
    }

    #[test]
    fn a_state_longer_than_any_is_refused() {
        let error = with("state", Some(&"a".repeat(STATE_LIMIT + 1))).unwrap_err();
        assert_eq!(error, AuthorizationRequestError::TooLong("state".to_owned()));
    }

    #[test]
    fn a_request_uri_comes_back_as_its_token() {
        let answer = PushedAuthorizationResponse::new("6esc_11ACC5bwc014ltc14eY22c", 60);
        assert_eq!(
            PushedAuthorizationResponse::token(&answer.request_uri),
            Some("6esc_11ACC5bwc014ltc14eY22c")
        );
        assert_eq!(
            PushedAuthorizationResponse::token("urn:ietf:params:oauth:request_uri:"),
            None
        );
        assert_eq!(PushedAuthorizationResponse::token("https://evil.example"), None);
        let url = answer.authorization_url(&Url::parse("https://as.example/authorize").unwrap(), "s6BhdRkqt3");
        assert_eq!(
            url.as_str(),
            "https://as.example/authorize?client_id=s6BhdRkqt3&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A6esc_11ACC5bwc014ltc14eY22c"
        );
    }

    proptest! {
        #[test]
        fn a_request_comes_back(
            state in proptest::option::of("[ -~]{1,40}"),
            issuer_state in proptest::option::of("[ -~]{1,40}"),
            scope in proptest::collection::vec("[!#-~]{1,10}", 1..4),
            jkt in proptest::option::of(any::<[u8; 32]>()),
        ) {
            let request = AuthorizationRequest {
                client_id: "wallet".to_owned(),
                redirect_uri: "http://127.0.0.1:9/authorized".to_owned(),
                state, scope, issuer_state,
                code_challenge: PkceVerifier::generate(&mut |out: &mut [u8]| out.fill(7)).challenge(),
                authorization_details: None,
                resource: None,
                dpop_jkt: jkt,
            };
            prop_assert_eq!(AuthorizationRequest::parse(request.to_form().as_bytes()).unwrap(), request);
        }

        #[test]
        fn parsing_never_panics(form in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = AuthorizationRequest::parse(&form);
        }
    }
}
