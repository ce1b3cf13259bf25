use std::fmt;

use thiserror::Error;

use crate::{
    KeyId, KeyName, KeyNameError, SignatureType, VerifierKey,
    text::{decode_base64, encode_base64},
};

/// The most bytes a note may have here: room for [`MAX_SIGNATURES`] post-quantum signatures.
pub const MAX_NOTE_BYTES: usize = 256 * 1024;

/// The most signature lines a note may have here; at least 16 are required.
/// signed-note, "Format"
pub const MAX_SIGNATURES: usize = 64;

/// A text and signature lines under it. Nothing about them has been checked but the form.
/// signed-note, "Format"
///
/// ```text
/// This is an example message.
///
/// — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnverifiedNote {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl UnverifiedNote {
    /// Reads a note. The text keeps its final newline.
    ///
    /// # Errors
    /// One variant for each rule of the format.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge);
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::NotUtf8)?;
        if note.bytes().any(|b| b < 0x20 && b != b'\n') {
            return Err(NoteError::ControlCharacter);
        }
        let blank = note.rfind("\n\n").ok_or(NoteError::NoBlankLine)?;
        let (text, signatures) = (&note[..=blank], &note[blank + 2..]);
        Ok(Self {
            text: text.to_owned(),
            signatures: parse_signature_lines(signatures)?,
        })
    }

    /// The text, which means nothing until a signature of a trusted key was verified.
    #[must_use]
    pub fn dangerous_unverified_text(&self) -> &str {
        &self.text
    }

    /// The signature lines, in order.
    #[must_use]
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Checks the signatures that name one of these keys; all others are ignored.
    /// signed-note, "Signatures"
    ///
    /// # Errors
    /// When no key has signed, or a line that names one of them does not verify.
    pub fn verify(self, keys: &[VerifierKey]) -> Result<VerifiedNote, NoteSignatureError> {
        let keys = keys.iter().filter(|key| key.signature_type() == SignatureType::Ed25519);
        let signatures = verified_lines(&self.text, &self.signatures, keys)?;
        Ok(VerifiedNote {
            text: self.text,
            signatures,
        })
    }

    pub(crate) fn into_parts(self) -> (String, Vec<SignatureLine>) {
        (self.text, self.signatures)
    }
}

/// A text that a trusted key has signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedNote {
    text: String,
    signatures: Vec<SignatureLine>,
}

impl VerifiedNote {
    /// The text, with its final newline.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures that were verified; others that the note had are gone.
    #[must_use]
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }
}

/// The lines by these Ed25519 keys, all of which have to verify.
pub(crate) fn verified_lines<'a>(
    text: &str,
    lines: &[SignatureLine],
    keys: impl Iterator<Item = &'a VerifierKey>,
) -> Result<Vec<SignatureLine>, NoteSignatureError> {
    let mut verified = Vec::new();
    for key in keys {
        for line in lines.iter().filter(|line| line.is_by(key)) {
            key.verify(text.as_bytes(), line.signature())
                .map_err(|_| NoteSignatureError::Invalid)?;
            verified.push(line.clone());
        }
    }
    if verified.is_empty() {
        return Err(NoteSignatureError::Missing);
    }
    Ok(verified)
}

/// Why a note says nothing. signed-note, "Signatures"
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoteSignatureError {
    /// No signature by a known key.
    #[error("no known key has signed")]
    Missing,
    /// A line names a known key, but the signature does not verify.
    #[error("the signature of a known key does not verify")]
    Invalid,
}

/// One signature under a note: who says to have signed, and the signature's bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureLine {
    name: KeyName,
    id: KeyId,
    signature: Vec<u8>,
}

impl SignatureLine {
    /// Puts a line together from what was stored apart. `signature` is what follows the key
    /// id; nothing about it is checked here.
    #[must_use]
    pub fn new(name: KeyName, id: KeyId, signature: Vec<u8>) -> Self {
        Self { name, id, signature }
    }

    /// The name of the key.
    #[must_use]
    pub fn key_name(&self) -> &KeyName {
        &self.name
    }

    /// The id of the key.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.id
    }

    /// What follows the key id; for a cosignature this begins with the timestamp.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Whether name and id are those of `key`: only then the signature must verify.
    #[must_use]
    pub fn is_by(&self, key: &VerifierKey) -> bool {
        self.id == key.id() && self.name == *key.name()
    }

    fn parse(line: &str) -> Result<Self, NoteError> {
        let rest = line.strip_prefix("\u{2014} ").ok_or(NoteError::SignatureLine)?;
        let (name, signature) = rest.split_once(' ').ok_or(NoteError::SignatureLine)?;
        let name: KeyName = name.parse()?;
        let signature = decode_base64(signature).ok_or(NoteError::Base64)?;
        match signature.split_first_chunk::<4>() {
            Some((id, signature)) if !signature.is_empty() => Ok(Self {
                name,
                id: KeyId(*id),
                signature: signature.to_vec(),
            }),
            _ => Err(NoteError::SignatureTooShort),
        }
    }
}

impl fmt::Display for SignatureLine {
    /// The line with its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let signature = [&self.id.0, self.signature.as_slice()].concat();
        writeln!(f, "\u{2014} {} {}", self.name, encode_base64(&signature))
    }
}

/// Reads one or more signature lines, each with its newline.
pub(crate) fn parse_signature_lines(text: &str) -> Result<Vec<SignatureLine>, NoteError> {
    let lines = text.strip_suffix('\n').ok_or(NoteError::NoFinalNewline)?;
    if lines.split('\n').count() > MAX_SIGNATURES {
        return Err(NoteError::TooManySignatures);
    }
    lines.split('\n').map(SignatureLine::parse).collect()
}

/// Why bytes are not a signed note. signed-note, "Format"
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoteError {
    /// More than [`MAX_NOTE_BYTES`].
    #[error("the note is too large")]
    TooLarge,
    /// More than [`MAX_SIGNATURES`] signature lines.
    #[error("the note has too many signatures")]
    TooManySignatures,
    /// Not UTF-8.
    #[error("the note is not UTF-8")]
    NotUtf8,
    /// A control character other than newline.
    #[error("the note has a control character")]
    ControlCharacter,
    /// No empty line between text and signatures.
    #[error("the note has no blank line before its signatures")]
    NoBlankLine,
    /// The last line has no newline, or there is no signature at all.
    #[error("the note does not end in a signature line and newline")]
    NoFinalNewline,
    /// A line under the text is not an em dash, a name and a signature.
    #[error("a signature line is malformed")]
    SignatureLine,
    /// The key name of a signature line is none.
    #[error(transparent)]
    KeyName(#[from] KeyNameError),
    /// A signature is not canonical base64.
    #[error("a signature is not base64")]
    Base64,
    /// A signature has no byte after the key id.
    #[error("a signature is too short")]
    SignatureTooShort,
}
