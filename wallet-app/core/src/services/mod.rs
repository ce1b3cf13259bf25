//! What can I use? Which services of agencies the person is entitled to, said on this device.
//!
//! The whole list is fetched, the same for everybody, at the times at which proofs are ([`crate::Wallet::refresh_proofs`]).
//! What it means for the person is worked out here, from the cards that are held; nobody is asked, and nobody is told.
//! docs/services.md

mod accredited;
mod entitlement;
mod error;
mod held;
mod list;
mod refresh;
#[cfg(test)]
mod tests;

pub use entitlement::{Entitlement, LackedCard, WhyNotTold};
pub use error::ServicesError;
pub use list::{Law, OfferedService, Office, Price, Services};
