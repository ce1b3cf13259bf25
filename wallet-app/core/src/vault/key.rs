//! The vault key: Argon2id over what the person knows, combined with what the keyring holds.

use aws_lc_rs::{hkdf, hmac};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// What the person types: a PIN or a passphrase. Never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Passphrase(String);

impl Passphrase {
    /// Takes what was typed, as it was typed.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// What it is to be asked for as.
    #[must_use]
    pub fn kind(&self) -> SecretKind {
        if self.0.bytes().all(|byte| byte.is_ascii_digit()) {
            SecretKind::Pin
        } else {
            SecretKind::Passphrase
        }
    }

    pub(crate) fn check(&self, rule: PassphraseRule) -> Result<(), PassphraseError> {
        let length = self.0.chars().count();
        match rule {
            PassphraseRule::Alone if length < SHORTEST_ALONE => {
                Err(PassphraseError::TooShort { needed: SHORTEST_ALONE })
            }
            PassphraseRule::WithKeyring if length < SHORTEST_PIN => {
                Err(PassphraseError::TooShort { needed: SHORTEST_PIN })
            }
            _ if self.is_guessed_first() => Err(PassphraseError::TooCommon),
            _ => Ok(()),
        }
    }

    /// One repeated character, or digits that count up or down.
    fn is_guessed_first(&self) -> bool {
        let characters: Vec<i64> = self.0.chars().map(|c| i64::from(u32::from(c))).collect();
        let mut steps = characters.windows(2).map(|pair| pair[1] - pair[0]);
        let Some(first) = steps.next() else { return true };
        first.abs() <= 1 && steps.all(|step| step == first)
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// What the person types to open the wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// Digits.
    Pin,
    /// Anything else.
    Passphrase,
}

/// What a PIN or passphrase has to withstand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PassphraseRule {
    /// Half of the key lies in the keyring: six characters will do.
    WithKeyring,
    /// Nothing else protects the file.
    Alone,
}

/// Why a PIN or passphrase is not accepted at set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// Too few characters.
    #[error("it needs at least {needed} characters")]
    TooShort {
        /// How many are needed.
        needed: usize,
    },
    /// Among those that are tried first.
    #[error("it is too easy to guess")]
    TooCommon,
}

const SHORTEST_PIN: usize = 6;
const SHORTEST_ALONE: usize = 12;

/// Cost of Argon2id, stored in the header so that it can grow. RFC 9106 §4
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stretching {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Default for Stretching {
    /// 64 MiB and three passes, the second choice of RFC 9106 §4, with one lane.
    fn default() -> Self {
        Self {
            memory_kib: 64 * 1024,
            passes: 3,
            lanes: 1,
        }
    }
}

impl Stretching {
    /// A cost that protects nothing, for tests that open hundreds of vaults.
    #[must_use]
    pub fn dangerous_cheap() -> Self {
        Self {
            memory_kib: 64,
            passes: 1,
            lanes: 1,
        }
    }

    fn stretch(self, passphrase: &Passphrase, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyDerivationError> {
        // The header is read before its seal can be checked: bound what it may cost us.
        if self.memory_kib > 1024 * 1024 || self.passes > 32 || self.lanes > 16 {
            return Err(KeyDerivationError);
        }
        let parameters =
            argon2::Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).map_err(|_| KeyDerivationError)?;
        let mut out = Zeroizing::new([0; 32]);
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters)
            .hash_password_into(passphrase.0.as_bytes(), salt, out.as_mut())
            .map_err(|_| KeyDerivationError)?;
        Ok(out)
    }
}

/// The parameters in the header cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key parameters cannot be used")]
pub(crate) struct KeyDerivationError;

/// What is made of the PIN or passphrase and the keyring's half.
pub(crate) struct VaultKey {
    /// Wraps the database's key.
    pub(crate) wrapping: Zeroizing<[u8; 32]>,
    /// The database's key itself, in vaults of version 1.
    pub(crate) database: Zeroizing<[u8; 32]>,
    /// Tells a wrong PIN from a damaged file, in vaults of version 1.
    pub(crate) check: [u8; 32],
}

