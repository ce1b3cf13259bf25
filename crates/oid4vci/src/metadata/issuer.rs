//! Credential Issuer Metadata. OpenID4VCI 1.0 §12.2

use std::collections::BTreeMap;

use jose::strict_json::{self, Limits, StrictJsonError};
use serde::{Deserialize, Serialize};
use url::Url;

use super::configuration::{ConfigurationError, CredentialConfiguration};
use super::display::{Display, DisplayError, check_locales};
use super::encryption::{EncryptionMetadataError, RequestEncryption, ResponseEncryption};
use crate::identifier::{Identifier, Transport, UrlError};

/// What a credential issuer publishes at its well-known URL.
///
/// [`IssuerMetadata::parse`] is the only way in from outside: it compares `credential_issuer` with the identifier
/// that was asked, so that nobody answers in another's name. OpenID4VCI 1.0 §12.2.4
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IssuerMetadata {
    /// The issuer's identifier, as asked for.
    pub credential_issuer: Identifier,
    /// Authorization servers, when the issuer is not its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authorization_servers: Vec<Identifier>,
    /// Where credentials are requested.
    pub credential_endpoint: Url,
    /// Where a `c_nonce` is fetched; absent when none is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce_endpoint: Option<Url>,
    /// Where deferred credentials are fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deferred_credential_endpoint: Option<Url>,
    /// Where the wallet says what became of the credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notification_endpoint: Option<Url>,
    /// Encryption of requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_request_encryption: Option<RequestEncryption>,
    /// Encryption of responses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_response_encryption: Option<ResponseEncryption>,
    /// Present when more than one key proof is taken in a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_credential_issuance: Option<BatchCredentialIssuance>,
    /// The issuer's name per language.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub display: Vec<Display>,
    /// What can be issued, by credential configuration id.
    pub credential_configurations_supported: BTreeMap<String, CredentialConfiguration>,
}

/// How many credentials one request may ask for. OpenID4VCI 1.0 §12.2.4
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchCredentialIssuance {
    /// The largest number of key proofs in a request, at least 2.
    pub batch_size: u32,
}

#[derive(Deserialize)]
struct Raw {
    credential_issuer: String,
    authorization_servers: Option<Vec<String>>,
    credential_endpoint: String,
    nonce_endpoint: Option<String>,
    deferred_credential_endpoint: Option<String>,
    notification_endpoint: Option<String>,
    credential_request_encryption: Option<RequestEncryption>,
    credential_response_encryption: Option<ResponseEncryption>,
    batch_credential_issuance: Option<BatchCredentialIssuance>,
    display: Option<Vec<Display>>,
    credential_configurations_supported: BTreeMap<String, CredentialConfiguration>,
}

