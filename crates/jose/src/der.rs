//! Keys in the forms that X.509 tools read: fixed prefixes around the raw bytes.

use zeroize::Zeroizing;

use crate::jwk::PublicKey;
use crate::{PrivateJwk, PublicJwk};

/// SEQUENCE { { ecPublicKey, prime256v1 }, BIT STRING }. RFC 5480 §2.
const P256_SPKI: &[u8] =
    b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
/// SEQUENCE { { Ed25519 }, BIT STRING }. RFC 8410 §4.
const ED25519_SPKI: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
/// PrivateKeyInfo around ECPrivateKey, up to the private value. RFC 5958 §2, RFC 5915 §3.
const P256_PKCS8: &[u8] = b"\x30\x81\x87\x02\x01\x00\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x04\x6d\x30\x6b\x02\x01\x01\x04\x20";
/// Between the private value and the point.
const P256_PKCS8_POINT: &[u8] = b"\xa1\x44\x03\x42\x00";
/// PrivateKeyInfo around the seed. RFC 8410 §7.
const ED25519_PKCS8: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

impl PublicJwk {
    /// The key as SubjectPublicKeyInfo. RFC 5480, RFC 8410.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        match self.key() {
            PublicKey::P256(point) => [P256_SPKI, point].concat(),
            PublicKey::Ed25519(key) => [ED25519_SPKI, key].concat(),
        }
    }
}

impl PrivateJwk {
    /// The key as PKCS #8, for tools that make certificates. RFC 5958.
    #[must_use]
    pub fn dangerous_to_pkcs8_der(&self) -> Zeroizing<Vec<u8>> {
        let secret = self.dangerous_secret_bytes().as_slice();
        Zeroizing::new(match self.public().key() {
            PublicKey::P256(point) => [P256_PKCS8, secret, P256_PKCS8_POINT, point].concat(),
            PublicKey::Ed25519(_) => [ED25519_PKCS8, secret].concat(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{KeyPair, PublicKeyData};
    use rustls_pki_types::PrivatePkcs8KeyDer;

    #[test]
    fn another_library_reads_both() {
        for key in [
            PrivateJwk::generate_p256(&mut |out: &mut [u8]| out.fill(3)),
            PrivateJwk::generate_ed25519(&mut |out: &mut [u8]| out.fill(3)),
        ] {
            let der = key.dangerous_to_pkcs8_der();
            let pair = KeyPair::try_from(&PrivatePkcs8KeyDer::from(der.as_slice())).unwrap();
            assert_eq!(pair.subject_public_key_info(), key.public().to_spki_der());
        }
    }
}
