//! The issuer through its routes: happy path, attacks, replays, restarts.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod a;
mod console;
mod d;
mod description;
mod h;
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
