//! JSON Web Key, Signature and Encryption, certificate chains, and strict JSON.
//!
//! The formats are those of RFC 7515 to 7518 (with EdDSA of RFC 8037), cut down to what the
//! protocols above need: ES256 and EdDSA signatures in compact form, ECDH-ES encryption, and
//! `x5c` chains. What came off the wire is an `Unverified…` type; only a check that consumes
//! it makes the `Verified…` one.
//!
//! * An algorithm belongs to a key ([`VerifyingKey`]); the `alg` header can only agree with it.
//! * Every signature is verified for one exact `typ`, so that no token stands in for another.
//! * JSON from outside is read by [`strict_json`] alone: no duplicate names, bounded work.
//! * Work that outside bytes cause is counted in a [`Budget`]; there is an end to it.
//!
//! The crate reads no clock and opens no file. Random bytes are arguments, but for the nonce
//! of an ECDSA signature, the ephemeral key of a JWE (both aws-lc-rs) and its IV (josekit), which
//! those libraries draw themselves.

mod algorithm;
pub mod base64url;
mod budget;
pub mod claims;
mod der;
mod header;
pub mod jwe;
mod jwk;
mod jwk_set;
mod jws;
mod private_jwk;
mod random;
mod signing;
pub mod strict_json;
mod verifying;
pub mod x5c;

pub use algorithm::Algorithm;
pub use budget::{Budget, OverBudget, Work};
pub use header::JwsHeader;
pub use jwk::{JwkError, KeyUse, PublicJwk};
pub use jwk_set::{JwkSet, JwkSetError};
pub use jws::{JwsError, UnverifiedJws, VerifiedJws, sign_compact};
pub use private_jwk::PrivateJwk;
pub use random::RandomSource;
pub use signing::{SignError, Signer, SigningKey};
pub use verifying::{SignatureError, VerifyingKey};

/// Seconds since 1970-01-01T00:00:00Z. RFC 7519 §2 (NumericDate), whole seconds only.
pub type UnixTime = u64;
