//! The authorization response, in the query of the redirect URI. RFC 6749 §4.1.2, RFC 9207

use std::collections::BTreeMap;

use jose::{OverBudget, Work};
use subtle::ConstantTimeEq;
use url::Url;

use crate::budget;
use crate::error_code::AuthorizationRequestErrorCode;
use crate::identifier::Identifier;

/// How an authorization ended.
#[derive(Clone, PartialEq, Eq)]
pub enum AuthorizationOutcome {
    /// With a code.
    Code(String),
    /// Without one.
    Refused(AuthorizationRequestErrorCode),
}

impl std::fmt::Debug for AuthorizationOutcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(_) => f.write_str("Code(…)"),
            Self::Refused(code) => write!(f, "Refused({})", code.wire_name()),
        }
    }
}

impl AuthorizationOutcome {
    /// Where the browser is sent with the answer; `iss` says by whom. RFC 6749 §4.1.2, RFC 9207 §2
    #[must_use]
    pub fn redirect(&self, redirect_uri: &Url, state: Option<&str>, issuer: &Identifier) -> Url {
        let mut url = redirect_uri.clone();
        {
            let mut query = url.query_pairs_mut();
            match self {
                Self::Code(code) => query.append_pair("code", code),
                Self::Refused(code) => query.append_pair("error", code.wire_name()),
            };
            if let Some(state) = state {
                query.append_pair("state", state);
            }
            query.append_pair("iss", issuer.as_str());
        }
        url
    }
}

/// What came back to the wallet, from whomever.
#[derive(Clone)]
pub struct UnverifiedAuthorizationResponse {
    address: Url,
    parameters: BTreeMap<String, String>,
}

impl std::fmt::Debug for UnverifiedAuthorizationResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UnverifiedAuthorizationResponse(…)")
    }
}

/// What the wallet knows of the request that an answer belongs to.
#[derive(Clone, Copy, Debug)]
pub struct AuthorizationExpectation<'a> {
    /// Where the answer was to go.
    pub redirect_uri: &'a Url,
    /// The state of the request.
    pub state: &'a str,
    /// The authorization server that was asked.
    pub issuer: &'a str,
}

impl UnverifiedAuthorizationResponse {
    /// Reads the address that the browser was sent to.
    pub fn parse(url: &str) -> Result<Self, AuthorizationResponseError> {
        let mut budget = budget::AUTHORIZATION_RESPONSE.clone();
        budget.spend(Work::Bytes, url.len())?;
        let address = Url::parse(url).map_err(|_| AuthorizationResponseError::Malformed)?;
        let mut parameters = BTreeMap::new();
        for (name, value) in address.query_pairs() {
            budget.spend(Work::Parameters, 1)?;
            if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
                return Err(AuthorizationResponseError::ParameterTwice);
            }
        }
        Ok(Self { address, parameters })
    }

    /// The state, for finding the request that this may be the answer to.
    #[must_use]
    pub fn dangerous_state(&self) -> Option<&str> {
        self.parameters.get("state").map(String::as_str)
    }

    /// Checks that this is the answer to that request, by the server that was asked, and gives the code.
    /// `state` stands against forged answers, `iss` against mixed-up ones. RFC 6749 §10.12, RFC 9207 §2.4
    pub fn verify(self, expected: &AuthorizationExpectation<'_>) -> Result<String, AuthorizationResponseError> {
        let mut address = self.address;
        address.set_query(expected.redirect_uri.query());
        address.set_fragment(None);
        if address != *expected.redirect_uri {
            return Err(AuthorizationResponseError::OtherRedirectUri);
        }
        let parameter = |name: &str| self.parameters.get(name).map(String::as_str);
        let state = parameter("state").ok_or(AuthorizationResponseError::OtherState)?;
        if !bool::from(state.as_bytes().ct_eq(expected.state.as_bytes())) {
            return Err(AuthorizationResponseError::OtherState);
        }
        match parameter("iss") {
            None => return Err(AuthorizationResponseError::NoIssuer),
            Some(issuer) if issuer != expected.issuer => return Err(AuthorizationResponseError::OtherIssuer),
            Some(_) => {}
        }
        if let Some(error) = parameter("error") {
            return Err(AuthorizationResponseError::Refused(
                AuthorizationRequestErrorCode::from_wire(error),
            ));
        }
        match parameter("code") {
            Some(code) if !code.is_empty() => Ok(code.to_owned()),
            _ => Err(AuthorizationResponseError::NoCode),
        }
    }
}

