use std::{fmt, str::FromStr};

use aws_lc_rs::signature::{ED25519, ML_DSA_44, ParsedPublicKey};
use thiserror::Error;

use crate::{
    Hash,
    text::{decode_base64, encode_base64},
};

/// The name of a key: not empty, no Unicode space, no plus. signed-note, "Format"
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyName(String);

impl KeyName {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = KeyNameError;

    fn from_str(text: &str) -> Result<Self, KeyNameError> {
        if text.is_empty() {
            return Err(KeyNameError::Empty);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+') {
            return Err(KeyNameError::ForbiddenCharacter);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why text is not a key name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum KeyNameError {
    /// There is no name.
    #[error("a key name cannot be empty")]
    Empty,
    /// A space, a plus or a control character.
    #[error("a key name has no spaces, plus signs or control characters")]
    ForbiddenCharacter,
}

/// The 32 bits that, with the name, tell keys apart. An aid for lookup, not a strong hash.
/// signed-note, "Signatures"
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyId(pub [u8; 4]);

impl KeyId {
    /// SHA-256(name || 0x0A || signature type || public key)[:4]
    pub(crate) fn derive(name: &KeyName, kind: SignatureType, public_key: &[u8]) -> Self {
        let hash = Hash::of_parts(&[name.0.as_bytes(), b"\n", &[kind.byte()], public_key]);
        let [a, b, c, d, ..] = *hash.as_bytes();
        Self([a, b, c, d])
    }

    /// Exactly eight lower-case hex digits.
    fn parse(text: &str) -> Option<Self> {
        let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 8 || !text.bytes().all(lower_hex) {
            return None;
        }
        u32::from_str_radix(text, 16).ok().map(|id| Self(id.to_be_bytes()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// What a key signs, and with which algorithm. signed-note, "Signature types"
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum SignatureType {
    /// 0x01: Ed25519 over the note text; how a log signs its checkpoints.
    Ed25519,
    /// 0x04: timestamped Ed25519 cosignature, tlog-cosignature.
    CosignatureEd25519,
    /// 0x06: timestamped ML-DSA-44 cosignature, tlog-cosignature.
    CosignatureMlDsa44,
}

impl SignatureType {
    /// The assigned identifier byte.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::CosignatureEd25519 => 0x04,
            Self::CosignatureMlDsa44 => 0x06,
        }
    }

    const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0x01 => Some(Self::Ed25519),
            0x04 => Some(Self::CosignatureEd25519),
            0x06 => Some(Self::CosignatureMlDsa44),
            _ => None,
        }
    }

    const fn public_key_length(self) -> usize {
        match self {
            Self::Ed25519 | Self::CosignatureEd25519 => 32,
            Self::CosignatureMlDsa44 => 1312,
        }
    }
}

/// A public key with its name, parsed once: what `+` joins in a *vkey*.
/// signed-note, "Verifier keys"
///
/// `example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k`
#[derive(Clone)]
pub struct VerifierKey {
    name: KeyName,
    id: KeyId,
    kind: SignatureType,
    key: ParsedPublicKey,
}

impl VerifierKey {
    pub(crate) fn new(name: KeyName, kind: SignatureType, public_key: &[u8]) -> Result<Self, VerifierKeyError> {
        if public_key.len() != kind.public_key_length() {
            return Err(VerifierKeyError::KeyLength);
        }
        let key = match kind {
            SignatureType::Ed25519 | SignatureType::CosignatureEd25519 => ParsedPublicKey::new(&ED25519, public_key),
            SignatureType::CosignatureMlDsa44 => ParsedPublicKey::new(&ML_DSA_44, public_key),
        }
        .map_err(|_| VerifierKeyError::InvalidKey)?;
        let id = KeyId::derive(&name, kind, public_key);
        Ok(Self { name, id, kind, key })
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The key's id.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What the key signs.
    #[must_use]
    pub fn signature_type(&self) -> SignatureType {
        self.kind
    }

    /// The raw public key.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        self.key.as_ref()
    }

    /// Checks a bare signature (without key id and timestamp) over a message.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.key.verify_sig(message, signature).map_err(|_| BadSignature)
    }
}

impl FromStr for VerifierKey {
    type Err = VerifierKeyError;

    fn from_str(text: &str) -> Result<Self, VerifierKeyError> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(material)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(VerifierKeyError::Shape);
        };
        let name: KeyName = name.parse()?;
        let id = KeyId::parse(id).ok_or(VerifierKeyError::KeyId)?;
        let material = decode_base64(material).ok_or(VerifierKeyError::Base64)?;
        let (kind, public_key) = material.split_first().ok_or(VerifierKeyError::KeyLength)?;
        let kind = SignatureType::from_byte(*kind).ok_or(VerifierKeyError::UnsupportedType { byte: *kind })?;
        let key = Self::new(name, kind, public_key)?;
        if key.id != id {
            return Err(VerifierKeyError::KeyIdMismatch);
        }
        Ok(key)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut material = vec![self.kind.byte()];
        material.extend_from_slice(self.public_key());
        write!(f, "{}+{}+{}", self.name, self.id, encode_base64(&material))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({}+{})", self.name, self.id)
    }
}

