//! The credential request. OpenID4VCI 1.0 §8.2

use jose::strict_json::{self, Limits, StrictJsonError};
use jose::{JwkError, PublicJwk};
use serde_json::{Map, Value, json};

use crate::error_code::CredentialErrorCode;

/// Which credential is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestedCredential {
    /// By its configuration.
    Configuration(String),
    /// By a dataset that the token response named.
    Identifier(String),
}

/// A credential request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialRequest {
    /// Which credential.
    pub requested: RequestedCredential,
    /// Key proofs of type `jwt`, one for each copy; `None` when `proofs` is left out.
    pub jwt_proofs: Option<Vec<String>>,
    /// How the response is to be encrypted.
    pub response_encryption: Option<ResponseEncryptionRequest>,
}

/// The wallet's key for an encrypted response. OpenID4VCI 1.0 §8.2
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseEncryptionRequest {
    /// The key to encrypt to.
    pub jwk: PublicJwk,
    /// JWE `enc`.
    pub enc: String,
}

impl CredentialRequest {
    /// Parses the JSON body. Unrecognised parameters are ignored.
    pub fn parse(bytes: &[u8]) -> Result<Self, CredentialRequestError> {
        let Value::Object(mut body) = strict_json::parse(bytes, &Limits::MESSAGE)? else {
            return Err(CredentialRequestError::NotAnObject);
        };
        let configuration = text(&mut body, "credential_configuration_id")?;
        let identifier = text(&mut body, "credential_identifier")?;
        let requested = match (configuration, identifier) {
            (Some(id), None) => RequestedCredential::Configuration(id),
            (None, Some(id)) => RequestedCredential::Identifier(id),
            (Some(_), Some(_)) => return Err(CredentialRequestError::ConfigurationAndIdentifier),
            (None, None) => return Err(CredentialRequestError::NothingRequested),
        };
        Ok(Self {
            requested,
            jwt_proofs: body.remove("proofs").map(jwt_proofs).transpose()?,
            response_encryption: body
                .remove("credential_response_encryption")
                .map(response_encryption)
                .transpose()?,
        })
    }

    /// The JSON body.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut body = match &self.requested {
            RequestedCredential::Configuration(id) => json!({ "credential_configuration_id": id }),
            RequestedCredential::Identifier(id) => json!({ "credential_identifier": id }),
        };
        if let Some(proofs) = &self.jwt_proofs {
            body["proofs"] = json!({ "jwt": proofs });
        }
        if let Some(encryption) = &self.response_encryption {
            body["credential_response_encryption"] = json!({ "jwk": encryption.jwk.to_value(), "enc": encryption.enc });
        }
        body
    }
}

fn text(body: &mut Map<String, Value>, name: &'static str) -> Result<Option<String>, CredentialRequestError> {
    match body.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(CredentialRequestError::Parameter(name)),
    }
}

fn jwt_proofs(proofs: Value) -> Result<Vec<String>, CredentialRequestError> {
    let Value::Object(proofs) = proofs else {
        return Err(CredentialRequestError::Proofs);
    };
    if proofs.len() != 1 {
        return Err(CredentialRequestError::SeveralProofTypes);
    }
    let list = proofs.get("jwt").ok_or(CredentialRequestError::UnsupportedProofType)?;
    let list = list
        .as_array()
        .filter(|list| !list.is_empty())
        .ok_or(CredentialRequestError::Proofs)?;
    list.iter()
        .map(|proof| proof.as_str().map(str::to_owned).ok_or(CredentialRequestError::Proofs))
        .collect()
}

fn response_encryption(value: Value) -> Result<ResponseEncryptionRequest, CredentialRequestError> {
    let Value::Object(members) = value else {
        return Err(CredentialRequestError::Encryption);
    };
    if members.contains_key("zip") {
        return Err(CredentialRequestError::Compression);
    }
    let jwk = members.get("jwk").ok_or(CredentialRequestError::Encryption)?;
    let enc = members
        .get("enc")
        .and_then(Value::as_str)
        .ok_or(CredentialRequestError::Encryption)?;
    Ok(ResponseEncryptionRequest {
        jwk: PublicJwk::parse(jwk)?,
        enc: enc.to_owned(),
    })
}

