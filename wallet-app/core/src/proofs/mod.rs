//! What the wallet keeps so that others can check its cards without a network: the newest hourly file of all agencies,
//! the status lists of all issuers of cards here, as they are and as that file names them, and the landmarks by which a
//! log that shows two histories is found.
//!
//! All of it is fetched whole, the same for everybody, at random times or on the person's word, never because a card is
//! shown. docs/offline-qr.md §3.3

mod error;
mod held;
mod landmarks;
mod readiness;
mod recorded;
mod refresh;
mod store;

pub use error::ProofError;
pub(crate) use held::HeldProofs;
pub use readiness::{CardReadiness, OfflineReadiness, Readiness};
pub use refresh::ProofsRefreshed;
pub use store::KeptEvidence;
