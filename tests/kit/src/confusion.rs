//! The MAC of somebody who hopes that the algorithm is taken from the header. RFC 8725 §2.1
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

use jose::PublicJwk;
use sha2::{Digest, Sha256};

/// HMAC-SHA256 over the signing input, under the bytes of a public key. RFC 2104 §2
///
/// # Panics
/// The key is not on P-256.
pub fn mac(key: &PublicJwk, input: &str) -> Vec<u8> {
    // Longer than a block, so its hash is the key.
    let secret = Sha256::digest(key.sec1_uncompressed().expect("a key on P-256"));
    let padded = |pad: u8| {
        let mut block = [pad; 64];
        for (byte, key) in block.iter_mut().zip(secret.iter()) {
            *byte ^= key;
        }
        block
    };
    let inner = Sha256::digest([&padded(0x36)[..], input.as_bytes()].concat());
    Sha256::digest([&padded(0x5c)[..], &inner[..]].concat()).to_vec()
}
