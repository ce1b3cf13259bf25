//! Answer: presentations, encrypted to the key of one challenge, with what the verifier lacks.
//! docs/offline-qr.md §3

mod content;
mod envelope;
mod error;
mod open;
mod presentation;
mod seal;
mod short_form;

pub use error::{AnswerError, MakeAnswerError};
pub use open::{OpenedAnswer, UnverifiedAnswer};
pub use seal::{NewAnswer, SealedAnswer};
