//! What an mdoc may cost whoever reads it: the default [`Budget`] of each role.
//!
//! Real documents stay far below: the driving licence of ISO/IEC 18013-5 Annex D has 37 digests and
//! 3.5 KB. Another budget can be given to `parse_within`.

use jose::{Budget, Work};

/// `IssuerSigned` from its issuer, read by a wallet: 1 MiB, 1,000 elements, 4,096 digests, 16 levels and
/// 64 Ki values of CBOR, strings of 512 KiB, one signature beside those of the chain.
pub const CREDENTIAL: Budget = Budget::NOTHING
    .allow(Work::Bytes, 1024 * 1024)
    .allow(Work::Values, 64 * 1024)
    .allow(Work::Depth, 16)
    .allow(Work::StringBytes, 512 * 1024)
    .allow(Work::Disclosures, 1_000)
    .allow(Work::Digests, 4_096)
    .allow(Work::Hashes, 1_000)
    .allow(Work::Signatures, 1);

/// `DeviceResponse`, read by a verifier: a credential, and one signature of the device.
pub const PRESENTATION: Budget = CREDENTIAL.allow(Work::Signatures, 2);
