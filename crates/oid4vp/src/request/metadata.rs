//! `client_metadata`: the key and content encryption for the response.
//! OpenID4VP 1.0 §5.1, §8.3

use std::collections::HashSet;

use jose::PublicJwk;
use jose::jwe::ContentEncryption;
use serde_json::{Map, Value, json};

use super::RequestError;
use crate::formats::own_formats;

/// How a response is encrypted. OpenID4VP 1.0 §8.3
#[derive(Debug, Clone)]
pub struct ResponseEncryption {
    key: PublicJwk,
    content: ContentEncryption,
}

impl ResponseEncryption {
    /// The verifier's key, fresh for this request, with its `kid`.
    pub fn key(&self) -> &PublicJwk {
        &self.key
    }

    /// The content encryption to use.
    pub fn content(&self) -> ContentEncryption {
        self.content
    }

    /// Chooses among the verifier's offers: its first P-256 key that can be used,
    /// its first content encryption that we know. Keys that we cannot use are
    /// ignored, whatever is wrong with them; where none is left, the first one's
    /// fault is named. RFC 7517 §5
    pub(super) fn choose(metadata: &Map<String, Value>) -> Result<Self, RequestError> {
        let keys = metadata
            .get("jwks")
            .ok_or(RequestError::Missing("jwks"))?
            .get("keys")
            .and_then(Value::as_array)
            .ok_or(RequestError::WrongType("jwks"))?;
        check_kids(keys)?;
        Ok(Self {
            key: first_usable(keys)?,
            content: content_encryption(metadata.get("encrypted_response_enc_values_supported"))?,
        })
    }
}

/// The metadata of our own requests. HAIP 1.0 §5: both content encryptions.
pub(super) fn own_metadata(encryption_key: Option<&PublicJwk>) -> Value {
    let mut metadata = json!({ "vp_formats_supported": own_formats() });
    if let Some(key) = encryption_key {
        metadata["jwks"] = json!({ "keys": [key.to_value()] });
        metadata["encrypted_response_enc_values_supported"] = json!(["A128GCM", "A256GCM"]);
    }
    metadata
}

/// Every key MUST have a `kid` of its own, whatever it is for. §5.1
fn check_kids(keys: &[Value]) -> Result<(), RequestError> {
    let mut seen = HashSet::new();
    let distinct = keys.iter().all(|key| {
        key.get("kid")
            .and_then(Value::as_str)
            .is_some_and(|kid| seen.insert(kid))
    });
    if distinct {
        Ok(())
    } else {
        Err(RequestError::KeyWithoutKid)
    }
}

fn first_usable(keys: &[Value]) -> Result<PublicJwk, RequestError> {
    let mut fault = RequestError::NoEncryptionKey;
    for key in keys {
        match usable(key) {
            Ok(Some(key)) => return Ok(key),
            Ok(None) => {}
            Err(found) if fault == RequestError::NoEncryptionKey => fault = found,
            Err(_) => {}
        }
    }
    Err(fault)
}

fn usable(key: &Value) -> Result<Option<PublicJwk>, RequestError> {
    if !is_for_encryption(key)? {
        return Ok(None);
    }
    PublicJwk::parse(key).map(Some).map_err(RequestError::EncryptionKey)
}

fn is_for_encryption(key: &Value) -> Result<bool, RequestError> {
    let usage = key.get("use").and_then(Value::as_str);
    if !matches!(usage, None | Some("enc")) {
        return Ok(false);
    }
    let alg = key
        .get("alg")
        .and_then(Value::as_str)
        .ok_or(RequestError::KeyWithoutAlg)?;
    let curve = key.get("crv").and_then(Value::as_str);
    Ok(alg == ECDH_ES && curve == Some("P-256"))
}

fn content_encryption(offered: Option<&Value>) -> Result<ContentEncryption, RequestError> {
    const NAME: &str = "encrypted_response_enc_values_supported";
    let Some(offered) = offered else {
        return Ok(ContentEncryption::A128Gcm);
    };
    let values = offered
        .as_array()
        .filter(|values| !values.is_empty())
        .ok_or(RequestError::WrongType(NAME))?;
    for value in values {
        match value.as_str().ok_or(RequestError::WrongType(NAME))? {
            "A128GCM" => return Ok(ContentEncryption::A128Gcm),
            "A256GCM" => return Ok(ContentEncryption::A256Gcm),
            _ => {}
        }
    }
    Err(RequestError::NoContentEncryption)
}

pub(super) const ECDH_ES: &str = "ECDH-ES";
pub(super) const ES256: &str = "ES256";
