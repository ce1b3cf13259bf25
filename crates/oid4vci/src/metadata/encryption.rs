//! Which encryption an issuer offers or requires on top of TLS. OpenID4VCI 1.0 §12.2.4

use std::collections::BTreeSet;

use jose::jwe::ContentEncryption;
use jose::{KeyUse, PublicJwk};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// JWE `alg` of the one key agreement in use. HAIP 1.0 §5
pub(crate) const ECDH_ES: &str = "ECDH-ES";

/// How requests are encrypted: `credential_request_encryption`. OpenID4VCI 1.0 §12.2.4
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEncryption {
    /// The issuer's keys.
    pub jwks: EncryptionKeys,
    /// JWE `enc` values.
    pub enc_values_supported: Vec<String>,
    /// JWE `zip` values; absent when nothing is compressed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub zip_values_supported: Option<Vec<String>>,
    /// Whether every request must be encrypted.
    pub encryption_required: bool,
}

/// A key set as published. Keys of kinds that are not in use here stand in it too, so they are kept as they came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptionKeys {
    /// The keys.
    pub keys: Vec<Value>,
}

/// How responses are encrypted: `credential_response_encryption`. OpenID4VCI 1.0 §12.2.4
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseEncryption {
    /// JWE `alg` values.
    pub alg_values_supported: Vec<String>,
    /// JWE `enc` values.
    pub enc_values_supported: Vec<String>,
    /// JWE `zip` values; absent when nothing is compressed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub zip_values_supported: Option<Vec<String>>,
    /// Whether every response must be encrypted.
    pub encryption_required: bool,
}

impl RequestEncryption {
    /// The key and content encryption that a request is encrypted with: the first that both sides know.
    /// OpenID4VCI 1.0 §10
    #[must_use]
    pub fn recipient(&self) -> Option<(PublicJwk, ContentEncryption)> {
        let enc = common_enc(&self.enc_values_supported)?;
        let usable = |value: &Value| {
            let key = PublicJwk::parse(value).ok()?;
            let fits = key.alg() == Some(ECDH_ES)
                && key.key_use() != Some(KeyUse::Signature)
                && key.sec1_uncompressed().is_some();
            fits.then_some(key)
        };
        Some((self.jwks.keys.iter().find_map(usable)?, enc))
    }

    pub(super) fn check(&self) -> Result<(), EncryptionMetadataError> {
        check_list(&self.enc_values_supported)?;
        self.zip_values_supported.as_deref().map_or(Ok(()), check_list)?;
        if self.jwks.keys.is_empty() {
            return Err(EncryptionMetadataError::EmptyList);
        }
        let mut kids = BTreeSet::new();
        for key in &self.jwks.keys {
            let kid = key.get("kid").and_then(Value::as_str);
            let kid = kid.ok_or(EncryptionMetadataError::KeyWithoutId)?;
            if !kids.insert(kid) {
                return Err(EncryptionMetadataError::KeyIdTwice);
            }
            // Private members of any kind of key. RFC 7518 §6
            if ["d", "k"].iter().any(|member| key.get(member).is_some()) {
                return Err(EncryptionMetadataError::PrivateKey);
            }
        }
        Ok(())
    }
}

impl ResponseEncryption {
    /// The content encryption that a response is asked for with, where issuer and wallet have one in common.
    #[must_use]
    pub fn enc(&self) -> Option<ContentEncryption> {
        self.alg_values_supported
            .iter()
            .any(|alg| alg == ECDH_ES)
            .then(|| common_enc(&self.enc_values_supported))?
    }

    pub(super) fn check(&self) -> Result<(), EncryptionMetadataError> {
        check_list(&self.alg_values_supported)?;
        check_list(&self.enc_values_supported)?;
        self.zip_values_supported.as_deref().map_or(Ok(()), check_list)
    }
}

/// A128GCM first: it is what every party has. HAIP 1.0 §5
fn common_enc(values: &[String]) -> Option<ContentEncryption> {
    [ContentEncryption::A128Gcm, ContentEncryption::A256Gcm]
        .into_iter()
        .find(|enc| values.iter().any(|value| value == enc.as_str()))
}

