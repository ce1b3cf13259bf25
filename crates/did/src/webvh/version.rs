//! `versionId` and `versionTime`. did:webvh 1.0, "Read (Resolve)" steps 3 and 4.

use std::fmt;
use std::str::FromStr;

use jose::UnixTime;

use crate::multihash::Sha256Multihash;

/// `<number>-<entryHash>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionId {
    number: u64,
    entry_hash: Sha256Multihash,
}

impl VersionId {
    pub(crate) fn new(number: u64, entry_hash: Sha256Multihash) -> Self {
        Self { number, entry_hash }
    }

    /// The version's number; the first is 1.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The hash that binds the entry to the one before it.
    #[must_use]
    pub fn entry_hash(&self) -> &Sha256Multihash {
        &self.entry_hash
    }
}

impl FromStr for VersionId {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (number, hash) = text.split_once('-').ok_or(VersionError::Id)?;
        let canonical = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0');
        if !canonical {
            return Err(VersionError::Id);
        }
        let number = number.parse().map_err(|_| VersionError::Id)?;
        // A second dash is not base58 and fails here.
        let entry_hash = hash.parse().map_err(|_| VersionError::Id)?;
        Ok(Self { number, entry_hash })
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.number, self.entry_hash)
    }
}

/// An instant to the nanosecond, since entries may be written less than a second apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionTime {
    seconds: UnixTime,
    nanos: u32,
}

impl VersionTime {
    /// Seconds since 1970 and nanoseconds of the second, below 10^9.
    #[must_use]
    pub fn from_parts(seconds: UnixTime, nanos: u32) -> Option<Self> {
        let time = Self { seconds, nanos };
        (nanos < 1_000_000_000 && time.timestamp().is_some()).then_some(time)
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> UnixTime {
        self.seconds
    }

    /// Nanoseconds of the second.
    #[must_use]
    pub fn nanos(self) -> u32 {
        self.nanos
    }

    fn timestamp(self) -> Option<jiff::Timestamp> {
        let seconds = i64::try_from(self.seconds).ok()?;
        jiff::Timestamp::new(seconds, i32::try_from(self.nanos).ok()?).ok()
    }
}

impl FromStr for VersionTime {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // jiff reads more than the profile of ISO 8601 that entries use:
        // a space for the `T`, other zones, annotations in brackets.
        let utc = text.ends_with('Z') || text.ends_with("+00:00");
        if !utc || text.as_bytes().get(10) != Some(&b'T') || text.len() > 40 {
            return Err(VersionError::Time);
        }
        let time: jiff::Timestamp = text.parse().map_err(|_| VersionError::Time)?;
        let seconds = UnixTime::try_from(time.as_second()).map_err(|_| VersionError::Time)?;
        let nanos = u32::try_from(time.subsec_nanosecond()).map_err(|_| VersionError::Time)?;
        Ok(Self { seconds, nanos })
    }
}

impl fmt::Display for VersionTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().ok_or(fmt::Error)?.fmt(f)
    }
}

/// Why a `versionId` or `versionTime` is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionError {
    /// Not a number without leading zeros, one dash and a SHA-256 multihash.
    #[error("the versionId is malformed")]
    Id,
    /// Not ISO 8601 in UTC with `Z` or `+00:00`, or before 1970.
    #[error("the versionTime is malformed")]
    Time,
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const HASH: &str = "Qmc57yQsqz5NYVyMwT1zWTAXBAX6cNHfiAzqcABAJTkLnY";

    #[test_case("1-" => true; "number and hash")]
    #[test_case("12-" => true; "two digits")]
    #[test_case("0-" => false; "zero")]
    #[test_case("01-" => false; "leading zero")]
    #[test_case("+1-" => false; "sign")]
    #[test_case("-" => false; "no number")]
    #[test_case("1--" => false; "two dashes")]
    #[test_case("" => false; "no dash")]
    #[test_case("99999999999999999999-" => false; "too large")]
    fn version_id(prefix: &str) -> bool {
        let text = format!("{prefix}{HASH}");
        match text.parse::<VersionId>() {
            Ok(id) => id.to_string() == text,
            Err(error) => {
                assert_eq!(error, VersionError::Id);
                false
            }
        }
    }

    #[test_case("2000-01-01T00:00:00Z" => Ok((946_684_800, 0)); "zulu")]
    #[test_case("2000-01-01T00:00:00+00:00" => Ok((946_684_800, 0)); "offset zero")]
    #[test_case("2000-01-01T00:00:00.25Z" => Ok((946_684_800, 250_000_000)); "fraction")]
    #[test_case("2000-01-01T01:00:00+01:00" => Err(VersionError::Time); "another zone")]
    #[test_case("2000-01-01T00:00:00" => Err(VersionError::Time); "no zone")]
    #[test_case("2000-01-01 00:00:00Z" => Err(VersionError::Time); "space")]
    #[test_case("2000-01-01T00:00:00Z[UTC]" => Err(VersionError::Time); "annotation")]
    #[test_case("2000-13-01T00:00:00Z" => Err(VersionError::Time); "month 13")]
    #[test_case("1969-12-31T23:59:59Z" => Err(VersionError::Time); "before 1970")]
    fn version_time(text: &str) -> Result<(UnixTime, u32), VersionError> {
        text.parse::<VersionTime>().map(|time| (time.seconds(), time.nanos()))
    }

    #[test]
    fn a_time_prints_as_iso_8601() {
        let time = VersionTime::from_parts(946_684_800, 0).unwrap();
        assert_eq!(time.to_string(), "2000-01-01T00:00:00Z");
        assert_eq!(VersionTime::from_parts(0, 1_000_000_000), None);
    }
}
