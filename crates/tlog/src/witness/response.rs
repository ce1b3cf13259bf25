use thiserror::Error;

use crate::{
    Checkpoint, CosignatureError, CosignerKey, NoteError, SignatureLine, note::parse_signature_lines,
    text::parse_decimal,
};

/// Takes from a witness's 200 response the cosignatures by its key, checked. Lines by other
/// keys are dropped, as the protocol asks. tlog-witness, "add-checkpoint"
///
/// # Errors
/// When a line is malformed or does not verify, or none is by the key.
pub fn cosignatures_from_response(
    body: &[u8],
    checkpoint: &Checkpoint,
    key: &CosignerKey,
) -> Result<Vec<SignatureLine>, AddCheckpointResponseError> {
    let body = std::str::from_utf8(body).map_err(|_| NoteError::NotUtf8)?;
    let mut lines = parse_signature_lines(body)?;
    lines.retain(|line| line.is_by(key.verifier_key()));
    for line in &lines {
        if key.verify(checkpoint, line)? == 0 {
            return Err(AddCheckpointResponseError::NoTime);
        }
    }
    if lines.is_empty() {
        return Err(AddCheckpointResponseError::Missing);
    }
    Ok(lines)
}

/// Reads the body of a 409 response, `text/x.tlog.size`: the size that the witness has.
#[must_use]
pub fn size_from_conflict(body: &[u8]) -> Option<u64> {
    parse_decimal(std::str::from_utf8(body).ok()?.strip_suffix('\n')?)
}

/// Why a witness's answer is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddCheckpointResponseError {
    /// Not a sequence of signature lines.
    #[error(transparent)]
    Lines(#[from] NoteError),
    /// A line by the witness's key does not verify.
    #[error(transparent)]
    Cosignature(#[from] CosignatureError),
    /// The timestamp is zero, which this call must not return.
    #[error("the cosignature states no time")]
    NoTime,
    /// No line is by the witness's key.
    #[error("the witness has not cosigned")]
    Missing,
}
