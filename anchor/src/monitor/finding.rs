use std::fmt;
use std::path::PathBuf;

use ledger::Kind;
use serde_json::{Value, json};

use crate::audit::exit;

/// Something that whoever watches should know. It names places, entries and organisations, never a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// A log or mirror cannot be read: nothing is known about it.
    Unread { place: String, reason: String },
    /// The newest checkpoint of a place is older than it may be, or of a time that has not come.
    Stale { place: String, reason: String },
    /// The lists that an agency serves are not those that it anchored.
    Snapshot { did: String, reason: String },
    /// An entry breaks a rule; it changed nothing.
    Entry { number: u64, rule: String },
    /// What a place serves is not what the log signed, or the log signed what its entries do not say.
    Broken { place: String, reason: String },
    /// The log told two people two things; the file shows it to anybody.
    Split { older: u64, newer: u64, evidence: PathBuf },
    /// An organisation that is watched was changed. No alarm.
    Changed { did: String, number: u64, kind: Kind },
}

impl Finding {
    /// The exit code that it stands for; 0 for what is no alarm.
    pub(super) fn code(&self) -> u8 {
        match self {
            Self::Changed { .. } => 0,
            Self::Unread { .. } => exit::UNREAD,
            Self::Stale { .. } => exit::STALE,
            Self::Snapshot { .. } => exit::SNAPSHOT,
            Self::Entry { .. } | Self::Broken { .. } => exit::BROKEN,
            Self::Split { .. } => exit::SPLIT,
        }
    }

    /// It happened once, and is not so again and again until somebody does something.
    pub(super) fn is_event(&self) -> bool {
        matches!(self, Self::Changed { .. } | Self::Entry { .. })
    }

    /// Its name in a message. docs/monitor.md, "Messages"
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Unread { .. } => "ledger.unread",
            Self::Stale { .. } => "ledger.stale",
            Self::Snapshot { .. } => "ledger.snapshot_differs",
            Self::Entry { .. } => "ledger.entry_breaks_rule",
            Self::Broken { .. } => "ledger.broken",
            Self::Split { .. } => "ledger.split_view",
            Self::Changed { .. } => "organisation.changed",
        }
    }

    /// What a message says of it.
    pub(super) fn data(&self) -> Value {
        match self {
            Self::Unread { place, reason } | Self::Stale { place, reason } | Self::Broken { place, reason } => {
                json!({ "place": place, "reason": reason })
            }
            Self::Snapshot { did, reason } => json!({ "organisation": did, "reason": reason }),
            Self::Entry { number, rule } => json!({ "entry": number, "rule": rule }),
            Self::Split { older, newer, evidence } => {
                json!({ "older": older, "newer": newer, "evidence": evidence.display().to_string() })
            }
            Self::Changed { did, number, kind } => {
                json!({ "organisation": did, "entry": number, "kind": kind.to_string() })
            }
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread { place, reason } => write!(f, "cannot be read: {place}: {reason}"),
            Self::Stale { place, reason } => write!(f, "not fresh: {place}: {reason}"),
            Self::Snapshot { did, reason } => write!(f, "lists differ from the anchored ones: {did}: {reason}"),
            Self::Entry { number, rule } => write!(f, "entry {number} breaks a rule: {rule}"),
            Self::Broken { place, reason } => write!(f, "does not hold: {place}: {reason}"),
            Self::Split { older, newer, evidence } => write!(
                f,
                "two histories: checkpoints of {older} and {newer} entries cannot both be true: {}",
                evidence.display()
            ),
            Self::Changed { did, number, kind } => write!(f, "changed: {did}: {kind}, entry {number}"),
        }
    }
}
