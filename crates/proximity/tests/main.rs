//! Both sides against each other, with a ledger in process. docs/offline-qr.md
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests: what goes wrong is a failed test"
)]

mod answer;
mod budget;
mod challenge;
mod kit;
mod vectors;
