//! The issuer service of an agency.
//!
//! It keeps a register of people, offers cards to them, and issues one-time copies over OpenID4VCI 1.0. Status lists
//! answer on a listener of their own. On a ledger, it issues only what its own record, taken from a verified bundle,
//! lets it issue.
//!
//! * [`Settings`]: what it is configured with; [`App`]: the service as one value, with its routers.
//! * [`register`]: the people; [`issue`]: from a person to the copies of a card; [`status`]: the lists.
//! * [`roles`]: who may do what on the agency's page.
//! * [`CitizenSettings`]: people who sign in; [`development_provider`]: where people do who do not exist.
//! * [`identity`]: keys, DID and certificates; [`ledger`]: what the ledger says, and what is written to it.

mod app;
mod attestation;
mod authorization;
mod background;
mod budget;
mod card_status;
mod config;
mod day;
mod deferral;
mod description;
pub mod development_provider;
mod error;
pub mod identity;
mod issuance;
pub mod issue;
pub mod ledger;
mod metrics;
mod offer;
pub mod register;
pub mod roles;
mod routes;
pub mod status;
pub mod store;

pub use app::{App, OpenError};
pub use attestation::{AttestationSettings, Attestations, AttestationsError, Demand};
pub use authorization::{CitizenSettings, IdTokenAlgorithm, WalletClient};
pub use background::PublishError;
pub use config::{CaFiles, DEFAULT, Own, Settings, SettingsError, Trust};
pub use day::{DayError, date};
pub use error::ApiError;
pub use metrics::IssuerMetrics;
