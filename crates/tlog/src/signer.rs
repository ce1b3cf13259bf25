use std::fmt;

use aws_lc_rs::{
    encoding::AsBigEndian,
    signature::{Ed25519KeyPair, KeyPair},
};
use thiserror::Error;

use crate::{
    Checkpoint, CosignerKey, KeyName, KeyNameError, LogKey, SignatureLine, SignatureType, UnixTime, VerifierKey,
    VerifierKeyError, cosignature,
    text::{decode_base64, encode_base64},
};

/// Signs checkpoints as the log. Ed25519 (RFC 8032) is deterministic, so that signing the
/// same checkpoint again gives the same bytes.
#[derive(Debug)]
pub struct LogSigner {
    pair: NamedPair,
    public: LogKey,
}

impl LogSigner {
    /// Makes a signer from the 32 secret bytes. The name is the log's origin.
    ///
    /// # Errors
    /// When the library refuses the key.
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Result<Self, SecretKeyError> {
        Self::from_pair(NamedPair::new(name, SignatureType::Ed25519, seed)?)
    }

    /// Reads what [`LogSigner::dangerous_secret_text`] wrote.
    ///
    /// # Errors
    /// One variant for each rule of the format.
    pub fn from_secret_text(text: &str) -> Result<Self, SecretKeyError> {
        Self::from_pair(NamedPair::parse(text, SignatureType::Ed25519)?)
    }

    fn from_pair(pair: NamedPair) -> Result<Self, SecretKeyError> {
        let public = pair.public.clone().try_into()?;
        Ok(Self { pair, public })
    }

    /// The public key.
    #[must_use]
    pub fn verifier_key(&self) -> &LogKey {
        &self.public
    }

    /// Signs a checkpoint of this log.
    ///
    /// # Errors
    /// [`SignError::OtherOrigin`] when the checkpoint names another log.
    pub fn sign(&self, checkpoint: &Checkpoint) -> Result<SignatureLine, SignError> {
        if checkpoint.origin().as_str() != self.pair.public.name().as_str() {
            return Err(SignError::OtherOrigin);
        }
        let signature = self.pair.sign(checkpoint.text().as_bytes())?;
        Ok(self.pair.line(signature))
    }

    /// Signs what the log says beside its checkpoints. It must be no UTF-8 text, which every note is: so no such
    /// signature is worth anything under a checkpoint.
    ///
    /// # Errors
    /// [`SignError::Text`]
    pub fn sign_statement(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        if std::str::from_utf8(message).is_ok() {
            return Err(SignError::Text);
        }
        self.pair.sign(message)?.try_into().map_err(|_| SignError::Failed)
    }

    /// The secret key as text, to be stored where only its owner reads it.
    ///
    /// # Errors
    /// When the library does not give the key away.
    pub fn dangerous_secret_text(&self) -> Result<SecretText, SecretKeyError> {
        self.pair.secret_text()
    }
}

/// Cosigns checkpoints as a witness or mirror, with signature type 0x04.
/// tlog-cosignature, "Ed25519 signed message"
#[derive(Debug)]
pub struct Cosigner {
    pair: NamedPair,
    public: CosignerKey,
}

impl Cosigner {
    /// Makes a cosigner from the 32 secret bytes.
    ///
    /// # Errors
    /// When the library refuses the key.
    pub fn from_seed(name: KeyName, seed: &[u8; 32]) -> Result<Self, SecretKeyError> {
        Self::from_pair(NamedPair::new(name, SignatureType::CosignatureEd25519, seed)?)
    }

    /// Reads what [`Cosigner::dangerous_secret_text`] wrote.
    ///
    /// # Errors
    /// One variant for each rule of the format.
    pub fn from_secret_text(text: &str) -> Result<Self, SecretKeyError> {
        Self::from_pair(NamedPair::parse(text, SignatureType::CosignatureEd25519)?)
    }

    fn from_pair(pair: NamedPair) -> Result<Self, SecretKeyError> {
        let public = pair.public.clone().try_into()?;
        Ok(Self { pair, public })
    }

    /// The public key.
    #[must_use]
    pub fn verifier_key(&self) -> &CosignerKey {
        &self.public
    }

    /// Says that at `time` this was the newest checkpoint seen of its log, and that it is
    /// consistent with all seen before. Call it only when that is so and recorded; a witness
    /// goes by [`crate::Recorded::cosign`].
    ///
    /// # Errors
    /// [`SignError::Time`] when the time is zero or above 2^63 - 1.
    pub fn cosign(&self, checkpoint: &Checkpoint, time: UnixTime) -> Result<SignatureLine, SignError> {
        if time == 0 || i64::try_from(time).is_err() {
            return Err(SignError::Time);
        }
        let signature = self.pair.sign(&cosignature::ed25519_message(checkpoint, time))?;
        Ok(self.pair.line([&time.to_be_bytes(), signature.as_slice()].concat()))
    }