fn check_list(list: &[String]) -> Result<(), EncryptionMetadataError> {
    if list.is_empty() {
        return Err(EncryptionMetadataError::EmptyList);
    }
    Ok(())
}

/// Why the metadata about encryption is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncryptionMetadataError {
    /// A list that must have entries has none.
    #[error("a list that must have entries is empty")]
    EmptyList,
    /// Each key MUST have a `kid`. OpenID4VCI 1.0 §12.2.4
    #[error("a key has no kid")]
    KeyWithoutId,
    /// A `kid` MUST identify its key uniquely. OpenID4VCI 1.0 §12.2.4
    #[error("two keys have the same kid")]
    KeyIdTwice,
    /// A private key is published.
    #[error("a private key is published")]
    PrivateKey,
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    const X: &str = "nUWAoAv3XZith8E7i19OdaxOLYFOwM-Z2EuM02TirT4";
    const Y: &str = "HskHU8BjUi1U9Xqi7Swmj8gwAK_0xkcDjEW_71SosEY";

    fn key(change: impl FnOnce(&mut Value)) -> Value {
        let mut key = json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": "1", "use": "enc", "alg": "ECDH-ES"});
        change(&mut key);
        key
    }

    fn request(keys: &[Value], enc: &[&str]) -> RequestEncryption {
        serde_json::from_value(json!({
            "jwks": {"keys": keys}, "enc_values_supported": enc, "encryption_required": false,
        }))
        .unwrap()
    }

    #[test]
    fn the_first_key_of_a_kind_in_use_is_the_recipient() {
        let rsa = json!({"kty": "RSA", "n": "AQ", "e": "AQAB", "kid": "0", "alg": "RSA-OAEP-256"});
        let metadata = request(&[rsa, key(|_| ())], &["A256CBC-HS512", "A256GCM", "A128GCM"]);
        metadata.check().unwrap();
        let (recipient, enc) = metadata.recipient().unwrap();
        assert_eq!((recipient.kid(), enc), (Some("1"), ContentEncryption::A128Gcm));
    }

    #[test_case(|k| k["alg"] = json!("ECDH-ES+A256KW"), "A128GCM" ; "other algorithm")]
    #[test_case(|k| { k.as_object_mut().unwrap().remove("alg"); }, "A128GCM" ; "no algorithm")]
    #[test_case(|k| k["use"] = json!("sig"), "A128GCM" ; "key for signatures")]
    #[test_case(|_| (), "A128CBC-HS256" ; "other content encryption")]
    fn nothing_in_common(change: fn(&mut Value), enc: &str) {
        assert_eq!(request(&[key(change)], &[enc]).recipient(), None);
    }

    #[test_case(&[], &["A128GCM"] => EncryptionMetadataError::EmptyList ; "no keys")]
    #[test_case(&[key(|_| ())], &[] => EncryptionMetadataError::EmptyList ; "no enc")]
    #[test_case(&[key(|k| { k.as_object_mut().unwrap().remove("kid"); })], &["A128GCM"] => EncryptionMetadataError::KeyWithoutId ; "no kid")]
    #[test_case(&[key(|_| ()), key(|_| ())], &["A128GCM"] => EncryptionMetadataError::KeyIdTwice ; "kid twice")]
    #[test_case(&[key(|k| k["d"] = json!("AQ"))], &["A128GCM"] => EncryptionMetadataError::PrivateKey ; "private")]
    fn refused(keys: &[Value], enc: &[&str]) -> EncryptionMetadataError {
        request(keys, enc).check().unwrap_err()
    }

    #[test_case(&["RSA-OAEP", "ECDH-ES"], &["A128CBC-HS256", "A256GCM"] => Some(ContentEncryption::A256Gcm) ; "in common")]
    #[test_case(&["RSA-OAEP"], &["A128GCM"] => None ; "other algorithm")]
    #[test_case(&["ECDH-ES"], &["A192GCM"] => None ; "other content encryption")]
    fn responses(alg: &[&str], enc: &[&str]) -> Option<ContentEncryption> {
        let metadata = json!({"alg_values_supported": alg, "enc_values_supported": enc, "encryption_required": true});
        let metadata: ResponseEncryption = serde_json::from_value(metadata).unwrap();
        metadata.check().unwrap();
        metadata.enc()
    }
}
