//! What a request or a response may cost whoever reads it: the default [`Budget`] of each role.

use jose::{Budget, Work};

/// A query that is held against one credential: 256 Ki comparisons of values, and of claims inside
/// one alternative. 100 claims in 20 alternatives cost 101,100.
pub const QUERY: Budget = Budget::NOTHING.allow(Work::Comparisons, 256 * 1024);

/// The presentations of a response: two signatures each, of 16.
pub const RESPONSE: Budget = Budget::NOTHING.allow(Work::Signatures, 32);

/// A form that a wallet posts, its answer or what it says of itself: 2 MiB, 64 parameters.
pub const FORM: Budget = Budget::NOTHING
    .allow(Work::Bytes, 2 * 1024 * 1024)
    .allow(Work::Parameters, 64);
