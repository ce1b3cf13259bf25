use std::fmt;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{Algorithm, base64url};

/// Why a JSON Web Key was refused. RFC 7517, RFC 7518 §6.2, RFC 8037 §2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkError {
    /// Not a JSON object.
    #[error("a JWK is an object")]
    NotAnObject,
    /// `kty` and `crv` are not EC with P-256 or OKP with Ed25519.
    #[error("key type or curve is not supported")]
    UnsupportedKey,
    /// A member is missing, of the wrong type, not canonical base64url or of the wrong length.
    #[error("member {0} is missing or malformed")]
    Member(&'static str),
    /// A private or symmetric member (`d`, `k`, `p`, …) where only a public key may stand.
    #[error("private key material in a public key")]
    PrivateMember,
    /// The point is not on the curve, or is the point at infinity.
    #[error("not a point of the curve")]
    InvalidPoint,
    /// The private value is zero or not below the group order.
    #[error("not a private value of the curve")]
    InvalidScalar,
    /// The public members do not belong to the private one.
    #[error("public and private members do not belong together")]
    Mismatch,
    /// `alg` names an algorithm that the key cannot serve.
    #[error("alg does not fit the key")]
    AlgorithmMismatch,
    /// `use` forbids what was tried, or is unknown. RFC 7517 §4.2.
    #[error("use does not allow this")]
    WrongUse,
}

/// What a key is meant for. RFC 7517 §4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// `sig`
    Signature,
    /// `enc`
    Encryption,
}

/// A public key: P-256 (signatures and ECDH-ES) or Ed25519.
///
/// The point of a P-256 key has been checked to be on the curve. Comparing with `==` compares the members
/// too; [`PublicJwk::same_key`] compares the key alone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicJwk {
    key: PublicKey,
    kid: Option<String>,
    key_use: Option<KeyUse>,
    alg: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum PublicKey {
    /// Uncompressed SEC1 point.
    P256([u8; 65]),
    Ed25519([u8; 32]),
}

impl PublicJwk {
    /// Reads a public JWK; unknown members are ignored, private ones refused.
    pub fn parse(value: &Value) -> Result<Self, JwkError> {
        let members = value.as_object().ok_or(JwkError::NotAnObject)?;
        if PRIVATE_MEMBERS.iter().any(|name| members.contains_key(*name)) {
            return Err(JwkError::PrivateMember);
        }
        Self::from_members(members)
    }

    pub(crate) fn from_members(members: &Map<String, Value>) -> Result<Self, JwkError> {
        let key = match (text(members, "kty")?, text(members, "crv")?) {
            (Some("EC"), Some("P-256")) => PublicKey::P256(p256_point(members)?),
            (Some("OKP"), Some("Ed25519")) => PublicKey::Ed25519(bytes32(members, "x")?),
            _ => return Err(JwkError::UnsupportedKey),
        };
        let key_use = match text(members, "use")? {
            None => None,
            Some("sig") => Some(KeyUse::Signature),
            Some("enc") => Some(KeyUse::Encryption),
            Some(_) => return Err(JwkError::WrongUse),
        };
        let alg = text(members, "alg")?;
        match (alg, &key) {
            (None, _) | (Some("ES256" | "ECDH-ES"), PublicKey::P256(_)) | (Some("EdDSA"), PublicKey::Ed25519(_)) => {}
            _ => return Err(JwkError::AlgorithmMismatch),
        }
        Ok(Self {
            key,
            kid: text(members, "kid")?.map(str::to_owned),
            key_use,
            alg: alg.map(str::to_owned),
        })
    }

    /// Makes a key from a SEC1 point, compressed (33 bytes) or not (65 bytes). The compact form
    /// (tag 5), which leaves the sign of y open, is none of them.
    pub fn from_p256_sec1(point: &[u8]) -> Result<Self, JwkError> {
        if !matches!((point.first(), point.len()), (Some(2 | 3), 33) | (Some(4), 65)) {
            return Err(JwkError::InvalidPoint);
        }
        let key = p256::PublicKey::from_sec1_bytes(point).map_err(|_| JwkError::InvalidPoint)?;
        Ok(Self::from_p256(&key))
    }

    /// Makes a key from the 32 bytes of an Ed25519 public key. RFC 8032 §5.1.5.
    #[must_use]
    pub fn from_ed25519(key: &[u8; 32]) -> Self {
        Self::bare(PublicKey::Ed25519(*key))
    }

    pub(crate) fn from_p256(key: &p256::PublicKey) -> Self {
        let mut point = [0; 65];
        // p256 writes points uncompressed; the test `sec1_round_trip` holds it to that.
        for (to, from) in point.iter_mut().zip(key.to_sec1_bytes().iter()) {
            *to = *from;
        }
        Self::bare(PublicKey::P256(point))
    }

