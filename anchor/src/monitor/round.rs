//! One look at everything.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use ledger::{FreshnessError, FreshnessLimit, Landmark, Leaf, OrganisationRecord, SplitEvidence, TrustPack};
use service::Clock;
use service::files::write_atomically;
use tlog::UnverifiedCheckpoint;

use super::finding::Finding;
use super::rebuilds::Rebuilds;
use crate::audit::{AuditError, Comparison, Run, StateError, StateFile, Watch, compare, signed_by_log};
use crate::failure::in_one_line;
use crate::source::{LogSource, SourceError};

/// A log or mirror, and what it is called.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) name: String,
    pub(super) source: LogSource,
}

/// What is watched, and how.
#[derive(Debug)]
pub(super) struct Watched {
    pub(super) pack: TrustPack,
    pub(super) places: Vec<Place>,
    /// Every change of these is told.
    pub(super) subjects: BTreeSet<String>,
    /// Trees of status snapshots are built again.
    pub(super) snapshots: bool,
    pub(super) max_age: FreshnessLimit,
    /// Every place is on this machine: development.
    pub(super) is_local: bool,
    /// Where state and evidence are kept.
    pub(super) folder: PathBuf,
}

/// Goes on from round to round.
pub(super) struct Monitor {
    watched: Watched,
    clock: Arc<dyn Clock>,
    file: StateFile,
    run: Run,
    /// What was found in replays that were not finished: they may be done again.
    unfinished: Vec<Finding>,
    rebuilds: Rebuilds,
}

/// A checkpoint that a place showed and the log signed.
struct Shown {
    place: usize,
    landmark: Landmark,
    is_quorate: bool,
}

impl Monitor {
    /// Goes on from what the folder holds.
    ///
    /// # Errors
    /// What it holds is not what was written, or is of another log.
    pub(super) fn new(watched: Watched, clock: Arc<dyn Clock>) -> Result<Self, StateError> {
        let file = StateFile::at(watched.folder.join("audit.state"));
        let run = file.read(&watched.pack)?.unwrap_or_else(|| Run::begin(&watched.pack));
        let rebuilds = Rebuilds::at(watched.folder.join("snapshots.json"));
        Ok(Self {
            watched,
            clock,
            file,
            run,
            unfinished: Vec::new(),
            rebuilds,
        })
    }

    /// No entry was replayed yet.
    pub(super) fn is_new(&self) -> bool {
        self.run.size() == 0
    }

    /// Reads every place, compares what they show, replays what is new. What is found is there as soon as it is found: a
    /// round that is broken off has found what it has, and the next one may go on behind it.
    pub(super) async fn round(&mut self, findings: &mut Vec<Finding>) {
        let mut shown = Vec::new();
        for place in 0..self.watched.places.len() {
            match self.look(place, findings).await {
                Ok(seen) => shown.push(seen),
                Err(finding) => findings.push(finding),
            }
        }
        // The largest first: what it is held against is a beginning of it.
        shown.sort_by_key(|shown| std::cmp::Reverse(shown.landmark.size()));
        self.compare(&shown, findings).await;
        let replayed_at = self.replay(&shown, findings).await;
        if self.watched.snapshots
            && let Some(place) = replayed_at.and_then(|place| self.watched.places.get(place))
        {
            let records: Vec<OrganisationRecord> = self.run.replica().accredited().cloned().collect();
            let (is_local, now) = (self.watched.is_local, self.clock.now());
            findings.extend(self.rebuilds.look(&place.source, &records, is_local, now).await);
        }
    }

    fn name(&self, place: usize) -> String {
        self.watched
            .places
            .get(place)
            .map(|place| place.name.clone())
            .unwrap_or_default()
    }

    /// The newest checkpoint of a place, and whether it is good and fresh.
    async fn look(&self, place: usize, findings: &mut Vec<Finding>) -> Result<Shown, Finding> {
        let name = self.name(place);
        let broken = |reason: String| Finding::Broken {
            place: name.clone(),
            reason,
        };
        let Some(source) = self.watched.places.get(place).map(|place| &place.source) else {
            return Err(broken("not watched".to_owned()));
        };
        let note = source.checkpoint().await.map_err(|error| Finding::Unread {
            place: name.clone(),
            reason: in_one_line(&error),
        })?;
        let note = UnverifiedCheckpoint::parse(&note).map_err(|error| broken(error.to_string()))?;
        let landmark = signed_by_log(&note, &self.watched.pack).map_err(|error| broken(error.to_string()))?;
        let quorate = note.verify(self.watched.pack.policy());
        match &quorate {
            Ok(checkpoint) => findings.extend(self.stale(&name, checkpoint.time())),
            Err(error) => findings.push(broken(error.to_string())),
        }
        Ok(Shown {
            place,
            landmark,
            is_quorate: quorate.is_ok(),
        })
    }

