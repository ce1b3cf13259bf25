//! What a DID may cost whoever resolves it: the default [`Budget`] of each role.
//!
//! Our own DIDs stay far below: an entry has one proof, one update key and two or three verification
//! methods. Another budget can be given to the functions named `…_within`.

use jose::strict_json::Limits;
use jose::{Budget, Work};

/// A DID: 2,048 bytes. DID Core sets no limit.
pub const NAME: Budget = Budget::NOTHING.allow(Work::Bytes, 2048);

/// A DID document: 64 verification methods. Its JSON has been paid for by whoever read it.
pub const DOCUMENT: Budget = Budget::NOTHING.allow(Work::Listed, 64);

/// One line of a did:webvh log, read and checked: 64 KiB, 8 proofs, 64 members in each list, and
/// what these can cost: the SCID, the entry hash, a hash of each key, two for each proof. The
/// ledger takes lines within this and no others, so to change it is to change the ledger's rules.
pub const ENTRY: Budget = Limits::MESSAGE
    .add_to(DOCUMENT)
    .allow(Work::Bytes, 64 * 1024)
    .allow(Work::EntryBytes, 64 * 1024)
    .allow(Work::Proofs, 8)
    .allow(Work::Signatures, 8)
    .allow(Work::Hashes, 2 + 64 + 2 * 8);

/// A whole did:webvh log and the proofs of its witnesses: 2 MiB, 1,024 entries of which each is
/// within [`ENTRY`], 256 Ki JSON values, 2,048 signatures, 8,192 hashes.
pub const LOG: Budget = ENTRY
    .allow(Work::Bytes, 2 * 1024 * 1024)
    .allow(Work::Entries, 1024)
    .allow(Work::Values, 256 * 1024)
    .allow(Work::Signatures, 2048)
    .allow(Work::Hashes, 8192);

/// The file `did-witness.json`, read: 256 KiB. Its signatures are paid for by the log they approve.
pub const WITNESS_FILE: Budget = Limits::METADATA.budget();