impl PartialEq for VerifierKey {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.kind == other.kind && self.public_key() == other.public_key()
    }
}

impl Eq for VerifierKey {}

/// Why text is not a verifier key we can use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum VerifierKeyError {
    /// Not three parts joined by plus signs.
    #[error("a verifier key is name+id+key")]
    Shape,
    /// The name is not a key name.
    #[error(transparent)]
    Name(#[from] KeyNameError),
    /// The id is not eight lower-case hex digits.
    #[error("the key id is not eight lower-case hex digits")]
    KeyId,
    /// The key material is not canonical base64.
    #[error("the key material is not base64")]
    Base64,
    /// A signature type that we do not verify.
    #[error("signature type {byte:#04x} is not supported")]
    UnsupportedType {
        /// The signature type's identifier byte.
        byte: u8,
    },
    /// The public key does not have the length that its type has.
    #[error("the public key has the wrong length")]
    KeyLength,
    /// The bytes are no public key of their type.
    #[error("the public key is invalid")]
    InvalidKey,
    /// The id is not the hash of name, type and key.
    #[error("the key id does not belong to the key")]
    KeyIdMismatch,
    /// A log key was needed, or a cosigner's key, and this is the other.
    #[error("this type of key cannot be used here")]
    WrongType,
}

/// A signature does not verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

/// The key of a log: Ed25519, signature type 0x01; its name is the log's origin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogKey(VerifierKey);

impl LogKey {
    /// The verifier key.
    #[must_use]
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.0
    }
}

impl LogKey {
    /// Checks the signature of what the log says beside its checkpoints, made by
    /// [`crate::LogSigner::sign_statement`].
    ///
    /// # Errors
    /// [`BadSignature`], also for a statement that could be taken for a note.
    pub fn verify_statement(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        if std::str::from_utf8(message).is_ok() {
            return Err(BadSignature);
        }
        self.0.verify(message, signature)
    }
}

impl TryFrom<VerifierKey> for LogKey {
    type Error = VerifierKeyError;

    fn try_from(key: VerifierKey) -> Result<Self, VerifierKeyError> {
        match key.kind {
            SignatureType::Ed25519 => Ok(Self(key)),
            _ => Err(VerifierKeyError::WrongType),
        }
    }
}

impl FromStr for LogKey {
    type Err = VerifierKeyError;

    fn from_str(text: &str) -> Result<Self, VerifierKeyError> {
        text.parse::<VerifierKey>()?.try_into()
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The key of a cosigner, which is a witness or a mirror: signature type 0x04 or 0x06.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CosignerKey(VerifierKey);

impl CosignerKey {
    /// The verifier key.
    #[must_use]
    pub fn verifier_key(&self) -> &VerifierKey {
        &self.0
    }
}

impl TryFrom<VerifierKey> for CosignerKey {
    type Error = VerifierKeyError;

    fn try_from(key: VerifierKey) -> Result<Self, VerifierKeyError> {
        match key.kind {
            SignatureType::CosignatureEd25519 | SignatureType::CosignatureMlDsa44 => Ok(Self(key)),
            SignatureType::Ed25519 => Err(VerifierKeyError::WrongType),
        }
    }
}

impl FromStr for CosignerKey {
    type Err = VerifierKeyError;

    fn from_str(text: &str) -> Result<Self, VerifierKeyError> {
        text.parse::<VerifierKey>()?.try_into()
    }
}

impl fmt::Display for CosignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
