//! A card type. docs/ledger.md §4.7.

use serde::{Deserialize, Serialize};

use super::json::hash_text;
use super::text::check_impersonal;
use super::{ClaimPath, Localized, PayloadError, check_count, from_canonical, to_canonical};
use crate::hash::Hash;

/// What is on a card of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// Claims, in the order in which they are shown.
    pub claims: Vec<SchemaClaim>,
    /// SHA-256 of the type metadata document: what `vct#integrity` names.
    #[serde(with = "hash_text")]
    pub metadata: Hash,
    /// Name of the type.
    pub name: Localized,
    /// Owner, `/schema/`, vct. docs/ledger.md §3.1
    pub subject: String,
}

/// A claim of a card type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaClaim {
    /// What people call it.
    pub name: Localized,
    /// Where it is on the card.
    pub path: ClaimPath,
    /// Whether the holder can leave it out.
    pub sd: SelectiveDisclosure,
}

/// Whether the holder can leave a claim out. draft-ietf-oauth-sd-jwt-vc §9.3
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SelectiveDisclosure {
    /// Every issuer lets the holder.
    Always,
    /// An issuer may let the holder.
    Allowed,
    /// No issuer lets the holder.
    Never,
}

impl Schema {
    /// Reads the payload.
    ///
    /// # Errors
    /// [`PayloadError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        let schema: Self = from_canonical(bytes)?;
        schema.check()?;
        Ok(schema)
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
        check_impersonal("name", &self.name)?;
        check_count("claims", self.claims.len(), 1..=128)?;
        for (index, claim) in self.claims.iter().enumerate() {
            if self.claims.iter().take(index).any(|before| before.path == claim.path) {
                return Err(PayloadError::Order("claims"));
            }
            check_impersonal("claim name", &claim.name)?;
            claim.path.check()?;
        }
        Ok(())
    }
}
