//! From a message to frames without end. docs/offline-qr.md §4

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::frame::{FRAME_BYTES, Frame, FrameId, FrameKind, Header, MAX_SYMBOLS, SYMBOL_BYTES};
use super::reed_solomon::{self, Symbol};
use super::{HASH_BYTES, MESSAGE_CAP};

/// The frames of one message: its own symbols first, then the recovery symbols.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameSource {
    needed: usize,
    frames: Vec<[u8; FRAME_BYTES]>,
}

/// Why a message cannot be shown as frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameSourceError {
    /// There is nothing to show.
    #[error("the message is empty")]
    Empty,
    /// More than 16 symbols.
    #[error("the message does not fit into 16 codes")]
    TooLong,
    /// The code could not be computed.
    #[error("the recovery symbols cannot be computed")]
    Code,
}

impl FrameSource {
    /// Cuts a message into frames.
    ///
    /// # Errors
    /// [`FrameSourceError`]
    pub fn new(kind: FrameKind, message: &[u8]) -> Result<Self, FrameSourceError> {
        if message.is_empty() {
            return Err(FrameSourceError::Empty);
        }
        if message.len() > MESSAGE_CAP {
            return Err(FrameSourceError::TooLong);
        }
        let hash: [u8; HASH_BYTES] = Sha256::digest(message).into();
        let block = [hash.as_slice(), message].concat();
        let mut symbols: Vec<Symbol> = block.chunks(SYMBOL_BYTES).map(filled).collect();
        let needed = symbols.len();
        let header = Header {
            kind,
            id: FrameId([hash[0], hash[1], hash[2]]),
            symbols: u8::try_from(needed).map_err(|_| FrameSourceError::TooLong)?,
            last: (block.len() - (needed - 1) * SYMBOL_BYTES) as u16,
        };
        symbols.extend(reed_solomon::recovery(&symbols).ok_or(FrameSourceError::Code)?);
        let frames = (0..).zip(&symbols).map(|(index, symbol)| {
            let frame = Frame { header, index, symbol };
            frame.encode()
        });
        Ok(Self {
            needed,
            frames: frames.collect(),
        })
    }

    /// How many frames a reader needs: k.
    pub fn needed(&self) -> usize {
        self.needed
    }

    /// Every frame, in the order of index.
    pub fn frames(&self) -> &[[u8; FRAME_BYTES]] {
        &self.frames
    }

    /// The frames of a still picture: k codes beside one another.
    pub fn sheet(&self) -> &[[u8; FRAME_BYTES]] {
        self.frames.get(..self.needed).unwrap_or(&self.frames)
    }

    /// The frames of an animation, without end: all in order, then again.
    pub fn cycle(&self) -> impl Iterator<Item = &[u8; FRAME_BYTES]> + Clone {
        self.frames.iter().cycle()
    }
}

fn filled(chunk: &[u8]) -> Symbol {
    let mut symbol = [0; SYMBOL_BYTES];
    for (to, from) in symbol.iter_mut().zip(chunk) {
        *to = *from;
    }
    symbol
}

const _: () = assert!(MAX_SYMBOLS + super::RECOVERY_SYMBOLS <= u8::MAX as usize);

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case(0 => Err(FrameSourceError::Empty) ; "nothing")]
    #[test_case(1 => Ok(1) ; "one_byte")]
    #[test_case(480 => Ok(1) ; "one_symbol")]
    #[test_case(481 => Ok(2) ; "two_symbols")]
    #[test_case(8160 => Ok(16) ; "16_symbols")]
    #[test_case(8161 => Err(FrameSourceError::TooLong) ; "too_long")]
    fn needed(length: usize) -> Result<usize, FrameSourceError> {
        FrameSource::new(FrameKind::Answer, &vec![7; length]).map(|source| source.needed())
    }

    #[test]
    fn the_message_comes_first_as_it_is_and_then_round_again() {
        let message: Vec<u8> = (0..1000_u16).map(|number| number as u8).collect();
        let source = FrameSource::new(FrameKind::Challenge, &message).unwrap();
        assert_eq!(source.sheet().len(), 3);
        assert_eq!(source.frames().len(), 35);
        assert_eq!(source.sheet()[0][8 + 32..], message[..480]);
        assert_eq!(source.sheet()[1][8..], message[480..992]);
        assert_eq!(source.sheet()[2][6..8], [0, 8]);
        assert!(source.sheet()[2][8 + 8..].iter().all(|byte| *byte == 0));
        let shown: Vec<_> = source.cycle().take(70).collect();
        assert_eq!(shown[..35], shown[35..]);
        assert_eq!(FrameSource::new(FrameKind::Challenge, &message).unwrap(), source);
    }
}
