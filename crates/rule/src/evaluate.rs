use crate::ast::{Claim, Expression, Literal, Operator};
use crate::check::{ClaimType, Declared, Meaning, resolve};
use crate::day::Day;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt;
use thiserror::Error;

/// Why a rule gave no answer. The verdict is then *could not check*.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EvaluationError {
    /// A claim the rule needs was not shown.
    #[error("{0} was not shown")]
    Absent(String),
    /// A claim is not of the declared type. The value is never repeated here.
    #[error("{0} is not of the declared type")]
    WrongType(String),
    /// An age was asked of a day that lies in the future.
    #[error("{0} lies in the future")]
    FutureDate(String),
}

/// What a rule is evaluated on: the day, and the claims that were shown. `Debug` shows their
/// names only.
pub struct Input {
    today: Day,
    claims: BTreeMap<String, Json>,
}

impl Input {
    /// No claims yet. `today` is the day in the check's time zone.
    #[must_use]
    pub fn new(today: Day) -> Self {
        Self {
            today,
            claims: BTreeMap::new(),
        }
    }

    /// Adds a claim of what answered `query`.
    pub fn insert(&mut self, query: &str, claim: &str, value: &Json) {
        self.claims.insert(format!("{query}.{claim}"), value.clone());
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Input")
            .field("today", &self.today)
            .field("claims", &self.claims.keys())
            .finish_non_exhaustive()
    }
}

#[derive(Debug, PartialEq, PartialOrd)]
enum Value {
    Bool(bool),
    Int(i64),
    String(String),
    List(Vec<Value>),
}

/// Evaluates a checked expression.
pub(crate) fn evaluate(expression: &Expression, declared: &Declared, input: &Input) -> Result<bool, EvaluationError> {
    Evaluation { declared, input }.condition(expression)
}

struct Evaluation<'a> {
    declared: &'a Declared,
    input: &'a Input,
}

impl Evaluation<'_> {
    fn condition(&self, expression: &Expression) -> Result<bool, EvaluationError> {
        match self.value(expression)? {
            Value::Bool(answer) => Ok(answer),
            // The checker has seen to it; a name no rule can have.
            _ => Err(EvaluationError::WrongType(String::new())),
        }
    }

    fn value(&self, expression: &Expression) -> Result<Value, EvaluationError> {
        Ok(match expression {
            Expression::Literal(Literal::Bool(value)) => Value::Bool(*value),
            Expression::Literal(Literal::Int(value)) => Value::Int(*value),
            Expression::Literal(Literal::String(value)) => Value::String(value.clone()),
            Expression::List(members) => Value::List(
                members
                    .iter()
                    .map(|member| self.value(member))
                    .collect::<Result<_, _>>()?,
            ),
            Expression::Today => Value::Int(self.input.today.number()),
            Expression::Claim(claim) => self.claim(claim)?,
            Expression::Has(claim) => Value::Bool(self.input.claims.contains_key(&claim.path())),
            Expression::Not(inner) => Value::Bool(!self.condition(inner)?),
            Expression::Binary(Operator::And, left, right) => Value::Bool(self.short_circuit(left, right, false)?),
            Expression::Binary(Operator::Or, left, right) => Value::Bool(self.short_circuit(left, right, true)?),
            Expression::Binary(operator, left, right) => {
                Value::Bool(compare(*operator, &self.value(left)?, &self.value(right)?))
            }
        })
    }

    /// `&&` and `||` commute in CEL: the side that decides wins over an error
    /// on the other, whichever comes first.
    fn short_circuit(&self, left: &Expression, right: &Expression, decides: bool) -> Result<bool, EvaluationError> {
        let left = self.condition(left);
        if left == Ok(decides) {
            return left;
        }
        let right = self.condition(right);
        if right == Ok(decides) { right } else { left.and(right) }
    }

    fn claim(&self, claim: &Claim) -> Result<Value, EvaluationError> {
        let path = claim.path();
        match resolve(self.declared, claim) {
            Some((kind, Meaning::Value)) => {
                let json = self.shown(&path)?;
                convert(kind, json).ok_or(EvaluationError::WrongType(path))
            }
            Some((_, Meaning::AgeYears)) => {
                let path = path.strip_suffix(crate::check::AGE_SUFFIX).unwrap_or(&path);
                let born = day(self.shown(path)?).ok_or_else(|| EvaluationError::WrongType(path.to_owned()))?;
                let years = born.years_until(self.input.today);
                years
                    .map(Value::Int)
                    .ok_or_else(|| EvaluationError::FutureDate(path.to_owned()))
            }
            None => Err(EvaluationError::Absent(path)),
        }
    }

    fn shown(&self, path: &str) -> Result<&Json, EvaluationError> {
        self.input
            .claims
            .get(path)
            .ok_or_else(|| EvaluationError::Absent(path.to_owned()))
    }
}

fn convert(kind: ClaimType, json: &Json) -> Option<Value> {
    match kind {
        ClaimType::Bool => json.as_bool().map(Value::Bool),
        ClaimType::Int => json.as_i64().map(Value::Int),
        ClaimType::String => json.as_str().map(|text| Value::String(text.to_owned())),
        ClaimType::Date => day(json).map(|day| Value::Int(day.number())),
        ClaimType::StringList => list(json, ClaimType::String),
        ClaimType::IntList => list(json, ClaimType::Int),
    }
}

fn list(json: &Json, member: ClaimType) -> Option<Value> {
    json.as_array()?
        .iter()
        .map(|value| convert(member, value))
        .collect::<Option<_>>()
        .map(Value::List)
}

fn day(json: &Json) -> Option<Day> {
    Day::parse(json.as_str()?).ok()
}

fn compare(operator: Operator, left: &Value, right: &Value) -> bool {
    match operator {
        Operator::Equal => left == right,
        Operator::NotEqual => left != right,
        Operator::Less => left < right,
        Operator::LessOrEqual => left <= right,
        Operator::Greater => left > right,
        Operator::GreaterOrEqual => left >= right,
        Operator::In => matches!(right, Value::List(members) if members.contains(left)),
        Operator::And | Operator::Or => false,
    }
}
