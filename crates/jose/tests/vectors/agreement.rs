//! A message encrypted by hand to a shared secret that the vector names: it opens only where our key agreement
//! comes to the same secret.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use jose::jwe::{ContentEncryption, UnverifiedJwe};
use jose::{PrivateJwk, PublicJwk, base64url};
use serde_json::json;
use testkit::jwe::content_key;

/// Whether `ECDH-ES` between the two keys gives this secret. RFC 7518 §4.6, appendix C
pub(super) fn agrees(private: &PrivateJwk, public: &PublicJwk, shared: &[u8]) -> bool {
    let header = json!({ "alg": "ECDH-ES", "enc": "A128GCM", "epk": public.to_value() });
    let header = base64url::encode(header.to_string());
    let mut encrypted = b"message".to_vec();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &content_key(shared)).unwrap());
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    let tag = key
        .seal_in_place_separate_tag(nonce, Aad::from(header.as_bytes()), &mut encrypted)
        .unwrap();
    let (encrypted, tag) = (base64url::encode(encrypted), base64url::encode(tag));
    let compact = format!("{header}..{}.{encrypted}.{tag}", base64url::encode([0; 12]));
    let opened = UnverifiedJwe::parse(&compact)
        .unwrap()
        .decrypt(private, &[ContentEncryption::A128Gcm]);
    opened.is_ok_and(|message| message == b"message")
}
