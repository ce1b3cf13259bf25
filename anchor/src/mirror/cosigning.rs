use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ledger::{Replica, TrustPack};
use service::{Clock, Counter, Metrics};
use tlog::{
    AddCheckpoint, Checkpoint, Cosigner, CosignerKey, Origin, Refusal, SignatureLine, UnverifiedCheckpoint,
    WitnessState,
};
use tokio::sync::{Mutex, RwLock, Semaphore};

use super::error::{DamagedError, MirrorError, StartError};
use super::serving::Served;
use super::store::MirrorStore;
use super::working::{Judged, Working};
use crate::cosigner::{Disk, MOST_WAITING};
use crate::source::{FetchedEntry, LogSource};

/// A running mirror. Cheap to clone.
#[derive(Clone)]
pub struct Mirror {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    /// One checkpoint at a time goes from check to record.
    pub(super) working: Mutex<Working>,
    /// How many requests may wait for that.
    turns: Arc<Semaphore>,
    /// A second replica, which stands at the checkpoint that is served. The first one is
    /// ahead of it while the log waits for the rest of the quorum.
    pub(super) served: RwLock<Served>,
    pub(super) store: MirrorStore,
    pub(super) source: LogSource,
    pub(super) pack: TrustPack,
    cosigner: Cosigner,
    pub(super) clock: Arc<dyn Clock>,
    cosigned: Counter,
    refused: Counter,
    evidence: Counter,
    pub(super) not_followed: Counter,
    pub(super) landmarks_refused: Counter,
    /// No landmark is asked for before then.
    pub(super) landmarks_after: AtomicU64,
    pub(super) scrub_passes: Counter,
    pub(super) scrub_mismatches: Counter,
    pub(super) scrub_unread: Counter,
    /// Whether the log's newest checkpoint could be read and taken over.
    pub(super) is_following: AtomicBool,
    /// Whether the stored copy is what was replayed, as far as is known.
    pub(super) is_intact: AtomicBool,
    pub(super) disk: Disk,
}

