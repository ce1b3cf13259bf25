//! Root of the log of an agency's officials. docs/ledger.md §4.11.

use did::Did;
use jose::UnixTime;
use serde::{Deserialize, Serialize};

use super::json::hash_text;
use super::{PayloadError, from_canonical, to_canonical};
use crate::hash::Hash;

/// Root of the whole log of officials' actions at the end of a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditSnapshot {
    /// When the period began.
    pub from: UnixTime,
    /// Root of the RFC 6962 tree of all actions.
    #[serde(with = "hash_text")]
    pub root: Hash,
    /// Actions in the tree.
    pub size: u64,
    /// The agency.
    pub subject: Did,
    /// When the period ended.
    pub until: UnixTime,
}

impl AuditSnapshot {
    /// Reads the payload.
    ///
    /// # Errors
    /// [`PayloadError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        let snapshot: Self = from_canonical(bytes)?;
        snapshot.check()?;
        Ok(snapshot)
    }

    /// The payload's bytes.
    ///
    /// # Errors
    /// [`PayloadError`]
    pub fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        self.check()?;
        to_canonical(self)
    }

    fn check(&self) -> Result<(), PayloadError> {
        if self.from < self.until {
            Ok(())
        } else {
            Err(PayloadError::Period)
        }
    }
}
