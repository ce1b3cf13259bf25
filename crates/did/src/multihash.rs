//! SHA-256 multihashes in base58btc: SCIDs, entry hashes, key hashes.
//! did:webvh 1.0, "Cryptographic Agility": method 1.0 permits SHA-256 alone.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// Multihash code and length of SHA-256.
const PREFIX: [u8; 2] = [0x12, 0x20];

/// `base58btc(multihash(bytes, SHA-256))`, 46 characters. did:webvh 1.0, "SCID Generation".
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sha256Multihash(String);

impl Sha256Multihash {
    /// The multihash of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut raw = PREFIX.to_vec();
        raw.extend_from_slice(&Sha256::digest(bytes));
        Self(bs58::encode(raw).into_string())
    }

    /// The base58btc text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Sha256Multihash {
    type Err = MultihashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > 128 {
            return Err(MultihashError::Base58);
        }
        let raw = bs58::decode(text).into_vec().map_err(|_| MultihashError::Base58)?;
        match raw.strip_prefix(&PREFIX) {
            Some(digest) if digest.len() == 32 => Ok(Self(text.to_owned())),
            _ => Err(MultihashError::Algorithm),
        }
    }
}

impl fmt::Display for Sha256Multihash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is not a SHA-256 multihash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MultihashError {
    /// Not base58btc.
    #[error("not base58btc")]
    Base58,
    /// A multihash of another algorithm or length than SHA-256's.
    #[error("not a SHA-256 multihash")]
    Algorithm,
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn a_multihash_reads_back() {
        let hash = Sha256Multihash::of(b"holdfast");
        assert_eq!(hash.as_str().len(), 46);
        assert_eq!(hash.as_str().parse(), Ok(hash.clone()));
    }

    #[test_case("0OIl" => MultihashError::Base58; "characters base58 leaves out")]
    #[test_case("8" => MultihashError::Algorithm; "too short")]
    #[test_case("8VxkYBQXCVzZsBLqEBuoxi3WQ7pPGKBVyCGaxJNjtJzbTmoBsBA1JfXy7bCSfBtGPGTpmqw2Gm4t1iBBKDSnmYyCkJ" => MultihashError::Algorithm; "sha-512 sized")]
    fn refused(text: &str) -> MultihashError {
        text.parse::<Sha256Multihash>().unwrap_err()
    }
}
