//! `holdfast-anchor verify`: fetches a whole log, or reads its export, and believes nothing.

mod command;
mod replay;
mod summary;

pub use command::Command;
pub use replay::{AuditError, audit};
pub use summary::{NumberedAlarm, Summary};
