//! Tests of the ledger through its public interface.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests: what goes wrong is a failed test"
)]

mod bundle;
mod ecosystem_link;
mod freshness;
mod kinds;
mod landmark;

mod map;
mod object_bundle;
mod oracle;
mod replica;
mod rules;
mod split;
mod tampered;
mod trust_pack;
mod vectors;
