//! How much work a token may cause. Everything beyond is refused.

/// Bytes of a whole SD-JWT or presentation.
pub const MAX_LENGTH: usize = 1024 * 1024;
/// Disclosures in one SD-JWT.
pub const MAX_DISCLOSURES: usize = 1_000;
/// Embedded digests in one SD-JWT, decoys included.
pub const MAX_DIGESTS: usize = 4_096;
/// Disclosures inside one another.
pub const MAX_DISCLOSURE_DEPTH: usize = 16;
/// Objects and arrays inside one another in the processed payload.
pub const MAX_LEVELS: usize = 32;
