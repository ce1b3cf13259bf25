//! Token Status List: whether a card was revoked or suspended, told by a list
//! of bits that covers so many cards that asking for it says nothing.
//!
//! draft-ietf-oauth-status-list, JWT form. A token in its decoded form:
//!
//! ```json
//! { "alg": "ES256", "kid": "12", "typ": "statuslist+jwt" }
//! { "sub": "https://example.com/statuslists/1", "iat": 1686920170, "exp": 2291720170, "ttl": 43200,
//!   "status_list": { "bits": 1, "lst": "eNrbuRgAAhcBXQ" } }
//! ```
//!
//! The ladder: [`UnverifiedToken`] is what came off the wire;
//! [`UnverifiedToken::verify`] consumes it and makes a [`VerifiedList`], which
//! alone answers [`VerifiedList::look_up`]. What a token may cost is bounded: see [`budget`].
//!
//! A Bitstring Status List, which is a W3C credential, is read elsewhere and becomes a [`VerifiedList`] too
//! ([`VerifiedList::of_bits`]), so that whoever holds lists holds both in one way.

mod aggregation;
pub mod budget;
mod list;
mod purpose;
mod reference;
mod status;
mod token;

pub use aggregation::{Aggregation, AggregationError};
pub use list::{Bits, ListError, OutOfRange, StatusList};
pub use purpose::StatusPurpose;
pub use reference::{StatusReference, StatusReferenceError};
pub use status::Status;
pub use token::{ListTimes, LookUpError, StatusClaims, TokenError, UnverifiedToken, VerifiedList, sign_token};
