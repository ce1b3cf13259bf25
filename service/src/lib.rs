//! What the services share, and no protocol.
//!
//! A service reads its settings with [`config::load`], opens its store with
//! [`store::Sqlite`] under an [`InstanceLock`], builds its routes, and hands them
//! to [`serve`], which runs them beside the operations listener ([`Ops`]) until
//! the process is told to stop. Errors leave as [`Problem`] (RFC 9457).
//!
//! What it answers is written down in its [`description`], for programs.
//!
//! Its [`pages`] are for people: operators come in by [`signin`], browsers are known
//! again by a [`cookie`], and what is clicked twice happens once by [`idempotency`].

mod bearer;
mod client;
mod clock;
pub mod conditional;
pub mod config;
pub mod cookie;
pub mod description;
pub mod files;
pub mod idempotency;
mod instance;
pub mod layers;
pub mod letter_code;
mod limit;
mod listener;
mod log;
mod metrics;
mod ops;
pub mod pages;
mod picture;
mod problem;
pub mod random;
mod run;
pub mod signin;
pub mod store;
pub mod webhook;

pub use bearer::{Secret, SecretError, bearer};
pub use client::ClientAddress;
pub use clock::{Clock, SystemClock, TestClock};
pub use instance::{InstanceLock, InstanceLockError};
pub use limit::AddressLimit;
pub use listener::{BindError, ConnectionLimits, Listener};
pub use log::init_log;
pub use metrics::{Counter, Gauge, Metrics};
pub use ops::{Condition, Ops};
pub use picture::{TooLong, qr_png, qr_svg, sheet_svg};
pub use problem::Problem;
pub use run::{ServeError, serve, stop_on_signal};
pub use tokio_util::sync::CancellationToken;
