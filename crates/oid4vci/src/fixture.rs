//! Keys and random bytes of the tests in this crate: the same each time.

use jose::{PrivateJwk, SigningKey};

/// Counts up from the seed, one number for each draw.
pub(crate) fn random(seed: u8) -> impl FnMut(&mut [u8]) {
    let mut count = seed;
    move |out: &mut [u8]| {
        count = count.wrapping_add(1);
        out.fill(count);
    }
}

/// A key on P-256.
pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::new(&PrivateJwk::generate_p256(&mut random(seed))).unwrap()
}

/// A key on Ed25519.
pub(crate) fn edwards(seed: u8) -> SigningKey {
    SigningKey::new(&PrivateJwk::generate_ed25519(&mut random(seed))).unwrap()
}
