//! Both sides of an issuance together, and the examples of the specification.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod attestation;
mod credentials;
mod deferred;
mod encryption;
mod examples;
mod fixture;
mod issuance;
mod offers;
mod published;
mod tokens;
