//! Codes in letters: how the registrar lets an organisation in that has no card to show. docs/registration.md §1

use sha2::{Digest, Sha256};

/// What a code is made of: nothing that is read as something else.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Characters of a code: 80 random bits.
const LENGTH: usize = 16;
/// For how many seconds a code can be used: ninety days.
pub(crate) const LIFETIME: u64 = 90 * 86_400;

/// A new code, in groups of four.
pub(crate) fn code(random: [u8; LENGTH]) -> String {
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

/// The code that one filled-in form makes, however often it is sent. The token is a secret of the session, so that
/// nobody else makes the same.
pub(crate) fn code_of(form_token: &str, once: &str, organisation: &str) -> String {
    let mut hash = Sha256::new().chain_update("holdfast/letter-form/v1\n");
    for part in [form_token, once, organisation] {
        // Lengths go in, so that no two forms are the same bytes.
        hash = hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part);
    }
    let mut random = [0; LENGTH];
    for (to, from) in random.iter_mut().zip(hash.finalize().to_vec()) {
        *to = from;
    }
    code(random)
}

/// What is kept of a code. It has 80 random bits: nothing slower than SHA-256 is needed.
pub(crate) fn hash(typed: &str) -> Vec<u8> {
    let plain: String = typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .take(LENGTH + 1)
        .collect();
    Sha256::new()
        .chain_update("holdfast/letter/v1\n")
        .chain_update(plain)
        .finalize()
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        let code = code([0, 31, 32, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        assert_eq!(code, "2Z2Z-3456-789A-BCDE");
        assert_eq!(hash(&code), hash(" 2z2z 3456789abcde"));
        assert_ne!(hash(&code), hash("2Z2Z-3456-789A-BCDF"));
        assert_ne!(hash(&code), hash("2Z2Z-3456-789A-BCDE-2"));
    }
}
