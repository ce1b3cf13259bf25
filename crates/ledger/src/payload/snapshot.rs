//! Status snapshot payload. docs/ledger.md §4.5.

use did::Did;
use jose::UnixTime;
use serde::{Deserialize, Serialize};

use super::json::hash_text;
use super::text::check_link;
use super::{PayloadError, check_count, check_order, from_canonical, to_canonical};
use crate::hash::Hash;

/// Root of an agency's status lists at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusSnapshot {
    /// Every Status List Token, sorted by uri.
    pub lists: Vec<SnapshotList>,
    /// Root of the tree of chunks.
    #[serde(with = "hash_text")]
    pub root: Hash,
    /// Chunks in the tree.
    pub size: u64,
    /// The agency.
    pub subject: Did,
    /// When the lists were like this.
    pub time: UnixTime,
}

/// A Status List Token of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotList {
    /// SHA-256 of the token as it is served.
    #[serde(with = "hash_text")]
    pub sha256: Hash,
    /// Where it is served; the token's `sub`.
    pub uri: String,
}

impl StatusSnapshot {
    /// Reads the payload.
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        let snapshot: Self = from_canonical(bytes)?;
        snapshot.check()?;
        Ok(snapshot)
    }

    /// The payload's bytes.
    pub fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        self.check()?;
        to_canonical(self)
    }

    fn check(&self) -> Result<(), PayloadError> {
        check_count("lists", self.lists.len(), 0..=1024)?;
        check_order("lists", &self.lists, |list| list.uri.clone())?;
        self.lists.iter().try_for_each(|list| check_link("uri", &list.uri))
    }
}
