//! Whom the wallet believes, and why: the ledger, and configured trust anchors.

mod anchors;
mod error;
mod issuer;
mod ledger_client;
mod ledger_time;
mod public_record;
mod registrars;
mod successors;
mod verifier;

pub(crate) use anchors::load_anchors;
pub use error::TrustError;
pub(crate) use issuer::{IssuerKeys, TrustedKey, is_webvh};
pub(crate) use ledger_client::{Agencies, Agency, LedgerClient, host_text};
pub use public_record::PublicRecord;
pub use successors::Successor;
pub use verifier::Registration;
pub(crate) use verifier::{AuthenticationError, VerifierTrust};
