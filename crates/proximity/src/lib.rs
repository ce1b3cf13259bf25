//! Showing a card without a network: two QR codes, no radio, no server. The byte-exact
//! description is `docs/offline-qr.md`.
//!
//! * The verifier's way: [`NewChallenge`] → [`Challenge`], shown as frames; [`UnverifiedAnswer`] →
//!   [`OpenedAnswer`], which goes to the same verdict as an answer over the network.
//! * The wallet's way: [`UnverifiedChallenge`] → [`VerifiedChallenge`] → consent →
//!   [`NewAnswer`] → [`SealedAnswer`], shown as frames.
//! * Frames: [`FrameSource`] never ends, [`FrameCollector`] takes any of them in any order, [`FrameCode`] is one as it
//!   is drawn.
//!
//! Nothing here reads a clock, a file or a camera. Random bytes are arguments, but for the
//! ephemeral key and the vector of the encryption, which josekit draws (see the crate `jose`).

mod answer;
mod budget;
mod challenge;
mod draw;
mod frames;
mod packed;

pub use answer::{AnswerError, MakeAnswerError, NewAnswer, OpenedAnswer, SealedAnswer, UnverifiedAnswer};
pub use budget::{BudgetField, BudgetLine, ByteBudget};
pub use challenge::{
    Accepted, Challenge, ChallengeError, Evidence, HELD_ISSUERS, HeldIssuer, MAX_LIFETIME, MakeChallengeError,
    NewChallenge, UnverifiedChallenge, VerifiedChallenge,
};
pub use draw::{FrameCode, FrameCodeError};
pub use frames::{
    CompleteError, FRAME_BYTES, FrameCollector, FrameError, FrameId, FrameKind, FrameSource, FrameSourceError,
    MAX_SYMBOLS, Progress, ProgressState, RECOVERY_SYMBOLS, SYMBOL_BYTES,
};
