//! Token request and token response. OpenID4VCI 1.0 §6, RFC 6749 §4.1.3 and §5.1

use std::collections::BTreeMap;

use jose::strict_json::{self, Limits, StrictJsonError};
use serde::{Deserialize, Serialize};

use crate::PRE_AUTHORIZED_CODE;
use crate::authorization_details::{AuthorizationDetail, AuthorizationDetailsError};
use crate::error_code::TokenErrorCode;

/// Longest form taken.
const FORM_LIMIT: usize = 64 * 1024;

/// A token request.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenRequest {
    /// The pre-authorized code grant.
    PreAuthorizedCode(PreAuthorizedCodeRequest),
}

/// A token request with a pre-authorized code. OpenID4VCI 1.0 §6.1
#[derive(Clone, PartialEq, Eq)]
pub struct PreAuthorizedCodeRequest {
    /// The code of the offer.
    pub pre_authorized_code: String,
    /// What the person typed, when the offer asks for it.
    pub tx_code: Option<String>,
    /// The client, when it has a name.
    pub client_id: Option<String>,
    /// Which credentials, when fewer than offered are wanted.
    pub authorization_details: Option<Vec<AuthorizationDetail>>,
}

impl std::fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::PreAuthorizedCode(request) = self;
        f.debug_struct("PreAuthorizedCode")
            .field("client_id", &request.client_id)
            .finish_non_exhaustive()
    }
}

impl TokenRequest {
    /// Parses an `application/x-www-form-urlencoded` body. Unrecognised parameters are ignored, repeated ones refused,
    /// empty ones count as left out. RFC 6749 §3.2
    pub fn parse(form: &[u8]) -> Result<Self, TokenRequestError> {
        if form.len() > FORM_LIMIT {
            return Err(TokenRequestError::TooLong);
        }
        let mut parameters = BTreeMap::new();
        for (name, value) in url::form_urlencoded::parse(form) {
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(TokenRequestError::ParameterTwice);
            }
        }
        parameters.retain(|_, value| !value.is_empty());
        let mut take = |name: &str| parameters.remove(name);
        match take("grant_type").ok_or(TokenRequestError::GrantTypeMissing)?.as_str() {
            PRE_AUTHORIZED_CODE => Ok(Self::PreAuthorizedCode(PreAuthorizedCodeRequest {
                pre_authorized_code: take("pre-authorized_code").ok_or(TokenRequestError::CodeMissing)?,
                tx_code: take("tx_code"),
                client_id: take("client_id"),
                authorization_details: take("authorization_details")
                    .map(|text| AuthorizationDetail::parse_array(text.as_bytes()))
                    .transpose()?,
            })),
            _ => Err(TokenRequestError::UnsupportedGrantType),
        }
    }

    /// The form body.
    #[must_use]
    pub fn to_form(&self) -> String {
        let Self::PreAuthorizedCode(request) = self;
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", PRE_AUTHORIZED_CODE);
        form.append_pair("pre-authorized_code", &request.pre_authorized_code);
        if let Some(tx_code) = &request.tx_code {
            form.append_pair("tx_code", tx_code);
        }
        if let Some(client_id) = &request.client_id {
            form.append_pair("client_id", client_id);
        }
        if let Some(details) = request
            .authorization_details
            .as_ref()
            .and_then(|d| serde_json::to_string(d).ok())
        {
            form.append_pair("authorization_details", &details);
        }
        form.finish()
    }
}

/// Why a token request is refused before any code is looked at.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRequestError {
    /// Longer than any token request.
    #[error("the form is too long")]
    TooLong,
    /// A parameter stands twice. RFC 6749 §3.2
    #[error("a parameter stands twice")]
    ParameterTwice,
    /// No `grant_type`.
    #[error("no grant_type")]
    GrantTypeMissing,
    /// A grant type that is not supported.
    #[error("the grant type is not supported")]
    UnsupportedGrantType,
    /// No `pre-authorized_code`. OpenID4VCI 1.0 §6.1
    #[error("no pre-authorized_code")]
    CodeMissing,
    /// `authorization_details` is unusable.
    #[error(transparent)]
    AuthorizationDetails(#[from] AuthorizationDetailsError),
}

impl TokenRequestError {
    /// The code on the wire. RFC 6749 §5.2
    #[must_use]
    pub const fn code(&self) -> TokenErrorCode {
        match self {
            Self::UnsupportedGrantType => TokenErrorCode::UnsupportedGrantType,
            _ => TokenErrorCode::InvalidRequest,
        }
    }
}

/// How an access token is presented. RFC 6749 §7.1
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum TokenType {
    /// Bound to the key of the DPoP proof. RFC 9449 §5
    #[serde(rename = "DPoP")]
    Dpop,
    /// For whoever holds it.
    Bearer,
}

impl<'de> Deserialize<'de> for TokenType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // RFC 6749 §5.1: the value is case insensitive.
        let text = String::deserialize(deserializer)?;
        match text.to_ascii_lowercase().as_str() {
            "dpop" => Ok(Self::Dpop),
            "bearer" => Ok(Self::Bearer),
            _ => Err(serde::de::Error::custom("unknown token type")),
        }
    }
}

/// A token response. OpenID4VCI 1.0 §6.2
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// How to present it.
    pub token_type: TokenType,
    /// For how many seconds it is valid.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_in: Option<u64>,
    /// What was granted, when `authorization_details` was used.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authorization_details: Option<Vec<AuthorizationDetail>>,
}

