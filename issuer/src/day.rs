//! Days, in UTC: copies carry no finer time, so that two copies issued on one day cannot be told apart by it.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jose::UnixTime;

/// Seconds of a day.
pub(crate) const SECONDS: u64 = 86_400;

/// The time lies beyond the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the clock shows a time beyond the calendar")]
pub struct DayError;

/// The first second of the day.
#[must_use]
pub(crate) const fn start(now: UnixTime) -> UnixTime {
    now - now % SECONDS
}

/// The calendar day.
pub fn date(now: UnixTime) -> Result<Date, DayError> {
    let seconds = i64::try_from(now).map_err(|_| DayError)?;
    let timestamp = Timestamp::from_second(seconds).map_err(|_| DayError)?;
    Ok(timestamp.to_zoned(TimeZone::UTC).date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc() {
        let now = 1_795_176_001;
        assert_eq!(start(now) % SECONDS, 0);
        assert!(now - start(now) < SECONDS);
        assert_eq!(date(0).unwrap().to_string(), "1970-01-01");
        assert_eq!(date(u64::MAX), Err(DayError));
    }
}
