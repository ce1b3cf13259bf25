//! Passwords: read, hashed with Argon2id, compared.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use http::StatusCode;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zeroize::Zeroizing;

use crate::files::{PrivateFileError, read_private};
use crate::problem::Problem;
use crate::random;

/// Fewest characters of a new password.
const SHORTEST: usize = 12;
/// Most bytes of a password.
const LONGEST: usize = 256;
/// Passwords hashed at one time: each takes 64 MiB.
const AT_ONCE: usize = 2;
/// How long an attempt waits for its turn.
const TURN: Duration = Duration::from_secs(5);

/// What a password is compared with where there is no such operator: the same cost as [`argon2()`], and no password's
/// hash.
const NOBODY: &str = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5LWhhcy10aGlz$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A new password. Never shown by `Debug`, wiped when dropped.
pub struct Password(Zeroizing<String>);

/// Why a text is no password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// Fewer than 12 characters.
    #[error("the password is shorter than {SHORTEST} characters")]
    TooShort,
    /// More than 256 bytes.
    #[error("the password is longer than {LONGEST} bytes")]
    TooLong,
    /// Bytes that nobody can type.
    #[error("the password is not UTF-8 text on one line")]
    NotText,
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// Argon2id refused.
    #[error("the password cannot be hashed")]
    Hash,
}

impl Password {
    /// Reads the one line of a file that only its owner may read.
    ///
    /// # Errors
    /// [`PasswordError`]
    pub fn from_file(path: &Path) -> Result<Self, PasswordError> {
        let bytes = Zeroizing::new(read_private(path)?);
        let text = std::str::from_utf8(&bytes).map_err(|_| PasswordError::NotText)?;
        Self::new(text.strip_suffix('\n').unwrap_or(text))
    }

    /// Checks a text. Length is the one rule: NIST SP 800-63B-4 §3.1.1.2
    ///
    /// # Errors
    /// [`PasswordError`]
    pub fn new(text: &str) -> Result<Self, PasswordError> {
        if text.chars().any(char::is_control) {
            return Err(PasswordError::NotText);
        }
        if text.chars().count() < SHORTEST {
            return Err(PasswordError::TooShort);
        }
        if text.len() > LONGEST {
            return Err(PasswordError::TooLong);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The hash as it is kept.
    pub(super) fn hash(&self) -> Result<String, PasswordError> {
        let salt = SaltString::encode_b64(&random::bytes::<16>()).map_err(|_| PasswordError::Hash)?;
        let hash = argon2().and_then(|argon2| argon2.hash_password(self.0.as_bytes(), &salt).ok()?.to_string().into());
        hash.ok_or(PasswordError::Hash)
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What somebody typed. Wiped when dropped.
#[derive(Deserialize)]
#[serde(from = "String")]
pub(super) struct Typed(Zeroizing<String>);

impl From<String> for Typed {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

/// Compares passwords, a few at a time.
pub(super) struct Hashing {
    turns: Arc<Semaphore>,
}

impl Hashing {
    pub(super) fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Waits for a turn, for a bounded time.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let turn = tokio::time::timeout(TURN, Arc::clone(&self.turns).acquire_owned()).await;
        turn.ok().and_then(Result::ok).ok_or_else(|| {
            let title = "Too many people sign in at this moment.";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", title).retry_after(2)
        })
    }

    /// Whether this is the password. Without an operator as much is computed, and
    /// the answer is no.
    pub(super) async fn matches(&self, kept: Option<String>, typed: Typed, turn: OwnedSemaphorePermit) -> bool {
        let exists = kept.is_some();
        let kept = kept.unwrap_or_else(|| NOBODY.to_owned());
        let compared = tokio::task::spawn_blocking(move || {
            // Held until the work is done, also if the caller has gone.
            let _turn = turn;
            verify(&kept, &typed)
        });
        compared.await.unwrap_or(false) && exists
    }
}

fn verify(kept: &str, typed: &Typed) -> bool {
    let (Ok(kept), Some(argon2)) = (PasswordHash::new(kept), argon2()) else {
        tracing::error!("the hash of a password cannot be read");
        return false;
    };
    typed.0.len() <= LONGEST && argon2.verify_password(typed.0.as_bytes(), &kept).is_ok()
}

/// RFC 9106 §4, the second recommended option: 64 MiB, 3 passes, 4 lanes.
fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(64 * 1024, 3, 4, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

#[cfg(test)]
mod tests {
    use super::{Hashing, NOBODY, Password, PasswordError, PasswordHash, Typed};

    #[test]
    fn length_is_the_one_rule() {
        assert!(matches!(Password::new("too short"), Err(PasswordError::TooShort)));
        assert!(matches!(Password::new(&"x".repeat(257)), Err(PasswordError::TooLong)));
        assert!(matches!(
            Password::new("two lines of\ntext"),
            Err(PasswordError::NotText)
        ));
        assert!(Password::new("größer als zwölf").is_ok());
        assert_eq!(format!("{:?}", Password::new("twelve letters").unwrap()), "Password(…)");
    }

    #[test]
    fn nobody_costs_what_somebody_costs() {
        let nobody = PasswordHash::new(NOBODY).unwrap();
        let kept = Password::new("twelve letters").unwrap().hash().unwrap();
        let somebody = PasswordHash::new(&kept).unwrap();
        assert_eq!(nobody.params, somebody.params);
        assert_eq!(
            (nobody.algorithm, nobody.version),
            (somebody.algorithm, somebody.version)
        );
        assert_eq!(nobody.hash.unwrap().len(), somebody.hash.unwrap().len());
    }

    #[tokio::test]
    async fn only_the_password_itself_matches() {
        let kept = Password::new("twelve letters").unwrap().hash().unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"), "{kept}");
        let hashing = Hashing::new();
        for (kept, typed, expected) in [
            (Some(kept.clone()), "twelve letters", true),
            (Some(kept.clone()), "twelve letter", false),
            (Some(kept), "", false),
            (None, "twelve letters", false),
        ] {
            let turn = hashing.turn().await.unwrap();
            assert_eq!(
                hashing.matches(kept, Typed::from(typed.to_owned()), turn).await,
                expected
            );
        }
    }
}
