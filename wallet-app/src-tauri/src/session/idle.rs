//! How long nobody has touched the wallet.

use std::sync::{Mutex, PoisonError};
use wallet::Moment;

/// The last sign of the person. Time that the machine slept counts.
#[derive(Debug)]
pub(super) struct Idle {
    last: Mutex<Moment>,
}

impl Idle {
    pub(super) fn new(now: Moment) -> Self {
        Self { last: Mutex::new(now) }
    }

    pub(super) fn touch(&self, now: Moment) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    pub(super) fn seconds(&self, now: &Moment) -> u64 {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .seconds_until(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_touch_starts_anew() {
        let at = |wall| Moment { wall, since_boot: None };
        let idle = Idle::new(at(100));
        assert_eq!(idle.seconds(&at(400)), 300);
        idle.touch(at(390));
        assert_eq!(idle.seconds(&at(400)), 10);
    }
}
