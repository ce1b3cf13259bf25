use std::fmt;
use thiserror::Error;

/// A calendar day, kept as the number YYYYMMDD that rules compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(u32);

/// Why a day was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DayError {
    /// Not of the form `YYYY-MM-DD` (RFC 3339 `full-date`).
    #[error("not a date of the form YYYY-MM-DD")]
    Form,
    /// No such day in the Gregorian calendar.
    #[error("no such day")]
    NoSuchDay,
}

impl Day {
    /// A day of the Gregorian calendar.
    ///
    /// # Errors
    /// [`DayError::NoSuchDay`] where the calendar has none.
    pub fn from_ymd(year: u32, month: u32, day: u32) -> Result<Self, DayError> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let last = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return Err(DayError::NoSuchDay),
        };
        if !(1..=9999).contains(&year) || !(1..=last).contains(&day) {
            return Err(DayError::NoSuchDay);
        }
        Ok(Self(year * 10_000 + month * 100 + day))
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`DayError`]
    pub fn parse(text: &str) -> Result<Self, DayError> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(DayError::Form);
        }
        let number = |range: std::ops::Range<usize>| {
            bytes[range].iter().try_fold(0_u32, |value, byte| {
                byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0'))
            })
        };
        let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
            return Err(DayError::Form);
        };
        Self::from_ymd(year, month, day)
    }

    /// The day of a time, by clocks that are so many seconds ahead of UTC; `None` before 1970
    /// and after 9999.
    #[must_use]
    pub fn of_unix(time: u64, utc_offset_s: i32) -> Option<Self> {
        let local = i64::try_from(time).ok()?.checked_add(i64::from(utc_offset_s))?;
        let days = u32::try_from(local.div_euclid(SECONDS)).ok()?;
        // Years that begin in March: the leap day is then the last of its year, of every four
        // years and of the 400 after which the calendar repeats.
        let since_march = days.checked_add(DAYS_TO_1970)?;
        let (era, of_era) = (since_march / DAYS_OF_400_YEARS, since_march % DAYS_OF_400_YEARS);
        let of_400 = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * of_400 + of_400 / 4 - of_400 / 100);
        // Months from March on have 31, 30, 31, 30, 31 days, and again.
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let year = era * 400 + of_400 + u32::from(month >= 10);
        Self::from_ymd(year, if month < 10 { month + 3 } else { month - 9 }, day).ok()
    }

    /// YYYYMMDD.
    #[must_use]
    pub fn number(self) -> i64 {
        i64::from(self.0)
    }

    /// Whole years from this day to `today`; `None` where this day lies in the
    /// future. Someone born on 29 February completes a year on 1 March of a
    /// year that has no such day.
    #[must_use]
    pub fn years_until(self, today: Self) -> Option<i64> {
        // The month and day are the last four digits, so the difference of the
        // whole numbers counts a year only once its day is reached.
        (self <= today).then(|| i64::from((today.0 - self.0) / 10_000))
    }
}

const SECONDS: i64 = 86_400;
/// From 1 March of year 0 to 1 January 1970.
const DAYS_TO_1970: u32 = 719_468;
const DAYS_OF_400_YEARS: u32 = 146_097;

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}",
            self.0 / 10_000,
            self.0 / 100 % 100,
            self.0 % 100
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use test_case::test_case;

    #[test_case("2026-02-29" => Err(DayError::NoSuchDay); "no leap day in a common year")]
    #[test_case("1900-02-29" => Err(DayError::NoSuchDay); "a century is common")]
    #[test_case("2026-13-01" => Err(DayError::NoSuchDay); "month thirteen")]
    #[test_case("2026-00-01" => Err(DayError::NoSuchDay); "month zero")]
    #[test_case("0000-01-01" => Err(DayError::NoSuchDay); "year zero")]
    #[test_case("2026-1-01" => Err(DayError::Form); "one digit")]
    #[test_case("2026-01-0x" => Err(DayError::Form); "a letter")]
    #[test_case("+026-01-01" => Err(DayError::Form); "a sign")]
    #[test_case("2000-02-29" => Ok(20_000_229); "leap day")]
    fn parse(text: &str) -> Result<i64, DayError> {
        Day::parse(text).map(Day::number)
    }

    #[test_case(0, 0 => Some(19_700_101); "the epoch")]
    #[test_case(0, -1 => None; "the second before it")]
    #[test_case(951_782_399, 0 => Some(20_000_228); "the last second before a leap day")]
    #[test_case(951_782_400, 0 => Some(20_000_229); "the first second of a leap day")]
    #[test_case(951_868_800, 0 => Some(20_000_301); "the day after it")]
    #[test_case(4_107_542_399, 0 => Some(21_000_228); "a century without a leap day")]
    #[test_case(4_107_542_400, 0 => Some(21_000_301); "and the day after it")]
    #[test_case(1_795_388_400, 3_600 => Some(20_261_123); "midnight one hour ahead")]
    #[test_case(1_795_388_399, 3_600 => Some(20_261_122); "a second before it")]
    #[test_case(1_798_761_599, -3_600 => Some(20_261_231); "the last of a year, behind")]
    #[test_case(253_402_300_799, 0 => Some(99_991_231); "the last second of the calendar")]
    #[test_case(253_402_300_800, 0 => None; "the one after it")]
    #[test_case(u64::MAX, 0 => None; "no time")]
    fn of_unix(time: u64, utc_offset_s: i32) -> Option<i64> {
        Day::of_unix(time, utc_offset_s).map(Day::number)
    }

    #[test_case("2008-11-20", "2026-11-20" => Some(18); "on the birthday")]
    #[test_case("2008-11-21", "2026-11-20" => Some(17); "the day before")]
    #[test_case("2008-02-29", "2026-02-28" => Some(17); "leap birthday, 28 February")]
    #[test_case("2008-02-29", "2026-03-01" => Some(18); "leap birthday, 1 March")]
    #[test_case("2026-11-21", "2026-11-20" => None; "born tomorrow")]
    fn years(born: &str, today: &str) -> Option<i64> {
        Day::parse(born).unwrap().years_until(Day::parse(today).unwrap())
    }
}
