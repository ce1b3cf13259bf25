//! Who waits for a session to change. Nothing is sent this way: whoever is
//! woken reads the store, so that there is one truth.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// The sessions that someone watches, by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes(Arc<Mutex<HashMap<String, watch::Sender<()>>>>);

/// Waits for changes of one session; forgotten when dropped.
#[derive(Debug)]
pub(crate) struct Watching {
    changes: Changes,
    id: String,
    receiver: Option<watch::Receiver<()>>,
}

impl Changes {
    /// Watches a session. What changes from now on is not missed.
    pub(crate) fn watch(&self, id: &str) -> Watching {
        let receiver = self
            .lock()
            .entry(id.to_owned())
            .or_insert_with(|| watch::Sender::new(()))
            .subscribe();
        Watching {
            changes: self.clone(),
            id: id.to_owned(),
            receiver: Some(receiver),
        }
    }

    /// Wakes those who watch the session.
    pub(crate) fn changed(&self, id: &str) {
        if let Some(sender) = self.lock().get(id) {
            sender.send_replace(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watching {
    /// Returns when the session has changed since the last call.
    pub(crate) async fn changed(&mut self) {
        let changed = match &mut self.receiver {
            Some(receiver) => receiver.changed().await.is_ok(),
            None => false,
        };
        if !changed {
            // The sender goes with the last who watches, so this is not reached.
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.receiver = None;
        let mut watched = self.changes.lock();
        if watched.get(&self.id).is_some_and(|sender| sender.receiver_count() == 0) {
            watched.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Changes;

    #[tokio::test]
    async fn a_change_wakes_only_those_who_watch_and_nobody_is_remembered() {
        let changes = Changes::default();
        let (mut one, mut same) = (changes.watch("a"), changes.watch("a"));
        let mut other = changes.watch("b");
        changes.changed("a");
        one.changed().await;
        same.changed().await;
        let quiet = tokio::time::timeout(std::time::Duration::from_millis(20), other.changed()).await;
        assert!(quiet.is_err());
        drop((one, same, other));
        assert!(changes.lock().is_empty());
    }
}
