//! The issuer through its routes: happy path, attacks, replays, restarts.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod a;
mod attestation;
mod citizens;
mod code_flow;
mod codes;
mod console;
mod d;
mod deferred;
mod description;
mod e;
mod encryption;
mod formats;
mod granted;
mod h;
mod h17;
mod identity;
mod import;
mod indistinguishable;
mod issuance;
mod k;
mod keys;
mod ledger_service;
mod list_history;
mod log;
mod metadata;
mod offers;
mod operator;
mod publication;
mod pushed;
mod refresh;
mod sign_in;
mod status;
mod wallet;
mod world;