impl IssuerMetadata {
    /// Parses what the well-known URL of `asked` answered.
    pub fn parse(bytes: &[u8], asked: &Identifier, transport: Transport) -> Result<Self, IssuerMetadataError> {
        let raw: Raw = strict_json::from_slice(bytes, &Limits::METADATA)?;
        if raw.credential_issuer != asked.as_str() {
            return Err(IssuerMetadataError::OtherIssuer);
        }
        let authorization_servers = match raw.authorization_servers {
            None => Vec::new(),
            Some(list) if list.is_empty() => return Err(IssuerMetadataError::EmptyList("authorization_servers")),
            Some(list) => list
                .iter()
                .map(|text| Identifier::parse(text, transport))
                .collect::<Result<_, _>>()
                .map_err(|error| IssuerMetadataError::Url("authorization_servers", error))?,
        };
        let endpoint = |name: &'static str, text: &str| {
            transport
                .endpoint(text)
                .map_err(|error| IssuerMetadataError::Url(name, error))
        };
        let optional = |name, text: Option<String>| text.map(|text| endpoint(name, &text)).transpose();
        let metadata = Self {
            credential_issuer: asked.clone(),
            authorization_servers,
            credential_endpoint: endpoint("credential_endpoint", &raw.credential_endpoint)?,
            nonce_endpoint: optional("nonce_endpoint", raw.nonce_endpoint)?,
            deferred_credential_endpoint: optional("deferred_credential_endpoint", raw.deferred_credential_endpoint)?,
            notification_endpoint: optional("notification_endpoint", raw.notification_endpoint)?,
            credential_request_encryption: raw.credential_request_encryption,
            credential_response_encryption: raw.credential_response_encryption,
            batch_credential_issuance: raw.batch_credential_issuance,
            display: raw.display.unwrap_or_default(),
            credential_configurations_supported: raw.credential_configurations_supported,
        };
        metadata.check()?;
        Ok(metadata)
    }

    fn check(&self) -> Result<(), IssuerMetadataError> {
        if self.batch_credential_issuance.is_some_and(|batch| batch.batch_size < 2) {
            return Err(IssuerMetadataError::BatchSizeBelowTwo);
        }
        if let Some(encryption) = &self.credential_request_encryption {
            let of_requests = |error| IssuerMetadataError::Encryption("credential_request_encryption", error);
            encryption.check().map_err(of_requests)?;
        }
        if let Some(encryption) = &self.credential_response_encryption {
            let of_responses = |error| IssuerMetadataError::Encryption("credential_response_encryption", error);
            encryption.check().map_err(of_responses)?;
        }
        check_locales(&self.display)?;
        for (id, configuration) in &self.credential_configurations_supported {
            configuration
                .check()
                .map_err(|error| IssuerMetadataError::Configuration { id: id.clone(), error })?;
        }
        Ok(())
    }

    /// How many key proofs one request may carry: `batch_size`, or one.
    #[must_use]
    pub fn proofs_per_request(&self) -> usize {
        self.batch_credential_issuance
            .map_or(1, |batch| usize::try_from(batch.batch_size).unwrap_or(usize::MAX))
    }

    /// Which authorization server to use: the one the offer names, the only one, or the issuer itself.
    /// OpenID4VCI 1.0 §4.1.1 and §12.2.4
    pub fn authorization_server(&self, named: Option<&str>) -> Result<&Identifier, IssuerMetadataError> {
        match (named, self.authorization_servers.as_slice()) {
            (None, []) => Ok(&self.credential_issuer),
            (None, [only]) => Ok(only),
            (None, _) => Err(IssuerMetadataError::AuthorizationServerNotNamed),
            (Some(_), [] | [_]) => Err(IssuerMetadataError::AuthorizationServerNamedNeedlessly),
            (Some(named), several) => several
                .iter()
                .find(|server| server.as_str() == named)
                .ok_or(IssuerMetadataError::UnknownAuthorizationServer),
        }
    }
}

