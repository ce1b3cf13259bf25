//! What is done to give entries their order: admit, commit, and stand again where the store says. When a batch is closed
//! is for the task around it.

use std::sync::Arc;

use ledger::{Records, Submission, hour_of};
use service::Clock;
use service::store::is_not_synced;

use super::admission::check_kind;
use super::{AppendError, StopReason, Working};
use crate::store::{CommitError, Head, LogStore, ReadError, commit_batch};

/// The state before the next entry, and the store that it is committed to.
pub struct Sequencing<S> {
    store: S,
    working: Working,
    clock: Arc<dyn Clock>,
}

/// What became of submissions.
#[derive(Debug)]
pub struct Admitted {
    /// For each of them, in their order, the index it gets or has already; nobody may hear one before the batch is
    /// committed.
    pub answers: Vec<Result<u64, AppendError>>,
    /// Why the log has to stop, once those are told of whom nothing is in the batch.
    pub stop: Option<StopReason>,
}

/// A commit that failed, and the heads the store may have of ours.
#[derive(Debug)]
#[must_use]
pub struct Failed {
    error: CommitError,
    ours: [Head; 2],
}

impl<S: LogStore> Sequencing<S> {
    /// Takes up what the store has committed, and what was written in the last day: the first write after a start
    /// does not wait for that.
    ///
    /// # Errors
    /// [`ReadError`]
    pub async fn load(store: S, origin: &str, clock: Arc<dyn Clock>) -> Result<Self, ReadError> {
        let mut working = Working::load(&store, origin).await?;
        // A leaf that cannot be read is in the way of writing alone: the first write says so.
        if let Err(error) = working.count_quotas(&store, clock.now()).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the quotas of the last day cannot be counted"
            );
        }
        Ok(Self { working, store, clock })
    }

    /// How many entries are committed, as far as this instance knows.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.working.head().size
    }

    /// Whether anything was accepted since the last commit.
    #[must_use]
    pub fn has_draft(&self) -> bool {
        self.working.has_draft()
    }

    /// Whether an hour has begun that has no map head yet.
    #[must_use]
    pub fn is_new_hour(&self) -> bool {
        self.working.newest_hour() < hour_of(self.clock.now())
    }

    /// Takes entries into the batch, in their order, those that break no rule. Where the store fails at one, nothing is
    /// decided about those after it, which may rest on it.
    pub async fn admit(&mut self, submissions: &[Submission]) -> Admitted {
        let now = self.clock.now();
        let loaded = self.working.load_subjects(&self.store, submissions).await;
        let mut has_failed = loaded.map_err(AppendError::from).is_err();
        let mut answers = Vec::with_capacity(submissions.len());
        for submission in submissions {
            let answer = match check_kind(submission.leaf().kind) {
                Ok(()) if has_failed => Err(AppendError::Store),
                Ok(()) => self.working.stage(&self.store, submission, now).await,
                Err(error) => Err(error),
            };
            has_failed |= matches!(answer, Err(AppendError::Store));
            answers.push(answer);
        }
        let stop = if has_failed {
            self.check_head().await.err()
        } else {
            None
        };
        Admitted { answers, stop }
    }

    /// What this instance remembers may be gone because another one has written since.
    async fn check_head(&self) -> Result<(), StopReason> {
        match self.store.head().await {
            Ok(Some(head)) if head != self.working.head() => Err(StopReason::SecondInstance),
            _ => Ok(()),
        }
    }

    /// Closes the batch with a map head and commits it; the size that is then committed.
    ///
    /// # Errors
    /// [`Failed`], to be recovered from. Nobody of the batch may be told an index.
    pub async fn commit(&mut self) -> Result<u64, Failed> {
        let before = self.working.head();
        let batch = self.working.seal(&self.store, self.clock.now()).await;
        let batch = batch.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a map head was refused");
            Failed {
                error: CommitError::ReadBack,
                ours: [before, before],
            }
        })?;
        let committed = match self.store.begin().await {
            Ok(transaction) => commit_batch(transaction, &batch).await,
            Err(error) => Err(error),
        };
        committed.map_err(|error| Failed {
            error,
            ours: [before, batch.after],
        })?;
        self.working.committed(batch.after);
        Ok(batch.after.size)
    }

    /// After a failed commit the state in memory is ahead of the store: it is loaded again.
    /// A commit may fail and be there all the same; any other head than the two of ours was
    /// written by somebody else. Where the disk did not sync, nothing is tried again. The size that is committed.
    ///
    /// # Errors
    /// [`StopReason`] where nobody may go on from there.
    pub async fn recover(&mut self, failed: Failed) -> Result<u64, StopReason> {
        let error = &failed.error;
        tracing::error!(error = error as &dyn std::error::Error, "a batch was not committed");
        match error {
            CommitError::HeadMoved => return Err(StopReason::SecondInstance),
            CommitError::ReadBack => return Err(StopReason::ReadBack),
            CommitError::Store(error) if is_not_synced(error) => return Err(StopReason::NotSynced),
            CommitError::Store(_) => {}
        }
        let origin = self.working.origin().to_owned();
        let loaded = Working::load(&self.store, &origin).await;
        self.working = loaded.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "the store cannot be read");
            StopReason::Damaged
        })?;
        if !failed.ours.contains(&self.working.head()) {
            return Err(StopReason::SecondInstance);
        }
        Ok(self.size())
    }
}
