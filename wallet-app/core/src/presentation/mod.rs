//! Showing cards. OpenID4VP 1.0 with signed requests by `request_uri`.
//!
//! [`Wallet::open_request`] → [`OpenRequest`], shown to the person → [`Wallet::share`] or
//! [`Wallet::refuse`]. Where no card answers, [`Unanswerable`] is what is left of it; what whoever
//! asked may be told of a request that is not shown is [`Untold`] until the person says so.

mod answer;
mod compare;
mod error;
mod known;
mod matching;
mod open;
mod pace;
mod scope;
mod send;
mod unanswerable;
mod untold;

pub use error::{NotConsented, RequestRefused, ShareError};
pub use open::OpenRequest;
pub(crate) use send::SessionKey;
pub use send::{Receipt, Sent};
pub use unanswerable::Unanswerable;
pub use untold::Untold;

#[expect(unused_imports, reason = "named in the documentation of this module")]
use crate::Wallet;