impl std::fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenResponse")
            .field("token_type", &self.token_type)
            .finish_non_exhaustive()
    }
}

impl TokenResponse {
    /// Parses the body of a token response.
    pub fn parse(bytes: &[u8]) -> Result<Self, TokenResponseError> {
        let response: Self = strict_json::from_slice(bytes, &Limits::MESSAGE)?;
        if response.access_token.is_empty() || !response.access_token.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
        {
            return Err(TokenResponseError::AccessToken);
        }
        for detail in response.authorization_details.iter().flatten() {
            detail.check()?;
            if detail.credential_identifiers.is_none() {
                return Err(TokenResponseError::NoCredentialIdentifiers);
            }
        }
        Ok(response)
    }
}

/// Why a token response is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenResponseError {
    /// Not strict JSON, a parameter is missing, or the token type is unknown. RFC 6749 §7.1
    #[error("not a token response: {0}")]
    Json(#[from] StrictJsonError),
    /// The access token is empty or has characters that no header can carry.
    #[error("the access token is empty or not printable")]
    AccessToken,
    /// `authorization_details` is unusable.
    #[error(transparent)]
    AuthorizationDetails(#[from] AuthorizationDetailsError),
    /// `authorization_details` without `credential_identifiers`. OpenID4VCI 1.0 §6.2
    #[error("authorization_details has no credential_identifiers")]
    NoCredentialIdentifiers,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    /// OpenID4VCI 1.0 §6.1, line breaks taken out.
    const EXAMPLE: &str = "grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code&pre-authorized_code=SplxlOBeZQQYbYS6WxSbIA&tx_code=493536&authorization_details=%5B%7B%22type%22%3A%20%22openid_credential%22%2C%20%22credential_configuration_id%22%3A%20%22UniversityDegreeCredential%22%7D%5D";

    #[test]
    fn the_example_parses_and_comes_back() {
        let request = TokenRequest::parse(EXAMPLE.as_bytes()).unwrap();
        let TokenRequest::PreAuthorizedCode(inner) = &request;
        assert_eq!(inner.pre_authorized_code, "SplxlOBeZQQYbYS6WxSbIA");
        assert_eq!(inner.tx_code.as_deref(), Some("493536"));
        assert_eq!(
            inner.authorization_details,
            Some(vec![AuthorizationDetail::new("UniversityDegreeCredential")])
        );
        assert_eq!(TokenRequest::parse(request.to_form().as_bytes()).unwrap(), request);
    }

    #[test_case("" => (TokenRequestError::GrantTypeMissing, TokenErrorCode::InvalidRequest) ; "nothing")]
    #[test_case("grant_type=" => (TokenRequestError::GrantTypeMissing, TokenErrorCode::InvalidRequest) ; "empty grant type")]
    #[test_case("grant_type=password" => (TokenRequestError::UnsupportedGrantType, TokenErrorCode::UnsupportedGrantType) ; "password")]
    #[test_case("grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code" => (TokenRequestError::CodeMissing, TokenErrorCode::InvalidRequest) ; "no code")]
    #[test_case("grant_type=a&grant_type=b" => (TokenRequestError::ParameterTwice, TokenErrorCode::InvalidRequest) ; "twice")]
    fn refused(form: &str) -> (TokenRequestError, TokenErrorCode) {
        let error = TokenRequest::parse(form.as_bytes()).unwrap_err();
        let code = error.code();
        (error, code)
    }

    #[test]
    fn a_form_longer_than_any_request_is_refused() {
        assert_eq!(
            TokenRequest::parse(&vec![b'a'; FORM_LIMIT + 1]).unwrap_err(),
            TokenRequestError::TooLong
        );
    }

    #[test]
    fn a_token_response_comes_back_and_its_type_has_no_case() {
        let text = br#"{"access_token":"abc","token_type":"dpop","expires_in":300,"x":1}"#;
        let response = TokenResponse::parse(text).unwrap();
        assert_eq!(response.token_type, TokenType::Dpop);
        let again = TokenResponse::parse(&serde_json::to_vec(&response).unwrap()).unwrap();
        assert_eq!(again, response);
    }

    #[test_case(r#"{"access_token":"","token_type":"DPoP"}"# => TokenResponseError::AccessToken ; "empty token")]
    #[test_case(r#"{"access_token":"a b","token_type":"DPoP"}"# => TokenResponseError::AccessToken ; "space")]
    #[test_case(r#"{"access_token":"a","token_type":"mac"}"# => TokenResponseError::Json(StrictJsonError::Shape) ; "unknown type")]
    #[test_case(r#"{"access_token":"a","token_type":"DPoP","authorization_details":[{"type":"openid_credential","credential_configuration_id":"a"}]}"#
        => TokenResponseError::NoCredentialIdentifiers ; "no identifiers")]
    fn response_refused(text: &str) -> TokenResponseError {
        TokenResponse::parse(text.as_bytes()).unwrap_err()
    }

    proptest! {
        #[test]
        fn a_request_comes_back(code in "[ -~]{1,40}", tx_code in proptest::option::of("[ -~]{1,10}")) {
            let request = TokenRequest::PreAuthorizedCode(PreAuthorizedCodeRequest {
                pre_authorized_code: code, tx_code, client_id: None, authorization_details: None,
            });
            prop_assert_eq!(TokenRequest::parse(request.to_form().as_bytes()).unwrap(), request);
        }

        #[test]
        fn parsing_never_panics(form in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = TokenRequest::parse(&form);
            let _ = TokenResponse::parse(&form);
        }
    }
}
