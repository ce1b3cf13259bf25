//! The pre-authorized code on the issuer's side: open, then locked, expired or used. OpenID4VCI 1.0 §6.3 and §13.6

use jose::UnixTime;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error_code::TokenErrorCode;

/// How many wrong transaction codes lock a code.
pub const WRONG_TX_CODES_ALLOWED: u8 = 5;

/// SHA-256 of a secret; what is stored in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// The hash of a code or token with full entropy.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// The hash of a short secret, salted.
    #[must_use]
    pub fn salted(secret: &str, salt: &[u8; 16]) -> Self {
        let mut hash = Sha256::new();
        hash.update(salt);
        hash.update(secret.as_bytes());
        Self(hash.finalize().into())
    }

    /// Whether both are hashes of the same secret, in time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// What is known of a transaction code. `Debug` shows nothing of it: a short code is found by
/// trying all of them.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TxCodeHash {
    /// Random bytes.
    pub salt: [u8; 16],
    /// SHA-256 over salt and code.
    pub hash: SecretHash,
}

impl std::fmt::Debug for TxCodeHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TxCodeHash(…)")
    }
}

impl TxCodeHash {
    /// Hashes a transaction code with fresh random bytes.
    #[must_use]
    pub fn new(tx_code: &str, salt: [u8; 16]) -> Self {
        Self {
            salt,
            hash: SecretHash::salted(tx_code, &salt),
        }
    }
}

/// Where a pre-authorized code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum GrantState {
    /// It can be redeemed.
    Open {
        /// How many wrong transaction codes came so far.
        wrong_tx_codes: u8,
    },
    /// Too many wrong transaction codes; only a new offer helps.
    Locked,
    /// It was redeemed.
    Used,
}

/// A pre-authorized code and what guards it.
///
/// The store reads it, lets [`PreAuthorizedGrant::redeem`] decide, and writes the state back in the same transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreAuthorizedGrant {
    /// The transaction code, when one is needed.
    pub tx_code: Option<TxCodeHash>,
    /// From when on the code is expired.
    pub expires_at: UnixTime,
    /// Where it stands.
    pub state: GrantState,
}

impl PreAuthorizedGrant {
    /// A fresh code.
    #[must_use]
    pub const fn new(tx_code: Option<TxCodeHash>, expires_at: UnixTime) -> Self {
        Self {
            tx_code,
            expires_at,
            state: GrantState::Open { wrong_tx_codes: 0 },
        }
    }

    /// Redeems the code, or says why not. A wrong transaction code is counted and does not burn the code; the fifth
    /// locks it. A request without the transaction code, or with one too many, changes nothing.
    pub fn redeem(&mut self, tx_code: Option<&str>, now: UnixTime) -> Result<(), GrantError> {
        let GrantState::Open { wrong_tx_codes } = self.state else {
            return Err(if self.state == GrantState::Used {
                GrantError::Used
            } else {
                GrantError::Locked
            });
        };
        if now >= self.expires_at {
            return Err(GrantError::Expired);
        }
        match (&self.tx_code, tx_code) {
            (None, None) => {}
            (None, Some(_)) => return Err(GrantError::TxCodeUnexpected),
            (Some(_), None) => return Err(GrantError::TxCodeMissing),
            (Some(expected), Some(presented)) => {
                if !SecretHash::salted(presented, &expected.salt).matches(&expected.hash) {
                    let wrong_tx_codes = wrong_tx_codes.saturating_add(1);
                    self.state = if wrong_tx_codes >= WRONG_TX_CODES_ALLOWED {
                        GrantState::Locked
                    } else {
                        GrantState::Open { wrong_tx_codes }
                    };
                    return Err(GrantError::WrongTxCode);
                }
            }
        }
        self.state = GrantState::Used;
        Ok(())
    }
}

