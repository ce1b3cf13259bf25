//! A version of a document, by its hash. docs/ledger.md §4.10.

use serde::{Deserialize, Serialize};

use super::json::{hash_text, optional_hash_text, present};
use super::text::{check_impersonal, check_public_link, check_token};
use super::{Localized, PayloadError, from_canonical, to_canonical};
use crate::hash::Hash;

/// A version of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Its bytes.
    pub length: u64,
    /// Its media type.
    pub media_type: String,
    /// SHA-256 of it.
    #[serde(with = "hash_text")]
    pub sha256: Hash,
    /// Owner, `/document/`, name. docs/ledger.md §3.1
    pub subject: String,
    /// SHA-256 of the version before; left out in the first.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_hash_text")]
    pub supersedes: Option<Hash>,
    /// What people call it.
    pub title: Localized,
    /// Where it can be read.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub uri: Option<String>,
}

impl Document {
    /// Reads the payload.
    ///
    /// # Errors
    /// [`PayloadError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        let document: Self = from_canonical(bytes)?;
        document.check()?;
        Ok(document)
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
        check_impersonal("title", &self.title)?;
        check_token("media_type", &self.media_type)?;
        self.uri.iter().try_for_each(|uri| check_public_link("uri", uri))
    }
}
