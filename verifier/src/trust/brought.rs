//! What an answer without a network brings: bundles of issuers and proofs of
//! status. It counts for the judgement of that answer, and for nothing else.
//! docs/offline-qr.md §3.3

use std::collections::BTreeSet;

use jose::UnixTime;
use ledger::{BundleError, SnapshotEntry, SplitEvidence, StatusProof, UnverifiedBundle, VerifiedBundle};

use super::{TrustView, landmarks};

/// As it came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Brought {
    pub(crate) bundles: Vec<UnverifiedBundle>,
    pub(crate) proofs: Vec<StatusProof>,
}

/// What of it may count.
#[derive(Debug, Clone, Default)]
pub(crate) struct BroughtEvidence {
    /// What records name: those of the answer, and those held for the same issuers.
    snapshots: Vec<(String, SnapshotEntry)>,
    /// Issuers about whom it says what too few cosigned.
    without_quorum: BTreeSet<String>,
    proofs: Vec<StatusProof>,
}

impl BroughtEvidence {
    /// Whether the answer has something about this issuer that too few cosigned.
    pub(crate) fn lacks_quorum(&self, did: &str) -> bool {
        self.without_quorum.contains(did)
    }

    /// The newest status of a card that is proved, and when it was so.
    pub(crate) fn status(&self, did: &str, uri: &str, index: u64) -> Option<(UnixTime, u8)> {
        let of_issuer = self.snapshots.iter().filter(|(subject, _)| subject == did);
        let proved = of_issuer.flat_map(|(_, snapshot)| {
            let values = self
                .proofs
                .iter()
                .filter_map(|proof| proof.verify(snapshot, uri, index).ok());
            values.map(|value| (snapshot.time, value))
        });
        proved.max_by_key(|(time, _)| *time)
    }
}

impl TrustView {
    /// The same with what an answer brought: bundles that are newer than what is held, and the
    /// proofs beside the lists. Also says whether a checkpoint in it contradicts a landmark.
    pub(crate) fn with(&self, brought: &Brought, device: UnixTime) -> (Self, Option<SplitEvidence>) {
        let (mut view, mut evidence) = (self.clone(), BroughtEvidence::default());
        let mut checkpoints = Vec::new();
        for bundle in &brought.bundles {
            let Some(did) = bundle.dangerous_claimed_subject() else {
                continue;
            };
            match bundle.clone().verify(self.pack(), &did) {
                Ok(verified) => {
                    let snapshot = verified.record().and_then(|record| record.status_snapshot());
                    evidence.snapshots.extend(snapshot.map(|entry| (did.clone(), *entry)));
                    checkpoints.extend(landmarks::under(&verified, self.pack()));
                    if view.is_news(&did, &verified) {
                        view.hold_organisation(&did, verified, device);
                    }
                }
                Err(BundleError::Quorum(_)) => {
                    evidence.without_quorum.insert(did);
                }
                Err(_) => {}
            }
        }
        for (did, held) in self.organisations() {
            let snapshot = held.record().and_then(|record| record.status_snapshot());
            evidence
                .snapshots
                .extend(snapshot.map(|entry| (did.to_owned(), *entry)));
        }
        evidence.proofs.clone_from(&brought.proofs);
        view.hold_brought(evidence);
        let split = self.contradiction(&checkpoints);
        if split.is_some() {
            view.hold_split();
        }
        (view, split)
    }

    /// Whether a bundle says more than what is held. Of an organisation of which nothing is held, the
    /// set of all that are accredited says that it is not among them, as of its time.
    fn is_news(&self, did: &str, bundle: &VerifiedBundle) -> bool {
        match self.organisation(did) {
            Some(held) => (held.size(), held.time()) < (bundle.size(), bundle.time()),
            None => self.accredited_at().is_none_or(|time| time < bundle.time()),
        }
    }
}
