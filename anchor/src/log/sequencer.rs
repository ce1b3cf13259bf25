//! The one place that gives entries their order, in time.

use std::sync::Arc;

use service::CancellationToken;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, timeout_at};

use super::queue::{Answers, Request};
use super::sequencing::{Admitted, Sequencing};
use super::{AppendError, Pace, Status, StopReason};
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

/// A request that was judged by what is in the batch, and what it is told once that is committed.
struct Waiting {
    reply: oneshot::Sender<Answers>,
    answers: Answers,
}

impl Sequencer {
    /// Takes requests until the log stops.
    pub(super) async fn run(mut self, mut requests: mpsc::UnboundedReceiver<Request>) {
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

    /// Collects a batch and commits it. What is refused counts as much as what is taken: else whoever hands in what breaks
    /// a rule, without a pause, keeps a batch open for ever, and those who wait for it.
    async fn batch(
        &mut self,
        first: Request,
        requests: &mut mpsc::UnboundedReceiver<Request>,
    ) -> Result<(), StopReason> {
        let end = Instant::now() + self.pace.batch;
        let mut waiting = Vec::new();
        let mut looked_at = self.admit(first, &mut waiting).await?;
        while looked_at < self.pace.batch_entries {
            // Where a request is there already, this does not look at the time.
            match timeout_at(end, requests.recv()).await {
                Ok(Some(request)) => looked_at += self.admit(request, &mut waiting).await?,
                Ok(None) | Err(_) => break,
            }
        }
        if !self.sequencing.has_draft() {
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
                waiting.into_iter().for_each(Waiting::tell);
            }
            Err(failed) => {
                waiting.into_iter().for_each(Waiting::tell_not_stored);
                let size = self.sequencing.recover(failed).await?;
                self.committed.send_replace(size);
            }
        }
        Ok(())
    }

    /// Takes the entries of a request into the batch, those that break no rule; how many were looked at.
    async fn admit(&mut self, request: Request, waiting: &mut Vec<Waiting>) -> Result<usize, StopReason> {
        let Admitted { answers, stop } = self.sequencing.admit(&request.submissions).await;
        let looked_at = answers.len();
        let reply = request.reply;
        let told = Waiting { reply, answers };
        // What is refused may rest on what is in the batch, as what is taken does.
        if self.sequencing.has_draft() {
            waiting.push(told);
        } else {
            told.tell();
        }
        stop.map_or(Ok(looked_at), Err)
    }
}

impl Waiting {
    /// Who has gone away needs no answer.
    fn tell(self) {
        drop(self.reply.send(self.answers));
    }

    /// Nothing of the batch is stored, and so nothing is decided: what was refused may have been because of entries that
    /// are not there, and no refusal of it is signed.
    fn tell_not_stored(self) {
        let answers = self.answers.iter().map(|_| Err(AppendError::Store)).collect();
        Self { answers, ..self }.tell();
    }
}
