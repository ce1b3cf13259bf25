//! Encryption on top of TLS, as the wallet does it: requests to the issuer's key, responses to a key of its own that
//! lives for one request. OpenID4VCI 1.0 §10

use std::borrow::Cow;

use jose::jwe::{self, ContentEncryption, JweError, UnverifiedJwe};
use jose::{PrivateJwk, PublicJwk, RandomSource};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::http::HttpResponse;
use crate::encryption::ResponseEncryptionRequest;
use crate::metadata::IssuerMetadata;

/// What is encrypted towards one issuer: everything that it offers and the wallet knows how to.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub(super) struct Protection {
    request: Option<(PublicJwk, ContentEncryption)>,
    response: Option<ContentEncryption>,
}

/// The key of one response.
#[derive(Clone)]
pub(super) struct ResponseKey {
    key: PrivateJwk,
    enc: ContentEncryption,
}

/// A body about to be sent.
pub(super) struct Sealed {
    pub(super) body: Vec<u8>,
    pub(super) content_type: &'static str,
    pub(super) response_key: Option<ResponseKey>,
}

impl Protection {
    /// What the metadata allows; an error where it requires what the wallet cannot do.
    pub(super) fn of(metadata: &IssuerMetadata) -> Result<Self, ProtectionError> {
        let offered = metadata.credential_request_encryption.as_ref();
        let request = offered.and_then(|offered| offered.recipient());
        if request.is_none() && offered.is_some_and(|offered| offered.encryption_required) {
            return Err(ProtectionError::Request);
        }
        let offered = metadata.credential_response_encryption.as_ref();
        // Only an encrypted request may bring the key. OpenID4VCI 1.0 §8.2
        let response = offered.and_then(|offered| offered.enc()).filter(|_| request.is_some());
        if response.is_none() && offered.is_some_and(|offered| offered.encryption_required) {
            return Err(ProtectionError::Response);
        }
        Ok(Self { request, response })
    }

    /// Makes the body of a request. `put` completes it, once it is known how the response is to come.
    pub(super) fn seal(
        &self,
        put: impl FnOnce(Option<ResponseEncryptionRequest>) -> Value,
        random: &mut dyn RandomSource,
    ) -> Result<Sealed, JweError> {
        let response_key = self.response.map(|enc| ResponseKey {
            key: PrivateJwk::generate_p256(random),
            enc,
        });
        let asked = response_key.as_ref();
        let asked = asked.map(|key| ResponseEncryptionRequest::new(key.key.public(), key.enc));
        let json = put(asked.transpose().map_err(|_| JweError::RecipientKey)?).to_string();
        let Some((recipient, enc)) = &self.request else {
            return Ok(Sealed {
                body: json.into_bytes(),
                content_type: "application/json",
                response_key,
            });
        };
        let compact = jwe::encrypt(json.as_bytes(), recipient, *enc, None, None)?;
        Ok(Sealed {
            body: compact.into_bytes(),
            content_type: "application/jwt",
            response_key,
        })
    }
}

/// The JSON of a successful response: decrypted with the key it was asked for with, or plain where none was.
pub(super) fn unseal<'a>(
    response: &HttpResponse<'a>,
    key: Option<&ResponseKey>,
) -> Result<Cow<'a, [u8]>, ResponseFormError> {
    let Some(key) = key else {
        if !response.is_json() {
            return Err(ResponseFormError::NotJson);
        }
        return Ok(Cow::Borrowed(response.body));
    };
    if !response.is_jwt() {
        return Err(ResponseFormError::NotEncrypted);
    }
    let compact = std::str::from_utf8(response.body).map_err(|_| JweError::NotFiveParts)?;
    Ok(Cow::Owned(
        UnverifiedJwe::parse(compact)?.decrypt(&key.key, &[key.enc])?,
    ))
}

/// Why an offer cannot be taken up: the issuer requires encryption that the wallet cannot do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtectionError {
    /// Requests.
    #[error("requests must be encrypted in a way that is not supported")]
    Request,
    /// Responses.
    #[error("responses must be encrypted in a way that is not supported")]
    Response,
}

/// Why a response is not even looked into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseFormError {
    /// Neither encrypted nor `application/json`.
    #[error("the issuer did not answer with application/json")]
    NotJson,
    /// Not encrypted, although that was asked for. OpenID4VCI 1.0 §10
    #[error("the issuer did not encrypt its answer")]
    NotEncrypted,
    /// Encrypted, and not to be read with the wallet's key.
    #[error("the issuer's answer: {0}")]
    Jwe(#[from] JweError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    request: Option<(Value, String)>,
    response: Option<String>,
}

impl From<Protection> for Stored {
    fn from(protection: Protection) -> Self {
        Self {
            request: protection
                .request
                .map(|(key, enc)| (key.to_value(), enc.as_str().to_owned())),
            response: protection.response.map(|enc| enc.as_str().to_owned()),
        }
    }
}

impl TryFrom<Stored> for Protection {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let enc = |name: String| ContentEncryption::from_name(&name).ok_or("unknown enc");
        let request = stored.request.map(|(key, name)| {
            let key = PublicJwk::parse(&key).map_err(|_| "unusable key")?;
            Ok::<_, &'static str>((key, enc(name)?))
        });
        Ok(Self {
            request: request.transpose()?,
            response: stored.response.map(enc).transpose()?,
        })
    }
}
