//! The issuer through its routes: happy path, attacks, replays, restarts.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod a;
mod citizens;
mod console;
mod d;
mod h;
mod h17;
mod h5;
mod identity;
mod import;
mod indistinguishable;
mod issuance;
mod k;
mod ledger_service;
mod offers;
mod operator;
mod status;
mod wallet;
mod world;
