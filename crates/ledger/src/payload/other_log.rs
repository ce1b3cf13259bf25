//! Another log: the one that goes on for this one, or the one that this one goes on for. docs/ledger.md §4.1 and §9.2.

use serde::{Deserialize, Serialize};
use tlog::LogKey;

use super::PayloadError;
use super::json::hash_text;
use crate::hash::Hash;

/// The log that goes on for this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Successor {
    /// Its verifier key.
    pub log_key: String,
    /// Its name.
    pub origin: String,
}

/// The log that this one goes on for, and how much of it is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Predecessor {
    /// Its verifier key.
    pub log_key: String,
    /// Its name.
    pub origin: String,
    /// Root of its tree of `size` entries.
    #[serde(with = "hash_text")]
    pub root: Hash,
    /// Its entries; what it had after them counts for nothing.
    pub size: u64,
}

impl Successor {
    pub(crate) fn check(&self, own_origin: &str) -> Result<(), PayloadError> {
        check_other("successor", own_origin, &self.origin, &self.log_key)
    }
}

impl Predecessor {
    pub(crate) fn check(&self, own_origin: &str) -> Result<(), PayloadError> {
        if self.size == 0 {
            return Err(PayloadError::OtherLog("predecessor"));
        }
        check_other("predecessor", own_origin, &self.origin, &self.log_key)
    }
}

fn check_other(member: &'static str, own_origin: &str, origin: &str, log_key: &str) -> Result<(), PayloadError> {
    let key: LogKey = log_key.parse().map_err(|_| PayloadError::OtherLog(member))?;
    if origin == own_origin || key.verifier_key().name().as_str() != origin {
        return Err(PayloadError::OtherLog(member));
    }
    Ok(())
}
