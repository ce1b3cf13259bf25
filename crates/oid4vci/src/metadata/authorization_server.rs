//! Authorization Server Metadata. RFC 8414, OpenID4VCI 1.0 §12.3

use jose::Algorithm;
use jose::strict_json::{self, Limits, StrictJsonError};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::PRE_AUTHORIZED_CODE;
use crate::client_attestation::ATTEST_JWT_CLIENT_AUTH;
use crate::identifier::{Identifier, Transport, UrlError};
use crate::pkce::S256;
use crate::token::AUTHORIZATION_CODE;

/// What an authorization server publishes at its well-known URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuthorizationServerMetadata {
    /// The server's identifier, as asked for.
    pub issuer: Identifier,
    /// Where codes become access tokens.
    pub token_endpoint: Url,
    /// Where the authorization code flow begins; absent when only the pre-authorized code is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_endpoint: Option<Url>,
    /// Where authorization requests are pushed. RFC 9126
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pushed_authorization_request_endpoint: Option<Url>,
    /// Whether every authorization request must be pushed. RFC 9126 §5
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub require_pushed_authorization_requests: bool,
    /// Empty when there is no authorization endpoint. OpenID4VCI 1.0 §12.2.4 lets it out, RFC 8414 asks for it.
    pub response_types_supported: Vec<String>,
    /// Grant types taken.
    pub grant_types_supported: Vec<String>,
    /// How clients authenticate at the token endpoint.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// Scope values. RFC 8414 §2
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// Types of `authorization_details`. RFC 9396 §10
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_details_types_supported: Vec<String>,
    /// Methods of PKCE. RFC 7636, RFC 8414 §2
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub code_challenge_methods_supported: Vec<String>,
    /// Whether authorization responses say by whom they are. RFC 9207 §3
    #[serde(
        rename = "authorization_response_iss_parameter_supported",
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub names_itself_in_responses: bool,
    /// Algorithms of DPoP proofs. RFC 9449 §5.1
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// Where the challenge for wallet attestations is fetched. draft-ietf-oauth-attestation-based-client-auth §7.1
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge_endpoint: Option<Url>,
    /// Algorithms of wallet attestations. draft-ietf-oauth-attestation-based-client-auth §10
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub client_attestation_signing_alg_values_supported: Vec<String>,
    /// Algorithms of the proof of possession that comes with them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub client_attestation_pop_signing_alg_values_supported: Vec<String>,
    /// Whether a pre-authorized code is taken without a client id. OpenID4VCI 1.0 §12.3
    #[serde(rename = "pre-authorized_grant_anonymous_access_supported")]
    pub anonymous_pre_authorized: bool,
}

#[derive(Deserialize)]
struct Raw {
    issuer: String,
    token_endpoint: Option<String>,
    authorization_endpoint: Option<String>,
    pushed_authorization_request_endpoint: Option<String>,
    #[serde(default)]
    require_pushed_authorization_requests: bool,
    #[serde(default)]
    response_types_supported: Vec<String>,
    grant_types_supported: Option<Vec<String>>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
    #[serde(default)]
    authorization_details_types_supported: Vec<String>,
    #[serde(default)]
    code_challenge_methods_supported: Vec<String>,
    #[serde(rename = "authorization_response_iss_parameter_supported", default)]
    names_itself_in_responses: bool,
    #[serde(default)]
    dpop_signing_alg_values_supported: Vec<String>,
    challenge_endpoint: Option<String>,
    #[serde(default)]
    client_attestation_signing_alg_values_supported: Vec<String>,
    #[serde(default)]
    client_attestation_pop_signing_alg_values_supported: Vec<String>,
    #[serde(rename = "pre-authorized_grant_anonymous_access_supported", default)]
    anonymous_pre_authorized: bool,
}

