//! Integration tests of `oid4vp`, one binary.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may panic")]

mod dcql_rules;
mod examples;
mod flow;
mod matching;
mod properties;
mod recorded;
mod requests;
mod responses;
mod support;
