//! The token request. OpenID4VCI 1.0 §6.1, RFC 6749 §4.1.3 and §6

use crate::PRE_AUTHORIZED_CODE;
use crate::authorization_details::{AuthorizationDetail, AuthorizationDetailsError};
use crate::error_code::TokenErrorCode;
use crate::form::{FormError, Parameters};

/// The grant type of the authorization code. RFC 6749 §4.1.3
pub(crate) const AUTHORIZATION_CODE: &str = "authorization_code";
/// The grant type of the refresh token. RFC 6749 §6
pub(crate) const REFRESH_TOKEN: &str = "refresh_token";

/// A token request.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenRequest {
    /// The pre-authorized code grant.
    PreAuthorizedCode(PreAuthorizedCodeRequest),
    /// The authorization code grant.
    AuthorizationCode(AuthorizationCodeRequest),
    /// A refresh token.
    Refresh(RefreshRequest),
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

/// A token request with an authorization code. RFC 6749 §4.1.3, RFC 7636 §4.5
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationCodeRequest {
    /// The code of the authorization response.
    pub code: String,
    /// The redirect URI of the authorization request.
    pub redirect_uri: Option<String>,
    /// What the challenge was made of.
    pub code_verifier: Option<String>,
    /// The client.
    pub client_id: Option<String>,
    /// Which credentials, when fewer than authorized are wanted. OpenID4VCI 1.0 §6.1.1
    pub authorization_details: Option<Vec<AuthorizationDetail>>,
}

/// A token request with a refresh token. RFC 6749 §6
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshRequest {
    /// The refresh token.
    pub refresh_token: String,
    /// The client.
    pub client_id: Option<String>,
    /// What is wanted, when it is less than was granted.
    pub scope: Option<String>,
}

impl std::fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = match self {
            Self::PreAuthorizedCode(_) => "PreAuthorizedCode",
            Self::AuthorizationCode(_) => "AuthorizationCode",
            Self::Refresh(_) => "Refresh",
        };
        f.debug_struct(name)
            .field("client_id", &self.client_id())
            .finish_non_exhaustive()
    }
}

impl TokenRequest {
    /// Parses an `application/x-www-form-urlencoded` body. Unrecognised parameters are ignored, repeated ones refused,
    /// empty ones count as left out. RFC 6749 §3.2
    pub fn parse(form: &[u8]) -> Result<Self, TokenRequestError> {
        let mut parameters = Parameters::parse(form)?;
        let mut take = |name: &str| parameters.take(name);
        let grant_type = take("grant_type").ok_or(TokenRequestError::GrantTypeMissing)?;
        let client_id = take("client_id");
        let mut details = || {
            take("authorization_details")
                .map(|text| AuthorizationDetail::parse_array(text.as_bytes()))
                .transpose()
        };
        match grant_type.as_str() {
            PRE_AUTHORIZED_CODE => Ok(Self::PreAuthorizedCode(PreAuthorizedCodeRequest {
                authorization_details: details()?,
                pre_authorized_code: take("pre-authorized_code").ok_or(TokenRequestError::CodeMissing)?,
                tx_code: take("tx_code"),
                client_id,
            })),
            AUTHORIZATION_CODE => Ok(Self::AuthorizationCode(AuthorizationCodeRequest {
                authorization_details: details()?,
                code: take("code").ok_or(TokenRequestError::CodeMissing)?,
                redirect_uri: take("redirect_uri"),
                code_verifier: take("code_verifier"),
                client_id,
            })),
            REFRESH_TOKEN => Ok(Self::Refresh(RefreshRequest {
                refresh_token: take("refresh_token").ok_or(TokenRequestError::RefreshTokenMissing)?,
                client_id,
                scope: take("scope"),
            })),
            _ => Err(TokenRequestError::UnsupportedGrantType),
        }
    }

    /// The client that the request names.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        match self {
            Self::PreAuthorizedCode(request) => request.client_id.as_deref(),
            Self::AuthorizationCode(request) => request.client_id.as_deref(),
            Self::Refresh(request) => request.client_id.as_deref(),
        }
    }

    /// Puts the name of the client that authenticated itself: it need not say it a second time. RFC 6749 §4.1.3
    pub fn authenticated(&mut self, client_id: &str) {
        let named = match self {
            Self::PreAuthorizedCode(request) => &mut request.client_id,
            Self::AuthorizationCode(request) => &mut request.client_id,
            Self::Refresh(request) => &mut request.client_id,
        };
        *named = Some(client_id.to_owned());
    }

    /// The form body.
    #[must_use]
    pub fn to_form(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let mut put = |pairs: &[(&str, Option<&str>)]| {
            for (name, value) in pairs {
                if let Some(value) = value {
                    form.append_pair(name, value);
                }
            }
        };
        let json = |details: &Option<Vec<AuthorizationDetail>>| {
            let details = details.as_ref()?;
            serde_json::to_string(details).ok()
        };
        match self {
            Self::PreAuthorizedCode(request) => put(&[
                ("grant_type", Some(PRE_AUTHORIZED_CODE)),
                ("pre-authorized_code", Some(&request.pre_authorized_code)),
                ("tx_code", request.tx_code.as_deref()),
                ("client_id", request.client_id.as_deref()),
                ("authorization_details", json(&request.authorization_details).as_deref()),
            ]),
            Self::AuthorizationCode(request) => put(&[
                ("grant_type", Some(AUTHORIZATION_CODE)),
                ("code", Some(&request.code)),
                ("redirect_uri", request.redirect_uri.as_deref()),
                ("code_verifier", request.code_verifier.as_deref()),
                ("client_id", request.client_id.as_deref()),
                ("authorization_details", json(&request.authorization_details).as_deref()),
            ]),
            Self::Refresh(request) => put(&[
                ("grant_type", Some(REFRESH_TOKEN)),
                ("refresh_token", Some(&request.refresh_token)),
                ("client_id", request.client_id.as_deref()),
                ("scope", request.scope.as_deref()),
            ]),
        }
        form.finish()
    }
}

