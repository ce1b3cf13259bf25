//! What the service holds of the ledger, of issuers' metadata, of card types, of status
//! lists and of trust anchors, and the timer that keeps it fresh.
//!
//! Nothing here is ever fetched because a card was shown: whole sets, on a
//! timer with jitter, or at once where a check or an agency is new.

mod anchors;
mod breaker;
mod brought;
mod evidence;
mod fetch;
mod first_seen;
mod held_keys;
mod held_list;
mod landmarks;
mod ledger_client;
mod lists;
mod metadata;
mod refresh;
mod registrars;
mod types;
mod view;

pub use anchors::{AnchorError, AnchorSet};
pub(crate) use brought::{Brought, BroughtEvidence};
pub use evidence::EvidenceFolder;
pub use fetch::{Fetch, Fetching};
pub use first_seen::FirstSeen;
pub use held_keys::HeldKeys;
pub use held_list::{HeldList, ListOwner};
pub use refresh::{Connections, RefreshError, Refresher, Schedule, Watch};
pub(crate) use registrars::Registrars;
pub(crate) use types::address as type_address;
pub use view::{LedgerProblem, Trust, TrustView};
