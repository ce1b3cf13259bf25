//! The command line as others call it: arguments in, one JSON object and an exit code out.
#![expect(clippy::expect_used, reason = "a test that cannot go on has failed")]

mod answer;
mod cards;
mod ecosystem;
mod keyring;
mod locking;
mod outside;
mod profile;
mod services;
mod session;
