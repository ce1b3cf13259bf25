//! Codes that are typed from paper, once: 80 random bits in letters and digits that nobody mistakes.

use sha2::{Digest, Sha256};

/// What a code is made of: nothing that is read as something else.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Characters of a code: 80 random bits.
const LENGTH: usize = 16;

/// The code of these random bytes, in groups of four.
#[must_use]
pub fn of(random: [u8; LENGTH]) -> String {
    let mut text = String::with_capacity(LENGTH + 3);
    for (place, byte) in random.into_iter().enumerate() {
        if place > 0 && place.is_multiple_of(4) {
            text.push('-');
        }
        // 256 is a multiple of 32, so that every character is as likely.
        let index = usize::from(byte) % ALPHABET.len();
        text.push(ALPHABET.get(index).copied().map_or('2', char::from));
    }
    text
}

/// What is kept of a code, however it was typed; `context` tells what it is a code for. It has 80 random bits: nothing
/// slower than SHA-256 is needed.
#[must_use]
pub fn hash(context: &str, typed: &str) -> [u8; 32] {
    let plain: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .take(LENGTH + 1)
        .collect();
    Sha256::new()
        .chain_update(context)
        .chain_update(plain)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let hash = |typed: &str| hash("holdfast/test/v1\n", typed);
        let code = of([0, 31, 32, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        assert_eq!(code, "2Z2Z-3456-789A-BCDE");
        assert_eq!(hash(&code), hash(" 2z2z 3456789abcde"));
        assert_ne!(hash(&code), hash("2Z2Z-3456-789A-BCDF"));
        assert_ne!(hash(&code), hash("2Z2Z-3456-789A-BCDE-2"));
    }

    #[test]
    fn a_code_for_one_thing_is_none_for_another() {
        assert_ne!(hash("a\n", "2Z2Z"), hash("b\n", "2Z2Z"));
    }
}
