//! Showing cards. OpenID4VP 1.0 with signed requests by `request_uri`; docs/offline-qr.md without a network.
//!
//! [`Wallet::open_request`] → [`OpenRequest`], shown to the person → [`Wallet::share`] or
//! [`Wallet::refuse`]. Without a network: [`Wallet::open_challenge`] → [`OpenChallenge`] →
//! [`Wallet::show`], with the same consent, scope, matching and comparison. Where no card answers, [`Unanswerable`] is what is left of it; what whoever
//! asked may be told of a request that is not shown is [`Untold`] until the person says so.

mod answer;
mod challenge;
mod compare;
#[cfg(test)]
mod compared;
mod error;
mod evidence;
mod foretell;
mod known;
mod matching;
mod never;
mod open;
mod opened;
mod pace;
mod receipts;
mod recorded_before;
mod registered;
mod scope;
mod send;
mod show;
mod smallest;
mod unanswerable;
mod untold;
mod weigh;
mod widened;

pub use challenge::{AskedOffline, OpenChallenge};
pub use error::{NotConsented, RequestRefused, ShareError};
pub use never::NeverShown;
pub(crate) use never::NotedNever;
pub use opened::{Open, OpenRequest};
pub(crate) use pace::stopped;
pub use recorded_before::EarlierRecord;
pub use registered::RegistrationRefused;
pub(crate) use send::SessionKey;
pub use send::{Receipt, Sent};
pub use show::ShownAnswer;
pub use unanswerable::Unanswerable;
pub use untold::Untold;
pub use widened::Widened;

#[expect(unused_imports, reason = "named in the documentation of this module")]
use crate::Wallet;