impl VaultKey {
    /// HKDF-SHA256 with the keyring's half as salt; RFC 5869 §3.1 wants exactly this: a secret
    /// salt makes the result unpredictable even to those who know the other half.
    pub(crate) fn derive(
        passphrase: &Passphrase,
        salt: &[u8],
        stretching: Stretching,
        keyring_half: Option<&[u8; 32]>,
    ) -> Result<Self, KeyDerivationError> {
        let stretched = stretching.stretch(passphrase, salt)?;
        let half: &[u8] = keyring_half.map_or(&[], |half| half);
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, half).extract(stretched.as_ref());
        let mut key = Self {
            wrapping: Zeroizing::new([0; 32]),
            database: Zeroizing::new([0; 32]),
            check: [0; 32],
        };
        expand(&extracted, b"holdfast/vault/wrapping/v2", &mut key.wrapping)?;
        expand(&extracted, b"holdfast/vault/database/v1", &mut key.database)?;
        expand(&extracted, b"holdfast/vault/check/v1", &mut key.check)?;
        Ok(key)
    }
}

/// Seals the header: with the keyring's half where there is one, else with the salt, which keeps
/// out accidents but nobody who knows this code.
pub(crate) fn seal_key(salt: &[u8], keyring_half: Option<&[u8; 32]>) -> Result<hmac::Key, KeyDerivationError> {
    let half: &[u8] = keyring_half.map_or(&[], |half| half);
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, half).extract(salt);
    let mut key = Zeroizing::new([0; 32]);
    expand(&extracted, b"holdfast/vault/header/v1", &mut key)?;
    Ok(hmac::Key::new(hmac::HMAC_SHA256, key.as_ref()))
}

fn expand(prk: &hkdf::Prk, info: &[u8], out: &mut [u8; 32]) -> Result<(), KeyDerivationError> {
    prk.expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(out))
        .map_err(|_| KeyDerivationError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("12345", PassphraseRule::WithKeyring => Err(PassphraseError::TooShort { needed: 6 }) ; "five digits")]
    #[test_case("123456", PassphraseRule::WithKeyring => Err(PassphraseError::TooCommon) ; "counting up")]
    #[test_case("000000", PassphraseRule::WithKeyring => Err(PassphraseError::TooCommon) ; "one digit")]
    #[test_case("987654", PassphraseRule::WithKeyring => Err(PassphraseError::TooCommon) ; "counting down")]
    #[test_case("402918", PassphraseRule::WithKeyring => Ok(()) ; "six digits")]
    #[test_case("402918", PassphraseRule::Alone => Err(PassphraseError::TooShort { needed: 12 }) ; "a pin alone")]
    #[test_case("grey heron by the weir", PassphraseRule::Alone => Ok(()) ; "a passphrase alone")]
    fn passphrase(text: &str, rule: PassphraseRule) -> Result<(), PassphraseError> {
        Passphrase::new(text).check(rule)
    }

    #[test]
    fn the_key_depends_on_passphrase_salt_and_keyring_half() {
        let cheap = Stretching::dangerous_cheap();
        let derive = |text: &str, salt: &[u8], half: Option<&[u8; 32]>| {
            *VaultKey::derive(&Passphrase::new(text), salt, cheap, half)
                .expect("key")
                .wrapping
        };
        let base = derive("402918", &[1; 16], Some(&[7; 32]));
        assert_eq!(base, derive("402918", &[1; 16], Some(&[7; 32])));
        assert_ne!(base, derive("402919", &[1; 16], Some(&[7; 32])));
        assert_ne!(base, derive("402918", &[2; 16], Some(&[7; 32])));
        assert_ne!(base, derive("402918", &[1; 16], Some(&[8; 32])));
        assert_ne!(base, derive("402918", &[1; 16], None));
    }

    #[test_case("402918" => SecretKind::Pin ; "digits")]
    #[test_case("402918 " => SecretKind::Passphrase ; "a space too many")]
    #[test_case("grey heron by the weir" => SecretKind::Passphrase ; "words")]
    fn kind(text: &str) -> SecretKind {
        Passphrase::new(text).kind()
    }

    #[test]
    fn a_header_cannot_ask_for_all_memory() {
        let greedy = Stretching {
            memory_kib: u32::MAX,
            passes: 1,
            lanes: 1,
        };
        assert!(VaultKey::derive(&Passphrase::new("x"), &[1; 16], greedy, None).is_err());
    }

    #[test]
    fn debug_shows_nothing() {
        assert_eq!(format!("{:?}", Passphrase::new("402918")), "Passphrase(…)");
    }
}
