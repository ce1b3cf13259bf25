//! Certificate chains in the `x5c` header. RFC 7515 §4.1.6, RFC 5280 §6, HAIP 1.0 §5 and §6.1.1.
//!
//! Paths are built and their signatures checked by rustls-webpki. On top of it stand the rules
//! of HAIP: the leaf is not self-signed, and no trust anchor travels in the chain.

mod anchors;
mod certificate;
mod chain;
mod error;
mod list_signers;
mod purpose;
mod verified;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub use anchors::TrustAnchors;
pub use chain::{CHAIN, UnverifiedChain};
pub use error::ChainError;
pub use list_signers::ListSigners;
pub use purpose::Purpose;
pub use verified::VerifiedCertificate;

/// The value of an `x5c` header for certificates in DER form, leaf first.
#[must_use]
pub fn to_value<T: AsRef<[u8]>>(chain: impl IntoIterator<Item = T>) -> Value {
    chain.into_iter().map(|der| json!(STANDARD.encode(der))).collect()
}
