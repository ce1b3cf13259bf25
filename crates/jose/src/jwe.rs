//! JSON Web Encryption, compact, ECDH-ES with a P-256 key and AES-GCM only.
//!
//! RFC 7516 §7.1, RFC 7518 §4.6 and §5.3; the choice is that of HAIP 1.0 §5. This module is
//! the only one that knows josekit, which encrypts; what came is decrypted by aws-lc
//! (docs/adr/0004). There is no `zip`: a short message never becomes a long one.

mod agreement;
mod bare;
mod sealed;

pub use bare::BareJwe;

use josekit::jwe::JweHeader;
use serde_json::{Map, Value};

use agreement::Context;
use sealed::Sealed;

use crate::strict_json::{self, Limits, StrictJsonError};
use crate::{Budget, KeyUse, PrivateJwk, PublicJwk, Work, base64url};

/// The one key agreement. RFC 7518 §4.6.
const ALG: &str = "ECDH-ES";
/// A compact JWE: 2 MiB. Nothing is inflated, so that no more comes out.
pub const MESSAGE: Budget = Budget::NOTHING.allow(Work::Bytes, 2 * 1024 * 1024);

/// How the content is encrypted. RFC 7518 §5.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentEncryption {
    /// `A128GCM`
    A128Gcm,
    /// `A256GCM`
    A256Gcm,
}

impl ContentEncryption {
    /// The value of the `enc` header.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A128Gcm => "A128GCM",
            Self::A256Gcm => "A256GCM",
        }
    }

    /// Reads an `enc` value; `None` for everything else.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "A128GCM" => Some(Self::A128Gcm),
            "A256GCM" => Some(Self::A256Gcm),
            _ => None,
        }
    }
}

/// Why a JWE was refused or could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JweError {
    /// Longer than [`MESSAGE`] allows.
    #[error("the JWE is too long")]
    TooLong,
    /// Not five parts. RFC 7516 §7.1.
    #[error("a compact JWE has five parts")]
    NotFiveParts,
    /// A part is not canonical base64url, or the IV or tag has the wrong length.
    #[error("the {0} is malformed")]
    Part(&'static str),
    /// The header is not strict JSON.
    #[error("header: {0}")]
    HeaderJson(StrictJsonError),
    /// The header is not an object, or a member is missing or of the wrong type.
    #[error("the header is malformed")]
    Header,
    /// `alg` is not `ECDH-ES`. RFC 7518 §4.6.
    #[error("the alg is not allowed")]
    AlgorithmNotAllowed,
    /// `enc` is not A128GCM or A256GCM, or not one that this receiver allows.
    #[error("the enc is not allowed")]
    EncryptionNotAllowed,
    /// `zip` is present. RFC 7516 §4.1.3.
    #[error("compression is not allowed")]
    Compressed,
    /// `crit` is present. RFC 7516 §4.1.13.
    #[error("the header has critical members")]
    CriticalHeader,
    /// There is an encrypted key, where direct key agreement has none. RFC 7516 §5.2.
    #[error("an encrypted key with direct key agreement")]
    EncryptedKeyPresent,
    /// The ephemeral key, the key or the tag is wrong; which of them is not told.
    #[error("cannot be decrypted")]
    Undecryptable,
    /// The recipient's key is not a P-256 key for encryption.
    #[error("the recipient's key cannot be encrypted to")]
    RecipientKey,
    /// The encryption library failed.
    #[error("encryption failed")]
    Failed,
}

/// Encrypts to a recipient's key; its `kid` is copied into the header. RFC 7516 §5.1.
///
/// `apu` and `apv` are the raw party infos. RFC 7518 §4.6.1.2.
pub fn encrypt(
    plaintext: &[u8],
    recipient: &PublicJwk,
    enc: ContentEncryption,
    apu: Option<&[u8]>,
    apv: Option<&[u8]>,
) -> Result<String, JweError> {
    check_recipient(recipient)?;
    let (ephemeral, epk) = agreement::ephemeral().ok_or(JweError::Failed)?;
    let context = Context {
        enc,
        apu: apu.unwrap_or_default(),
        apv: apv.unwrap_or_default(),
    };
    let key = agreement::agreed(&ephemeral, recipient, context).ok_or(JweError::RecipientKey)?;
    let mut header = JweHeader::new();
    header.set_content_encryption(enc.as_str());
    if let Some(kid) = recipient.kid() {
        header.set_key_id(kid);
    }
    let party = |info: Option<&[u8]>| info.map(|info| Value::String(base64url::encode(info)));
    for (name, value) in [("epk", Some(epk.to_value())), ("apu", party(apu)), ("apv", party(apv))] {
        header.set_claim(name, value).map_err(|_| JweError::Failed)?;
    }
    josekit::jwe::serialize_compact(plaintext, &header, &key).map_err(|_| JweError::Failed)
}

