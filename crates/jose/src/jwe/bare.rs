//! A JWE as bytes, whose header is not sent because it follows from them. docs/offline-qr.md §3.1
//!
//! The algorithms are `ECDH-ES` with P-256 and `A128GCM`. `apv` is known to both sides.
//!
//! ```text
//! {"alg":"ECDH-ES","apv":"…","enc":"A128GCM","epk":{"crv":"P-256","kty":"EC","x":"…","y":"…"}}
//! ```

use josekit::jwe::JweContentEncryption;
use josekit::jwe::enc::A128GCM;

use super::agreement::{self, Context};
use super::sealed::Sealed;
use super::{ContentEncryption, JweError, MESSAGE, check_recipient};
use crate::{PrivateJwk, PublicJwk, Work, base64url};

/// The parts of a JWE that cannot be computed by who knows `apv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BareJwe {
    /// The sender's ephemeral key: a compressed P-256 point.
    pub epk: [u8; 33],
    /// The initialisation vector.
    pub iv: [u8; 12],
    /// The ciphertext, as long as the plaintext.
    pub ciphertext: Vec<u8>,
    /// The authentication tag.
    pub tag: [u8; 16],
}

impl BareJwe {
    /// Encrypts to a recipient's key. The ephemeral key is drawn by aws-lc, the vector by josekit.
    ///
    /// # Errors
    /// [`JweError::RecipientKey`], [`JweError::Failed`]
    pub fn encrypt(plaintext: &[u8], recipient: &PublicJwk, apv: &[u8]) -> Result<Self, JweError> {
        check_recipient(recipient)?;
        let (ephemeral, epk) = agreement::ephemeral().ok_or(JweError::Failed)?;
        let key = agreement::agreed(&ephemeral, recipient, context(apv)).ok_or(JweError::RecipientKey)?;
        let header = header(&epk, apv).ok_or(JweError::Failed)?;
        let iv = josekit::util::random_bytes(A128GCM.iv_len());
        let (ciphertext, tag) = A128GCM
            .encrypt(key.bytes(), Some(&iv), plaintext, header.as_bytes())
            .map_err(|_| JweError::Failed)?;
        let tag = tag.ok_or(JweError::Failed)?;
        Ok(Self {
            epk: epk.sec1_compressed().ok_or(JweError::Failed)?,
            iv: iv.try_into().map_err(|_| JweError::Failed)?,
            ciphertext,
            tag: tag.try_into().map_err(|_| JweError::Failed)?,
        })
    }

    /// The same JWE in compact form. RFC 7516 §7.1
    ///
    /// # Errors
    /// [`JweError::Undecryptable`]: the ephemeral key is no point of the curve.
    pub fn to_compact(&self, apv: &[u8]) -> Result<String, JweError> {
        let (_, header) = self.ephemeral(apv)?;
        let parts = [self.iv.as_slice(), self.ciphertext.as_slice(), self.tag.as_slice()];
        let [iv, ciphertext, tag] = parts.map(base64url::encode);
        Ok(format!("{header}..{iv}.{ciphertext}.{tag}"))
    }

    /// Decrypts with the recipient's key, by the rules of the compact form.
    ///
    /// # Errors
    /// [`JweError::TooLong`]: its compact form would be; [`JweError::Undecryptable`]
    pub fn decrypt(&self, key: &PrivateJwk, apv: &[u8]) -> Result<Vec<u8>, JweError> {
        let (epk, header) = self.ephemeral(apv)?;
        let mut budget = MESSAGE;
        if budget.spend(Work::Bytes, self.compact_length(&header)).is_err() {
            return Err(JweError::TooLong);
        }
        let sealed = Sealed {
            header,
            iv: self.iv,
            ciphertext: self.ciphertext.clone(),
            tag: self.tag,
        };
        sealed.open(key, Some(&epk), context(apv))
    }

    /// The ephemeral key, and the header that follows from it.
    fn ephemeral(&self, apv: &[u8]) -> Result<(PublicJwk, String), JweError> {
        let epk = PublicJwk::from_p256_sec1(&self.epk).map_err(|_| JweError::Undecryptable)?;
        let header = header(&epk, apv).ok_or(JweError::Undecryptable)?;
        Ok((epk, header))
    }

    /// How many bytes [`BareJwe::to_compact`] gives with this header: five parts and four dots.
    fn compact_length(&self, header: &str) -> usize {
        let parts = [self.iv.len(), self.ciphertext.len(), self.tag.len()];
        let encoded = parts.map(|bytes| bytes.saturating_mul(4).div_ceil(3));
        header.len() + 4 + encoded.iter().sum::<usize>()
    }
}

/// What the key is bound to: the algorithm, and what both sides know.
fn context(apv: &[u8]) -> Context<'_> {
    Context {
        enc: ContentEncryption::A128Gcm,
        apu: &[],
        apv,
    }
}

/// The header in base64url: the additional authenticated data. RFC 7516 §5.1 step 14
fn header(epk: &PublicJwk, apv: &[u8]) -> Option<String> {
    let (x, y) = epk.sec1_uncompressed()?.get(1..)?.split_at_checked(32)?;
    let header = format!(
        r#"{{"alg":"ECDH-ES","apv":"{}","enc":"A128GCM","epk":{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}}}"#,
        base64url::encode(apv),
        base64url::encode(x),
        base64url::encode(y),
    );
    Some(base64url::encode(header))
}
