//! `holdfast-witness`: cosigns what grows, so that a log cannot show two faces.
//! `c2sp.org/tlog-witness`
//!
//! A witness knows nothing of what the entries mean. It keeps one checkpoint of each log,
//! durably, before it gives its cosignature away.

mod advance;
mod command;
mod config;
mod cosigning;
mod routes;
mod store;

pub use advance::{Cosigning, WitnessRecords};
pub use command::Command;
pub use config::WitnessConfig;
pub use cosigning::{StartError, Witness, WitnessError};
pub use routes::routes;
pub use store::{Evidence, WitnessStore};
