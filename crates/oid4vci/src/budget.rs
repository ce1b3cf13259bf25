//! What a form, a link or an answer may cost whoever reads it: the default [`Budget`] of each role.
//!
//! JSON bodies are read within [`jose::strict_json::Limits`].

use jose::{Budget, Work};

/// The body of a token request or of a pushed authorization request: 64 KiB, 64 parameters.
pub const FORM: Budget = Budget::NOTHING
    .allow(Work::Bytes, 64 * 1024)
    .allow(Work::Parameters, 64);

/// The link of a credential offer: 64 KiB, 16 parameters.
pub const OFFER_LINK: Budget = FORM.allow(Work::Parameters, 16);

/// The address that a browser was sent to with an authorization response: 16 KiB, 64 parameters.
pub const AUTHORIZATION_RESPONSE: Budget = FORM.allow(Work::Bytes, 16 * 1024);
