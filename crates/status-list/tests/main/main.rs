//! Token Status List: the specification's own vectors, and every refusal.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]

mod token;
mod vectors;
