//! A check: what a business asks, why, of whose cards, and what follows.

mod claims;
mod error;
mod file;
mod issuers;
mod ready_made;
mod scope;
mod words;

pub use error::{CheckError, CheckProblem};
pub use file::load_checks;
pub(crate) use file::{checks_from_json, is_id, parse_checks};
pub(crate) use issuers::types_in_bits;
pub use issuers::{AcceptedIssuers, named_issuers, named_types};
pub use ready_made::{READY_MADE, ReadyMadeError, write_ready_made};
pub(crate) use words::Asked;
pub use words::{UnreadableType, Words};

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use jose::UnixTime;
use ledger::{Channel, Localized};
use oid4vp::{DcqlQuery, QueryId};
use rule::{CarriedRule, Day, Rule};
use serde::Deserialize;
use url::Url;

/// A configured check that holds every rule.
#[derive(Debug, Clone)]
pub struct Check {
    id: String,
    title: Localized,
    purpose: Localized,
    channel: Channel,
    query: DcqlQuery,
    answer_mode: AnswerMode,
    rule: Rule,
    freshness: Freshness,
    offline_freshness: Freshness,
    issuers: BTreeMap<String, AcceptedIssuers>,
    keep: BTreeSet<(String, String)>,
    retention_days: u32,
    privacy_policy: String,
    time_zone: TimeZone,
    return_url: Option<Url>,
    receipts: bool,
}

/// How answers travel (`response_mode`). OpenID4VP 1.0 §8.2, §8.3.1
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum AnswerMode {
    /// Encrypted to a key of the session, as HAIP 1.0 §5.1 demands.
    #[default]
    #[serde(rename = "direct_post.jwt")]
    Encrypted,
    /// In the clear inside TLS.
    #[serde(rename = "direct_post")]
    Plain,
}

/// How old the grounds of a verdict may be, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freshness {
    /// What the ledger says about the issuer.
    #[serde(default = "ten_minutes")]
    pub ledger_s: u64,
    /// The status list.
    #[serde(default = "an_hour")]
    pub status_s: u64,
    /// The metadata of an issuer that the check names by URL.
    #[serde(default = "an_hour")]
    pub metadata_s: u64,
}

impl Default for Freshness {
    fn default() -> Self {
        Self {
            ledger_s: ten_minutes(),
            status_s: an_hour(),
            metadata_s: an_hour(),
        }
    }
}

impl Check {
    /// Its name in the interface, and the id of its registered purpose.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What those who pick it call it.
    pub fn title(&self) -> &Localized {
        &self.title
    }

    /// Where it takes place.
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// Where the business says what it does with what it learns.
    pub fn privacy_policy(&self) -> &str {
        &self.privacy_policy
    }

    /// Why the business asks.
    pub fn purpose(&self) -> &Localized {
        &self.purpose
    }

    /// What is asked.
    pub fn query(&self) -> &DcqlQuery {
        &self.query
    }

    /// How answers travel.
    pub fn answer_mode(&self) -> AnswerMode {
        self.answer_mode
    }

    /// What turns claims into yes or no.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The rule as it goes along with a request made now; `None` beyond the calendar, or where a
    /// reader would refuse it. docs/rules.md §6
    pub fn carried_rule(&self, now: UnixTime) -> Option<CarriedRule> {
        let time = Timestamp::from_second(i64::try_from(now).ok()?).ok()?;
        CarriedRule::new(self.rule.clone(), self.time_zone.to_offset(time).seconds()).ok()
    }

    /// How old the grounds may be.
    pub fn freshness(&self) -> Freshness {
        self.freshness
    }

    /// How old they may be where answers come without a network.
    pub fn offline_freshness(&self) -> Freshness {
        self.offline_freshness
    }

    /// How many days claims that are kept stay.
    pub fn retention_days(&self) -> u32 {
        self.retention_days
    }

    /// Where the browser goes after a check on the same device.
    pub fn return_url(&self) -> Option<&Url> {
        self.return_url.as_ref()
    }

    /// Whether those who answer get a receipt. docs/receipts.md §4
    pub fn gives_receipts(&self) -> bool {
        self.receipts
    }

    /// Whose cards of that type are accepted; `None` for a type that the query
    /// does not ask for.
    pub fn accepted_issuers(&self, query: &QueryId, vct: &str) -> Option<&AcceptedIssuers> {
        let asked = self.query.credential(query.as_str())?;
        let is_asked = asked.meta().type_names().contains(&vct);
        self.issuers.get(vct).filter(|_| is_asked)
    }

    /// The claims that are kept, by query and name.
    pub fn kept(&self) -> impl Iterator<Item = (&str, &str)> {
        self.keep.iter().map(|(query, claim)| (query.as_str(), claim.as_str()))
    }

    /// Whether the value of a claim may leave the engine.
    pub fn keeps(&self, query: &QueryId, claim: &str) -> bool {
        self.keep.contains(&(query.as_str().to_owned(), claim.to_owned()))
    }

    /// The day in the check's time zone; `None` beyond the calendar.
    pub fn today(&self, now: UnixTime) -> Option<Day> {
        let time = Timestamp::from_second(i64::try_from(now).ok()?).ok()?;
        let date = time.to_zoned(self.time_zone.clone()).date();
        let (year, month, day) = (date.year(), date.month(), date.day());
        Day::from_ymd(
            u32::try_from(year).ok()?,
            u32::try_from(month).ok()?,
            u32::try_from(day).ok()?,
        )
        .ok()
    }
}

/// Online, the ledger may be ten minutes old.
fn ten_minutes() -> u64 {
    600
}

fn an_hour() -> u64 {
    3600
}
