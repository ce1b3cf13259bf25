//! A version of a program, by the hashes of its files. docs/ledger.md §4.12.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::json::hash_text;
use super::text::check_token;
use super::{PayloadError, check_count, check_order, from_canonical, to_canonical};
use crate::hash::Hash;

/// A version of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Its files, sorted by name.
    pub artifacts: Vec<Artifact>,
    /// Origin, `/release/`, name. docs/ledger.md §3.1
    pub subject: String,
    /// Which version.
    pub version: ReleaseVersion,
}

/// A file of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Its name.
    pub name: String,
    /// SHA-256 of it.
    #[serde(with = "hash_text")]
    pub sha256: Hash,
    /// Its bytes.
    pub size: u64,
}

/// Three numbers, of which the first counts most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReleaseVersion(pub [u32; 3]);

impl Release {
    /// Reads the payload.
    ///
    /// # Errors
    /// [`PayloadError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        let release: Self = from_canonical(bytes)?;
        release.check()?;
        Ok(release)
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
        check_count("artifacts", self.artifacts.len(), 1..=256)?;
        check_order("artifacts", &self.artifacts, |artifact| artifact.name.clone())?;
        self.artifacts
            .iter()
            .try_for_each(|artifact| check_token("artifacts", &artifact.name))
    }
}

impl FromStr for ReleaseVersion {
    type Err = PayloadError;

    fn from_str(text: &str) -> Result<Self, PayloadError> {
        let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
        let numbers = numbers.and_then(|numbers| <[u32; 3]>::try_from(numbers).ok());
        numbers.map(Self).ok_or(PayloadError::Text("version"))
    }
}

/// A decimal number that has one spelling.
fn number(text: &str) -> Option<u32> {
    let number: u32 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl fmt::Display for ReleaseVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

impl TryFrom<String> for ReleaseVersion {
    type Error = PayloadError;

    fn try_from(text: String) -> Result<Self, PayloadError> {
        text.parse()
    }
}

impl From<ReleaseVersion> for String {
    fn from(version: ReleaseVersion) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("1.2.0" => Ok(ReleaseVersion([1, 2, 0])) ; "three_numbers")]
    #[test_case("4294967295.0.0" => Ok(ReleaseVersion([u32::MAX, 0, 0])) ; "largest")]
    #[test_case("4294967296.0.0" => Err(PayloadError::Text("version")) ; "too_large")]
    #[test_case("1.2" => Err(PayloadError::Text("version")) ; "two_numbers")]
    #[test_case("1.02.0" => Err(PayloadError::Text("version")) ; "leading_zero")]
    #[test_case("+1.2.0" => Err(PayloadError::Text("version")) ; "sign")]
    #[test_case("1.2.0-rc1" => Err(PayloadError::Text("version")) ; "words")]
    fn versions(text: &str) -> Result<ReleaseVersion, PayloadError> {
        text.parse()
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(ReleaseVersion([1, 10, 0]) > ReleaseVersion([1, 9, 9]));
    }
}
