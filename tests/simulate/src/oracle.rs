//! What must hold, each under its own name, and what is known to judge it by.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex};

use tlog::{Checkpoint, Hash, UnverifiedCheckpoint};

use crate::lock;

/// Something that must hold at all times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oracle {
    /// What was acknowledged is in the log, at the index that was promised. K1, K9
    AcknowledgedIsThere,
    /// Nothing is acknowledged before a quorum has signed a tree with it.
    AcknowledgedIsPublished,
    /// No two trees of one size are signed; after an old copy was put back, no two have a quorum. K5, K14
    OneHistory,
    /// After an old copy was put back nothing is written, if it is smaller than what was published. K6, K7
    NeverSmaller,
    /// What is signed survives a power cut. K2
    SignedIsDurable,
    /// What is published was cosigned by the mirror and by two of three witnesses.
    PublishedHasQuorum,
    /// What is stored is what was hashed. K8
    StoredIsHashed,
    /// What is committed and waits for its quorum is bounded. K12
    BoundedBacklog,
    /// A witness cosigns one tree of a size and no smaller one after it, and knows so after a power cut. K13
    WitnessOneFace,
    /// When faults end, everything that was handed in is published.
    Progress,
}

impl fmt::Display for Oracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AcknowledgedIsThere => "acknowledged_is_there",
            Self::AcknowledgedIsPublished => "acknowledged_is_published",
            Self::OneHistory => "one_history",
            Self::NeverSmaller => "never_smaller",
            Self::SignedIsDurable => "signed_is_durable",
            Self::PublishedHasQuorum => "published_has_quorum",
            Self::StoredIsHashed => "stored_is_hashed",
            Self::BoundedBacklog => "bounded_backlog",
            Self::WitnessOneFace => "witness_one_face",
            Self::Progress => "progress",
        })
    }
}

/// What an oracle found, and what happened before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The seed to find it again with.
    pub seed: u64,
    /// Which oracle.
    pub oracle: Oracle,
    /// What does not hold.
    pub what: String,
    /// The last steps, the newest last.
    pub trace: Vec<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}: {}: {}", self.seed, self.oracle, self.what)?;
        self.trace.iter().try_for_each(|step| writeln!(f, "  {step}"))
    }
}

/// Steps that a finding shows.
const TRACE: usize = 40;

/// All that is seen of a run from outside. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observer(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    trace: Vec<String>,
    finding: Option<(Oracle, String)>,
    /// Heads that were on the disk when it had synced.
    durable: BTreeSet<(u64, Hash)>,
    /// What the log has signed and sent.
    signed: BTreeMap<u64, Hash>,
    /// What had a quorum.
    published: BTreeMap<u64, Hash>,
    /// Whose cosignature of what: name, size, root.
    cosigned: BTreeSet<(String, u64, Hash)>,
    /// The index of each submission that was acknowledged.
    acknowledged: BTreeMap<usize, u64>,
    was_rolled_back: bool,
}

impl Observer {
    /// Notes what happens.
    pub(crate) fn step(&self, step: String) {
        let mut seen = lock(&self.0);
        if seen.trace.len() == TRACE {
            seen.trace.remove(0);
        }
        seen.trace.push(step);
    }

    /// Says that something does not hold; the first who says so is heard.
    pub(crate) fn find(&self, oracle: Oracle, what: impl FnOnce() -> String) {
        let mut seen = lock(&self.0);
        if seen.finding.is_none() {
            seen.finding = Some((oracle, what()));
        }
    }

    pub(crate) fn finding(&self, seed: u64) -> Option<Finding> {
        let seen = lock(&self.0);
        let (oracle, what) = seen.finding.clone()?;
        Some(Finding {
            seed,
            oracle,
            what,
            trace: seen.trace.clone(),
        })
    }

    pub(crate) fn has_found(&self) -> bool {
        lock(&self.0).finding.is_some()
    }

    /// An old copy of the log's disk was put back.
    pub(crate) fn rolled_back(&self) {
        lock(&self.0).was_rolled_back = true;
    }

    pub(crate) fn was_rolled_back(&self) -> bool {
        lock(&self.0).was_rolled_back
    }

    /// This head survives a power cut.
    pub(crate) fn durable(&self, size: u64, root: Hash) {
        lock(&self.0).durable.insert((size, root));
    }

    /// The log has signed this and sent it to somebody.
    pub(crate) fn signed(&self, checkpoint: &Checkpoint) {
        let (size, root) = (checkpoint.size(), *checkpoint.root());
        let (is_durable, before) = {
            let mut seen = lock(&self.0);
            let before = seen.signed.insert(size, root).filter(|_| !seen.was_rolled_back);
            (seen.durable.contains(&(size, root)), before)
        };
        if !is_durable {
            self.find(Oracle::SignedIsDurable, || {
                format!("the tree of {size} entries, {root}, was signed and is on no disk")
            });
        }
        if before.is_some_and(|before| before != root) {
            self.find(Oracle::OneHistory, || {
                format!("two trees of {size} entries were signed")
            });
        }
    }

    /// A cosigner gave this away.
    pub(crate) fn cosigned(&self, name: &str, checkpoint: &Checkpoint) {
        let line = (name.to_owned(), checkpoint.size(), *checkpoint.root());
        lock(&self.0).cosigned.insert(line);
    }

    /// The largest tree that was published.
    pub(crate) fn largest(&self) -> u64 {
        lock(&self.0).published.keys().next_back().copied().unwrap_or(0)
    }

    /// The log has published this note.
    pub(crate) fn published(&self, note: &[u8]) {
        let Ok(note) = UnverifiedCheckpoint::parse(note) else {
            self.find(Oracle::PublishedHasQuorum, || {
                "what was published is no note".to_owned()
            });
            return;
        };
        let (size, root) = (note.dangerous_checkpoint().size(), *note.dangerous_checkpoint().root());
        let (before, has_mirror, witnesses) = {
            let mut seen = lock(&self.0);
            let by = |name: &str| {
                let is_in_note = note.to_string().contains(&format!("\u{2014} {name} "));
                is_in_note && seen.cosigned.contains(&(name.to_owned(), size, root))
            };
            let witnesses = crate::fixture::WITNESSES.iter().filter(|name| by(name)).count();
            let has_mirror = by(crate::fixture::MIRROR);
            (seen.published.insert(size, root), has_mirror, witnesses)
        };
        if !has_mirror || witnesses < 2 {
            self.find(Oracle::PublishedHasQuorum, || {
                format!("{size} entries were published by {witnesses} witnesses, mirror: {has_mirror}")
            });
        }
        if before.is_some_and(|before| before != root) {
            self.find(Oracle::OneHistory, || {
                format!("two trees of {size} entries were published")
            });
        }
    }

    /// A writer was told that its submission is in the log.
    pub(crate) fn acknowledged(&self, submission: usize, index: u64) {
        if self.largest() <= index {
            self.find(Oracle::AcknowledgedIsPublished, || {
                format!("entry {index} was acknowledged and is not published")
            });
        }
        let before = lock(&self.0).acknowledged.insert(submission, index);
        if before.is_some_and(|before| before != index) {
            self.find(Oracle::AcknowledgedIsThere, || {
                format!("submission {submission} was acknowledged at {before:?} and at {index}")
            });
        }
    }

    /// What was acknowledged.
    pub(crate) fn all_acknowledged(&self) -> BTreeMap<usize, u64> {
        lock(&self.0).acknowledged.clone()
    }

    /// How many trees were published.
    pub(crate) fn publications(&self) -> u64 {
        lock(&self.0).published.len() as u64
    }
}
