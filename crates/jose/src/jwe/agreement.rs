//! The key of a message, agreed on. RFC 7518 §4.6
//!
//! To encrypt, josekit is given the key and does the rest: its own agreement has OpenSSL decode both keys anew for each
//! message, which costs many times what the agreement does. What came is decrypted by aws-lc.

use std::borrow::Cow;
use std::fmt;

use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use josekit::JoseError;
use josekit::jwe::{ECDH_ES, JweAlgorithm, JweContentEncryption, JweEncrypter, JweHeader};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::ContentEncryption;
use super::sealed::Sealed;
use crate::PublicJwk;

/// What an agreed key is bound to, beside the two keys. RFC 7518 §4.6.2
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// How the content is encrypted.
    pub(super) enc: ContentEncryption,
    /// Who sends: the raw bytes, or none.
    pub(super) apu: &'a [u8],
    /// Who receives.
    pub(super) apv: &'a [u8],
}

/// The content encryption key of one message.
#[derive(Clone)]
pub(super) struct ContentKey(Zeroizing<Vec<u8>>);

/// A key pair for one message; `None` where the library fails.
pub(super) fn ephemeral() -> Option<(PrivateKey, PublicJwk)> {
    let private = PrivateKey::generate(&ECDH_P256).ok()?;
    let point = private.compute_public_key().ok()?;
    let public = PublicJwk::from_p256_sec1(point.as_ref()).ok()?;
    Some((private, public))
}

/// The key that these two agree on; `None` where the public one is not on P-256.
pub(super) fn agreed(private: &PrivateKey, public: &PublicJwk, context: Context<'_>) -> Option<ContentKey> {
    let public = UnparsedPublicKey::new(&ECDH_P256, public.sec1_uncompressed()?);
    agree(private, public, (), |shared| Ok(ContentKey::derive(shared, context))).ok()
}

impl ContentKey {
    /// The key itself, for who encrypts without a header that is sent.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Decrypts, and checks the tag over ciphertext and header; `None` where anything is not as it was sealed.
    /// RFC 7518 §5.3
    pub(super) fn open(&self, sealed: Sealed) -> Option<Vec<u8>> {
        let algorithm = if self.0.len() == 16 { &AES_128_GCM } else { &AES_256_GCM };
        let key = LessSafeKey::new(UnboundKey::new(algorithm, &self.0).ok()?);
        let nonce = Nonce::assume_unique_for_key(sealed.iv);
        let mut text = sealed.ciphertext;
        key.open_in_place_separate_tag(nonce, Aad::from(sealed.header.as_bytes()), &sealed.tag, &mut text)
            .ok()?;
        Some(text)
    }

    /// Concat KDF with SHA-256; both lengths of key are one block. RFC 7518 §4.6.2
    fn derive(shared: &[u8], context: Context<'_>) -> Self {
        let (length, bits) = match context.enc {
            ContentEncryption::A128Gcm => (16, 128_u32),
            ContentEncryption::A256Gcm => (32, 256_u32),
        };
        let mut hash = Sha256::new_with_prefix(1_u32.to_be_bytes());
        hash.update(shared);
        for part in [context.enc.as_str().as_bytes(), context.apu, context.apv] {
            // No message is that long.
            hash.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            hash.update(part);
        }
        hash.update(bits.to_be_bytes());
        let block: Zeroizing<[u8; 32]> = Zeroizing::new(hash.finalize().into());
        Self(Zeroizing::new(block[..length].to_vec()))
    }
}

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentKey(…)")
    }
}

impl JweEncrypter for ContentKey {
    fn algorithm(&self) -> &dyn JweAlgorithm {
        &ECDH_ES
    }

    fn key_id(&self) -> Option<&str> {
        None
    }

    fn compute_content_encryption_key(
        &self,
        _: &dyn JweContentEncryption,
        _: &JweHeader,
        _: &mut JweHeader,
    ) -> Result<Option<Cow<'_, [u8]>>, JoseError> {
        Ok(Some(Cow::Borrowed(self.0.as_slice())))
    }

    /// Direct agreement: there is no encrypted key. RFC 7516 §5.1
    fn encrypt(&self, _: &[u8], _: &JweHeader, _: &mut JweHeader) -> Result<Option<Vec<u8>>, JoseError> {
        Ok(None)
    }

    fn box_clone(&self) -> Box<dyn JweEncrypter> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Context, agreed};
    use crate::jwe::ContentEncryption;
    use crate::{PrivateJwk, base64url};

    #[test]
    fn both_sides_of_the_example_of_rfc_7518_appendix_c() {
        let alice = json!({"kty": "EC", "crv": "P-256",
            "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
            "d": "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"});
        let bob = json!({"kty": "EC", "crv": "P-256",
            "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
            "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"});
        let [alice, bob] = [alice, bob].map(|key| PrivateJwk::from_value(&key).unwrap());
        let context = Context {
            enc: ContentEncryption::A128Gcm,
            apu: b"Alice",
            apv: b"Bob",
        };
        for (own, other) in [(&alice, &bob), (&bob, &alice)] {
            let key = agreed(own.agreement().unwrap(), other.public(), context).unwrap();
            assert_eq!(base64url::encode(&key.0[..]), "VqqN6vgjbSBcIijNcacQGg");
            assert_eq!(format!("{key:?}"), "ContentKey(…)");
        }
    }
}
