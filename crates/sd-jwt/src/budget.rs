//! What an SD-JWT may cost whoever reads it: the default [`Budget`] of each role.
//!
//! Real credentials stay far below: a person's card of ours has 16 digests and 4 KB. Another
//! budget can be given to `parse_within`.

use jose::strict_json::Limits;
use jose::{Budget, Work};

/// A credential from its issuer, read by a wallet: 1 MiB, 1,000 disclosures of which 16 lie inside
/// one another, 4,096 digests, 32 levels and 256 Ki values of JSON, one signature.
pub const CREDENTIAL: Budget = Limits::VP_TOKEN
    .add_to(Budget::NOTHING)
    .allow(Work::Bytes, 1024 * 1024)
    .allow(Work::Disclosures, 1_000)
    .allow(Work::Nesting, 16)
    .allow(Work::Digests, 4_096)
    .allow(Work::Hashes, 1_000)
    .allow(Work::Signatures, 1);

/// A presentation, read by a verifier: a credential, and a Key Binding JWT with one hash and one
/// signature of its own.
pub const PRESENTATION: Budget = CREDENTIAL.allow(Work::Hashes, 1_001).allow(Work::Signatures, 2);

/// A chain of type metadata: 8 documents of 256 KiB in all, each hashed once.
pub const TYPE_METADATA: Budget = Limits::METADATA
    .add_to(Budget::NOTHING)
    .allow(Work::Bytes, 256 * 1024)
    .allow(Work::Documents, 8)
    .allow(Work::Hashes, 8);

/// A credential held against type metadata: how many claims the paths of the rules may select.
pub const CLAIM_RULES: Budget = Budget::NOTHING.allow(Work::Values, 1024 * 1024);

/// An SVG template, and likewise the picture that is filled in: 512 KiB, 4,096 elements of which 64 lie
/// inside one another (64 in all where each draws something over and over), carried pictures of 4 million
/// points in all (four bytes each), one hash.
pub const SVG_TEMPLATE: Budget = Budget::NOTHING
    .allow(Work::Bytes, 512 * 1024)
    .allow(Work::Values, 4_096)
    .allow(Work::Depth, 64)
    .allow(Work::Inflated, 16 * 1024 * 1024)
    .allow(Work::Hashes, 1);

/// JWT VC Issuer Metadata, or a JWK Set that it points to: 256 KiB.
pub const ISSUER_METADATA: Budget = Limits::METADATA.budget();
