//! A clock that tests set.

use std::sync::atomic::{AtomicU64, Ordering};
use wallet::{Clock, Moment};

pub(crate) struct TestClock(AtomicU64);

impl TestClock {
    pub(crate) fn at(wall: u64) -> Self {
        Self(AtomicU64::new(wall))
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn set(&self, wall: u64) {
        self.0.store(wall, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn moment(&self) -> Moment {
        Moment {
            wall: self.0.load(Ordering::SeqCst),
            since_boot: None,
        }
    }
}