/// Why there is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationResponseError {
    /// More bytes or parameters than [`budget::AUTHORIZATION_RESPONSE`] allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// Not an address.
    #[error("not an address with an answer")]
    Malformed,
    /// A parameter stands twice. RFC 6749 §3.1
    #[error("a parameter stands twice")]
    ParameterTwice,
    /// Another address than the redirect URI of the request.
    #[error("the answer came to another address")]
    OtherRedirectUri,
    /// No `state`, or one of another request. RFC 6749 §10.12
    #[error("the answer is to another request")]
    OtherState,
    /// No `iss`, though the server says that it sends it. RFC 9207 §2.4
    #[error("the answer does not say by whom it is")]
    NoIssuer,
    /// `iss` is another server than the one that was asked: a mix-up. RFC 9207 §2.4
    #[error("the answer is by another authorization server")]
    OtherIssuer,
    /// The server refused. RFC 6749 §4.1.2.1
    #[error("the authorization server refused: {}", .0.map_or("unknown", AuthorizationRequestErrorCode::wire_name))]
    Refused(Option<AuthorizationRequestErrorCode>),
    /// Neither code nor error. RFC 6749 §4.1.2
    #[error("the answer has no code")]
    NoCode,
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;
    use crate::identifier::Transport;

    const CALLBACK: &str = "http://127.0.0.1:7000/authorized";

    fn verify(url: &str) -> Result<String, AuthorizationResponseError> {
        let expected = AuthorizationExpectation {
            redirect_uri: &Url::parse(CALLBACK).unwrap(),
            state: "abc",
            issuer: "https://as.example",
        };
        UnverifiedAuthorizationResponse::parse(url)?.verify(&expected)
    }

    fn issuer() -> Identifier {
        Identifier::parse("https://as.example", Transport::Https).unwrap()
    }

    #[test]
    fn an_answer_comes_back() {
        let callback = Url::parse(CALLBACK).unwrap();
        let url = AuthorizationOutcome::Code("SplxlOBe".to_owned()).redirect(&callback, Some("abc"), &issuer());
        assert_eq!(verify(url.as_str()), Ok("SplxlOBe".to_owned()));
        let url = AuthorizationOutcome::Refused(AuthorizationRequestErrorCode::AccessDenied).redirect(
            &callback,
            Some("abc"),
            &issuer(),
        );
        let denied = AuthorizationResponseError::Refused(Some(AuthorizationRequestErrorCode::AccessDenied));
        assert_eq!(verify(url.as_str()), Err(denied));
    }

    #[test_case("?code=c&iss=https://as.example" => AuthorizationResponseError::OtherState ; "no state")]
    #[test_case("?code=c&state=abd&iss=https://as.example" => AuthorizationResponseError::OtherState ; "other state")]
    #[test_case("?code=c&state=abc" => AuthorizationResponseError::NoIssuer ; "no iss")]
    #[test_case("?code=c&state=abc&iss=https://evil.example" => AuthorizationResponseError::OtherIssuer ; "mix up")]
    #[test_case("?code=c&state=abc&iss=https://as.example/" => AuthorizationResponseError::OtherIssuer ; "a slash is another issuer")]
    #[test_case("?error=access_denied&state=abc&iss=https://evil.example" => AuthorizationResponseError::OtherIssuer ; "an error of another server")]
    #[test_case("?state=abc&iss=https://as.example" => AuthorizationResponseError::NoCode ; "no code")]
    #[test_case("?code=&state=abc&iss=https://as.example" => AuthorizationResponseError::NoCode ; "empty code")]
    #[test_case("?code=c&code=d&state=abc&iss=https://as.example" => AuthorizationResponseError::ParameterTwice ; "twice")]
    #[test_case("/?code=c&state=abc&iss=https://as.example" => AuthorizationResponseError::OtherRedirectUri ; "a slash is another address")]
    #[test_case("?error=odd&state=abc&iss=https://as.example" => AuthorizationResponseError::Refused(None) ; "an error nobody knows")]
    fn e11_core_refused(query: &str) -> AuthorizationResponseError {
        verify(&format!("{CALLBACK}{query}")).unwrap_err()
    }

    #[test]
    fn a8_core_an_answer_over_the_budget_is_refused() {
        let refused = |work| Err(AuthorizationResponseError::OverBudget(OverBudget(work)));
        let good = format!("{CALLBACK}?code=c&state=abc&iss=https://as.example");
        let longest = budget::AUTHORIZATION_RESPONSE.allowed(Work::Bytes) - good.len() - "&x=".len();
        let padded = |bytes: usize| format!("{good}&x={}", "a".repeat(bytes));
        assert_eq!(verify(&padded(longest)), Ok("c".to_owned()));
        assert_eq!(verify(&padded(longest + 1)), refused(Work::Bytes));
        let with = |more: usize| (0..more).fold(good.clone(), |url, n| format!("{url}&x{n}=1"));
        let most = budget::AUTHORIZATION_RESPONSE.allowed(Work::Parameters) - 3;
        assert_eq!(verify(&with(most)), Ok("c".to_owned()));
        assert_eq!(verify(&with(most + 1)), refused(Work::Parameters));
    }
}
