//! Receiving cards. OpenID4VCI 1.0, pre-authorized code flow, with DPoP and batches of copies.
//!
//! [`Wallet::open_offer`] → [`OpenOffer`], shown to the person → [`Wallet::accept_offer`].

mod accept;
mod error;
mod open;
mod verify;

pub use accept::AcceptedCard;
pub use error::{CredentialRefused, IssuanceError};
pub use open::{OfferedBy, OfferedCard, OpenOffer};

#[expect(unused_imports, reason = "named in the documentation of this module")]
use crate::Wallet;
