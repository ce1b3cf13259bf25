//! Dates with a time and a time zone: `dateTimeStamp` of XML Schema 1.1 Part 2 §3.4.28. VCDM 2.0 §4.9.

use jiff::Timestamp;
use jose::UnixTime;

/// Reads a date; a fraction of a second counts as a whole one, and what lies before 1970 as 0.
pub(crate) fn read(text: &str) -> Option<UnixTime> {
    if !is_date_time_stamp(text.as_bytes()) {
        return None;
    }
    let time: Timestamp = text.parse().ok()?;
    let seconds = time.as_second().checked_add(i64::from(time.subsec_nanosecond() > 0))?;
    Some(UnixTime::try_from(seconds).unwrap_or(0))
}

/// Writes a date in UTC; `None` beyond the year 9999.
pub(crate) fn write(time: UnixTime) -> Option<String> {
    let seconds = i64::try_from(time).ok()?;
    Some(Timestamp::from_second(seconds).ok()?.to_string())
}

/// The lexical form; jiff reads more than that.
fn is_date_time_stamp(text: &[u8]) -> bool {
    let Some((date_time, rest)) = text.split_at_checked(19) else {
        return false;
    };
    let zone = match rest.split_first() {
        Some((b'.', fraction)) => {
            let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            match fraction.split_at_checked(digits) {
                Some((digits, zone)) if (1..=9).contains(&digits.len()) => zone,
                _ => return false,
            }
        }
        _ => rest,
    };
    let leap = date_time.ends_with(b":60");
    is_like(date_time, b"0000-00-00T00:00:00") && !leap && (zone == b"Z" || is_like(zone, b"+00:00"))
}

/// A digit where the pattern has one, either sign for a plus, and otherwise the same.
fn is_like(text: &[u8], pattern: &[u8]) -> bool {
    text.len() == pattern.len()
        && text.iter().zip(pattern).all(|(byte, pattern)| match pattern {
            b'0' => byte.is_ascii_digit(),
            b'+' => matches!(byte, b'+' | b'-'),
            pattern => byte == pattern,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("2026-11-20T12:00:00Z" => Some(1_795_176_000); "utc")]
    #[test_case("2026-11-20T14:00:00+02:00" => Some(1_795_176_000); "another zone")]
    #[test_case("2026-11-20T11:59:59.001Z" => Some(1_795_176_000); "a fraction is rounded up")]
    #[test_case("1960-01-01T00:00:00Z" => Some(0); "before 1970")]
    #[test_case("2026-11-20T12:00:00" => None; "no zone")]
    #[test_case("2026-11-20 12:00:00Z" => None; "a space")]
    #[test_case("2026-11-20T12:00:00z" => None; "a small z")]
    #[test_case("2026-11-20T12:00:60Z" => None; "a leap second")]
    #[test_case("2026-11-20T12:00:00.Z" => None; "a point without a fraction")]
    #[test_case("2026-02-30T12:00:00Z" => None; "no such day")]
    #[test_case("2026-11-20T12:00Z" => None; "no seconds")]
    #[test_case("2026-11-20T12:00:00+02" => None; "half a zone")]
    #[test_case("2026-11-20T12:00:00Z[UTC]" => None; "an annotation")]
    #[test_case("" => None; "nothing")]
    fn reads(text: &str) -> Option<UnixTime> {
        read(text)
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(write(1_795_176_000).as_deref(), Some("2026-11-20T12:00:00Z"));
        assert_eq!(write(u64::MAX), None);
    }
}
