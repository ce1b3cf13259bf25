//! Both sides against each other, with a ledger in process. docs/offline-qr.md

mod answer;
mod budget;
mod challenge;
mod kit;
mod vectors;