impl Mirror {
    /// Replays what the store holds, which is believed no more than what comes from the log.
    ///
    /// # Errors
    /// When the stored entries are not those of the stored checkpoints.
    pub async fn start(
        pack: TrustPack,
        source: LogSource,
        store: MirrorStore,
        cosigner: Cosigner,
        clock: Arc<dyn Clock>,
        metrics: &Metrics,
    ) -> Result<Self, StartError> {
        let served = Served::load(&pack, &store).await?;
        let mut working = Working {
            state: WitnessState::new(pack.log_keys()),
            replica: Replica::new(pack.origin()),
            judged: Judged::default(),
        };
        working.restore(served.replica().clone(), &store).await?;
        let inner = Inner {
            working: Mutex::new(working),
            turns: Arc::new(Semaphore::new(MOST_WAITING)),
            served: RwLock::new(served),
            store,
            source,
            pack,
            cosigner,
            clock,
            cosigned: metrics.counter("mirror_cosigned", "Checkpoints cosigned"),
            refused: metrics.counter("mirror_refused", "Checkpoints refused"),
            evidence: metrics.counter(
                "mirror_evidence",
                "Signed checkpoints that the log should not have signed",
            ),
            not_followed: metrics.counter(
                "mirror_not_followed",
                "Times the published checkpoint could not be taken over",
            ),
            landmarks_refused: metrics.counter(
                "mirror_landmarks_refused",
                "Times that a landmark of the log could not be taken over",
            ),
            landmarks_after: AtomicU64::new(0),
            scrub_passes: metrics.counter(
                "mirror_scrub_passes",
                "Times that the stored copy was hashed again and is what was replayed",
            ),
            scrub_mismatches: metrics.counter(
                "mirror_scrub_mismatches",
                "Times that the stored copy was not what was replayed",
            ),
            scrub_unread: metrics.counter(
                "mirror_scrub_unread",
                "Times that not all of the stored copy could be read",
            ),
            is_following: AtomicBool::new(false),
            is_intact: AtomicBool::new(true),
            disk: Disk::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The mirror's public key.
    #[must_use]
    pub fn verifier_key(&self) -> &CosignerKey {
        self.inner.cosigner.verifier_key()
    }

    /// Whether the mirror has to end, because its disk does not sync.
    pub(crate) fn disk(&self) -> &Disk {
        &self.inner.disk
    }

    /// Handles a request of the witness protocol: when this returns a cosignature, all entries
    /// of the checkpoint are replayed and durable. It goes on when the caller gives up.
    ///
    /// # Errors
    /// The state is then unchanged.
    pub async fn add_checkpoint(&self, request: AddCheckpoint) -> Result<SignatureLine, MirrorError> {
        let mirror = self.clone();
        let turn = Arc::clone(&mirror.inner.turns).try_acquire_owned();
        let turn = turn.map_err(|_| MirrorError::Busy)?;
        let task = tokio::spawn(async move {
            let _turn = turn;
            let mut working = mirror.inner.working.lock().await;
            mirror.inner.in_step(&mut working).await?;
            let result = mirror.inner.advance(&mut working, request, None).await;
            result.inspect_err(|_| {
                mirror.inner.refused.inc();
            })
        });
        task.await.map_err(|_| MirrorError::Stopped)?
    }
}

impl Inner {
    /// Check, fetch, replay, persist, record, cosign; in this order.
    pub(super) async fn advance(
        &self,
        working: &mut Working,
        request: AddCheckpoint,
        fetched: Option<Vec<FetchedEntry>>,
    ) -> Result<SignatureLine, MirrorError> {
        self.check_intact()?;
        let to_persist = match working.state.check(request) {
            Ok(to_persist) => to_persist,
            Err(refusal) => {
                self.keep_refused(working, &refusal).await?;
                return Err(MirrorError::Refused(refusal));
            }
        };
        let checkpoint = to_persist.checkpoint().checkpoint();
        let entries = match fetched {
            Some(entries) => entries,
            None => self.fetch(working.replica.size(), checkpoint.size()).await?,
        };
        if !working.extended(&entries)?.is(checkpoint) {
            return Err(MirrorError::EntriesDiffer);
        }
        let replayed = self.replay(working, &entries, checkpoint).await;
        if let Err(error) = replayed {
            if let MirrorError::NotEndorsed(_) = error {
                self.keep(&to_persist.checkpoint().to_note(&[]), &error.to_string(), None)
                    .await?;
            }
            return Err(error);
        }
        let previous = to_persist.previous_size();
        match self.store.record(to_persist.checkpoint(), previous, &entries).await {
            Ok(true) => {}
            Ok(false) => {
                self.take_back(working).await?;
                return Err(MirrorError::StoreMoved);
            }
            Err(error) => {
                self.disk.failed(&error);
                self.take_back(working).await?;
                return Err(error.into());
            }
        }
        let recorded = working.state.record(to_persist).map_err(|_| MirrorError::StoreMoved)?;
        let line = recorded.cosign(&self.cosigner, self.clock.now())?;
        self.cosigned.inc();
        Ok(line)
    }

    /// Nothing is recorded or cosigned any more where the stored copy is known to have changed, or may not be on the
    /// disk.
    pub(super) fn check_intact(&self) -> Result<(), MirrorError> {
        if !self.disk.syncs() {
            return Err(MirrorError::Stopped);
        }
        if self.is_intact.load(Ordering::SeqCst) {
            Ok(())
        } else {
            Err(DamagedError::Altered.into())
        }
    }

    /// Hears how something failed: where the disk did not sync, the mirror ends.
    pub(super) fn failed(&self, error: &MirrorError) {
        if let MirrorError::Store(error) = error {
            self.disk.failed(error);
        }
    }

    /// All entries from `start` up to `size`.
    pub(super) async fn fetch(&self, start: u64, size: u64) -> Result<Vec<FetchedEntry>, MirrorError> {
        let mut entries = Vec::new();
        let mut next = start;
        while next < size {
            let more = self.source.entries(next, size).await?;
            next += more.len() as u64;
            entries.extend(more);
        }
        Ok(entries)
    }

    /// Replays, and takes the replica back when the checkpoint may not be cosigned.
    async fn replay(
        &self,
        working: &mut Working,
        entries: &[FetchedEntry],
        checkpoint: &Checkpoint,
    ) -> Result<(), MirrorError> {
        let result = working.replay(entries, checkpoint);
        if result.is_err() {
            self.take_back(working).await?;
        }
        result
    }

    /// Stands again where the store says, which alone knows whether a write that failed was
    /// done after all.
    async fn take_back(&self, working: &mut Working) -> Result<(), MirrorError> {
        let base = self.served.read().await.replica().clone();
        Ok(working.restore(base, &self.store).await?)
    }

    /// A store that failed when the replica was to be taken back leaves it behind the recorded
    /// checkpoint: before anything is built on it, it is taken there.
    pub(super) async fn in_step(&self, working: &mut Working) -> Result<(), MirrorError> {
        let origin = Origin::from(self.pack.log_key().verifier_key().name());
        let recorded = working.state.newest(&origin);
        let size = recorded.map_or(0, |recorded| recorded.checkpoint().size());
        if working.replica.size() == size {
            return Ok(());
        }
        self.take_back(working).await
    }

    async fn keep_refused(&self, working: &Working, refusal: &Refusal) -> Result<(), MirrorError> {
        match refusal.evidence() {
            Some(refused) => {
                self.keep_split(working, &refused.to_note(&[]), &refusal.to_string())
                    .await
            }
            None => Ok(()),
        }
    }

    /// Keeps a checkpoint that contradicts what was mirrored, if it does, with the evidence of that.
    pub(super) async fn keep_split(
        &self,
        working: &Working,
        note: &UnverifiedCheckpoint,
        reason: &str,
    ) -> Result<(), MirrorError> {
        let evidence = working.split(&self.pack, note);
        self.keep(note, reason, evidence.map(|evidence| evidence.encode()))
            .await
    }

    /// Keeps a checkpoint that the log signed and should not have, and raises the alarm.
    pub(super) async fn keep(
        &self,
        note: &UnverifiedCheckpoint,
        reason: &str,
        file: Option<Vec<u8>>,
    ) -> Result<(), MirrorError> {
        let size = note.dangerous_checkpoint().size();
        tracing::error!(size, reason, "the log signed what it should not have signed");
        self.evidence.inc();
        let kept = self.store.keep_evidence(note, reason, file).await;
        Ok(kept.inspect_err(|error| self.disk.failed(error))?)
    }
}
