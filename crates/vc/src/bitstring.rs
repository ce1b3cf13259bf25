use std::io::{Read, Write};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use jose::{Budget, OverBudget, Work, base64url};
use status_list::{Bits, OutOfRange, Status, StatusList};

/// Why an encoded list was refused. Bitstring Status List 1.0 §3.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BitstringError {
    /// Not multibase in base64url without padding: `u…`.
    #[error("the list is not multibase in base64url")]
    Multibase,
    /// Not one member of GZIP, or something follows it. RFC 1952.
    #[error("the list is not GZIP data")]
    Compression,
    /// Fewer entries than the 131,072 in which one credential is hidden. §2.2, `STATUS_LIST_LENGTH_ERROR`.
    #[error("the list is too short")]
    TooShort,
    /// The list inflates beyond what the reader's budget allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
}

/// One bit for each of many credentials, the first one in the highest bit of the first byte.
/// Bitstring Status List 1.0 §3.3, §3.4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitstring {
    /// Token Status List counts from the lowest bit of a byte, this list from the highest: place `n` of the one
    /// is place `n ^ 7` of the other.
    list: StatusList,
}

impl Bitstring {
    /// The fewest entries that a list has. §2.2.
    pub const FEWEST: u64 = 131_072;

    /// A list with room for at least so many credentials, no bit set.
    #[must_use]
    pub fn new(entries: u64) -> Self {
        Self {
            list: StatusList::new(Bits::One, entries.max(Self::FEWEST)),
        }
    }

    /// Whether the bit of a credential is set.
    ///
    /// # Errors
    /// [`OutOfRange`]: the credential must be refused. §3.2, `RANGE_ERROR`.
    pub fn is_set(&self, index: u64) -> Result<bool, OutOfRange> {
        Ok(self.list.status(index ^ 7)? != Status::Valid)
    }

    /// Sets or clears the bit of a credential.
    ///
    /// # Errors
    /// [`OutOfRange`]
    pub fn set(&mut self, index: u64, on: bool) -> Result<(), OutOfRange> {
        let status = if on { Status::Invalid } else { Status::Valid };
        self.list.set(index ^ 7, status).map_err(|_| OutOfRange)
    }

    /// How many credentials the list has room for.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.list.entries()
    }

    /// The uncompressed bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.list.bytes()
    }

    /// The list as `encodedList`. §3.3.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        // Writing to a vector does not fail.
        let written = encoder.write_all(self.bytes()).and_then(|()| encoder.finish());
        format!("u{}", base64url::encode(written.unwrap_or_default()))
    }

    /// Reads an `encodedList`, and stops where the budget ends. §3.4.
    ///
    /// # Errors
    /// [`BitstringError`]
    pub fn decode(encoded: &str, budget: &mut Budget) -> Result<Self, BitstringError> {
        let encoded = encoded.strip_prefix('u').ok_or(BitstringError::Multibase)?;
        let compressed = base64url::decode(encoded).map_err(|_| BitstringError::Multibase)?;
        let limit = budget.left(Work::Inflated);
        let beyond = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let mut decoder = GzDecoder::new(compressed.as_slice());
        let mut bytes = Vec::new();
        let read = (&mut decoder).take(beyond).read_to_end(&mut bytes);
        if bytes.len() > limit {
            budget.spend(Work::Inflated, limit)?;
            return Err(OverBudget(Work::Inflated).into());
        }
        budget.spend(Work::Inflated, bytes.len())?;
        if read.is_err() || !decoder.into_inner().is_empty() {
            return Err(BitstringError::Compression);
        }
        let list = StatusList::from_bytes(Bits::One, bytes);
        match list.entries() < Self::FEWEST {
            true => Err(BitstringError::TooShort),
            false => Ok(Self { list }),
        }
    }
}
