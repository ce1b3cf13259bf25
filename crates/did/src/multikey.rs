//! Multikey: a public key as multicodec in multibase base58btc.
//! Controlled Identifiers 1.0 §2.2.2, did:key 0.7.

use jose::PublicJwk;

/// Multicodec `ed25519-pub` (0xed) as a varint.
const ED25519: [u8; 2] = [0xed, 0x01];
/// Multicodec `p256-pub` (0x1200) as a varint.
const P256: [u8; 2] = [0x80, 0x24];

/// Multikey text of a public key: `z6Mk…` for Ed25519, `zDn…` for P-256.
///
/// # Errors
/// [`MultikeyError::Key`] where the key is of neither kind.
pub fn encode(key: &PublicJwk) -> Result<String, MultikeyError> {
    let raw = if let Some(bytes) = key.ed25519_bytes() {
        [ED25519.as_slice(), bytes].concat()
    } else {
        let point = key.sec1_compressed().ok_or(MultikeyError::Key)?;
        [P256.as_slice(), &point].concat()
    };
    Ok(format!("z{}", bs58::encode(raw).into_string()))
}

/// Reads a multikey of Ed25519 or P-256.
///
/// # Errors
/// Each broken rule is a variant of [`MultikeyError`].
pub fn decode(text: &str) -> Result<PublicJwk, MultikeyError> {
    if text.len() > 128 {
        return Err(MultikeyError::Multibase);
    }
    let body = text.strip_prefix('z').ok_or(MultikeyError::Multibase)?;
    let raw = bs58::decode(body).into_vec().map_err(|_| MultikeyError::Multibase)?;
    if let Some(bytes) = raw.strip_prefix(&ED25519) {
        let bytes: &[u8; 32] = bytes.try_into().map_err(|_| MultikeyError::Length)?;
        Ok(PublicJwk::from_ed25519(bytes))
    } else if let Some(bytes) = raw.strip_prefix(&P256) {
        // Multicodec defines `p256-pub` as the compressed point.
        if bytes.len() != 33 {
            return Err(MultikeyError::Length);
        }
        // Tag 5 is SEC 1's compact form, which leaves the sign open.
        if !matches!(bytes.first(), Some(2 | 3)) {
            return Err(MultikeyError::Key);
        }
        PublicJwk::from_p256_sec1(bytes).map_err(|_| MultikeyError::Key)
    } else {
        Err(MultikeyError::Codec)
    }
}

/// Why a text is not a usable multikey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MultikeyError {
    /// Not multibase base58btc (`z…`).
    #[error("not multibase base58btc")]
    Multibase,
    /// Neither `ed25519-pub` nor `p256-pub`.
    #[error("the multicodec is not of a key kind in use")]
    Codec,
    /// Too few or too many key bytes.
    #[error("the key has the wrong length")]
    Length,
    /// The bytes are no valid public key.
    #[error("the bytes are not a public key")]
    Key,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    fn text(prefix: &[u8], bytes: &[u8]) -> String {
        format!("z{}", bs58::encode([prefix, bytes].concat()).into_string())
    }

    // The Ed25519 example is that of the did:key specification, the P-256 one too.
    #[test_case("z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"; "ed25519")]
    #[test_case("zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"; "p256")]
    fn reads_back(multikey: &str) {
        assert_eq!(encode(&decode(multikey).unwrap()).unwrap(), multikey);
    }

    #[test]
    fn each_refused_rule() {
        let refused = |text: &str| decode(text).unwrap_err();
        assert_eq!(refused("uAAAA"), MultikeyError::Multibase);
        assert_eq!(refused("z0"), MultikeyError::Multibase);
        assert_eq!(refused(&text(&[0xe7, 0x01], &[2; 33])), MultikeyError::Codec);
        assert_eq!(refused(&text(&ED25519, &[1; 31])), MultikeyError::Length);
        assert_eq!(refused(&text(&P256, &[4; 65])), MultikeyError::Length);
        assert_eq!(refused(&text(&P256, &[5; 33])), MultikeyError::Key);
        assert_eq!(
            refused(&text(&P256, &[&[2][..], &[0xff; 32]].concat())),
            MultikeyError::Key
        );
    }

    proptest! {
        #[test]
        fn decoding_never_panics(text in "z?[1-9A-Za-z]{0,80}") {
            if let Ok(key) = decode(&text) {
                prop_assert_eq!(encode(&key).unwrap(), text);
            }
        }
    }
}
