//! Both sides of an issuance together, and the examples of the specification.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod examples;
mod issuance;
mod published;
