use crate::status::Status;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Decompress, FlushDecompress, Status as Inflation};
use jose::{Budget, OverBudget, Work};
use std::io::Write;
use thiserror::Error;

/// How many bits one card has. draft-ietf-oauth-status-list §4.1
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bits {
    /// Valid and invalid.
    One,
    /// Also suspended.
    Two,
    /// Read only.
    Four,
    /// Read only.
    Eight,
}

impl Bits {
    /// The number, as in the token.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::One => 1,
            Self::Two => 2,
            Self::Four => 4,
            Self::Eight => 8,
        }
    }

    /// How many cards one byte holds.
    fn per_byte(self) -> u64 {
        u64::from(8 / self.number())
    }

    fn mask(self) -> u8 {
        u8::MAX >> (8 - self.number())
    }
}

impl TryFrom<u64> for Bits {
    type Error = ListError;

    fn try_from(number: u64) -> Result<Self, ListError> {
        match number {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            4 => Ok(Self::Four),
            8 => Ok(Self::Eight),
            _ => Err(ListError::Bits),
        }
    }
}

/// Why a list was refused, or a status could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ListError {
    /// `bits` is not 1, 2, 4 or 8. §4.2
    #[error("bits is not 1, 2, 4 or 8")]
    Bits,
    /// `lst` is not ZLIB data, or something follows it. §4.1
    #[error("the list is not ZLIB data")]
    Compression,
    /// `lst` inflates beyond what the reader's budget allows.
    #[error(transparent)]
    OverBudget(#[from] OverBudget),
    /// A value that does not fit into the list's bits.
    #[error("the status does not fit into the list's bits")]
    DoesNotFit,
    /// An index beyond the end.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
}

/// An index beyond the end of the list: no statement can be made, and the card
/// must be refused. draft-ietf-oauth-status-list §8.3
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the index lies beyond the list")]
pub struct OutOfRange;

/// The bits of many cards, uncompressed, the first card in the lowest bits of
/// the first byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusList {
    bits: Bits,
    bytes: Vec<u8>,
}

impl StatusList {
    /// A list of at least `entries` cards, all valid.
    #[must_use]
    pub fn new(bits: Bits, entries: u64) -> Self {
        let bytes = usize::try_from(entries.div_ceil(bits.per_byte())).unwrap_or(usize::MAX);
        Self {
            bits,
            bytes: vec![0; bytes],
        }
    }

    /// A list from its uncompressed bytes.
    #[must_use]
    pub fn from_bytes(bits: Bits, bytes: Vec<u8>) -> Self {
        Self { bits, bytes }
    }

    /// Inflates `lst`, and stops where the budget ends.
    ///
    /// # Errors
    /// [`ListError::Compression`], [`ListError::OverBudget`]
    pub fn inflate(bits: Bits, compressed: &[u8], budget: &mut Budget) -> Result<Self, ListError> {
        let limit = budget.left(Work::Inflated);
        let mut bytes = Vec::with_capacity(CHUNK.min(limit));
        let mut decompress = Decompress::new(true);
        loop {
            let taken = usize::try_from(decompress.total_in()).map_err(|_| ListError::Compression)?;
            let rest = compressed.get(taken..).ok_or(ListError::Compression)?;
            let step = decompress
                .decompress_vec(rest, &mut bytes, FlushDecompress::None)
                .map_err(|_| ListError::Compression)?;
            if bytes.len() > limit {
                budget.spend(Work::Inflated, limit)?;
                return Err(OverBudget(Work::Inflated).into());
            }
            match step {
                Inflation::StreamEnd => break,
                // No room left is the only reason to go on; a stream that
                // wants more input was cut off.
                _ if bytes.len() == bytes.capacity() => bytes.reserve(CHUNK.min(limit.saturating_add(1) - bytes.len())),
                _ => return Err(ListError::Compression),
            }
        }
        if decompress.total_in() != u64::try_from(compressed.len()).unwrap_or(u64::MAX) {
            return Err(ListError::Compression);
        }
        budget.spend(Work::Inflated, bytes.len())?;
        Ok(Self { bits, bytes })
    }

    /// The list as ZLIB data at the highest level. §4.1
    #[must_use]
    pub fn deflate(&self) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        // Writing to a vector does not fail.
        let written = encoder.write_all(&self.bytes).and_then(|()| encoder.finish());
        written.unwrap_or_default()
    }

    /// The status of one card.
    ///
    /// # Errors
    /// [`OutOfRange`]
    pub fn status(&self, index: u64) -> Result<Status, OutOfRange> {
        let byte = usize::try_from(index / self.bits.per_byte()).map_err(|_| OutOfRange)?;
        let byte = self.bytes.get(byte).ok_or(OutOfRange)?;
        Ok(Status::from((byte >> self.shift(index)) & self.bits.mask()))
    }

    /// Writes the status of one card. Lists of 4 and 8 bits are read only.
    ///
    /// # Errors
    /// [`ListError::DoesNotFit`], [`ListError::OutOfRange`]
    pub fn set(&mut self, index: u64, status: Status) -> Result<(), ListError> {
        let writable = matches!(self.bits, Bits::One | Bits::Two);
        if !writable || status.value() > self.bits.mask() {
            return Err(ListError::DoesNotFit);
        }
        let shift = self.shift(index);
        let at = usize::try_from(index / self.bits.per_byte()).map_err(|_| OutOfRange)?;
        let byte = self.bytes.get_mut(at).ok_or(OutOfRange)?;
        *byte = *byte & !(self.bits.mask() << shift) | status.value() << shift;
        Ok(())
    }

    /// How many bits one card has.
    #[must_use]
    pub fn bits(&self) -> Bits {
        self.bits
    }

    /// How many cards the list has room for.
    #[must_use]
    pub fn entries(&self) -> u64 {
        u64::try_from(self.bytes.len())
            .unwrap_or(u64::MAX)
            .saturating_mul(self.bits.per_byte())
    }

    /// The uncompressed bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn shift(&self, index: u64) -> u32 {
        // At most 7 places of one byte times at most 4 bits: fits.
        u32::try_from(index % self.bits.per_byte()).unwrap_or(0) * u32::from(self.bits.number())
    }
}

/// How far the buffer grows at a time while inflating.
const CHUNK: usize = 64 * 1024;
