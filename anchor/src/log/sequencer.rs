//! The one place that gives entries their order, in time.

use std::sync::Arc;

use service::CancellationToken;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};

use super::sequencing::{Admitted, Sequencing};
use super::{AppendError, Pace, Request, Status, StopReason};
use crate::store::Store;

pub(super) struct Sequencer {
    pub(super) sequencing: Sequencing<Store>,
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
        if !self.sequencing.has_draft() {
            answer(waiting);
            return Ok(());
        }
        self.close(waiting).await
    }

    /// An hour in which nobody writes has a map head all the same, for its landmark. One is enough: while entries wait
    /// for their quorum there is none.
    async fn begin_hour(&mut self) -> Result<(), StopReason> {
        let is_writing = *self.status.borrow() == Status::Writing;
        let is_published = *self.published.borrow() == self.sequencing.size();
        if is_writing && is_published && self.sequencing.is_new_hour() {
            self.close(Vec::new()).await
        } else {
            Ok(())
        }
    }

    /// Commits the batch, and tells those who wait for it.
    async fn close(&mut self, waiting: Vec<Waiting>) -> Result<(), StopReason> {
        match self.sequencing.commit().await {
            Ok(size) => {
                self.committed.send_replace(size);
                answer(waiting);
            }
            Err(failed) => {
                waiting
                    .into_iter()
                    .for_each(|(reply, _)| drop(reply.send(Err(AppendError::Store))));
                let size = self.sequencing.recover(failed).await?;
                self.committed.send_replace(size);
            }
        }
        Ok(())
    }

    async fn admit(&mut self, request: Request, waiting: &mut Vec<Waiting>) -> Result<(), StopReason> {
        let Request { submission, reply } = request;
        let Admitted { answer, stop } = self.sequencing.admit(&submission).await;
        match answer {
            Ok(index) => waiting.push((reply, index)),
            // Who has gone away needs no answer.
            Err(error) => drop(reply.send(Err(error))),
        }
        stop.map_or(Ok(()), Err)
    }
}

fn answer(waiting: Vec<Waiting>) {
    for (reply, index) in waiting {
        drop(reply.send(Ok(index)));
    }
}