    fn stale(&self, name: &str, time: u64) -> Option<Finding> {
        let clock = ledger::Clock {
            device: self.clock.now(),
            newest_seen: 0,
        };
        let error: FreshnessError = clock.age(time, self.watched.max_age).err()?;
        Some(Finding::Stale {
            place: name.to_owned(),
            reason: error.to_string(),
        })
    }

    /// Two checkpoints that the log signed have to be of one history, whoever showed them.
    async fn compare(&self, shown: &[Shown], findings: &mut Vec<Finding>) {
        let Some((newest, others)) = shown.split_first() else {
            return;
        };
        let Some(source) = self.watched.places.get(newest.place).map(|place| &place.source) else {
            return;
        };
        for other in others {
            findings.extend(match compare(source, &other.landmark, &newest.landmark).await {
                Ok(Comparison::Consistent) => None,
                Ok(Comparison::Split(evidence)) => Some(self.keep(&evidence)),
                Ok(Comparison::NotShown) => Some(Finding::Broken {
                    place: self.name(newest.place),
                    reason: AuditError::GrowthNotShown.to_string(),
                }),
                Err(error) => Some(self.unread(newest.place, &error)),
            });
        }
    }

    fn unread(&self, place: usize, error: &SourceError) -> Finding {
        Finding::Unread {
            place: self.name(place),
            reason: in_one_line(error),
        }
    }

    /// Writes the evidence, under a name that is the same for the same evidence.
    fn keep(&self, evidence: &SplitEvidence) -> Finding {
        let bytes = evidence.encode();
        let (older, newer) = (evidence.older(), evidence.newer());
        let roots = [older.root().as_slice(), newer.root().as_slice()].concat();
        let hash = ledger::BlobRef::of(&roots).hash;
        let name = format!(
            "split-{}-{}-{}.evidence",
            older.size(),
            newer.size(),
            hex::encode(hash.get(..4).unwrap_or_default())
        );
        let path = self.watched.folder.join(name);
        if let Err(error) = write_atomically(&path, &bytes) {
            eprintln!("holdfast-anchor: {} cannot be written: {error}", path.display());
        }
        Finding::Split {
            older: older.size(),
            newer: newer.size(),
            evidence: path,
        }
    }

    /// Replays what is new, from the place that shows most; where that cannot be read, from the next. Gives the place.
    async fn replay(&mut self, shown: &[Shown], findings: &mut Vec<Finding>) -> Option<usize> {
        for shown in shown.iter().filter(|shown| shown.is_quorate) {
            let source = self.watched.places.get(shown.place)?.source.clone();
            let mut events = Events {
                watched: &self.watched.subjects,
                unfinished: &mut self.unfinished,
                found: &mut *findings,
            };
            let pack = &self.watched.pack;
            let result = self.run.finish(&source, pack, Some(&self.file), &mut events).await;
            match result {
                Ok(_) => {
                    self.unfinished.clear();
                    return Some(shown.place);
                }
                Err(AuditError::Source(error)) => findings.push(self.unread(shown.place, &error)),
                Err(error) => findings.push(self.failed(shown.place, error)),
            }
        }
        None
    }

    /// What was replayed of a place that does not hold is not gone on with.
    fn failed(&mut self, place: usize, error: AuditError) -> Finding {
        let kept = self.file.read(&self.watched.pack).ok().flatten();
        self.run = match (&error, kept) {
            (AuditError::OtherEntries, _) | (_, None) => self.run.again(&self.watched.pack),
            (_, Some(run)) => run,
        };
        match error {
            AuditError::Split(evidence) => self.keep(&evidence),
            error => Finding::Broken {
                place: self.name(place),
                reason: in_one_line(&error),
            },
        }
    }
}

/// Notes every entry that breaks a rule, and every change of the organisations that are watched.
struct Events<'a> {
    watched: &'a BTreeSet<String>,
    unfinished: &'a mut Vec<Finding>,
    found: &'a mut Vec<Finding>,
}

impl Events<'_> {
    /// It counts as found whether or not the replay is finished, and once where that is done again.
    fn find(&mut self, event: Finding) {
        if !self.unfinished.contains(&event) {
            self.unfinished.push(event.clone());
            self.found.push(event);
        }
    }
}

impl Watch for Events<'_> {
    fn progress(&mut self, _: u64, _: u64) {}

    fn applied(&mut self, number: u64, leaf: &[u8]) {
        if let Ok(leaf) = Leaf::parse(leaf)
            && self.watched.contains(&leaf.subject)
        {
            self.find(Finding::Changed {
                did: leaf.subject,
                number,
                kind: leaf.kind,
            });
        }
    }

    fn alarm(&mut self, number: u64, rule: &str) {
        self.find(Finding::Entry {
            number,
            rule: rule.to_owned(),
        });
    }
}
