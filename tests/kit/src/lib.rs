//! Fixtures shared by the tests: real keys, real signatures, real proofs, no network and no clock.

pub mod addresses;
pub mod asking;
pub mod certificates;
mod confusion;
pub mod credential;
pub mod jwe;
pub mod ledger;
pub mod mdoc;
pub mod memory;
pub mod objects;
pub mod routes;
mod scope;
pub mod vault;
pub mod vectors;
pub mod w3c;

pub use crate::ledger::{Cosignatures, Ledger};
pub use confusion::mac;
pub use scope::{purpose, scope};
