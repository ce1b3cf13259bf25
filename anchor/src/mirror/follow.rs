use std::sync::atomic::Ordering;
use std::time::Duration;

use service::CancellationToken;
use tlog::{AddCheckpoint, Checkpoint, UnverifiedCheckpoint, root_of};

use super::cosigning::{Inner, Mirror};
use super::error::MirrorError;
use super::serving::Published;
use super::working::Judged;

/// Reads the log's published checkpoint again and again, and serves what it says, until
/// stopped. While the log is away, the mirror goes on serving what it has.
pub async fn follow(mirror: Mirror, every: Duration, stop: CancellationToken) {
    let mut failing = false;
    loop {
        let result = mirror.refresh().await;
        match (&result, failing) {
            (Err(error), false) => tracing::warn!(%error, "the log cannot be followed"),
            (Ok(()), true) => tracing::info!("the log is followed again"),
            _ => {}
        }
        failing = result.is_err();
        if failing {
            mirror.inner.not_followed.inc();
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = stop.cancelled() => return,
        }
    }
}

impl Mirror {
    /// Reads the log's published checkpoint once, and serves it if it is news. Entries that
    /// are missing here, because another mirror made up the quorum, are fetched and replayed.
    ///
    /// # Errors
    /// When it has no quorum, contradicts what is here, or its entries do not make the map
    /// that it commits to; what is served stays as it was.
    pub async fn refresh(&self) -> Result<(), MirrorError> {
        let refreshed = self.take_over().await;
        self.inner.is_following.store(refreshed.is_ok(), Ordering::Relaxed);
        refreshed
    }

    async fn take_over(&self) -> Result<(), MirrorError> {
        let inner = &self.inner;
        let note = UnverifiedCheckpoint::parse(&inner.source.checkpoint().await?)?;
        let checkpoint = note.clone().verify(inner.pack.policy())?;
        let is_news = inner.served.read().await.is_news(&checkpoint);
        let judged = if is_news {
            inner.catch_up(&note, checkpoint.checkpoint()).await?
        } else {
            Judged::default()
        };
        // Before anything larger is served: the tree of the landmark is made on the way there.
        inner.take_over_landmarks(checkpoint.size()).await;
        if !is_news {
            return Ok(());
        }
        let mut served = inner.served.write().await;
        if served.is_news(&checkpoint) {
            let published = served
                .publish(Published { note, checkpoint }, &inner.store, judged)
                .await;
            published.inspect_err(|error| inner.failed(error))?;
        }
        Ok(())
    }
}

impl Inner {
    /// Sees to it that the checkpoint's entries are recorded, and that it is one of the log
    /// that is mirrored here. What was made of entries up to there when they were replayed.
    async fn catch_up(&self, note: &UnverifiedCheckpoint, checkpoint: &Checkpoint) -> Result<Judged, MirrorError> {
        let mut working = self.working.lock().await;
        self.in_step(&mut working).await?;
        let size = working.replica.size();
        if checkpoint.size() <= size {
            if root_of(checkpoint.size(), working.replica.tree())? == *checkpoint.root() {
                return Ok(working.judged.up_to(checkpoint.size()));
            }
            self.keep_split(&working, note, "contradicts what was mirrored").await?;
            return Err(MirrorError::Contradiction);
        }
        // What would not be recorded is not fetched, again and again.
        self.check_intact()?;
        let entries = self.fetch(size, checkpoint.size()).await?;
        let extended = working.extended(&entries)?;
        if !extended.is(checkpoint) {
            self.keep(note, "its entries are not those that the log serves", None)
                .await?;
            return Err(MirrorError::EntriesDiffer);
        }
        let request = AddCheckpoint {
            old_size: size,
            proof: extended.consistency(size)?,
            checkpoint: note.clone(),
        };
        self.advance(&mut working, request, Some(entries)).await?;
        Ok(working.judged.up_to(checkpoint.size()))
    }
}
