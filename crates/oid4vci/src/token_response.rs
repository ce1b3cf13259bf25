//! The token response. OpenID4VCI 1.0 §6.2, RFC 6749 §5.1

use jose::strict_json::{self, Limits, StrictJsonError};
use serde::{Deserialize, Serialize};

use crate::authorization_details::{AuthorizationDetail, AuthorizationDetailsError};

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
    /// What was granted, when it is not what was asked for. RFC 6749 §5.1
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub scope: Option<String>,
    /// What a further access token is got with. RFC 6749 §6
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refresh_token: Option<String>,
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
        if !is_token(&response.access_token) {
            return Err(TokenResponseError::AccessToken);
        }
        if response.refresh_token.as_deref().is_some_and(|token| !is_token(token)) {
            return Err(TokenResponseError::RefreshToken);
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

/// RFC 6749 Appendix A.12 and A.17, without the space that no header carries.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
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
    /// The refresh token is empty or not printable.
    #[error("the refresh token is empty or not printable")]
    RefreshToken,
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

    #[test]
    fn a_token_response_comes_back_and_its_type_has_no_case() {
        let text = br#"{"access_token":"abc","token_type":"dpop","expires_in":300,"x":1}"#;
        let response = TokenResponse::parse(text).unwrap();
        assert_eq!(response.token_type, TokenType::Dpop);
        let again = TokenResponse::parse(&serde_json::to_vec(&response).unwrap()).unwrap();
        assert_eq!(again, response);
    }

    #[test_case(r#"{"access_token":"","token_type":"DPoP"}"# => TokenResponseError::AccessToken ; "empty token")]
    #[test_case(r#"{"access_token":"a","token_type":"DPoP","refresh_token":""}"# => TokenResponseError::RefreshToken ; "empty refresh token")]
    #[test_case(r#"{"access_token":"a b","token_type":"DPoP"}"# => TokenResponseError::AccessToken ; "space")]
    #[test_case(r#"{"access_token":"a","token_type":"mac"}"# => TokenResponseError::Json(StrictJsonError::Shape) ; "unknown type")]
    #[test_case(r#"{"access_token":"a","token_type":"DPoP","authorization_details":[{"type":"openid_credential","credential_configuration_id":"a"}]}"#
        => TokenResponseError::NoCredentialIdentifiers ; "no identifiers")]
    fn response_refused(text: &str) -> TokenResponseError {
        TokenResponse::parse(text.as_bytes()).unwrap_err()
    }

    proptest! {
        #[test]
        fn parsing_never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = TokenResponse::parse(&body);
        }
    }
}
