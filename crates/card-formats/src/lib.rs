//! The formats of cards behind one interface: what issuer, wallet and verifier need of a card, whatever its bytes are.
//! docs/adr/0014-formats.md
//!
//! ```text
//! issuer     NewCopy --issue--> text
//! wallet     text --received--> ReceivedCopy --verify--> VerifiedCopy, and the text is stored
//!            text --held--> HeldCopy --present--> text --decode--> Decoded
//! verifier   text --presented--> PresentedCopy --verify--> ShownCopy
//! ```
//!
//! A format is a module that implements [`CardFormat`] and the four traits of its copies, and one entry of
//! [`Format::ALL`]. A copy, and a presentation of it, is text everywhere: a string of the wire as it is, an object as
//! its JSON. Claims are one JSON object, in the form in which the paths of DCQL lead through it.

mod binding;
mod decoded;
mod error;
mod format;
mod issuer;
mod mdoc;
mod sd_jwt_vc;
mod status;
mod trust;
mod verifier;
mod w3c;
mod wallet;

pub use binding::{Binding, Handover};
pub use decoded::{Decoded, Disclosed};
pub use error::{DecodeError, Invalid, IssueError, PresentError, PresentationError, ReceiveError, W3cError};
pub use format::{Around, CardFormat, Format, Member};
pub use issuer::NewCopy;
pub use status::{NewBits, StatusListError, UnverifiedList};
pub use trust::{IssuerHints, Trusted};
pub use verifier::{PresentedCopy, ShownCopy};
pub use wallet::{HeldCopy, Holder, ReceivedCopy, VerifiedCopy};

// Words that every format shares.
pub use sd_jwt::type_metadata::{self, HeldTypeError, HeldTypes};
pub use sd_jwt::{ClaimPath, PathElement, Requirements};
