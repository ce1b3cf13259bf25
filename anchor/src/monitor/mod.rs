//! `holdfast-anchor monitor`: follows a log and its mirrors, believes none of them, and raises the alarm.
//!
//! What is found becomes a line, a message to a webhook, and at the end an exit code. docs/monitor.md

mod bits;
mod command;
mod finding;
mod outbox;
mod rebuilds;
mod round;
mod snapshots;
mod teller;
mod undelivered;
mod webhook;

pub use command::Command;
pub use undelivered::Undelivered;
