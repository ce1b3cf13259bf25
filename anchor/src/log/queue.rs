//! The queue in front of the sequencer. It is bounded by entries, however many of them come in one request.

use std::sync::Arc;

use ledger::Submission;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use super::AppendError;

/// What became of the entries of a request, in their order.
pub(super) type Answers = Vec<Result<u64, AppendError>>;

/// The entries of a request on their way to the sequencer: one message, and one who waits for the answers.
pub(super) struct Request {
    pub(super) submissions: Vec<Submission>,
    pub(super) reply: oneshot::Sender<Answers>,
    /// What they take of the queue, until they are out of it.
    _places: OwnedSemaphorePermit,
}

/// Where requests wait. Cheap to clone.
#[derive(Clone)]
pub(super) struct Queue {
    requests: mpsc::UnboundedSender<Request>,
    places: Arc<Semaphore>,
    most: usize,
}

impl Queue {
    /// A queue of so many entries at most, and its other end.
    pub(super) fn new(most: usize) -> (Self, mpsc::UnboundedReceiver<Request>) {
        let (requests, taken) = mpsc::unbounded_channel();
        let places = Arc::new(Semaphore::new(most));
        let queue = Self { requests, places, most };
        (queue, taken)
    }

    /// Puts a request in. One with more entries than the queue has places goes in when it is empty.
    ///
    /// # Errors
    /// [`AppendError::Backlog`] where there is no room, [`AppendError::ReadOnly`] where nobody takes requests any more.
    pub(super) fn put(&self, submissions: Vec<Submission>) -> Result<oneshot::Receiver<Answers>, AppendError> {
        let places = u32::try_from(submissions.len().min(self.most)).unwrap_or(u32::MAX);
        let places = Arc::clone(&self.places).try_acquire_many_owned(places);
        let (reply, answers) = oneshot::channel();
        let request = Request {
            submissions,
            reply,
            _places: places.map_err(|_| AppendError::Backlog)?,
        };
        self.requests.send(request).map_err(|_| AppendError::ReadOnly)?;
        Ok(answers)
    }
}
