//! Credential requests and responses, encrypted on top of TLS: the issuer's side. OpenID4VCI 1.0 §10
//!
//! A request is encrypted to a key of the issuer's metadata, its response to a key that the request brings along.
//! Error responses are never encrypted.

use std::fmt;

use aws_lc_rs::hmac;
use jose::jwe::{self, ContentEncryption, JweError, UnverifiedJwe};
use jose::{JwkError, PrivateJwk, PublicJwk, base64url};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::identifier::Identifier;
use crate::metadata::ECDH_ES;

/// The name of the parameter in both requests. OpenID4VCI 1.0 §8.2 and §9.1
const PARAMETER: &str = "credential_response_encryption";

/// A request's body, by its media type.
#[derive(Clone, Copy)]
pub enum MessageBody<'a> {
    /// `application/json`: not encrypted.
    Json(&'a [u8]),
    /// `application/jwt`: a JWE.
    Jwt(&'a [u8]),
}

/// Whether messages of one direction are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// Never.
    Off,
    /// Where the wallet wants it.
    Offered,
    /// Always.
    Required,
}

/// What the issuer does about encryption.
#[derive(Clone, Copy)]
pub struct EncryptionPolicy<'a> {
    /// Encryption of requests.
    pub request: Encryption,
    /// Encryption of responses.
    pub response: Encryption,
    /// The key that requests are encrypted to, with the `kid` of the metadata.
    pub key: &'a PrivateJwk,
}

/// The key that requests are encrypted to, from the secret of a server: it outlives a restart, and is another for each
/// server. Its `kid` is its thumbprint.
#[must_use]
pub fn derive_encryption_key(secret: &[u8; 32], server: &Identifier) -> PrivateJwk {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    context.update(b"openid4vci request encryption\0");
    context.update(server.as_str().as_bytes());
    let tag = context.sign();
    let key = PrivateJwk::generate_p256(&mut |out: &mut [u8]| {
        for (to, from) in out.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
    });
    let kid = base64url::encode(key.public().thumbprint());
    key.with_kid(kid)
}

/// Content encryptions taken from wallets. HAIP 1.0 §5
const ENC: [ContentEncryption; 2] = [ContentEncryption::A128Gcm, ContentEncryption::A256Gcm];

/// The JSON of a request, and how it came.
pub(crate) struct Opened {
    pub(crate) json: Vec<u8>,
    was_encrypted: bool,
}

impl EncryptionPolicy<'_> {
    pub(crate) fn open(&self, body: MessageBody<'_>) -> Result<Opened, MessageEncryptionError> {
        let compact = match (body, self.request) {
            (MessageBody::Json(_), Encryption::Required) => return Err(MessageEncryptionError::RequestNotEncrypted),
            (MessageBody::Json(json), _) => {
                return Ok(Opened {
                    json: json.to_vec(),
                    was_encrypted: false,
                });
            }
            (MessageBody::Jwt(_), Encryption::Off) => return Err(MessageEncryptionError::RequestsNotSupported),
            (MessageBody::Jwt(compact), _) => compact,
        };
        let compact = std::str::from_utf8(compact).map_err(|_| JweError::NotFiveParts)?;
        let jwe = UnverifiedJwe::parse(compact)?;
        // OpenID4VCI 1.0 §10: the same kid as the key has.
        if jwe.kid() != self.key.public().kid() {
            return Err(MessageEncryptionError::OtherKey);
        }
        Ok(Opened {
            json: jwe.decrypt(self.key, &ENC)?,
            was_encrypted: true,
        })
    }

    pub(crate) fn check_response(
        &self,
        opened: &Opened,
        asked: Option<&ResponseEncryptionRequest>,
    ) -> Result<(), MessageEncryptionError> {
        match (asked, self.response) {
            (None, Encryption::Required) => Err(MessageEncryptionError::ResponseNotEncrypted),
            (None, _) => Ok(()),
            (Some(_), Encryption::Off) => Err(MessageEncryptionError::ResponsesNotSupported),
            (Some(_), _) if opened.was_encrypted => Ok(()),
            (Some(_), _) => Err(MessageEncryptionError::KeyInPlainRequest),
        }
    }
}