impl AuthorizationServerMetadata {
    /// Parses what the well-known URL of `asked` answered.
    pub fn parse(
        bytes: &[u8],
        asked: &Identifier,
        transport: Transport,
    ) -> Result<Self, AuthorizationServerMetadataError> {
        let raw: Raw = strict_json::from_slice(bytes, &Limits::METADATA)?;
        if raw.issuer != asked.as_str() {
            return Err(AuthorizationServerMetadataError::OtherServer);
        }
        let endpoint = |name: &'static str, text: Option<String>| {
            text.map(|text| transport.endpoint(&text))
                .transpose()
                .map_err(|error| AuthorizationServerMetadataError::Url(name, error))
        };
        Ok(Self {
            issuer: asked.clone(),
            token_endpoint: endpoint("token_endpoint", raw.token_endpoint)?
                .ok_or(AuthorizationServerMetadataError::NoTokenEndpoint)?,
            authorization_endpoint: endpoint("authorization_endpoint", raw.authorization_endpoint)?,
            pushed_authorization_request_endpoint: endpoint(
                "pushed_authorization_request_endpoint",
                raw.pushed_authorization_request_endpoint,
            )?,
            require_pushed_authorization_requests: raw.require_pushed_authorization_requests,
            response_types_supported: raw.response_types_supported,
            // RFC 8414 §2: the default when the list is left out.
            grant_types_supported: raw
                .grant_types_supported
                .unwrap_or_else(|| vec!["authorization_code".to_owned(), "implicit".to_owned()]),
            token_endpoint_auth_methods_supported: raw.token_endpoint_auth_methods_supported,
            scopes_supported: raw.scopes_supported,
            authorization_details_types_supported: raw.authorization_details_types_supported,
            code_challenge_methods_supported: raw.code_challenge_methods_supported,
            names_itself_in_responses: raw.names_itself_in_responses,
            dpop_signing_alg_values_supported: raw.dpop_signing_alg_values_supported,
            challenge_endpoint: endpoint("challenge_endpoint", raw.challenge_endpoint)?,
            client_attestation_signing_alg_values_supported: raw.client_attestation_signing_alg_values_supported,
            client_attestation_pop_signing_alg_values_supported: raw
                .client_attestation_pop_signing_alg_values_supported,
            anonymous_pre_authorized: raw.anonymous_pre_authorized,
        })
    }

    /// Whether the pre-authorized code grant is taken.
    #[must_use]
    pub fn takes_pre_authorized_code(&self) -> bool {
        self.grant_types_supported
            .iter()
            .any(|grant| grant == PRE_AUTHORIZED_CODE)
    }

    /// Whether the authorization code grant is taken.
    #[must_use]
    pub fn takes_authorization_code(&self) -> bool {
        self.authorization_endpoint.is_some()
            && self
                .grant_types_supported
                .iter()
                .any(|grant| grant == AUTHORIZATION_CODE)
            && self.response_types_supported.iter().any(|kind| kind == "code")
    }

    /// Whether PKCE with `S256` is taken.
    #[must_use]
    pub fn takes_s256(&self) -> bool {
        self.code_challenge_methods_supported
            .iter()
            .any(|method| method == S256)
    }

    /// Whether clients may authenticate with a wallet attestation and a proof of possession.
    #[must_use]
    pub fn takes_client_attestation(&self) -> bool {
        self.token_endpoint_auth_methods_supported
            .iter()
            .any(|method| method == ATTEST_JWT_CLIENT_AUTH)
    }

    /// Whether a wallet has to say what it is to redeem a pre-authorized code.
    #[must_use]
    pub fn wants_client_attestation(&self) -> bool {
        self.takes_client_attestation() && !self.anonymous_pre_authorized
    }

    /// Whether a wallet has to say what it is wherever it comes with a client id: when it pushes a request, redeems a
    /// code and refreshes. HAIP 1.0 §4.4.1, RFC 9126 §2
    #[must_use]
    pub fn wants_attested_clients(&self) -> bool {
        let methods = &self.token_endpoint_auth_methods_supported;
        self.takes_client_attestation() && !methods.iter().any(|method| method == "none")
    }

    /// Whether DPoP proofs with this algorithm are taken.
    #[must_use]
    pub fn takes_dpop(&self, algorithm: Algorithm) -> bool {
        self.dpop_signing_alg_values_supported.contains(&algorithm.to_string())
    }
}

