//! From a response to a verdict: yes, no, or could not check.
//!
//! Unknown is never yes. A verdict is never set by hand: it follows from a
//! [`Reason`], and [`Reason::Ok`] comes from one place, the rule.

mod engine;
mod issuer;
mod portrait;
mod presentation;
mod reason;
mod status;

pub use engine::{Case, Engine, Pipeline};
pub use portrait::Portrait;
pub use reason::{Reason, UnknownReason, Verdict};

use receipt::SentReceipt;
use serde_json::{Map, Value};

use crate::trust::ListOwner;

/// What a verdict rests on, in seconds; of several, the oldest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ages {
    /// Age of the status list.
    pub status_s: Option<u64>,
    /// Age of what the ledger says about the issuer.
    pub ledger_s: Option<u64>,
    /// Age of the metadata of an issuer that the check names by URL.
    pub metadata_s: Option<u64>,
}

/// The outcome of checking one response.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Why; the verdict follows from it.
    pub reason: Reason,
    /// What it rests on.
    pub ages: Ages,
    /// Claims that the check keeps, by query and claim; nothing else leaves the engine.
    pub kept: Map<String, Value>,
    /// Hash of the rule that the answer was held against. docs/rules.md §5
    pub rule: Option<[u8; 32]>,
    /// Claims that were shown although nobody asked.
    pub over_disclosed: usize,
    /// A status list that is not held, of an issuer that the ledger does not know:
    /// the one thing that stood in the way.
    pub unheld_list: Option<(ListOwner, String)>,
    /// The lists that were fetched for these cards, with a space between them, where policy allowed it.
    pub fetched_list: Option<String>,
    /// In person, with a yes: the portrait, for whoever stands before the person. It is kept nowhere.
    pub portrait: Option<Portrait>,
    /// For the citizen and for the session, where the check gives one. docs/receipts.md
    pub receipt: Option<SentReceipt>,
}

impl Judgement {
    /// A judgement that keeps nothing.
    pub fn of(reason: Reason, ages: Ages) -> Self {
        Self {
            reason,
            ages,
            kept: Map::new(),
            rule: None,
            over_disclosed: 0,
            unheld_list: None,
            fetched_list: None,
            portrait: None,
            receipt: None,
        }
    }
}

impl Ages {
    /// Of two foundations the older counts.
    #[must_use]
    pub fn oldest(self, other: Self) -> Self {
        Self {
            status_s: self.status_s.max(other.status_s),
            ledger_s: self.ledger_s.max(other.ledger_s),
            metadata_s: self.metadata_s.max(other.metadata_s),
        }
    }
}

/// Why one presentation was discarded, and how old the grounds were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    pub(crate) reason: Reason,
    pub(crate) ages: Ages,
    /// A status list that is not held, of an issuer that the ledger does not know.
    pub(crate) unheld_list: Option<(ListOwner, String)>,
}

impl Rejection {
    pub(crate) fn new(reason: Reason, ages: Ages) -> Self {
        Self {
            reason,
            ages,
            unheld_list: None,
        }
    }
}

impl From<Reason> for Rejection {
    fn from(reason: Reason) -> Self {
        Self::new(reason, Ages::default())
    }
}
