//! did:webvh 1.0: identifiers, log entries, resolution, witnesses, new entries.
//!
//! The log is checked line by line: [`UnverifiedLogEntry`] is the form of a line,
//! [`LogState`] what the lines before it established, [`VerifiedLogEntry`] a line
//! that follows. The ledger keeps a [`StoredLogState`] for each organisation and
//! checks each new line with it; [`resolve`] runs a whole file.

mod builder;
mod entry;
mod error;
mod identifier;
mod parameters;
mod resolve;
mod state;
mod version;
mod witness;

pub use builder::{BuildError, Change, Genesis, NextKeys, next_key_hash};
pub use entry::UnverifiedLogEntry;
pub use error::LogError;
pub use identifier::{IdentifierError, WebvhDid};
pub use parameters::ParameterError;
pub use resolve::{FUTURE_TOLERANCE, Resolution, ResolveError, resolve, resolve_within};
pub use state::{LogState, StoredLogState, VerifiedLogEntry};
pub use version::{VersionError, VersionId, VersionTime};
pub use witness::{WitnessError, WitnessProofs, WitnessRule};
