//! Whether the status lists of every agency are those that it anchored, and since when that cannot be said.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use jose::UnixTime;
use ledger::{Hash, OrganisationRecord};
use serde::{Deserialize, Serialize};
use service::files::write_atomically;

use super::finding::Finding;
use super::snapshots::{Rebuilt, rebuild};
use crate::source::LogSource;

/// Seconds in which one snapshot of an agency has to be built again. A list that is younger than its snapshot tells
/// nothing by itself; an agency that serves no other is never held to what it anchors.
const LONGEST: u64 = 6 * 3600;

/// What the lists of one agency may take to be fetched: a slow one must not hold up the round of all others.
const PATIENCE: Duration = Duration::from_secs(300);

/// What was built again. It is kept in a file, so that a monitor that looks once goes by it too.
pub(super) struct Rebuilds {
    path: PathBuf,
    agencies: BTreeMap<String, Kept>,
    /// Snapshots that this monitor has built again itself, by agency.
    compared: BTreeMap<String, Hash>,
}

/// What is kept of an agency.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// Root of the snapshot that was built again last, in hexadecimal digits.
    built: Option<String>,
    /// When it was still the newest, or else when the agency was first looked at.
    since: UnixTime,
}

impl Rebuilds {
    /// Goes on from what the file holds. One that cannot be read is begun anew: no agency is late then.
    pub(super) fn at(path: PathBuf) -> Self {
        let kept = std::fs::read(&path).ok();
        let agencies = kept.and_then(|kept| serde_json::from_slice(&kept).ok());
        Self {
            path,
            agencies: agencies.unwrap_or_default(),
            compared: BTreeMap::new(),
        }
    }

    /// Builds the trees of snapshots again that are new since the last time.
    pub(super) async fn look(
        &mut self,
        source: &LogSource,
        records: &[OrganisationRecord],
        is_local: bool,
        now: UnixTime,
    ) -> Vec<Finding> {
        let mut findings = Vec::new();
        for record in records {
            let Some(snapshot) = record.status_snapshot() else {
                continue;
            };
            let (did, root) = (record.did().to_owned(), snapshot.root);
            if self.compared.get(&did) == Some(&root) {
                self.built(did, &root, now);
                continue;
            }
            let rebuilt = tokio::time::timeout(PATIENCE, rebuild(source, record, snapshot, is_local)).await;
            match rebuilt.unwrap_or_else(|_| Rebuilt::Unread("its lists did not come in time".to_owned())) {
                Rebuilt::Same => {
                    self.compared.insert(did.clone(), root);
                    self.built(did, &root, now);
                }
                Rebuilt::Newer if self.is_late(&did, &root, now) => findings.push(Finding::Snapshot {
                    did,
                    reason: "for hours every list served was younger than what was anchored".to_owned(),
                }),
                Rebuilt::Newer => {}
                Rebuilt::Differs(reason) => findings.push(Finding::Snapshot { did, reason }),
                Rebuilt::Unread(reason) => findings.push(Finding::Unread { place: did, reason }),
            }
        }
        self.keep(records);
        findings
    }

    /// This snapshot is what the agency's lists make.
    fn built(&mut self, did: String, root: &Hash, now: UnixTime) {
        let built = Some(hex::encode(root));
        self.agencies.insert(did, Kept { built, since: now });
    }

    /// The agency's lists are younger than this snapshot, its newest; whether that has been so for too long.
    fn is_late(&mut self, did: &str, root: &Hash, now: UnixTime) -> bool {
        let new = Kept {
            built: None,
            since: now,
        };
        let kept = self.agencies.entry(did.to_owned()).or_insert(new);
        if kept.built == Some(hex::encode(root)) {
            kept.since = now;
        }
        // A time to come was not written by this clock: it must not hold the finding off.
        now.abs_diff(kept.since) > LONGEST
    }

    /// Forgets everybody else, and writes the file.
    fn keep(&mut self, records: &[OrganisationRecord]) {
        let dids: BTreeSet<&str> = records.iter().map(OrganisationRecord::did).collect();
        self.agencies.retain(|did, _| dids.contains(did.as_str()));
        let written = serde_json::to_vec(&self.agencies).map_err(std::io::Error::from);
        if let Err(error) = written.and_then(|bytes| write_atomically(&self.path, &bytes)) {
            eprintln!("holdfast-anchor: {} cannot be written: {error}", self.path.display());
        }
    }
}
