//! `holdfast-anchor verify`: fetches a whole log, or reads its export, and believes nothing.
//! `holdfast-anchor verify-bundle` does the same with one proof, `verify-evidence` with the evidence against a log.

mod bundle;
mod command;
mod evidence;
mod replay;
mod summary;

pub use bundle::BundleCommand;
pub use command::Command;
pub use evidence::EvidenceCommand;
pub use replay::{AuditError, audit};
pub use summary::{NumberedAlarm, Summary};