/// A P-256 key that is for encryption, and for this algorithm where it says so.
fn check_recipient(recipient: &PublicJwk) -> Result<(), JweError> {
    let is_for_others = recipient.key_use() == Some(KeyUse::Signature) || recipient.alg().is_some_and(|alg| alg != ALG);
    if is_for_others || recipient.sec1_uncompressed().is_none() {
        return Err(JweError::RecipientKey);
    }
    Ok(())
}

/// A compact JWE whose header has been checked, not yet decrypted.
#[derive(Clone, Debug)]
pub struct UnverifiedJwe {
    header: Map<String, Value>,
    enc: ContentEncryption,
    sealed: Sealed,
}

impl UnverifiedJwe {
    /// Takes a compact JWE apart and checks everything that needs no key.
    pub fn parse(compact: &str) -> Result<Self, JweError> {
        let mut budget = MESSAGE;
        if budget.spend(Work::Bytes, compact.len()).is_err() {
            return Err(JweError::TooLong);
        }
        let parts: Vec<&str> = compact.splitn(6, '.').collect();
        let [encoded, key, iv, ciphertext, tag] = parts.as_slice() else {
            return Err(JweError::NotFiveParts);
        };
        let header = base64url::decode(encoded).map_err(|_| JweError::Part("header"))?;
        let Value::Object(header) = strict_json::parse(&header, &Limits::MESSAGE).map_err(JweError::HeaderJson)? else {
            return Err(JweError::Header);
        };
        let enc = check_header(&header)?;
        if !key.is_empty() {
            return Err(JweError::EncryptedKeyPresent);
        }
        let iv = fixed("IV", iv)?;
        let tag = fixed("tag", tag)?;
        let ciphertext = base64url::decode(ciphertext).map_err(|_| JweError::Part("ciphertext"))?;
        Ok(Self {
            header,
            enc,
            sealed: Sealed {
                header: (*encoded).to_owned(),
                iv,
                ciphertext,
                tag,
            },
        })
    }

    /// The `kid` of the recipient's key, where the sender named it.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }

    /// The content encryption that the sender chose.
    #[must_use]
    pub fn enc(&self) -> ContentEncryption {
        self.enc
    }

    /// Decrypts with the recipient's key. A bad ephemeral key, another recipient's message and
    /// a changed byte are one error and cost the same work.
    pub fn decrypt(self, key: &PrivateJwk, allowed: &[ContentEncryption]) -> Result<Vec<u8>, JweError> {
        if !allowed.contains(&self.enc) {
            return Err(JweError::EncryptionNotAllowed);
        }
        let (apu, apv) = (self.party("apu"), self.party("apv"));
        let context = Context {
            enc: self.enc,
            apu: &apu,
            apv: &apv,
        };
        let ephemeral = self.ephemeral_key();
        self.sealed.open(key, ephemeral.as_ref(), context)
    }

    /// The sender's key, if it is a public one.
    fn ephemeral_key(&self) -> Option<PublicJwk> {
        PublicJwk::parse(self.header.get("epk")?).ok()
    }

    /// A party info, decoded; that it can be was checked. RFC 7518 §4.6.1.2
    fn party(&self, name: &str) -> Vec<u8> {
        let text = self.header.get(name).and_then(Value::as_str).unwrap_or_default();
        base64url::decode(text).unwrap_or_default()
    }
}

/// A part of a length that is known.
fn fixed<const N: usize>(name: &'static str, part: &str) -> Result<[u8; N], JweError> {
    let bytes = base64url::decode(part).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(JweError::Part(name))
}

fn check_header(header: &Map<String, Value>) -> Result<ContentEncryption, JweError> {
    match header.get("alg") {
        Some(Value::String(alg)) if alg == ALG => {}
        Some(Value::String(_)) => return Err(JweError::AlgorithmNotAllowed),
        _ => return Err(JweError::Header),
    }
    let Some(Value::String(enc)) = header.get("enc") else {
        return Err(JweError::Header);
    };
    let enc = ContentEncryption::from_name(enc).ok_or(JweError::EncryptionNotAllowed)?;
    if header.contains_key("zip") {
        return Err(JweError::Compressed);
    }
    if header.contains_key("crit") {
        return Err(JweError::CriticalHeader);
    }
    for name in ["kid", "typ", "cty", "jku", "x5u", "apu", "apv"] {
        match header.get(name) {
            None => {}
            Some(Value::String(text)) if !matches!(name, "apu" | "apv") || base64url::decode(text).is_ok() => {}
            Some(_) => return Err(JweError::Header),
        }
    }
    Ok(enc)
}