/// Why a pre-authorized code is not redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// It was redeemed before. OpenID4VCI 1.0 §4.1.1
    #[error("the code was used before")]
    Used,
    /// Five wrong transaction codes came.
    #[error("the code is locked after wrong transaction codes")]
    Locked,
    /// Its time is over.
    #[error("the code has expired")]
    Expired,
    /// A transaction code is needed. OpenID4VCI 1.0 §6.3
    #[error("a transaction code is needed")]
    TxCodeMissing,
    /// No transaction code is expected. OpenID4VCI 1.0 §6.3
    #[error("no transaction code is expected")]
    TxCodeUnexpected,
    /// The transaction code is wrong. OpenID4VCI 1.0 §6.3
    #[error("the transaction code is wrong")]
    WrongTxCode,
}

impl GrantError {
    /// The code on the wire. OpenID4VCI 1.0 §6.3
    #[must_use]
    pub const fn code(self) -> TokenErrorCode {
        match self {
            Self::TxCodeMissing | Self::TxCodeUnexpected => TokenErrorCode::InvalidRequest,
            Self::Used | Self::Locked | Self::Expired | Self::WrongTxCode => TokenErrorCode::InvalidGrant,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_tx_code() -> PreAuthorizedGrant {
        PreAuthorizedGrant::new(Some(TxCodeHash::new("493536", [7; 16])), 1_000)
    }

    #[test]
    fn a_code_is_redeemed_once() {
        let mut grant = PreAuthorizedGrant::new(None, 1_000);
        assert_eq!(grant.redeem(None, 999), Ok(()));
        assert_eq!(grant.state, GrantState::Used);
        assert_eq!(grant.redeem(None, 999), Err(GrantError::Used));
    }

    #[test]
    fn debug_shows_nothing_that_a_short_code_could_be_found_by() {
        let shown = format!("{:?}", with_tx_code());
        assert!(shown.contains("TxCodeHash(…)"), "{shown}");
        assert!(!shown.contains("salt"), "{shown}");
    }

    #[test]
    fn a_wrong_tx_code_does_not_burn_the_code() {
        let mut grant = with_tx_code();
        assert_eq!(grant.redeem(Some("000000"), 1), Err(GrantError::WrongTxCode));
        assert_eq!(grant.state, GrantState::Open { wrong_tx_codes: 1 });
        assert_eq!(grant.redeem(Some("493536"), 1), Ok(()));
    }

    #[test]
    fn five_wrong_tx_codes_lock_the_code() {
        let mut grant = with_tx_code();
        for _ in 0..5 {
            assert_eq!(grant.redeem(Some("000000"), 1), Err(GrantError::WrongTxCode));
        }
        assert_eq!(grant.state, GrantState::Locked);
        assert_eq!(grant.redeem(Some("493536"), 1), Err(GrantError::Locked));
    }

    #[test]
    fn a_missing_or_unexpected_tx_code_is_an_invalid_request_and_changes_nothing() {
        let mut grant = with_tx_code();
        assert_eq!(grant.redeem(None, 1), Err(GrantError::TxCodeMissing));
        assert_eq!(grant, with_tx_code());
        let mut plain = PreAuthorizedGrant::new(None, 1_000);
        assert_eq!(plain.redeem(Some("1"), 1), Err(GrantError::TxCodeUnexpected));
        assert_eq!(plain.state, GrantState::Open { wrong_tx_codes: 0 });
        assert_eq!(GrantError::TxCodeMissing.code(), TokenErrorCode::InvalidRequest);
        assert_eq!(GrantError::TxCodeUnexpected.code(), TokenErrorCode::InvalidRequest);
    }

    #[test]
    fn an_expired_code_is_an_invalid_grant() {
        let mut grant = PreAuthorizedGrant::new(None, 1_000);
        assert_eq!(grant.redeem(None, 1_000), Err(GrantError::Expired));
        for error in [
            GrantError::Used,
            GrantError::Locked,
            GrantError::Expired,
            GrantError::WrongTxCode,
        ] {
            assert_eq!(error.code(), TokenErrorCode::InvalidGrant);
        }
    }
}
