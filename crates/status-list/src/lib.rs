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
//! alone answers [`VerifiedList::status`]. What a token may cost is bounded: see [`budget`].

mod aggregation;
pub mod budget;
mod list;
mod reference;
mod status;
mod token;

pub use aggregation::{Aggregation, AggregationError};
pub use list::{Bits, ListError, OutOfRange, StatusList};
pub use reference::{StatusReference, StatusReferenceError};
pub use status::Status;
pub use token::{StatusClaims, TokenError, UnverifiedToken, VerifiedList, sign_token};
