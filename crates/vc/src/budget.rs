//! What a W3C credential may cost whoever reads it: the default [`Budget`] of each role.
//!
//! A card of ours has some forty values and as many statements. Another budget can be given to
//! `parse_within`.

use jose::strict_json::Limits;
use jose::{Budget, Work};

/// A credential: 1 MiB, 4,096 values of JSON in 16 levels, one signature, and 100,000 RDF statements gone
/// through, each of a document at least three times: RDFC-1.0 takes exponential time for graphs made to that
/// end, and this is where it stops (RDF Dataset Canonicalization 1.0 §7.1).
pub const CREDENTIAL: Budget = Limits {
    bytes: LARGEST,
    depth: 16,
    nodes: 4_096,
    string: LARGEST,
}
.budget()
.allow(Work::Statements, 100_000)
.allow(Work::Hashes, 2)
.allow(Work::Signatures, 1);

/// A presentation: the same bytes and values in all, 8 credentials, and a signature and two hashes for each
/// and for the holder's own proof.
pub const PRESENTATION: Budget = CREDENTIAL
    .allow(Work::Documents, 8)
    .allow(Work::Depth, 18)
    .allow(Work::Statements, 300_000)
    .allow(Work::Hashes, 18)
    .allow(Work::Signatures, 9);

/// A status list credential: as a credential, with a list of 16 MiB once inflated (2^27 entries).
pub const STATUS_LIST: Budget = CREDENTIAL
    .allow(Work::Bytes, 4 * LARGEST)
    .allow(Work::StringBytes, 4 * LARGEST)
    .allow(Work::Inflated, 16 * LARGEST);

const LARGEST: usize = 1024 * 1024;
