use thiserror::Error;

use crate::{BadSignature, Checkpoint, CosignerKey, SignatureLine, SignatureType, UnixTime};

impl CosignerKey {
    /// Checks a cosignature on a checkpoint and returns the time it states.
    /// tlog-cosignature, "Format"
    ///
    /// The line must be by this key (see [`SignatureLine::is_by`]).
    ///
    /// # Errors
    /// One variant for each rule.
    pub fn verify(&self, checkpoint: &Checkpoint, line: &SignatureLine) -> Result<UnixTime, CosignatureError> {
        if !line.is_by(self.verifier_key()) {
            return Err(CosignatureError::OtherKey);
        }
        let (time, signature) = line
            .signature()
            .split_first_chunk::<8>()
            .ok_or(CosignatureError::TooShort)?;
        let time = UnixTime::from_be_bytes(*time);
        if i64::try_from(time).is_err() {
            return Err(CosignatureError::Time);
        }
        let message = match self.verifier_key().signature_type() {
            SignatureType::CosignatureMlDsa44 => {
                ml_dsa_44_message(self.verifier_key().name().as_str(), checkpoint, time)
                    .ok_or(CosignatureError::NameTooLong)?
            }
            SignatureType::CosignatureEd25519 | SignatureType::Ed25519 => ed25519_message(checkpoint, time),
        };
        self.verifier_key().verify(&message, signature)?;
        Ok(time)
    }
}

/// Why a cosignature is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CosignatureError {
    /// Name or id of the line are not this key's.
    #[error("the cosignature is by another key")]
    OtherKey,
    /// No room for a timestamp.
    #[error("the cosignature is too short for a timestamp")]
    TooShort,
    /// The timestamp exceeds 2^63 - 1.
    #[error("the cosignature's time is out of range")]
    Time,
    /// Cosigner name or origin exceed the 255 bytes that the ML-DSA-44 message has for them.
    #[error("the cosigner's name or the origin is too long")]
    NameTooLong,
    /// The signature does not verify.
    #[error(transparent)]
    Signature(#[from] BadSignature),
}

/// tlog-cosignature, "Ed25519 signed message"
pub(crate) fn ed25519_message(checkpoint: &Checkpoint, time: UnixTime) -> Vec<u8> {
    format!("cosignature/v1\ntime {time}\n{}", checkpoint.text()).into_bytes()
}

/// tlog-cosignature, "ML-DSA-44 signed message", for a whole tree.
fn ml_dsa_44_message(name: &str, checkpoint: &Checkpoint, time: UnixTime) -> Option<Vec<u8>> {
    let origin = checkpoint.origin().as_str();
    let mut message = b"subtree/v1\n\0".to_vec();
    message.push(u8::try_from(name.len()).ok()?);
    message.extend_from_slice(name.as_bytes());
    message.extend_from_slice(&time.to_be_bytes());
    message.push(u8::try_from(origin.len()).ok()?);
    message.extend_from_slice(origin.as_bytes());
    message.extend_from_slice(&0_u64.to_be_bytes());
    message.extend_from_slice(&checkpoint.size().to_be_bytes());
    message.extend_from_slice(checkpoint.root().as_bytes());
    Some(message)
}
