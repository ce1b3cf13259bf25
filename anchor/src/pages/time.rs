//! Dates and ages in the reader's words. Times are UTC: the server does not know another.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use jose::UnixTime;
use maud::{Markup, html};

use super::messages::Language;
use super::reader::Reader;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl Reader<'_> {
    /// A day.
    pub(crate) fn day(&self, at: UnixTime) -> Markup {
        html! {
            @match zoned(at) {
                Some(zoned) => time datetime=(zoned.date().to_string()) { (self.day_words(&zoned)) },
                None => (self.t("date.never")),
            }
        }
    }

    /// A moment, to the minute.
    pub(crate) fn moment(&self, at: UnixTime) -> Markup {
        let Some(zoned) = zoned(at) else {
            return html! { (self.t("date.never")) };
        };
        let day = self.day_words(&zoned);
        let clock = format!("{:02}:{:02}", zoned.hour(), zoned.minute());
        let words = self.say("date.moment", &[("day", &day), ("time", &clock)]);
        html! { time datetime=(zoned.timestamp().to_string()) { (words) } }
    }

    /// How long ago it was.
    pub(crate) fn ago(&self, at: UnixTime) -> String {
        match self.now.saturating_sub(at) {
            age if age < 2 * MINUTE => self.count("date.seconds", age),
            age if age < 2 * HOUR => self.count("date.minutes", age / MINUTE),
            age if age < 2 * DAY => self.count("date.hours", age / HOUR),
            age => self.count("date.days", age / DAY),
        }
    }

    /// A moment and how long ago it was.
    pub(crate) fn moment_ago(&self, at: UnixTime) -> Markup {
        let ago = self.ago(at);
        self.fill(
            "date.with_age",
            &[("moment", self.moment(at)), ("age", html! { (ago) })],
        )
    }

    fn day_words(&self, zoned: &Zoned) -> String {
        let month = match zoned.month() {
            1 => self.t("date.january"),
            2 => self.t("date.february"),
            3 => self.t("date.march"),
            4 => self.t("date.april"),
            5 => self.t("date.may"),
            6 => self.t("date.june"),
            7 => self.t("date.july"),
            8 => self.t("date.august"),
            9 => self.t("date.september"),
            10 => self.t("date.october"),
            11 => self.t("date.november"),
            _ => self.t("date.december"),
        };
        let day = match (self.language, zoned.day()) {
            (Language::French, 1) => "1er".to_owned(),
            (_, day) => day.to_string(),
        };
        let year = zoned.year().to_string();
        self.say("date.day", &[("day", &day), ("month", month), ("year", &year)])
    }
}

fn zoned(at: UnixTime) -> Option<Zoned> {
    let seconds = i64::try_from(at).ok()?;
    Some(Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::UTC))
}
