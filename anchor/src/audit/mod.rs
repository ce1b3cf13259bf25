//! `holdfast-anchor verify`: fetches a whole log, or reads its export, and believes nothing.
//! `holdfast-anchor verify-bundle` does the same with one proof, `proof` and `verify-proof` make and check that an
//! entry is in the log, `verify-evidence` checks the evidence against a log, `verify-complaint` a complaint about a
//! business, `verify-contradiction` a receipt that names another history. `holdfast-anchor monitor` goes on doing it.

mod bundle;
mod command;
mod compare;
mod complaint;
mod contradiction;
mod evidence;
pub(crate) mod exit;
pub(crate) mod named;
mod proof;
mod replay;
mod state;
mod summary;

pub use bundle::BundleCommand;
pub use command::Command;
pub use compare::{Comparison, NotOfLogError, compare, signed_by_log};
pub use complaint::ComplaintCommand;
pub use contradiction::ContradictionCommand;
pub use evidence::EvidenceCommand;
pub use proof::{ProofCommand, VerifyProofCommand};
pub(crate) use proof::{ProofFailure, prove_entry};
pub(crate) use replay::Watch;
pub use replay::{AuditError, audit, audit_from};
pub(crate) use state::Run;
pub use state::{StateError, StateFile};
pub use summary::{NumberedAlarm, Summary};
