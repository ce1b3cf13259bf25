//! Codes in letters: how the registrar lets an organisation in that has no card to show. docs/registration.md §1

use service::letter_code;
use sha2::{Digest, Sha256};

/// For how many seconds a code can be used: ninety days.
pub(crate) const LIFETIME: u64 = 90 * 86_400;

/// The code that one filled-in form makes, however often it is sent. The token is a secret of the session, so that
/// nobody else makes the same.
pub(crate) fn code_of(form_token: &str, once: &str, organisation: &str) -> String {
    let mut hash = Sha256::new().chain_update("holdfast/letter-form/v1\n");
    for part in [form_token, once, organisation] {
        // Lengths go in, so that no two forms are the same bytes.
        hash = hash.chain_update((part.len() as u64).to_be_bytes()).chain_update(part);
    }
    let mut random = [0; 16];
    for (to, from) in random.iter_mut().zip(hash.finalize().to_vec()) {
        *to = from;
    }
    letter_code::of(random)
}

/// What is kept of a code.
pub(crate) fn hash(typed: &str) -> Vec<u8> {
    letter_code::hash("holdfast/letter/v1\n", typed).to_vec()
}
