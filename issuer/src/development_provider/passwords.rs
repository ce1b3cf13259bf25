//! Passwords that follow from the id: nobody is registered, and nothing has to be kept in step with a register.

use aws_lc_rs::hmac;

/// What the ids of people begin with who do not exist.
const SYNTHETIC: &str = "SYN-";
/// Letters that are not taken for one another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
/// Letters of a password: 60 bits.
const LENGTH: usize = 12;

/// Makes the passwords of people who do not exist.
pub struct Passwords(hmac::Key);

impl Passwords {
    /// From a secret of 32 bytes.
    #[must_use]
    pub(super) fn new(secret: &[u8]) -> Option<Self> {
        (secret.len() == 32).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// The password of a person; none for people who may exist.
    #[must_use]
    pub fn of(&self, id: &str) -> Option<String> {
        if !id.starts_with(SYNTHETIC) {
            return None;
        }
        let tag = hmac::sign(&self.0, id.as_bytes());
        let letters = tag.as_ref().iter().take(LENGTH).enumerate();
        let mut password = String::with_capacity(LENGTH + 2);
        for (place, byte) in letters {
            if place > 0 && place.is_multiple_of(4) {
                password.push('-');
            }
            password.push(char::from(LETTERS[usize::from(byte % 32)]));
        }
        Some(password)
    }

    /// Whether this is the person's password, in time that does not depend on where it differs.
    #[must_use]
    pub fn is_right(&self, id: &str, password: &str) -> bool {
        let right = self.of(id).unwrap_or_default();
        let same = aws_lc_rs::constant_time::verify_slices_are_equal(right.as_bytes(), password.trim().as_bytes());
        !right.is_empty() && same.is_ok()
    }
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passwords(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Passwords;

    #[test]
    fn a_password_follows_from_the_id_and_the_secret() {
        let (one, other) = (Passwords::new(&[1; 32]).unwrap(), Passwords::new(&[2; 32]).unwrap());
        let password = one.of("SYN-000001").unwrap();
        assert_eq!(password.len(), 14, "{password}");
        assert_eq!(one.of("SYN-000001"), Some(password.clone()));
        assert_ne!(one.of("SYN-000002"), Some(password.clone()));
        assert_ne!(other.of("SYN-000001"), Some(password.clone()));
        assert!(one.is_right("SYN-000001", &format!(" {password} ")));
        assert!(!one.is_right("SYN-000002", &password));
    }

    #[test]
    fn nobody_who_may_exist_signs_in() {
        let passwords = Passwords::new(&[1; 32]).unwrap();
        assert_eq!(passwords.of("1234-5678"), None);
        assert!(!passwords.is_right("1234-5678", ""));
        assert!(Passwords::new(&[1; 31]).is_none());
    }
}
