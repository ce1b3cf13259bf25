//! did:key: the DID is the public key. did:key 0.7.

use jose::PublicJwk;

use crate::multikey::{self, MultikeyError};
use crate::syntax::Did;

/// The public key of a `did:key`, Ed25519 or P-256.
///
/// # Errors
/// [`KeyDidError::Method`] for a DID of another method, [`KeyDidError::Multikey`] for a bad key.
pub fn public_key(did: &Did) -> Result<PublicJwk, KeyDidError> {
    if did.method() != "key" {
        return Err(KeyDidError::Method);
    }
    Ok(multikey::decode(did.method_specific_id())?)
}

/// The `did:key` of a public key.
///
/// # Errors
/// [`KeyDidError::Multikey`] where the key is neither Ed25519 nor P-256.
pub fn from_public_key(key: &PublicJwk) -> Result<Did, KeyDidError> {
    let text = format!("did:key:{}", multikey::encode(key)?);
    text.parse().map_err(|_| KeyDidError::Method)
}

/// Why a DID is no usable `did:key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyDidError {
    /// Not `did:key:…`.
    #[error("not a did:key")]
    Method,
    /// The key is malformed or of a kind not in use. did:key 0.7 §3.1.
    #[error(transparent)]
    Multikey(#[from] MultikeyError),
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"; "ed25519")]
    #[test_case("did:key:zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169"; "p256")]
    fn reads_back(text: &str) {
        let did: Did = text.parse().unwrap();
        assert_eq!(from_public_key(&public_key(&did).unwrap()), Ok(did));
    }

    #[test_case("did:jwk:abc" => KeyDidError::Method; "another method")]
    #[test_case("did:key:z0" => KeyDidError::Multikey(MultikeyError::Multibase); "bad key")]
    fn refused(text: &str) -> KeyDidError {
        public_key(&text.parse().unwrap()).unwrap_err()
    }
}
