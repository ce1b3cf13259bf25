//! SD-JWT (RFC 9901) and SD-JWT VC (draft-ietf-oauth-sd-jwt-vc): issue, hold, present, verify.
//!
//! Compact serialisation only. A token climbs one ladder and cannot skip a step:
//!
//! ```text
//! wallet     UnverifiedSdJwt --receive--> HeldSdJwt --select--> Selection --bind--> text
//! verifier   UnverifiedPresentation --verify_credential--> VerifiedCredential
//! ```
//!
//! The key of the issuer is an argument. What a token says about it (`iss`, `kid`, `x5c`) is
//! offered as [`IssuerHints`], with which a policy finds the key it trusts. Whether key binding
//! is required is an argument too ([`KeyBindingPolicy`]) and never follows from what was sent.
//!
//! Work is bounded from the first byte on: see [`budget`].

pub mod budget;
mod credential;
mod decode;
mod disclosure;
mod draft;
mod error;
mod held;
mod integrity;
mod issue;
mod issuer_metadata;
mod key_binding;
mod open;
mod parts;
mod path;
mod presentation;
mod process;
mod received;
pub mod type_metadata;

pub use credential::{CredentialClaims, CredentialError, NEVER_DISCLOSABLE, Requirements, TYP, VerifiedCredential};
pub use decode::{DecodeError, DecodedPresentation, DisclosedClaim, decode_presentation};
pub use draft::{CredentialDraft, Disclosable};
pub use error::SdJwtError;
pub use held::{BindError, Challenge, HeldSdJwt, SelectError, Selection};
pub use integrity::{Integrity, IntegrityError};
pub use issue::{IssueError, Padding, issue};
pub use issuer_metadata::{IssuerKeys, IssuerMetadataError, IssuerUrl, issuer_metadata};
pub use key_binding::{KB_TYP, KeyBindingError, KeyBindingPolicy, VerifiedKeyBinding};
pub use parts::IssuerHints;
pub use path::{ClaimPath, PathElement};
pub use presentation::{PresentationError, UnverifiedPresentation, VerifiedPresentation};
pub use received::{ReceiveError, UnverifiedSdJwt, VerifiedSdJwt};
pub use status_list::StatusReference;