/// Why Authorization Server Metadata is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizationServerMetadataError {
    /// Not strict JSON, or a required parameter is missing.
    #[error("not authorization server metadata: {0}")]
    Json(#[from] StrictJsonError),
    /// `issuer` is not the identifier that was asked. RFC 8414 §3.3
    #[error("the metadata is of another authorization server")]
    OtherServer,
    /// A URL is unusable.
    #[error("{0}: {1}")]
    Url(&'static str, UrlError),
    /// There is no token endpoint. RFC 8414 §2
    #[error("no token endpoint")]
    NoTokenEndpoint,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_case::test_case;

    use super::*;

    const ID: &str = "https://as.example";

    fn parse(value: &Value) -> Result<AuthorizationServerMetadata, AuthorizationServerMetadataError> {
        let asked = Identifier::parse(ID, Transport::Https).unwrap();
        AuthorizationServerMetadata::parse(&serde_json::to_vec(value).unwrap(), &asked, Transport::Https)
    }

    #[test]
    fn metadata_comes_back_as_written() {
        let text = json!({
            "issuer": ID,
            "token_endpoint": "https://as.example/token",
            "response_types_supported": [],
            "grant_types_supported": [PRE_AUTHORIZED_CODE],
            "dpop_signing_alg_values_supported": ["ES256"],
            "pre-authorized_grant_anonymous_access_supported": true,
        });
        let metadata = parse(&text).unwrap();
        assert!(metadata.takes_pre_authorized_code());
        assert!(metadata.takes_dpop(Algorithm::Es256));
        assert!(!metadata.takes_dpop(Algorithm::EdDsa));
        assert_eq!(serde_json::to_value(&metadata).unwrap(), text);
    }

    #[test]
    fn h5_core_metadata_of_the_code_flow_comes_back_as_written() {
        let text = json!({
            "issuer": ID,
            "token_endpoint": "https://as.example/token",
            "authorization_endpoint": "https://as.example/authorize",
            "pushed_authorization_request_endpoint": "https://as.example/par",
            "require_pushed_authorization_requests": true,
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "scopes_supported": ["card"],
            "authorization_details_types_supported": ["openid_credential"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
            "dpop_signing_alg_values_supported": ["ES256"],
            "pre-authorized_grant_anonymous_access_supported": false,
        });
        let metadata = parse(&text).unwrap();
        assert!(metadata.takes_authorization_code() && metadata.takes_s256());
        assert!(metadata.names_itself_in_responses);
        assert_eq!(serde_json::to_value(&metadata).unwrap(), text);
    }

    #[test]
    fn without_a_list_the_pre_authorized_grant_is_not_taken() {
        let metadata = parse(&json!({"issuer": ID, "token_endpoint": "https://as.example/token"})).unwrap();
        assert!(!metadata.takes_pre_authorized_code());
        assert!(!metadata.anonymous_pre_authorized);
    }

    #[test_case(json!({"issuer": "https://other.example", "token_endpoint": "https://as.example/token"})
        => AuthorizationServerMetadataError::OtherServer ; "mixed up")]
    #[test_case(json!({"issuer": ID}) => AuthorizationServerMetadataError::NoTokenEndpoint ; "no token endpoint")]
    #[test_case(json!({"issuer": ID, "token_endpoint": "http://as.example/token"})
        => AuthorizationServerMetadataError::Url("token_endpoint", UrlError::Scheme) ; "http")]
    fn refused(value: Value) -> AuthorizationServerMetadataError {
        parse(&value).unwrap_err()
    }
}
