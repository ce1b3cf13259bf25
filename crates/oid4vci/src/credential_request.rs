//! The credential request. OpenID4VCI 1.0 §8.2

use jose::strict_json::{self, Limits, StrictJsonError};
use serde_json::{Map, Value, json};

use crate::encryption::{EncryptionPolicy, MessageBody, MessageEncryptionError, ResponseEncryptionRequest};
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
    /// Key proofs; `None` when `proofs` is left out.
    pub proofs: Option<Proofs>,
    /// How the response is to be encrypted.
    pub response_encryption: Option<ResponseEncryptionRequest>,
}

/// Key proofs, all of one type. OpenID4VCI 1.0 Appendix F
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proofs {
    /// `jwt`: each shows possession of a key. OpenID4VCI 1.0 Appendix F.1
    Jwt(Vec<String>),
    /// `attestation`: one key attestation, without possession being shown. OpenID4VCI 1.0 Appendix F.3
    Attestation(String),
}

impl CredentialRequest {
    /// Reads a request as it came, plain or encrypted as the policy has it.
    pub fn open(body: MessageBody<'_>, policy: &EncryptionPolicy<'_>) -> Result<Self, CredentialRequestError> {
        let opened = policy.open(body)?;
        let request = Self::parse(&opened.json)?;
        policy.check_response(&opened, request.response_encryption.as_ref())?;
        Ok(request)
    }

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
            proofs: body.remove("proofs").map(Proofs::parse).transpose()?,
            response_encryption: ResponseEncryptionRequest::take(&mut body)?,
        })
    }

    /// The JSON body.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut body = match &self.requested {
            RequestedCredential::Configuration(id) => json!({ "credential_configuration_id": id }),
            RequestedCredential::Identifier(id) => json!({ "credential_identifier": id }),
        };
        match &self.proofs {
            None => {}
            Some(Proofs::Jwt(proofs)) => body["proofs"] = json!({ "jwt": proofs }),
            Some(Proofs::Attestation(attestation)) => body["proofs"] = json!({ "attestation": [attestation] }),
        }
        if let Some(encryption) = &self.response_encryption {
            encryption.put(&mut body);
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

impl Proofs {
    fn parse(proofs: Value) -> Result<Self, CredentialRequestError> {
        let Value::Object(proofs) = proofs else {
            return Err(CredentialRequestError::Proofs);
        };
        if proofs.len() != 1 {
            return Err(CredentialRequestError::SeveralProofTypes);
        }
        if let Some(list) = proofs.get("jwt") {
            return texts(list).map(Self::Jwt);
        }
        let list = proofs.get("attestation");
        let list = list.ok_or(CredentialRequestError::UnsupportedProofType)?;
        match <[String; 1]>::try_from(texts(list)?) {
            Ok([attestation]) => Ok(Self::Attestation(attestation)),
            Err(_) => Err(CredentialRequestError::SeveralAttestations),
        }
    }
}

fn texts(list: &Value) -> Result<Vec<String>, CredentialRequestError> {
    let list = list.as_array().filter(|list| !list.is_empty());
    let texts = list.ok_or(CredentialRequestError::Proofs)?.iter();
    texts
        .map(|proof| proof.as_str().map(str::to_owned).ok_or(CredentialRequestError::Proofs))
        .collect()
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
    /// A proof type other than `jwt` and `attestation`.
    #[error("the proof type is not supported")]
    UnsupportedProofType,
    /// The array of the proof type `attestation` MUST hold exactly one. OpenID4VCI 1.0 Appendix F
    #[error("more than one key attestation")]
    SeveralAttestations,
    /// Encryption of the request, or what it asks for the response.
    #[error(transparent)]
    Encryption(#[from] MessageEncryptionError),
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
            Self::Proofs | Self::SeveralProofTypes | Self::UnsupportedProofType | Self::SeveralAttestations => {
                CredentialErrorCode::InvalidProof
            }
            Self::Encryption(_) => CredentialErrorCode::InvalidEncryptionParameters,
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
    #[test_case(r#"{"credential_configuration_id":"a","proofs":{"attestation":["x"]}}"# ; "by attestation")]
    fn a_request_comes_back_as_written(text: &str) {
        let request = CredentialRequest::parse(text.as_bytes()).unwrap();
        assert_eq!(request.to_value().to_string(), text);
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
    #[test_case(r#"{"credential_identifier":"a","proofs":{"attestation":["x","y"]}}"# => (CredentialRequestError::SeveralAttestations, "invalid_proof") ; "two attestations")]
    #[test_case(r#"{"credential_identifier":"a","credential_response_encryption":{"enc":"A128GCM"}}"#
        => (CredentialRequestError::Encryption(MessageEncryptionError::Malformed), "invalid_encryption_parameters") ; "no key")]
    #[test_case(r#"{"credential_identifier":"a","credential_response_encryption":{"jwk":{},"enc":"A128GCM","zip":"DEF"}}"#
        => (CredentialRequestError::Encryption(MessageEncryptionError::Compression), "invalid_encryption_parameters") ; "zip")]
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
