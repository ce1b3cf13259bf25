//! Receiving cards. OpenID4VCI 1.0, with a code in the offer or after a sign-in, with DPoP and batches of copies.
//!
//! [`Wallet::open_offer`] → [`OpenOffer`], shown to the person → [`Wallet::receive_offer`] →
//! [`Arrival`](crate::Arrival), "is this you?" → [`Wallet::keep_cards`] or [`Wallet::reject_cards`].
//!
//! Where the issuer needs time, [`IssuanceError::Deferred`] says so, the cards are among
//! [`Wallet::waiting_cards`], and [`Wallet::collect_waiting`] asks again.

mod authentication;
mod authorization_server;
mod decide;
mod error;
mod finish;
mod name;
mod open;
mod receive;
mod refresh;
mod sign_in;
mod tell;
mod templates;
mod types;
mod verify;
mod waiting;

pub use decide::AcceptedCard;
pub use error::{CredentialRefused, IssuanceError};
pub use open::{OfferedBy, OfferedCard, OpenOffer};
pub use refresh::Reissued;
pub use sign_in::SignIn;
pub use waiting::{Collected, WaitingCard};

#[expect(unused_imports, reason = "named in the documentation of this module")]
use crate::Wallet;
