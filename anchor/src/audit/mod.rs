//! `holdfast-anchor verify`: fetches a whole log, or reads its export, and believes nothing.
//! `holdfast-anchor verify-bundle` does the same with one proof, `verify-evidence` with the evidence against a log,
//! `verify-complaint` with a complaint about a business.

mod bundle;
mod command;
mod complaint;
mod evidence;
mod replay;
mod summary;

pub use bundle::BundleCommand;
pub use command::Command;
pub use complaint::ComplaintCommand;
pub use evidence::EvidenceCommand;
pub use replay::{AuditError, audit};
pub use summary::{NumberedAlarm, Summary};
