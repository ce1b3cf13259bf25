//! The public ledger: log, registrar, witness, mirror, audit.

pub mod audit;
pub mod cosigner;
pub mod mirror;
pub mod read;
pub mod source;
pub mod witness;
