//! Fuzzing: one body for each parser of outside bytes. docs/fuzzing.md
//!
//! A [`Target`] is a name, its seeds and a body: a plain function over bytes that panics where a promise
//! is broken. "No panic" is the least of these: what is read is written again and reads the same, two
//! ways of reading agree, and a change of what was signed never becomes `Verified…`.
//!
//! The same bodies run in three ways: every seed and a fixed number of changes of each on stable Rust
//! (`tests/main.rs`), for as long as one likes without coverage (`holdfast-fuzz run`), and guided by
//! coverage under libFuzzer (`holdfast-libfuzzer`, built by `cargo xtask soak fuzz` alone).
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a broken promise is a panic: that is how a fuzz target speaks"
)]

mod dice;
mod keys;
mod mutate;
mod offline;
mod replay;
mod seeds;
mod targets;

pub use dice::Dice;
pub use mutate::mutate;
pub use replay::{Failure, Replayed, replay, soak};
pub use targets::{TARGETS, Target, kept_seeds, target};

/// How far a body came with its input. A body whose seeds no longer reach [`Reached::Accepted`] shows
/// nothing, which the tests notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reached {
    /// The parser refused it.
    Refused,
    /// The parser read it; nothing vouches for it.
    Read,
    /// The deepest step: a signature or proof held, or, in a format without one, every rule did.
    Accepted,
}
