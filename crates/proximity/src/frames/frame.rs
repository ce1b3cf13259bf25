//! One frame: a header of 8 bytes and a symbol of 512. docs/offline-qr.md §4

use thiserror::Error;

use super::HASH_BYTES;
use super::reed_solomon::Symbol;

/// Bytes of a symbol.
pub const SYMBOL_BYTES: usize = 512;
/// Bytes of a frame: a QR code version 15 with error correction L, byte mode, is exactly full.
pub const FRAME_BYTES: usize = HEADER_BYTES + SYMBOL_BYTES;
/// Symbols of a block, at most.
pub const MAX_SYMBOLS: usize = 16;
/// Recovery symbols of a block.
pub const RECOVERY_SYMBOLS: usize = 32;

const HEADER_BYTES: usize = 8;
const VERSION: u8 = 1;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FrameKind {
    /// A verifier's challenge.
    Challenge,
    /// A wallet's answer.
    Answer,
}

/// The first bytes of the message's hash: frames of one message have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameId(pub [u8; 3]);

/// Why bytes are no frame of the kind wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// Not 520 bytes.
    #[error("a frame has 520 bytes")]
    Length,
    /// Another version.
    #[error("a frame of another version")]
    Version,
    /// Of another kind, or of none.
    #[error("a frame of another kind")]
    Kind,
    /// Not 1 to 16 symbols.
    #[error("a block has 1 to 16 symbols")]
    Symbols,
    /// An index beyond the last recovery symbol.
    #[error("there is no such symbol")]
    Index,
    /// The last symbol's length is not 1 to 512, or leaves no message.
    #[error("the last symbol cannot be that long")]
    LastLength,
}

/// What all frames of one message have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: FrameKind,
    pub(super) id: FrameId,
    pub(super) symbols: u8,
    pub(super) last: u16,
}

/// A frame taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    pub(super) header: Header,
    pub(super) index: u8,
    pub(super) symbol: &'a Symbol,
}

impl FrameKind {
    fn number(self) -> u8 {
        match self {
            Self::Challenge => 1,
            Self::Answer => 2,
        }
    }

    fn from_number(number: u8) -> Option<Self> {
        [Self::Challenge, Self::Answer]
            .into_iter()
            .find(|kind| kind.number() == number)
    }
}

impl Header {
    /// How many symbols give the block.
    pub(super) fn needed(&self) -> usize {
        usize::from(self.symbols)
    }

    /// Bytes of the block that are used.
    pub(super) fn block_bytes(&self) -> usize {
        self.needed().saturating_sub(1) * SYMBOL_BYTES + usize::from(self.last)
    }
}

impl<'a> Frame<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, FrameError> {
        let (header, symbol) = bytes.split_first_chunk::<HEADER_BYTES>().ok_or(FrameError::Length)?;
        let symbol: &Symbol = symbol.try_into().map_err(|_| FrameError::Length)?;
        let [first, id0, id1, id2, index, symbols, high, low] = *header;
        if first >> 4 != VERSION {
            return Err(FrameError::Version);
        }
        let header = Header {
            kind: FrameKind::from_number(first & 0x0f).ok_or(FrameError::Kind)?,
            id: FrameId([id0, id1, id2]),
            symbols,
            last: u16::from_be_bytes([high, low]),
        };
        if !(1..=MAX_SYMBOLS).contains(&header.needed()) {
            return Err(FrameError::Symbols);
        }
        if usize::from(index) >= header.needed() + RECOVERY_SYMBOLS {
            return Err(FrameError::Index);
        }
        let last_is_possible = (1..=SYMBOL_BYTES).contains(&usize::from(header.last));
        if !last_is_possible || header.block_bytes() <= HASH_BYTES {
            return Err(FrameError::LastLength);
        }
        Ok(Self { header, index, symbol })
    }

    pub(super) fn encode(&self) -> [u8; FRAME_BYTES] {
        let [id0, id1, id2] = self.header.id.0;
        let [high, low] = self.header.last.to_be_bytes();
        let first = VERSION << 4 | self.header.kind.number();
        let header = [first, id0, id1, id2, self.index, self.header.symbols, high, low];
        let mut frame = [0; FRAME_BYTES];
        let (head, tail) = frame.split_at_mut(HEADER_BYTES);
        head.copy_from_slice(&header);
        tail.copy_from_slice(self.symbol);
        frame
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use test_case::test_case;

    use super::*;

    fn frame() -> [u8; FRAME_BYTES] {
        let header = Header {
            kind: FrameKind::Answer,
            id: FrameId([1, 2, 3]),
            symbols: 4,
            last: 100,
        };
        let symbol = [9; SYMBOL_BYTES];
        Frame {
            header,
            index: 35,
            symbol: &symbol,
        }
        .encode()
    }

    fn with(place: usize, value: u8) -> [u8; FRAME_BYTES] {
        let mut frame = frame();
        frame[place] = value;
        frame
    }

    #[test]
    fn the_header_is_that_of_the_specification() {
        assert_eq!(frame()[..8], [0x12, 1, 2, 3, 35, 4, 0, 100]);
        assert_eq!(Frame::parse(&frame()).unwrap().encode(), frame());
    }

    #[test_case(&frame()[..519] => FrameError::Length ; "too_short")]
    #[test_case(&[&frame()[..], &[0]].concat() => FrameError::Length ; "too_long")]
    #[test_case(&[] => FrameError::Length ; "empty")]
    #[test_case(&with(0, 0x22) => FrameError::Version ; "version_2")]
    #[test_case(&with(0, 0x13) => FrameError::Kind ; "kind_3")]
    #[test_case(&with(5, 0) => FrameError::Symbols ; "no_symbols")]
    #[test_case(&with(5, 17) => FrameError::Symbols ; "17_symbols")]
    #[test_case(&with(4, 36) => FrameError::Index ; "beyond_the_last_recovery_symbol")]
    #[test_case(&with(7, 0) => FrameError::LastLength ; "nothing_in_the_last_symbol")]
    #[test_case(&with(6, 3) => FrameError::LastLength ; "868_bytes_in_the_last_symbol")]
    fn refused(bytes: &[u8]) -> FrameError {
        Frame::parse(bytes).unwrap_err()
    }

    #[test]
    fn a_block_holds_a_message() {
        let mut short = with(5, 1);
        short[4] = 0;
        short[7] = 32;
        assert_eq!(Frame::parse(&short).unwrap_err(), FrameError::LastLength);
        short[7] = 33;
        assert!(Frame::parse(&short).is_ok());
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_the_same(header: [u8; 8], fill: u8) {
            let mut bytes = [fill; FRAME_BYTES];
            bytes[..8].copy_from_slice(&header);
            if let Ok(frame) = Frame::parse(&bytes) {
                prop_assert_eq!(frame.encode(), bytes);
            }
        }
    }
}
