//! How long to wait after wrong PINs: a pure state machine.
//!
//! An attempt is counted *before* it is checked and given back when it was right, so that a
//! process killed in between has not won a free guess. Nothing is ever wiped.

use crate::clock::Moment;
use serde::{Deserialize, Serialize};

/// Wrong attempts so far and the wait they have earned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Lockout {
    /// Grows with every change; of two copies the one with the larger number is the newer.
    pub(crate) sequence: u64,
    pub(crate) failures: u32,
    pub(crate) wait_s: u64,
    pub(crate) since: Moment,
}

/// Attempts are refused for so many seconds more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LockedFor {
    /// Seconds to wait.
    pub seconds: u64,
}

impl Lockout {
    /// No wrong attempt yet.
    pub(crate) fn new(now: Moment) -> Self {
        Self {
            sequence: 0,
            failures: 0,
            wait_s: 0,
            since: now,
        }
    }

    /// Of two stored copies the newer one: an older copy put back changes nothing.
    pub(crate) fn newer(self, other: Self) -> Self {
        if other.sequence > self.sequence { other } else { self }
    }

    /// Counts an attempt as failed before it is made.
    pub(crate) fn begin_attempt(&self, now: &Moment) -> Result<Self, LockedFor> {
        let seconds = self.remaining(now);
        if seconds > 0 {
            return Err(LockedFor { seconds });
        }
        let failures = self.failures.saturating_add(1);
        Ok(Self {
            sequence: self.sequence + 1,
            failures,
            wait_s: wait_after(failures),
            since: now.clone(),
        })
    }

    /// The attempt was right: the count starts again.
    pub(crate) fn succeeded(&self, now: &Moment) -> Self {
        Self {
            sequence: self.sequence + 1,
            failures: 0,
            wait_s: 0,
            since: now.clone(),
        }
    }

    /// Seconds until the next attempt is allowed.
    pub(crate) fn remaining(&self, now: &Moment) -> u64 {
        self.wait_s.saturating_sub(self.since.seconds_until(now))
    }

    /// Attempts left before the next, longer wait.
    pub(crate) fn attempts_left(&self) -> u32 {
        if self.failures >= LAST_STEP {
            0
        } else {
            STEP - self.failures % STEP
        }
    }
}

/// Every fifth failure makes the wait longer; from the twentieth on every one costs a day.
fn wait_after(failures: u32) -> u64 {
    match failures {
        LAST_STEP.. => 86_400,
        15 => 3_600,
        10 => 600,
        5 => 60,
        _ => 0,
    }
}

const STEP: u32 = 5;
const LAST_STEP: u32 = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    fn at(wall: u64) -> Moment {
        Moment { wall, since_boot: None }
    }

    fn after(failures: u32) -> (Lockout, u64) {
        let mut lockout = Lockout::new(at(0));
        let mut wall = 0;
        for _ in 0..failures {
            wall += lockout.remaining(&at(wall));
            lockout = lockout.begin_attempt(&at(wall)).expect("waited");
        }
        (lockout, wall)
    }

    #[test_case(4 => 0 ; "four are free")]
    #[test_case(5 => 60 ; "five cost a minute")]
    #[test_case(6 => 0 ; "six are free again")]
    #[test_case(10 => 600 ; "ten cost ten minutes")]
    #[test_case(15 => 3_600 ; "fifteen cost an hour")]
    #[test_case(20 => 86_400 ; "twenty cost a day")]
    #[test_case(21 => 86_400 ; "every later one costs a day")]
    fn wait(failures: u32) -> u64 {
        let (lockout, wall) = after(failures);
        lockout.remaining(&at(wall))
    }

    #[test]
    fn an_attempt_during_the_wait_is_refused_and_not_counted() {
        let (lockout, wall) = after(5);
        assert_eq!(lockout.begin_attempt(&at(wall + 59)), Err(LockedFor { seconds: 1 }));
        assert_eq!(lockout.begin_attempt(&at(wall + 60)).map(|next| next.failures), Ok(6));
    }

    #[test]
    fn a_clock_set_back_does_not_shorten_the_wait() {
        let (lockout, _) = after(5);
        let later = Lockout {
            since: at(1_000_000),
            ..lockout
        };
        assert_eq!(later.begin_attempt(&at(5)), Err(LockedFor { seconds: 60 }));
    }

    #[test]
    fn an_older_copy_put_back_changes_nothing() {
        let (new, _) = after(5);
        let (old, _) = after(1);
        assert_eq!(old.clone().newer(new.clone()), new);
        assert_eq!(new.clone().newer(old), new);
    }

    #[test]
    fn a_right_attempt_starts_the_count_again() {
        let (lockout, wall) = after(9);
        let next = lockout.succeeded(&at(wall));
        assert_eq!((next.failures, next.attempts_left()), (0, 5));
        assert!(next.sequence > lockout.sequence);
    }
}
