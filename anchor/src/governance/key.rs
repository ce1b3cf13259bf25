//! A key that lies in a file of its owner's: governance and release keys.

use std::path::Path;

use jose::{JwkError, PrivateJwk, SigningKey, strict_json};
use service::files::{PrivateFileError, read_private};
use zeroize::Zeroizing;

/// Why a key file is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// It cannot be read, or others may read it.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// It is no JSON.
    #[error("the key file is no JSON")]
    Json,
    /// It is no private JWK.
    #[error("the key file is no private JWK: {0}")]
    Jwk(#[from] JwkError),
    /// The library refuses the key.
    #[error("the key cannot sign")]
    Unusable,
}

/// Reads a private JWK that only its owner may read.
///
/// # Errors
/// [`KeyError`]
pub fn read_key(path: &Path) -> Result<SigningKey, KeyError> {
    let text = Zeroizing::new(read_private(path)?);
    let value = strict_json::parse(&text, &strict_json::Limits::MESSAGE).map_err(|_| KeyError::Json)?;
    SigningKey::new(&PrivateJwk::from_value(&value)?).map_err(|_| KeyError::Unusable)
}
