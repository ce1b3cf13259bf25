//! `holdfast-anchor mirror`: replays every entry, and cosigns only a log whose map says what
//! the entries say.
//!
//! A mirror takes the same `add-checkpoint` requests as a witness. Before it cosigns it has
//! fetched the new entries and payloads, hashed them against the signed root, replayed them
//! and found its own map root in the last entry. It serves the same read API as the log, from
//! what it has checked.

mod command;
mod config;
mod cosigning;
mod error;
mod follow;
mod hosting;
mod landmarks;
mod reading;
mod routes;
mod scrub;
mod serving;
mod store;
mod working;

pub use command::Command;
pub use config::MirrorConfig;
pub use cosigning::Mirror;
pub use error::{DamagedError, MirrorError, StartError};
pub use follow::follow;
pub use routes::routes;
pub use scrub::scrub;
pub use store::MirrorStore;
