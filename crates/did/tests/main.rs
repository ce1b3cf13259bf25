//! did:webvh against the vectors of the didwebvh test suite and rule by rule.

#![expect(clippy::unwrap_used, clippy::panic, reason = "test helpers may fail loudly")]

mod forge;
mod jcs;
mod log_rules;
mod resolution;
mod vectors;
mod witnesses;
