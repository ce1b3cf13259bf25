//! The ledger, as an issuer uses it: read the own record, write the own lines and snapshots.
//!
//! What the ledger says is taken from verified bundles alone.

mod client;
mod publication;
mod standing;
mod writer;

pub use client::{LedgerClient, LedgerClientError, LedgerError, Posted};
pub use publication::PublicationError;
pub use standing::{Refusal, Standing};
pub use writer::{Writer, WriterError};
