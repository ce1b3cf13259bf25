//! A rule on its way from those who ask to those who are asked. docs/rules.md §6
//!
//! ```json
//! { "claims": { "person.age_over_18": "bool" }, "expression": "person.age_over_18",
//!   "subset": 1, "utc_offset_s": 3600 }
//! ```

use crate::check::Declared;
use crate::day::Day;
use crate::rule::{Rule, RuleError, SUBSET_VERSION};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use thiserror::Error;

/// A rule as it came along with a request: it holds every rule of the subset, and nobody vouches
/// for it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedRule(CarriedRule);

/// A rule, and the clock by which those who ask tell what day it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarriedRule {
    rule: Rule,
    utc_offset_s: i32,
}

/// Why what came along is no rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CarriedRuleError {
    /// A member is missing, unknown or of the wrong type.
    #[error("not a rule")]
    Shape,
    /// Another version of the subset than 1.
    #[error("the rule is of another version of the subset")]
    Subset,
    /// Too many claims, or a name that is too long.
    #[error("the rule declares too much")]
    TooMuch,
    /// No clock on earth is so far from UTC.
    #[error("the clock of the rule is on no place on earth")]
    UtcOffset,
    /// The rule itself.
    #[error(transparent)]
    Rule(#[from] RuleError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    claims: Declared,
    expression: String,
    subset: u32,
    utc_offset_s: i32,
}

impl CarriedRule {
    /// A rule to go along with a request. `utc_offset_s` is how far the clocks of those who ask
    /// are ahead of UTC now, in seconds.
    ///
    /// # Errors
    /// [`CarriedRuleError`] where a reader would refuse it.
    pub fn new(rule: Rule, utc_offset_s: i32) -> Result<Self, CarriedRuleError> {
        if rule.claims().count() > MAX_CLAIMS || rule.claims().any(|(name, _)| name.len() > MAX_NAME) {
            return Err(CarriedRuleError::TooMuch);
        }
        if !(WEST..=EAST).contains(&utc_offset_s) {
            return Err(CarriedRuleError::UtcOffset);
        }
        Ok(Self { rule, utc_offset_s })
    }

    /// As it travels.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let claims: Declared = self.rule.claims().map(|(name, kind)| (name.to_owned(), kind)).collect();
        json!({
            "claims": claims,
            "expression": self.rule.text(),
            "subset": SUBSET_VERSION,
            "utc_offset_s": self.utc_offset_s,
        })
    }

    /// The rule.
    #[must_use]
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// What day it is for those who ask, at a time in seconds since 1970.
    #[must_use]
    pub fn today(&self, now: u64) -> Option<Day> {
        Day::of_unix(now, self.utc_offset_s)
    }
}

impl UnverifiedRule {
    /// Reads what came along. All of it is bounded before it costs anything.
    ///
    /// # Errors
    /// [`CarriedRuleError`]
    pub fn parse(json: &Json) -> Result<Self, CarriedRuleError> {
        let document = Document::deserialize(json).map_err(|_| CarriedRuleError::Shape)?;
        if document.subset != SUBSET_VERSION {
            return Err(CarriedRuleError::Subset);
        }
        if document.claims.len() > MAX_CLAIMS {
            return Err(CarriedRuleError::TooMuch);
        }
        let rule = Rule::parse(&document.expression, document.claims)?;
        CarriedRule::new(rule, document.utc_offset_s).map(Self)
    }

    /// What it calls itself by: the hash of what it says. docs/rules.md §5
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        self.0.rule.hash()
    }

    /// The rule, where it is the one that is publicly recorded; `None` for any other.
    #[must_use]
    pub fn if_recorded(self, recorded: &[u8; 32]) -> Option<CarriedRule> {
        (self.hash() == *recorded).then_some(self.0)
    }
}

/// As many as an expression can name.
const MAX_CLAIMS: usize = 64;
/// Bytes of `query.claim`.
const MAX_NAME: usize = 256;
/// Twelve hours behind UTC, and fourteen ahead of it.
const WEST: i32 = -12 * 3_600;
const EAST: i32 = 14 * 3_600;