/// Why a credential request is refused before any proof is looked at.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialRequestError {
    /// Not strict JSON.
    #[error("not a credential request: {0}")]
    Json(#[from] StrictJsonError),
    /// JSON, but not an object.
    #[error("the request is not an object")]
    NotAnObject,
    /// A parameter has the wrong type.
    #[error("{0} is not a string")]
    Parameter(&'static str),
    /// Both `credential_configuration_id` and `credential_identifier`.
    #[error("a configuration and an identifier are requested at once")]
    ConfigurationAndIdentifier,
    /// Neither of the two.
    #[error("nothing is requested")]
    NothingRequested,
    /// `proofs` is not an object with a non-empty array of strings.
    #[error("proofs is malformed")]
    Proofs,
    /// `proofs` has not exactly one proof type.
    #[error("proofs must have exactly one proof type")]
    SeveralProofTypes,
    /// A proof type other than `jwt`.
    #[error("the proof type is not supported")]
    UnsupportedProofType,
    /// `credential_response_encryption` is malformed.
    #[error("credential_response_encryption is malformed")]
    Encryption,
    /// The key for the response is no public key.
    #[error("credential_response_encryption: {0}")]
    EncryptionKey(#[from] JwkError),
    /// Compression is asked for, which this issuer does not do.
    #[error("compression is not supported")]
    Compression,
}

impl CredentialRequestError {
    /// The code on the wire. OpenID4VCI 1.0 §8.3.1.2
    #[must_use]
    pub const fn code(&self) -> CredentialErrorCode {
        match self {
            Self::Json(_)
            | Self::NotAnObject
            | Self::Parameter(_)
            | Self::ConfigurationAndIdentifier
            | Self::NothingRequested => CredentialErrorCode::InvalidCredentialRequest,
            Self::Proofs | Self::SeveralProofTypes | Self::UnsupportedProofType => CredentialErrorCode::InvalidProof,
            Self::Encryption | Self::EncryptionKey(_) | Self::Compression => {
                CredentialErrorCode::InvalidEncryptionParameters
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    #[test_case(r#"{"credential_configuration_id":"a","proofs":{"jwt":["x"]}}"# ; "by configuration")]
    #[test_case(r#"{"credential_identifier":"a","proofs":{"jwt":["x","y"]}}"# ; "by identifier")]
    #[test_case(r#"{"credential_identifier":"a"}"# ; "without proofs")]
    fn a_request_comes_back_as_written(text: &str) {
        let request = CredentialRequest::parse(text.as_bytes()).unwrap();
        assert_eq!(request.to_value().to_string(), text);
    }

    const JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"nUWAoAv3XZith8E7i19OdaxOLYFOwM-Z2EuM02TirT4","y":"HskHU8BjUi1U9Xqi7Swmj8gwAK_0xkcDjEW_71SosEY"}"#;

    #[test]
    fn response_encryption_is_read() {
        let text = format!(
            r#"{{"credential_identifier":"a","credential_response_encryption":{{"jwk":{JWK},"enc":"A128GCM"}}}}"#
        );
        let request = CredentialRequest::parse(text.as_bytes()).unwrap();
        assert_eq!(request.response_encryption.unwrap().enc, "A128GCM");
    }

    #[test_case("{" => (CredentialRequestError::Json(StrictJsonError::Syntax), "invalid_credential_request") ; "no json")]
    #[test_case(r#"{"a":1,"a":2}"# => (CredentialRequestError::Json(StrictJsonError::DuplicateName), "invalid_credential_request") ; "a name twice")]
    #[test_case("[]" => (CredentialRequestError::NotAnObject, "invalid_credential_request") ; "array")]
    #[test_case("{}" => (CredentialRequestError::NothingRequested, "invalid_credential_request") ; "nothing")]
    #[test_case(r#"{"credential_identifier":1}"# => (CredentialRequestError::Parameter("credential_identifier"), "invalid_credential_request") ; "number")]
    #[test_case(r#"{"credential_identifier":"a","credential_configuration_id":"a"}"#
        => (CredentialRequestError::ConfigurationAndIdentifier, "invalid_credential_request") ; "both")]
    #[test_case(r#"{"credential_identifier":"a","proofs":[]}"# => (CredentialRequestError::Proofs, "invalid_proof") ; "proofs as array")]
    #[test_case(r#"{"credential_identifier":"a","proofs":{"jwt":[]}}"# => (CredentialRequestError::Proofs, "invalid_proof") ; "no proofs")]
    #[test_case(r#"{"credential_identifier":"a","proofs":{"jwt":[1]}}"# => (CredentialRequestError::Proofs, "invalid_proof") ; "proof as number")]
    #[test_case(r#"{"credential_identifier":"a","proofs":{}}"# => (CredentialRequestError::SeveralProofTypes, "invalid_proof") ; "no proof type")]
    #[test_case(r#"{"credential_identifier":"a","proofs":{"jwt":["x"],"di_vp":[]}}"# => (CredentialRequestError::SeveralProofTypes, "invalid_proof") ; "two proof types")]
    #[test_case(r#"{"credential_identifier":"a","proofs":{"di_vp":[{}]}}"# => (CredentialRequestError::UnsupportedProofType, "invalid_proof") ; "other proof type")]
    #[test_case(r#"{"credential_identifier":"a","credential_response_encryption":{"enc":"A128GCM"}}"#
        => (CredentialRequestError::Encryption, "invalid_encryption_parameters") ; "no key")]
    #[test_case(r#"{"credential_identifier":"a","credential_response_encryption":{"jwk":{},"enc":"A128GCM","zip":"DEF"}}"#
        => (CredentialRequestError::Compression, "invalid_encryption_parameters") ; "zip")]
    fn refused(text: &str) -> (CredentialRequestError, &'static str) {
        let error = CredentialRequest::parse(text.as_bytes()).unwrap_err();
        let code = error.code().wire_name();
        (error, code)
    }

    proptest! {
        #[test]
        fn parsing_never_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = CredentialRequest::parse(&body);
        }
    }
}
