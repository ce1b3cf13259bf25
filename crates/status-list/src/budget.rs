//! What a status list token or an aggregation may cost whoever reads it: the default [`Budget`] of each.

use jose::strict_json::Limits;
use jose::{Budget, Work};

/// A status list token: 16 MiB of text, a list of 16 MiB once inflated (2^27 cards of one bit), one
/// signature. Another budget can be given to `parse_within`.
pub const TOKEN: Budget = Limits::METADATA
    .add_to(Budget::NOTHING)
    .allow(Work::Bytes, LARGEST)
    .allow(Work::StringBytes, LARGEST)
    .allow(Work::Inflated, LARGEST)
    .allow(Work::Signatures, 1);

const LARGEST: usize = 16 * 1024 * 1024;

/// An aggregation: 256 KiB that name 1,000 lists, each of which is fetched.
pub const AGGREGATION: Budget = Limits::METADATA.budget().allow(Work::Documents, 1_000);