/// Why a token request is refused before any code is looked at.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRequestError {
    /// Not a form of parameters.
    #[error(transparent)]
    Form(#[from] FormError),
    /// No `grant_type`.
    #[error("no grant_type")]
    GrantTypeMissing,
    /// A grant type that is not supported.
    #[error("the grant type is not supported")]
    UnsupportedGrantType,
    /// No `pre-authorized_code` or no `code`. OpenID4VCI 1.0 §6.1, RFC 6749 §4.1.3
    #[error("no code")]
    CodeMissing,
    /// No `refresh_token`. RFC 6749 §6
    #[error("no refresh_token")]
    RefreshTokenMissing,
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

#[cfg(test)]
mod tests {
    use jose::{OverBudget, Work};
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;
    use crate::budget;

    /// OpenID4VCI 1.0 §6.1, line breaks taken out.
    const EXAMPLE: &str = "grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code&pre-authorized_code=SplxlOBeZQQYbYS6WxSbIA&tx_code=493536&authorization_details=%5B%7B%22type%22%3A%20%22openid_credential%22%2C%20%22credential_configuration_id%22%3A%20%22UniversityDegreeCredential%22%7D%5D";

    #[test]
    fn the_example_parses_and_comes_back() {
        let request = TokenRequest::parse(EXAMPLE.as_bytes()).unwrap();
        let TokenRequest::PreAuthorizedCode(inner) = &request else {
            panic!("{request:?}")
        };
        assert_eq!(inner.pre_authorized_code, "SplxlOBeZQQYbYS6WxSbIA");
        assert_eq!(inner.tx_code.as_deref(), Some("493536"));
        assert_eq!(
            inner.authorization_details,
            Some(vec![AuthorizationDetail::new("UniversityDegreeCredential")])
        );
        assert_eq!(TokenRequest::parse(request.to_form().as_bytes()).unwrap(), request);
    }

    /// OpenID4VCI 1.0 §6.1, without client authentication, line breaks taken out.
    const CODE_EXAMPLE: &str = "grant_type=authorization_code&code=SplxlOBeZQQYbYS6WxSbIA&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk&redirect_uri=https%3A%2F%2Fwallet.example.org%2Fcb";

    #[test]
    fn the_example_with_a_code_parses_and_comes_back() {
        let request = TokenRequest::parse(CODE_EXAMPLE.as_bytes()).unwrap();
        let TokenRequest::AuthorizationCode(inner) = &request else {
            panic!("{request:?}")
        };
        assert_eq!(inner.redirect_uri.as_deref(), Some("https://wallet.example.org/cb"));
        assert_eq!(TokenRequest::parse(request.to_form().as_bytes()).unwrap(), request);
        let refresh = TokenRequest::Refresh(RefreshRequest {
            refresh_token: "r".to_owned(),
            client_id: Some("wallet".to_owned()),
            scope: None,
        });
        assert_eq!(TokenRequest::parse(refresh.to_form().as_bytes()).unwrap(), refresh);
        assert!(!format!("{request:?} {refresh:?}").contains("Splx"));
    }

    #[test_case("" => (TokenRequestError::GrantTypeMissing, TokenErrorCode::InvalidRequest) ; "nothing")]
    #[test_case("grant_type=" => (TokenRequestError::GrantTypeMissing, TokenErrorCode::InvalidRequest) ; "empty grant type")]
    #[test_case("grant_type=password" => (TokenRequestError::UnsupportedGrantType, TokenErrorCode::UnsupportedGrantType) ; "password")]
    #[test_case("grant_type=urn:ietf:params:oauth:grant-type:pre-authorized_code" => (TokenRequestError::CodeMissing, TokenErrorCode::InvalidRequest) ; "no code")]
    #[test_case("grant_type=authorization_code" => (TokenRequestError::CodeMissing, TokenErrorCode::InvalidRequest) ; "no authorization code")]
    #[test_case("grant_type=refresh_token" => (TokenRequestError::RefreshTokenMissing, TokenErrorCode::InvalidRequest) ; "no refresh token")]
    #[test_case("grant_type=a&grant_type=b" => (TokenRequestError::Form(FormError::ParameterTwice), TokenErrorCode::InvalidRequest) ; "twice")]
    fn refused(form: &str) -> (TokenRequestError, TokenErrorCode) {
        let error = TokenRequest::parse(form.as_bytes()).unwrap_err();
        let code = error.code();
        (error, code)
    }

    #[test]
    fn a8_core_a_form_over_the_budget_is_refused() {
        let refused = |work| TokenRequestError::Form(FormError::OverBudget(OverBudget(work)));
        let parse = |form: &str| TokenRequest::parse(form.as_bytes()).unwrap_err();
        let longest = "a".repeat(budget::FORM.allowed(Work::Bytes));
        assert_eq!(parse(&longest), TokenRequestError::GrantTypeMissing);
        assert_eq!(parse(&format!("{longest}a")), refused(Work::Bytes));
        let with = |parameters: usize| (0..parameters).fold(String::new(), |form, n| format!("{form}x{n}=1&"));
        let most = budget::FORM.allowed(Work::Parameters);
        assert_eq!(parse(&with(most)), TokenRequestError::GrantTypeMissing);
        assert_eq!(parse(&with(most + 1)), refused(Work::Parameters));
        assert_eq!(refused(Work::Bytes).code(), TokenErrorCode::InvalidRequest);
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
        }
    }
}
