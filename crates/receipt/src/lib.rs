//! What is left of a check: a receipt for both sides, and a complaint where too much was asked.
//! The byte-exact description is `docs/receipts.md`.
//!
//! * [`Receipt`]: a business signs which claims it was shown and what came of it, without a value.
//!   It travels as a [`SentReceipt`]; an [`UnverifiedReceipt`] becomes a [`VerifiedReceipt`] by the
//!   record of the business that the wallet holds already.
//! * [`Contradiction`]: a receipt that names another tree than the log signed.
//! * [`complaint`]: the signed request of a business, with the proof of what it was allowed to ask.
//! * [`over_asked`]: what lies outside a scope, for the wallet that refuses and for whoever checks a
//!   complaint; [`as_registered`]: what a query asks, as a scope says it.
//!
//! Nothing here reads a clock, a file or a socket, or draws random bytes.

mod as_registered;
pub mod complaint;
mod content;
mod contradiction;
mod over_asking;
mod request;
mod sent;
mod shown;
mod verify;

pub use as_registered::as_registered;
pub use content::{LandmarkName, MakeReceiptError, RECEIPT_TYP, Receipt, Verdict};
pub use contradiction::{Contradiction, ContradictionError, UnverifiedContradiction, VerifiedContradiction};
pub use over_asking::{OverAsked, choice_taken, coverage, over_asked};
pub use request::{Commitment, RequestHash, Salt};
pub use sent::SentReceipt;
pub use shown::{ShownCard, ShownError, shown};
pub use verify::{Expected, ReceiptError, UnverifiedReceipt, VerifiedReceipt};
