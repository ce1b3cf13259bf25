//! Showing cards. OpenID4VP 1.0 with signed requests by `request_uri`.
//!
//! [`Wallet::open_request`] → [`OpenRequest`], shown to the person → [`Wallet::share`] or
//! [`Wallet::refuse`].

mod answer;
mod compare;
mod error;
mod matching;
mod open;
mod scope;
mod send;

pub use error::{NotConsented, RequestRefused, ShareError};
pub use open::OpenRequest;
pub(crate) use send::SessionKey;
pub use send::{Receipt, Sent};

#[expect(unused_imports, reason = "named in the documentation of this module")]
use crate::Wallet;
