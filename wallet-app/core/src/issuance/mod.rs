//! Receiving cards. OpenID4VCI 1.0, pre-authorized code flow, with DPoP and batches of copies.
//!
//! [`Wallet::open_offer`] → [`OpenOffer`], shown to the person → [`Wallet::receive_offer`] →
//! [`Arrival`](crate::Arrival), "is this you?" → [`Wallet::keep_cards`] or [`Wallet::reject_cards`].

mod decide;
mod error;
mod open;
mod receive;
mod tell;
mod verify;

pub use decide::AcceptedCard;
pub use error::{CredentialRefused, IssuanceError};
pub use open::{OfferedBy, OfferedCard, OpenOffer};

#[expect(unused_imports, reason = "named in the documentation of this module")]
use crate::Wallet;
