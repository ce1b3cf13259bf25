//! A mirror makes the landmark files again, from what it has replayed: the same bytes as the log's. docs/ledger.md §12

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use ledger::{
    BlobRef, EndorseError, Hash, MapHead, OrganisationRecord, Records, Replica, ReplicaLandmarkError,
    UnverifiedLandmark, hour_of,
};

use super::cosigning::Inner;
use super::error::{DamagedError, LandmarkFailure, MirrorError};
use super::working::{Judged, replay_stored};
use crate::landmarks::NewLandmark;
use crate::read::Attachment;

/// Seconds until the log is asked again after a landmark could not be taken over.
const PAUSE: u64 = 60;

impl Inner {
    /// Takes over what the log says are its landmarks, where the hour of a checkpoint has none here. All entries of the
    /// checkpoint are in the store, and what is served is not ahead of it: the landmark is one of the trees between.
    ///
    /// A landmark that cannot be taken over does not hold the checkpoint up.
    pub(super) async fn take_over_landmarks(&self, size: u64) {
        let now = self.clock.now();
        if now < self.landmarks_after.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = self.make_missing(size).await {
            tracing::warn!(%error, "no landmark of this hour");
            self.landmarks_refused.inc();
            self.landmarks_after.store(now.saturating_add(PAUSE), Ordering::Relaxed);
        }
    }

    async fn make_missing(&self, size: u64) -> Result<(), LandmarkFailure> {
        let hour = self.hour_at(size).await?;
        if self.kept_at(hour).await?.is_some() {
            return Ok(());
        }
        self.check_intact()?;
        let listed = self.source.landmarks().await.map_err(MirrorError::from)?;
        let mut replica = self.served.read().await.replica().clone();
        let mut refused = None;
        // The older one first: the replica goes on from there. One that is refused does not hold the other up.
        for landmark in UnverifiedLandmark::parse_list(&listed)?.into_iter().rev() {
            if landmark.dangerous_size() <= size && !self.is_kept(&landmark).await? {
                refused = self.make(&mut replica, &landmark).await.err().or(refused);
            }
        }
        match (refused, self.kept_at(hour).await?) {
            (Some(error), _) => Err(error),
            (None, Some(_)) => Ok(()),
            (None, None) => Err(LandmarkFailure::NotListed),
        }
    }

    /// Lets the replica stand at the landmark, and keeps the landmark with the file that is made there.
    async fn make(&self, replica: &mut Replica, landmark: &UnverifiedLandmark) -> Result<(), LandmarkFailure> {
        let verified = landmark.clone().verify(&self.pack)?;
        if verified.quorum_time().is_none() {
            return Err(LandmarkFailure::NoQuorum);
        }
        if replica.size() > verified.size() {
            *replica = Replica::new(self.pack.origin());
        }
        let replayed = replay_stored(replica, &self.store, verified.size(), Judged::default()).await;
        replayed.map_err(MirrorError::from)?;
        let file = self.file(replica, landmark).await?;
        let hour = hour_of(replica.map_head().map_or(0, |state| state.time));
        if self.kept_at(hour).await?.is_some() {
            return Err(LandmarkFailure::Changed);
        }
        let new = NewLandmark {
            hour,
            checkpoint: landmark.encode(),
            file,
        };
        let kept = self.store.keep_landmark(&new).await;
        kept.inspect_err(|error| self.disk.failed(error))
            .map_err(MirrorError::from)?;
        Ok(())
    }

    async fn file(&self, replica: &Replica, landmark: &UnverifiedLandmark) -> Result<Vec<u8>, LandmarkFailure> {
        let mut blobs: HashMap<Hash, Vec<u8>> = HashMap::new();
        let named: Vec<BlobRef> = replica.accredited().flat_map(payloads).collect();
        for payload in named {
            let blob = self.store.blob(&payload.hash).await.map_err(MirrorError::from)?;
            let blob = blob.ok_or(MirrorError::Damaged(DamagedError::Missing))?;
            blobs.insert(payload.hash, blob);
        }
        let made = replica.landmark_file(landmark, |record| {
            let named = payloads(record);
            named.filter_map(|payload| blobs.get(&payload.hash).cloned()).collect()
        });
        if let Err(ReplicaLandmarkError::Endorse(EndorseError::Root)) = &made {
            let note = landmark.to_note(&self.pack);
            let working = self.working.lock().await;
            self.keep_split(&working, &note, "a landmark contradicts what was mirrored")
                .await?;
        }
        Ok(made?)
    }

    /// The hour of the map head that is the last entry of a tree.
    async fn hour_at(&self, size: u64) -> Result<u64, MirrorError> {
        let last = size.checked_sub(1).ok_or(DamagedError::Missing)?;
        let stored = self.store.entries(last, size).await?;
        let head = stored.first().map(|entry| MapHead::parse(&entry.payload));
        match head {
            Some(Ok(head)) => Ok(hour_of(head.time)),
            _ => Err(DamagedError::Missing.into()),
        }
    }

    async fn kept_at(&self, hour: u64) -> Result<Option<Vec<u8>>, MirrorError> {
        Ok(self.store.landmark(hour).await?)
    }

    async fn is_kept(&self, landmark: &UnverifiedLandmark) -> Result<bool, MirrorError> {
        let (bytes, kept) = (landmark.encode(), self.store.landmarks().await?);
        Ok(kept.iter().any(|kept| kept.checkpoint == bytes))
    }
}

/// The payloads that go with a record in a landmark file.
fn payloads(record: &OrganisationRecord) -> impl Iterator<Item = BlobRef> {
    Attachment::ACCREDITED
        .into_iter()
        .filter_map(move |name| name.payload(record))
}
