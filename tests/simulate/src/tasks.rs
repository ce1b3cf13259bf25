//! What runs at the same time, one turn after the other, in an order that chance gives.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use crate::chance::Chance;

/// Whose task it is. All of one owner's tasks end together.
pub(crate) type Owner = u64;

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// The tasks of all machines.
#[derive(Default)]
pub(crate) struct Tasks(Vec<(Owner, Task)>);

impl Tasks {
    /// Begins a task.
    pub(crate) fn begin(&mut self, owner: Owner, task: impl Future<Output = ()> + 'static) {
        self.0.push((owner, Box::pin(task)));
    }

    /// Ends all tasks of an owner where they are, as SIGKILL does.
    pub(crate) fn end(&mut self, owner: Owner) {
        self.0.retain(|(of, _)| *of != owner);
    }

    /// Gives so many turns.
    pub(crate) fn run(&mut self, turns: u64, chance: &Chance) {
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..turns {
            let at = chance.place(self.0.len());
            let Some((_, task)) = self.0.get_mut(at) else { return };
            if task.as_mut().poll(&mut context).is_ready() {
                drop(self.0.swap_remove(at));
            }
        }
    }
}

/// Runs one future to its end, with nothing beside it; `None` where it waits for something that never comes.
pub(crate) fn alone<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    (0..1_000_000).find_map(|_| match future.as_mut().poll(&mut context) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    })
}
