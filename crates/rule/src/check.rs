use crate::ast::{Claim, Expression, Literal, Operator};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use thiserror::Error;

/// What kind of value a claim has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ClaimType {
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// Text.
    String,
    /// `YYYY-MM-DD`; a rule sees the number YYYYMMDD, and beside it
    /// `<claim>_age_years`.
    Date,
    /// A list of texts.
    #[serde(rename = "strings")]
    StringList,
    /// A list of whole numbers.
    #[serde(rename = "ints")]
    IntList,
}

/// Why an expression of the subset means nothing. docs/rules.md §3
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TypeError {
    /// A claim that the rule does not declare.
    #[error("{0} is not declared")]
    Undeclared(String),
    /// The two sides of an operator do not fit.
    #[error("{left} and {right} cannot be compared so")]
    Mismatch {
        /// Type on the left.
        left: Type,
        /// Type on the right.
        right: Type,
    },
    /// An operator that takes a condition got something else.
    #[error("{0} is not a condition")]
    NotBool(Type),
    /// A list with members of two types, or of lists.
    #[error("a list needs members of one plain type")]
    MixedList,
    /// The rule as a whole is not a condition.
    #[error("the rule gives {0}, not true or false")]
    ResultNotBool(Type),
}

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Type {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `string`
    String,
    /// `list(bool)`
    BoolList,
    /// `list(int)`
    IntList,
    /// `list(string)`
    StringList,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::String => "string",
            Self::BoolList => "list(bool)",
            Self::IntList => "list(int)",
            Self::StringList => "list(string)",
        })
    }
}

impl Type {
    fn list_of(self) -> Option<Self> {
        match self {
            Self::Bool => Some(Self::BoolList),
            Self::Int => Some(Self::IntList),
            Self::String => Some(Self::StringList),
            Self::BoolList | Self::IntList | Self::StringList => None,
        }
    }
}

impl From<ClaimType> for Type {
    fn from(claim: ClaimType) -> Self {
        match claim {
            ClaimType::Bool => Self::Bool,
            ClaimType::Int | ClaimType::Date => Self::Int,
            ClaimType::String => Self::String,
            ClaimType::StringList => Self::StringList,
            ClaimType::IntList => Self::IntList,
        }
    }
}

/// What a date claim is called when its age in years is meant.
pub(crate) const AGE_SUFFIX: &str = "_age_years";

/// The claims a rule declares, by `query.claim`.
pub(crate) type Declared = BTreeMap<String, ClaimType>;

/// The declared claim behind a name, and whether its age is meant.
pub(crate) fn resolve(declared: &Declared, claim: &Claim) -> Option<(ClaimType, Meaning)> {
    if let Some(kind) = declared.get(&claim.path()) {
        return Some((*kind, Meaning::Value));
    }
    let name = claim.name.strip_suffix(AGE_SUFFIX)?;
    let kind = declared.get(&format!("{}.{name}", claim.query))?;
    (*kind == ClaimType::Date).then_some((*kind, Meaning::AgeYears))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    Value,
    AgeYears,
}

/// Checks that an expression is a condition over the declared claims.
pub(crate) fn check(expression: &Expression, declared: &Declared) -> Result<(), TypeError> {
    match type_of(expression, declared)? {
        Type::Bool => Ok(()),
        other => Err(TypeError::ResultNotBool(other)),
    }
}

fn type_of(expression: &Expression, declared: &Declared) -> Result<Type, TypeError> {
    match expression {
        Expression::Literal(Literal::Bool(_)) => Ok(Type::Bool),
        Expression::Literal(Literal::Int(_)) | Expression::Today => Ok(Type::Int),
        Expression::Literal(Literal::String(_)) => Ok(Type::String),
        Expression::List(members) => list_type(members, declared),
        Expression::Claim(claim) => match resolve(declared, claim) {
            Some((_, Meaning::AgeYears)) => Ok(Type::Int),
            Some((kind, Meaning::Value)) => Ok(kind.into()),
            None => Err(TypeError::Undeclared(claim.path())),
        },
        Expression::Has(claim) => match declared.get(&claim.path()) {
            Some(_) => Ok(Type::Bool),
            None => Err(TypeError::Undeclared(claim.path())),
        },
        Expression::Not(inner) => condition(inner, declared),
        Expression::Binary(Operator::And | Operator::Or, left, right) => {
            condition(left, declared)?;
            condition(right, declared)
        }
        Expression::Binary(operator, left, right) => {
            relation(*operator, type_of(left, declared)?, type_of(right, declared)?)
        }
    }
}

fn condition(expression: &Expression, declared: &Declared) -> Result<Type, TypeError> {
    match type_of(expression, declared)? {
        Type::Bool => Ok(Type::Bool),
        other => Err(TypeError::NotBool(other)),
    }
}

fn list_type(members: &[Expression], declared: &Declared) -> Result<Type, TypeError> {
    let mut types = members.iter().map(|member| type_of(member, declared));
    let first = types.next().ok_or(TypeError::MixedList)??;
    for other in types {
        if other? != first {
            return Err(TypeError::MixedList);
        }
    }
    first.list_of().ok_or(TypeError::MixedList)
}

fn relation(operator: Operator, left: Type, right: Type) -> Result<Type, TypeError> {
    let fits = match operator {
        Operator::In => left.list_of() == Some(right),
        Operator::Equal | Operator::NotEqual => left == right,
        _ => left == right && matches!(left, Type::Int | Type::String),
    };
    if fits {
        Ok(Type::Bool)
    } else {
        Err(TypeError::Mismatch { left, right })
    }
}