    /// The secret key as text, to be stored where only its owner reads it.
    ///
    /// # Errors
    /// When the library does not give the key away.
    pub fn dangerous_secret_text(&self) -> Result<SecretText, SecretKeyError> {
        self.pair.secret_text()
    }
}

/// A secret key in the text form of the first signed-note implementation
/// (`golang.org/x/mod/sumdb/note`): `PRIVATE+KEY+<name>+<id>+<base64 of type and seed>`.
pub struct SecretText(String);

impl SecretText {
    /// The secret, to be written to its file and nowhere else.
    #[must_use]
    pub fn dangerous_as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(redacted)")
    }
}

/// Why a checkpoint was not signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignError {
    /// The key's name is not the checkpoint's origin. tlog-checkpoint, "Signatures"
    #[error("the key belongs to another log")]
    OtherOrigin,
    /// The time is zero or above 2^63 - 1. tlog-cosignature, "Format"
    #[error("the time of a cosignature is out of range")]
    Time,
    /// A statement that could be taken for a note.
    #[error("a statement that is text is not signed")]
    Text,
    /// The library failed.
    #[error("signing failed")]
    Failed,
}

/// Why a secret key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SecretKeyError {
    /// Not `PRIVATE+KEY+name+id+key`.
    #[error("not a secret key of the form PRIVATE+KEY+name+id+key")]
    Shape,
    /// The name is not a key name.
    #[error(transparent)]
    Name(#[from] KeyNameError),
    /// The key material is not base64 of a type byte and 32 bytes.
    #[error("the secret key material is malformed")]
    Material,
    /// A log's key where a cosigner's is needed, or the other way round.
    #[error("the secret key is of another type")]
    WrongType,
    /// The id is not that of name and public key.
    #[error("the key id does not belong to the key")]
    KeyIdMismatch,
    /// The library refuses the key.
    #[error("the secret key is invalid")]
    Invalid,
    /// The public key is not usable.
    #[error(transparent)]
    Public(#[from] VerifierKeyError),
}

struct NamedPair {
    pair: Ed25519KeyPair,
    public: VerifierKey,
}

impl NamedPair {
    fn new(name: KeyName, kind: SignatureType, seed: &[u8; 32]) -> Result<Self, SecretKeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| SecretKeyError::Invalid)?;
        let public = VerifierKey::new(name, kind, pair.public_key().as_ref())?;
        Ok(Self { pair, public })
    }

    fn parse(text: &str, wanted: SignatureType) -> Result<Self, SecretKeyError> {
        let text = text.strip_suffix('\n').unwrap_or(text);
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or(SecretKeyError::Shape)?;
        let mut parts = rest.splitn(3, '+');
        let (Some(name), Some(id), Some(material)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(SecretKeyError::Shape);
        };
        let material = decode_base64(material).ok_or(SecretKeyError::Material)?;
        let (kind, seed) = material.split_first().ok_or(SecretKeyError::Material)?;
        if *kind != wanted.byte() {
            return Err(SecretKeyError::WrongType);
        }
        let seed = seed.try_into().map_err(|_| SecretKeyError::Material)?;
        let pair = Self::new(name.parse()?, wanted, seed)?;
        if pair.public.id().to_string() != id {
            return Err(SecretKeyError::KeyIdMismatch);
        }
        Ok(pair)
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature = self.pair.try_sign(message).map_err(|_| SignError::Failed)?;
        Ok(signature.as_ref().to_vec())
    }

    fn line(&self, signature: Vec<u8>) -> SignatureLine {
        SignatureLine::new(self.public.name().clone(), self.public.id(), signature)
    }

    fn secret_text(&self) -> Result<SecretText, SecretKeyError> {
        let seed = self.pair.seed().map_err(|_| SecretKeyError::Invalid)?;
        let bytes = seed.as_be_bytes().map_err(|_| SecretKeyError::Invalid)?;
        let material = [&[self.public.signature_type().byte()], bytes.as_ref()].concat();
        let (name, id) = (self.public.name(), self.public.id());
        Ok(SecretText(format!(
            "PRIVATE+KEY+{name}+{id}+{}",
            encode_base64(&material)
        )))
    }
}

impl fmt::Debug for NamedPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NamedPair({:?}, secret redacted)", self.public)
    }
}
