//! Fixtures shared by the tests: real keys, real signatures, real proofs, no network and no clock.

pub mod certificates;
pub mod credential;
pub mod ledger;
pub mod routes;
mod scope;

pub use crate::ledger::{Cosignatures, Ledger};
pub use scope::{purpose, scope};
