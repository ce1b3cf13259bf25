//! Decryption with a key that is agreed on. RFC 7516 §5.2

use super::JweError;
use super::agreement::{self, Context};
use crate::{PrivateJwk, PublicJwk};

/// What a JWE consists of beside its ephemeral key.
#[derive(Clone, Debug)]
pub(super) struct Sealed {
    /// The header in base64url, as it was sent: the additional authenticated data. RFC 7516 §5.1 step 14
    pub(super) header: String,
    /// The initialisation vector.
    pub(super) iv: [u8; 12],
    /// The ciphertext, as long as the plaintext.
    pub(super) ciphertext: Vec<u8>,
    /// The authentication tag.
    pub(super) tag: [u8; 16],
}

impl Sealed {
    /// Decrypts with the recipient's key. A refused ephemeral key is replaced by a valid one and refused after the
    /// work is done: it costs the same and is the same error as a wrong tag.
    pub(super) fn open(
        self,
        key: &PrivateJwk,
        epk: Option<&PublicJwk>,
        context: Context<'_>,
    ) -> Result<Vec<u8>, JweError> {
        let private = key.agreement().ok_or(JweError::Undecryptable)?;
        let good = epk.filter(|epk| is_good(epk, key.public()));
        let agreed = agreement::agreed(private, good.unwrap_or(key.public()), context);
        let agreed = agreed.ok_or(JweError::Undecryptable)?;
        match (agreed.open(self), good) {
            (Some(plaintext), Some(_)) => Ok(plaintext),
            _ => Err(JweError::Undecryptable),
        }
    }
}

/// A P-256 point, and not the recipient's own key.
fn is_good(epk: &PublicJwk, own: &PublicJwk) -> bool {
    epk.sec1_uncompressed().is_some() && !epk.same_key(own)
}