/// The wallet's key for an encrypted response. OpenID4VCI 1.0 §8.2
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResponseEncryptionRequest {
    jwk: PublicJwk,
    enc: ContentEncryption,
}

impl ResponseEncryptionRequest {
    /// Asks for a response encrypted to this P-256 key.
    pub fn new(key: &PublicJwk, enc: ContentEncryption) -> Result<Self, JwkError> {
        Ok(Self {
            jwk: key.clone().for_encryption()?,
            enc,
        })
    }

    /// Encrypts a response. OpenID4VCI 1.0 §10
    pub fn encrypt(&self, response: &Value) -> Result<String, JweError> {
        jwe::encrypt(response.to_string().as_bytes(), &self.jwk, self.enc, None, None)
    }

    /// Takes the parameter out of a request.
    pub(crate) fn take(body: &mut Map<String, Value>) -> Result<Option<Self>, MessageEncryptionError> {
        let Some(value) = body.remove(PARAMETER) else {
            return Ok(None);
        };
        let Value::Object(members) = value else {
            return Err(MessageEncryptionError::Malformed);
        };
        if members.contains_key("zip") {
            return Err(MessageEncryptionError::Compression);
        }
        let jwk = PublicJwk::parse(members.get("jwk").ok_or(MessageEncryptionError::Malformed)?)?;
        // OpenID4VCI 1.0 §10: `alg` MUST be present, and is the JWE's.
        if jwk.alg() != Some(ECDH_ES) || jwk.key_use() == Some(jose::KeyUse::Signature) {
            return Err(MessageEncryptionError::KeyAlgorithm);
        }
        let enc = members.get("enc").and_then(Value::as_str);
        let enc = enc.ok_or(MessageEncryptionError::Malformed)?;
        let enc = ContentEncryption::from_name(enc).ok_or(JweError::EncryptionNotAllowed)?;
        Ok(Some(Self { jwk, enc }))
    }

    /// Puts the parameter in a request.
    pub(crate) fn put(&self, body: &mut Value) {
        body[PARAMETER] = json!({ "jwk": self.jwk.to_value(), "enc": self.enc.as_str() });
    }
}

impl fmt::Debug for MessageBody<'_> {
    /// Leaves the body out: it holds proofs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json(_) => "Json(…)",
            Self::Jwt(_) => "Jwt(…)",
        })
    }
}

/// Why the encryption of a request, or what it asks for its response, is refused. On the wire all of them are
/// `invalid_encryption_parameters`. OpenID4VCI 1.0 §8.3.1.2
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageEncryptionError {
    /// A plain request where every one has to be encrypted. OpenID4VCI 1.0 §10
    #[error("requests must be encrypted")]
    RequestNotEncrypted,
    /// An encrypted request where none is taken.
    #[error("encrypted requests are not supported")]
    RequestsNotSupported,
    /// Not a JWE that can be read with the issuer's key.
    #[error(transparent)]
    Jwe(#[from] JweError),
    /// `kid` is missing or is that of another key. OpenID4VCI 1.0 §10
    #[error("kid is not that of the key for requests")]
    OtherKey,
    /// `credential_response_encryption` is malformed.
    #[error("credential_response_encryption is malformed")]
    Malformed,
    /// The key for the response is no public key of a supported kind.
    #[error("credential_response_encryption: {0}")]
    Key(#[from] JwkError),
    /// The key for the response does not say that it is for ECDH-ES. OpenID4VCI 1.0 §10
    #[error("the alg of the key for the response is not ECDH-ES")]
    KeyAlgorithm,
    /// Compression is asked for, which this issuer does not do.
    #[error("compression is not supported")]
    Compression,
    /// An encrypted response is asked for in a plain request: anybody on the way could put in a key of their own.
    /// OpenID4VCI 1.0 §8.2
    #[error("the key for the response is in a request that is not encrypted")]
    KeyInPlainRequest,
    /// No key for a response that has to be encrypted.
    #[error("responses must be encrypted")]
    ResponseNotEncrypted,
    /// An encrypted response is asked for where none is made.
    #[error("encrypted responses are not supported")]
    ResponsesNotSupported,
}

#[cfg(test)]
mod tests;
