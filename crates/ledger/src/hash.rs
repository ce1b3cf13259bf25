//! SHA-256 as the ledger uses it. docs/ledger.md §1.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// SHA-256 of parts, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Merkle leaf hash. RFC 6962 §2.1
pub(crate) fn leaf_hash(entry: &[u8]) -> Hash {
    sha256(&[&[0], entry])
}

/// A content-addressed blob: hash and length. docs/ledger.md §2
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BlobRef {
    /// SHA-256 of the bytes.
    pub hash: Hash,
    /// How many bytes.
    pub length: u64,
}

impl BlobRef {
    /// The reference to these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self {
            hash: sha256(&[bytes]),
            length: bytes.len() as u64,
        }
    }
}
