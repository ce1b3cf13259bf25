//! Frames: a message cut into QR codes of one size, of which any k are enough.
//! docs/offline-qr.md §4

mod collector;
mod frame;
mod reed_solomon;
mod source;

pub use collector::{CompleteError, FrameCollector, Progress, ProgressState};
pub use frame::{FRAME_BYTES, FrameError, FrameId, FrameKind, MAX_SYMBOLS, RECOVERY_SYMBOLS, SYMBOL_BYTES};
pub use source::{FrameSource, FrameSourceError};

/// Bytes of the hash in front of the message.
pub(crate) const HASH_BYTES: usize = 32;

/// The longest message that frames carry.
pub(crate) const MESSAGE_CAP: usize = MAX_SYMBOLS * SYMBOL_BYTES - HASH_BYTES;