/// Why Credential Issuer Metadata is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IssuerMetadataError {
    /// Not strict JSON, or a required parameter is missing.
    #[error("not issuer metadata: {0}")]
    Json(#[from] StrictJsonError),
    /// `credential_issuer` is not the identifier that was asked. OpenID4VCI 1.0 §12.2.4
    #[error("the metadata is of another issuer")]
    OtherIssuer,
    /// A URL is unusable.
    #[error("{0}: {1}")]
    Url(&'static str, UrlError),
    /// A list that must have entries has none.
    #[error("{0} has no entries")]
    EmptyList(&'static str),
    /// What is said about encryption breaks a rule.
    #[error("{0}: {1}")]
    Encryption(&'static str, EncryptionMetadataError),
    /// `batch_size` is below 2.
    #[error("batch_size is below 2")]
    BatchSizeBelowTwo,
    /// The display data breaks a rule.
    #[error(transparent)]
    Display(#[from] DisplayError),
    /// A credential configuration breaks a rule.
    #[error("credential configuration {id}: {error}")]
    Configuration {
        /// The credential configuration id.
        id: String,
        /// The rule.
        error: ConfigurationError,
    },
    /// There are several authorization servers and the offer names none.
    #[error("several authorization servers and none named")]
    AuthorizationServerNotNamed,
    /// `authorization_server` MUST NOT be used unless there are several. OpenID4VCI 1.0 §4.1.1
    #[error("an authorization server is named where there is no choice")]
    AuthorizationServerNamedNeedlessly,
    /// The named authorization server is not in the metadata. OpenID4VCI 1.0 §4.1.1
    #[error("the authorization server named is not one of the issuer's")]
    UnknownAuthorizationServer,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use test_case::test_case;

    use super::*;

    const ID: &str = "https://issuer.example/tenant";

    fn minimal() -> Value {
        json!({
            "credential_issuer": ID,
            "credential_endpoint": "https://issuer.example/credential",
            "nonce_endpoint": "https://issuer.example/nonce",
            "batch_credential_issuance": { "batch_size": 5 },
            "credential_configurations_supported": { "card": { "format": "dc+sd-jwt", "vct": "urn:card:1" } },
        })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut metadata = minimal();
        metadata[name] = value;
        metadata
    }

    fn parse(value: &Value) -> Result<IssuerMetadata, IssuerMetadataError> {
        let asked = Identifier::parse(ID, Transport::Https).unwrap();
        IssuerMetadata::parse(&serde_json::to_vec(value).unwrap(), &asked, Transport::Https)
    }

    #[test]
    fn metadata_comes_back_as_written() {
        let metadata = parse(&minimal()).unwrap();
        assert_eq!(metadata.proofs_per_request(), 5);
        assert_eq!(serde_json::to_value(&metadata).unwrap(), minimal());
    }

    #[test]
    fn unrecognised_parameters_are_ignored() {
        assert!(parse(&with("policy_uri", json!("https://issuer.example/policy"))).is_ok());
    }

    #[test_case("credential_issuer", json!("https://issuer.example/tenant/") => IssuerMetadataError::OtherIssuer ; "other issuer by one slash")]
    #[test_case("credential_endpoint", json!("http://issuer.example/c") => IssuerMetadataError::Url("credential_endpoint", UrlError::Scheme) ; "http endpoint")]
    #[test_case("nonce_endpoint", json!("https://a@issuer.example/") => IssuerMetadataError::Url("nonce_endpoint", UrlError::UserInfo) ; "user info")]
    #[test_case("authorization_servers", json!([]) => IssuerMetadataError::EmptyList("authorization_servers") ; "no servers")]
    #[test_case("batch_credential_issuance", json!({"batch_size": 1}) => IssuerMetadataError::BatchSizeBelowTwo ; "batch of one")]
    #[test_case("display", json!([{"locale": "de"}, {"locale": "de"}]) => IssuerMetadataError::Display(DisplayError::LocaleTwice) ; "language twice")]
    #[test_case("credential_response_encryption", json!({"alg_values_supported": [], "enc_values_supported": ["A128GCM"], "encryption_required": false})
        => IssuerMetadataError::Encryption("credential_response_encryption", EncryptionMetadataError::EmptyList) ; "no encryption algorithms")]
    #[test_case("credential_request_encryption", json!({"jwks": {"keys": [{"kty": "EC"}]}, "enc_values_supported": ["A128GCM"], "encryption_required": false})
        => IssuerMetadataError::Encryption("credential_request_encryption", EncryptionMetadataError::KeyWithoutId) ; "key without id")]
    #[test_case("credential_configurations_supported", json!({"card": {"format": "x", "credential_signing_alg_values_supported": []}})
        => IssuerMetadataError::Configuration { id: "card".to_owned(), error: ConfigurationError::EmptyList } ; "bad configuration")]
    fn refused(name: &str, value: Value) -> IssuerMetadataError {
        parse(&with(name, value)).unwrap_err()
    }

    #[test]
    fn duplicate_members_are_refused() {
        let text = serde_json::to_string(&minimal())
            .unwrap()
            .replacen('{', r#"{"credential_issuer":"x","#, 1);
        let asked = Identifier::parse(ID, Transport::Https).unwrap();
        let error = IssuerMetadata::parse(text.as_bytes(), &asked, Transport::Https).unwrap_err();
        assert!(matches!(error, IssuerMetadataError::Json(_)), "{error:?}");
    }

    #[test_case(json!(["https://a.example", "https://b.example"]), Some("https://b.example") => Ok("https://b.example".to_owned()) ; "named")]
    #[test_case(json!(["https://a.example"]), None => Ok("https://a.example".to_owned()) ; "only one")]
    #[test_case(Value::Null, None => Ok(ID.to_owned()) ; "the issuer itself")]
    #[test_case(json!(["https://a.example", "https://b.example"]), Some("https://evil.example") => Err(IssuerMetadataError::UnknownAuthorizationServer) ; "mixed up")]
    #[test_case(json!(["https://a.example", "https://b.example"]), None => Err(IssuerMetadataError::AuthorizationServerNotNamed) ; "no choice made")]
    #[test_case(Value::Null, Some(ID) => Err(IssuerMetadataError::AuthorizationServerNamedNeedlessly) ; "named needlessly")]
    fn authorization_server(servers: Value, named: Option<&str>) -> Result<String, IssuerMetadataError> {
        let metadata = parse(&with("authorization_servers", servers)).unwrap();
        metadata
            .authorization_server(named)
            .map(|server| server.as_str().to_owned())
    }
}
