//! One thing that is done once, however often the button is pressed.

use crate::error::WalletError;
use std::future::Future;
use tokio::sync::Mutex;

/// Holds what is acted on until it was, and then what came of it.
#[derive(Debug)]
pub(crate) struct Slot<T, D> {
    state: Mutex<State<T, D>>,
}

#[derive(Debug)]
enum State<T, D> {
    Waiting(T),
    Done(Result<D, WalletError>),
    Gone,
}

/// What an action comes to.
pub(crate) enum Ended<T, D> {
    /// For good, well or badly.
    Done(Result<D, WalletError>),
    /// Not begun: it may be tried again.
    Again(T, WalletError),
}

impl<T, D: Clone> Slot<T, D> {
    pub(crate) fn new(subject: T) -> Self {
        Self {
            state: Mutex::new(State::Waiting(subject)),
        }
    }

    /// Does it. Whoever comes while it is done, or later, gets what came of it the first time.
    pub(crate) async fn run<F: Future<Output = Ended<T, D>>>(
        &self,
        action: impl FnOnce(T) -> F,
    ) -> Result<D, WalletError> {
        let mut state = self.state.lock().await;
        match std::mem::replace(&mut *state, State::Gone) {
            State::Waiting(subject) => match action(subject).await {
                Ended::Done(result) => {
                    *state = State::Done(result.clone());
                    result
                }
                Ended::Again(subject, error) => {
                    *state = State::Waiting(subject);
                    Err(error)
                }
            },
            State::Done(result) => {
                *state = State::Done(result.clone());
                result
            }
            State::Gone => Err(WalletError::handle_gone()),
        }
    }

    /// What came of it, once it was done and done well.
    pub(crate) fn done(&self) -> Option<D> {
        let state = self.state.try_lock().ok()?;
        match &*state {
            State::Done(Ok(done)) => Some(done.clone()),
            State::Done(Err(_)) | State::Waiting(_) | State::Gone => None,
        }
    }

    /// Whether what waits here is such; nothing is, once it was acted on.
    pub(crate) fn waits_with(&self, such: impl FnOnce(&T) -> bool) -> bool {
        let Ok(state) = self.state.try_lock() else {
            return false;
        };
        match &*state {
            State::Waiting(subject) => such(subject),
            State::Done(_) | State::Gone => false,
        }
    }

    /// Takes out what was not acted on. While somebody acts on it there is nothing to take.
    pub(crate) fn take(&self) -> Option<T> {
        let mut state = self.state.try_lock().ok()?;
        match std::mem::replace(&mut *state, State::Gone) {
            State::Waiting(subject) => Some(subject),
            other => {
                *state = other;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[tokio::test]
    async fn two_taps_are_one_action_with_one_result() {
        let (slot, runs) = (Slot::new("subject"), AtomicU32::new(0));
        let tap = || {
            slot.run(async |_| {
                tokio::task::yield_now().await;
                Ended::Done(Ok(runs.fetch_add(1, Ordering::Relaxed)))
            })
        };
        assert_eq!(tokio::join!(tap(), tap()), (Ok(0), Ok(0)));
        assert_eq!(tap().await, Ok(0));
        assert_eq!(slot.done(), Some(0));
        assert_eq!(runs.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_failure_is_the_result_too() {
        let slot = Slot::<_, ()>::new(());
        let failed = || slot.run(async |()| Ended::Done(Err(WalletError::new("verifier_unreachable"))));
        assert_eq!(slot.done(), None);
        assert_eq!(failed().await, failed().await);
        assert_eq!(slot.done(), None);
        assert_eq!(slot.take(), None);
    }

    #[tokio::test]
    async fn what_was_not_begun_can_be_tried_again() {
        let slot = Slot::new(1);
        let first = slot
            .run(async |n| Ended::Again(n, WalletError::new("tx_code_malformed")))
            .await;
        assert_eq!(first, Err(WalletError::new("tx_code_malformed")));
        assert_eq!(slot.run(async |n| Ended::Done(Ok(n + 1))).await, Ok(2));
    }

    #[tokio::test]
    async fn what_was_taken_is_gone() {
        let slot = Slot::<_, ()>::new(7);
        assert!(slot.waits_with(|subject| *subject == 7));
        assert_eq!(slot.take(), Some(7));
        assert!(!slot.waits_with(|_| true));
        let after = slot.run(async |_| Ended::Done(Ok(()))).await;
        assert_eq!(after, Err(WalletError::handle_gone()));
    }
}
