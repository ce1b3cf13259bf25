//! Portraits that wait to be shown: once, for ten seconds, in memory alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jose::UnixTime;

use crate::verdict::Portrait;

/// Seconds after which a portrait is gone, shown or not.
const SHOWN: u64 = 10;

/// Portraits by session. What is taken out, or forgotten, is overwritten.
#[derive(Debug, Clone, Default)]
pub(crate) struct Portraits(Arc<Mutex<HashMap<String, Waiting>>>);

#[derive(Debug)]
struct Waiting {
    portrait: Portrait,
    until: UnixTime,
}

impl Portraits {
    /// Holds a portrait. It goes by the time of day, and by a timer that no clock can hold up.
    pub(crate) fn hold(&self, session: &str, portrait: Portrait, now: UnixTime) {
        let until = now.saturating_add(SHOWN);
        self.lock().insert(session.to_owned(), Waiting { portrait, until });
        let (portraits, session) = (self.clone(), session.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(SHOWN)).await;
            portraits.forget(&session);
        });
    }

    /// Whether one waits.
    pub(crate) fn waits(&self, session: &str, now: UnixTime) -> bool {
        self.lock().get(session).is_some_and(|waiting| now < waiting.until)
    }

    /// Takes it out: there is no second time.
    pub(crate) fn take(&self, session: &str, now: UnixTime) -> Option<Portrait> {
        let waiting = self.lock().remove(session)?;
        (now < waiting.until).then_some(waiting.portrait)
    }

    /// Forgets it.
    pub(crate) fn forget(&self, session: &str) {
        self.lock().remove(session);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
