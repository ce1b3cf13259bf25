//! The one place that gives entries their order.

use std::sync::Arc;

use ledger::hour_of;
use service::{CancellationToken, Clock};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};

use super::admission::check_kind;
use super::{AppendError, Pace, Request, Status, StopReason, Working};
use crate::store::{CommitError, Head, Store};

pub(super) struct Sequencer {
    pub(super) store: Store,
    pub(super) working: Working,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) pace: Pace,
    pub(super) committed: watch::Sender<u64>,
    pub(super) published: watch::Receiver<u64>,
    pub(super) status: Arc<watch::Sender<Status>>,
    /// Ends the work.
    pub(super) signing: CancellationToken,
    /// Is cancelled when the log stops itself.
    pub(super) stop: CancellationToken,
}

type Waiting = (oneshot::Sender<Result<u64, AppendError>>, u64);

impl Sequencer {
    /// Takes requests until the log stops.
    pub(super) async fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let signing = self.signing.clone();
        loop {
            let first = tokio::select! {
                biased;
                () = signing.cancelled() => return,
                request = requests.recv() => {
                    let Some(first) = request else { return };
                    Some(first)
                }
                () = tokio::time::sleep(self.pace.hour) => None,
            };
            let done = match first {
                Some(first) => self.batch(first, &mut requests).await,
                None => self.begin_hour().await,
            };
            if let Err(reason) = done {
                tracing::error!(%reason, "the log stops");
                self.status.send_replace(Status::Stopped(reason));
                self.stop.cancel();
                return;
            }
        }
    }

    /// Collects a batch and commits it.
    async fn batch(&mut self, first: Request, requests: &mut mpsc::Receiver<Request>) -> Result<(), StopReason> {
        let end = Instant::now() + self.pace.batch;
        let mut waiting = Vec::new();
        self.admit(first, &mut waiting).await?;
        while waiting.len() < self.pace.batch_entries {
            match timeout_at(end, requests.recv()).await {
                Ok(Some(request)) => self.admit(request, &mut waiting).await?,
                Ok(None) | Err(_) => break,
            }
        }
        if !self.working.has_draft() {
            answer(waiting);
            return Ok(());
        }
        self.close(waiting).await
    }

    /// An hour in which nobody writes has a map head all the same, for its landmark. One is enough: while entries wait
    /// for their quorum there is none.
    async fn begin_hour(&mut self) -> Result<(), StopReason> {
        let is_writing = *self.status.borrow() == Status::Writing;
        let is_published = *self.published.borrow() == self.working.head().size;
        let is_new = self.working.newest_hour() < hour_of(self.clock.now());
        if is_writing && is_published && is_new {
            self.close(Vec::new()).await
        } else {
            Ok(())
        }
    }

    /// Commits the batch, and tells those who wait for it.
    async fn close(&mut self, waiting: Vec<Waiting>) -> Result<(), StopReason> {
        match self.commit().await {
            Ok(size) => {
                self.committed.send_replace(size);
                answer(waiting);
                Ok(())
            }
            Err(error) => {
                waiting
                    .into_iter()
                    .for_each(|(reply, _)| drop(reply.send(Err(AppendError::Store))));
                self.recover(error).await
            }
        }
    }

    async fn admit(&mut self, request: Request, waiting: &mut Vec<Waiting>) -> Result<(), StopReason> {
        let Request { submission, reply } = request;
        let staged = match check_kind(submission.leaf().kind) {
            Ok(()) => self.working.stage(&self.store, &submission, self.clock.now()).await,
            Err(error) => Err(error),
        };
        let store_failed = matches!(staged, Err(AppendError::Store));
        match staged {
            Ok(index) => waiting.push((reply, index)),
            // Who has gone away needs no answer.
            Err(error) => drop(reply.send(Err(error))),
        }
        if store_failed { self.check_head().await } else { Ok(()) }
    }

    /// What this instance remembers may be gone because another one has written since.
    async fn check_head(&self) -> Result<(), StopReason> {
        match self.store.head().await {
            Ok(Some(head)) if head != self.working.head() => Err(StopReason::SecondInstance),
            _ => Ok(()),
        }
    }

    async fn commit(&mut self) -> Result<u64, Failed> {
        let before = self.working.head();
        let batch = self.working.seal(&self.store, self.clock.now()).await;
        let batch = batch.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a map head was refused");
            Failed {
                error: CommitError::ReadBack,
                ours: [before, before],
            }
        })?;
        self.store.commit(&batch).await.map_err(|error| Failed {
            error,
            ours: [before, batch.after],
        })?;
        self.working.committed(batch.after);
        Ok(batch.after.size)
    }

    /// After a failed commit the state in memory is ahead of the store: it is loaded again.
    /// A commit may fail and be there all the same; any other head than the two of ours was
    /// written by somebody else.
    async fn recover(&mut self, failed: Failed) -> Result<(), StopReason> {
        let error = &failed.error;
        tracing::error!(error = error as &dyn std::error::Error, "a batch was not committed");
        match error {
            CommitError::HeadMoved => return Err(StopReason::SecondInstance),
            CommitError::ReadBack => return Err(StopReason::ReadBack),
            CommitError::Store(_) => {}
        }
        let origin = ledger::Records::origin(&self.working).to_owned();
        let loaded = Working::load(&self.store, &origin).await;
        self.working = loaded.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "the store cannot be read");
            StopReason::Damaged
        })?;
        if !failed.ours.contains(&self.working.head()) {
            return Err(StopReason::SecondInstance);
        }
        self.committed.send_replace(self.working.head().size);
        Ok(())
    }
}

/// A commit that failed, and the heads the store may have of ours.
struct Failed {
    error: CommitError,
    ours: [Head; 2],
}

fn answer(waiting: Vec<Waiting>) {
    for (reply, index) in waiting {
        drop(reply.send(Ok(index)));
    }
}
