//! How old what the ledger says is. docs/ledger.md §10.

use jose::UnixTime;
use thiserror::Error;

/// How far a quorum time may be ahead of the device's clock, in seconds.
const AHEAD: u64 = 300;

/// What time it is, as far as a device can know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The device's clock.
    pub device: UnixTime,
    /// Newest quorum time ever accepted; stored, and never lowered. 0 at first.
    pub newest_seen: UnixTime,
}

/// The highest age that is good enough, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FreshnessLimit(pub u64);

impl FreshnessLimit {
    /// Default over a network: 10 minutes.
    pub const ONLINE: Self = Self(600);
    /// Default without a network: 24 hours.
    pub const OFFLINE: Self = Self(24 * 3600);
}

/// An age in seconds that is within its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age(pub u64);

/// Why something is not fresh enough to decide by. Either way: could not check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FreshnessError {
    /// The time is more than five minutes ahead of the device's clock.
    #[error("the clock of this device is wrong")]
    ClockWrong,
    /// Older than the limit.
    #[error("too old: {} seconds", .age.0)]
    Stale {
        /// How old.
        age: Age,
    },
}

impl Clock {
    /// The later of the device's clock and the newest quorum time ever accepted.
    pub fn now(&self) -> UnixTime {
        self.device.max(self.newest_seen)
    }

    /// Age of what was so at `time`, if it is within the limit.
    pub fn age(&self, time: UnixTime, limit: FreshnessLimit) -> Result<Age, FreshnessError> {
        if time > self.device.saturating_add(AHEAD) {
            return Err(FreshnessError::ClockWrong);
        }
        let age = Age(self.now().saturating_sub(time));
        if age.0 > limit.0 {
            Err(FreshnessError::Stale { age })
        } else {
            Ok(age)
        }
    }

    /// The value of `newest_seen` to store after a quorum time was accepted. A time that is too
    /// far ahead is not accepted.
    pub fn seen(&self, time: UnixTime) -> Result<UnixTime, FreshnessError> {
        if time > self.device.saturating_add(AHEAD) {
            return Err(FreshnessError::ClockWrong);
        }
        Ok(self.newest_seen.max(time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case(1000, 0, 900 => Ok(Age(100)) ; "past")]
    #[test_case(1000, 0, 400 => Ok(Age(600)) ; "at_the_limit")]
    #[test_case(1000, 0, 399 => Err(FreshnessError::Stale { age: Age(601) }) ; "beyond_the_limit")]
    #[test_case(1000, 0, 1300 => Ok(Age(0)) ; "five_minutes_ahead")]
    #[test_case(1000, 0, 1301 => Err(FreshnessError::ClockWrong) ; "more_than_five_minutes_ahead")]
    #[test_case(1000, 5000, 1000 => Err(FreshnessError::Stale { age: Age(4000) }) ; "a_clock_set_back_does_not_freshen")]
    #[test_case(u64::MAX, 0, u64::MAX => Ok(Age(0)) ; "end_of_time")]
    fn age(device: u64, newest_seen: u64, time: u64) -> Result<Age, FreshnessError> {
        Clock { device, newest_seen }.age(time, FreshnessLimit::ONLINE)
    }

    #[test]
    fn the_newest_time_seen_is_never_lowered() {
        let clock = Clock {
            device: 1000,
            newest_seen: 900,
        };
        assert_eq!(clock.seen(800), Ok(900));
        assert_eq!(clock.seen(1200), Ok(1200));
        assert_eq!(clock.seen(1301), Err(FreshnessError::ClockWrong));
    }
}
