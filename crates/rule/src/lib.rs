//! Eligibility rules: what a business wants to know of the claims it was shown.
//!
//! A rule is an expression in a closed subset of CEL, checked when it is
//! published and not only when it is used: `bool`, `int`, `string` and `list`;
//! `&& || ! == != < <= > >= in has()`; no function, macro, regular expression
//! or floating point; at most 64 nodes. `docs/rules.md` has the grammar.
//!
//! ```
//! use rule::{ClaimType, Day, Input, Rule};
//!
//! let claims = [("pid.birth_date", ClaimType::Date)];
//! let rule = Rule::parse("pid.birth_date_age_years >= 18", claims)?;
//! let mut input = Input::new(Day::from_ymd(2026, 11, 20)?);
//! input.insert("pid", "birth_date", &serde_json::json!("2001-02-03"));
//! assert_eq!(rule.evaluate(&input), Ok(true));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An evaluation error is never an answer: the verdict is then *could not check*.

mod answerable;
mod ast;
mod cards;
mod carried;
mod check;
mod day;
mod evaluate;
mod lex;
mod parse;
mod parse_error;
mod rule;

pub use cards::Card;
pub use carried::{CarriedRule, CarriedRuleError, UnverifiedRule};
pub use check::{ClaimType, Type, TypeError};
pub use day::{Day, DayError};
pub use evaluate::{EvaluationError, Input};
pub use parse_error::ParseError;
pub use rule::{Rule, RuleError, SUBSET_VERSION};
