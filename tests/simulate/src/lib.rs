//! Deterministic simulation of a log and its cosigners. docs/simulation.md
//!
//! What gives entries their order, signs, asks for cosignatures and publishes is the product's own code
//! (`anchor::log::{Sequencing, Publishing, gate}`, `anchor::witness::Cosigning`, `anchor::store::commit_batch`). What
//! is simulated is what that code stands on: disks, a network, clocks, and the order in which tasks get their turn. All
//! of it comes from one seed, so that a run can be repeated.

mod chance;
#[cfg(test)]
mod differential;
mod disk;
mod faults;
mod fields;
mod fixture;
mod frame;
mod instance;
mod network;
mod node;
mod oracle;
mod plant;
mod records;
mod store;
mod tasks;
mod transaction;
mod weather;
mod world;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use oracle::{Finding, Oracle};
pub use plant::Plant;
pub use world::{Summary, run};

/// What a mutex guards, also after a panic elsewhere.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