    fn bare(key: PublicKey) -> Self {
        Self {
            key,
            kid: None,
            key_use: None,
            alg: None,
        }
    }

    /// The JWK as JSON: `kty`, `crv`, `x`, `y`, then `kid`, `use`, `alg` where set.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut value = match &self.key {
            PublicKey::P256(point) => json!({
                "kty": "EC",
                "crv": "P-256",
                "x": base64url::encode(&point[1..33]),
                "y": base64url::encode(&point[33..]),
            }),
            PublicKey::Ed25519(x) => json!({
                "kty": "OKP",
                "crv": "Ed25519",
                "x": base64url::encode(x),
            }),
        };
        if let Some(kid) = &self.kid {
            value["kid"] = json!(kid);
        }
        if let Some(key_use) = self.key_use {
            value["use"] = json!(match key_use {
                KeyUse::Signature => "sig",
                KeyUse::Encryption => "enc",
            });
        }
        if let Some(alg) = &self.alg {
            value["alg"] = json!(alg);
        }
        value
    }

    /// SHA-256 thumbprint. RFC 7638 §3, RFC 8037 §2.
    #[must_use]
    pub fn thumbprint(&self) -> [u8; 32] {
        let canonical = match &self.key {
            PublicKey::P256(point) => format!(
                r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
                base64url::encode(&point[1..33]),
                base64url::encode(&point[33..]),
            ),
            PublicKey::Ed25519(x) => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, base64url::encode(x)),
        };
        Sha256::digest(canonical.as_bytes()).into()
    }

    /// The signature algorithm of the key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match self.key {
            PublicKey::P256(_) => Algorithm::Es256,
            PublicKey::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// Key id. RFC 7517 §4.5.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The same key with this `kid`.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// What the key is meant for, where it says so.
    #[must_use]
    pub fn key_use(&self) -> Option<KeyUse> {
        self.key_use
    }

    /// The `alg` member, where there is one.
    #[must_use]
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// The same key marked for encryption: `use` is `enc`, `alg` is `ECDH-ES`.
    ///
    /// Only a P-256 key can be; [`JwkError::UnsupportedKey`] otherwise.
    pub fn for_encryption(mut self) -> Result<Self, JwkError> {
        match self.key {
            PublicKey::P256(_) => {
                self.key_use = Some(KeyUse::Encryption);
                self.alg = Some("ECDH-ES".to_owned());
                Ok(self)
            }
            PublicKey::Ed25519(_) => Err(JwkError::UnsupportedKey),
        }
    }

    /// True when both are the same public key, whatever their other members say.
    #[must_use]
    pub fn same_key(&self, other: &Self) -> bool {
        self.key == other.key
    }

    /// The compressed SEC1 point of a P-256 key (as in did:key), `None` for Ed25519.
    #[must_use]
    pub fn sec1_compressed(&self) -> Option<[u8; 33]> {
        let PublicKey::P256(point) = &self.key else {
            return None;
        };
        let mut compressed = [0; 33];
        compressed[0] = 2 + (point[64] & 1);
        compressed[1..].copy_from_slice(&point[1..33]);
        Some(compressed)
    }

    /// The uncompressed SEC1 point of a P-256 key, `None` for Ed25519.
    #[must_use]
    pub fn sec1_uncompressed(&self) -> Option<&[u8; 65]> {
        match &self.key {
            PublicKey::P256(point) => Some(point),
            PublicKey::Ed25519(_) => None,
        }
    }

    /// The 32 bytes of an Ed25519 key, `None` for P-256.
    #[must_use]
    pub fn ed25519_bytes(&self) -> Option<&[u8; 32]> {
        match &self.key {
            PublicKey::P256(_) => None,
            PublicKey::Ed25519(key) => Some(key),
        }
    }

    pub(crate) fn key(&self) -> &PublicKey {
        &self.key
    }
}

impl fmt::Debug for PublicJwk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PublicJwk({})", self.to_value())
    }
}

/// Members that hold secrets: EC and OKP `d`, RSA, and symmetric `k`. RFC 7518 §6.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "k", "p", "q", "dp", "dq", "qi", "oth"];

fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a str>, JwkError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwkError::Member(name)),
    }
}

pub(crate) fn bytes32(members: &Map<String, Value>, name: &'static str) -> Result<[u8; 32], JwkError> {
    let text = text(members, name)?.ok_or(JwkError::Member(name))?;
    base64url::decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(JwkError::Member(name))
}

fn p256_point(members: &Map<String, Value>) -> Result<[u8; 65], JwkError> {
    let mut point = [4; 65];
    point[1..33].copy_from_slice(&bytes32(members, "x")?);
    point[33..].copy_from_slice(&bytes32(members, "y")?);
    p256::PublicKey::from_sec1_bytes(&point).map_err(|_| JwkError::InvalidPoint)?;
    Ok(point)
}
