//! Random bytes, ids and tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Fills the buffer from the operating system.
///
/// A machine that has no random bytes can neither make a key nor a nonce, so the
/// process ends.
pub fn fill(out: &mut [u8]) {
    if getrandom::fill(out).is_err() {
        tracing::error!("the operating system gives no random bytes");
        std::process::abort();
    }
}

/// So many random bytes.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0; N];
    fill(&mut out);
    out
}

/// An id that nobody can guess: 128 random bits, base64url, 22 characters.
#[must_use]
pub fn id() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<16>())
}

/// A secret token: 256 random bits, base64url, 43 characters.
#[must_use]
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_and_tokens_have_their_length_and_differ() {
        assert_eq!(super::id().len(), 22);
        assert_eq!(super::token().len(), 43);
        assert_ne!(super::id(), super::id());
    }
}
