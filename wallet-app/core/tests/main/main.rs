//! The wallet against servers that speak its protocols: over real HTTP, with real signatures and
//! real proofs. Every refusal asserts its exact reason, that nothing was stored, and what was sent.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod anchors;
mod arrivals;
mod asking;
mod attestation;
mod bounds;
mod credentials;
mod deletion;
mod drawings;
mod ecosystem;
mod foretold;
mod in_both_formats;
mod issuance;
mod ledger_rules;
mod looks;
mod mdocs;
mod offline;
mod offline_proofs;
mod prefixes;
mod presentation;
mod privacy;
mod query_language;
mod receipts;
mod recorded_before;
mod recorded_lists;
mod refresh;
mod registered;
mod requests;
mod scope;
mod services;
mod sign_in;
mod status_lists;
mod successor;
mod turns;
mod types;
mod unanswerable;
mod w3c;
mod waiting;
mod widened;
mod world;
