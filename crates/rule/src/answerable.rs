//! Whether claims are enough for an answer, whatever their values are.

use crate::ast::{Expression, Literal, Operator};
use crate::check::{AGE_SUFFIX, Declared, Meaning, resolve};
use crate::rule::Rule;
use std::collections::BTreeSet;

impl Rule {
    /// Whether the rule gives an answer wherever exactly these claims (`query.claim`) are shown and
    /// are of their types. A rule that reads a claim which may be left out asks for it with `has()`
    /// first. docs/rules.md §4
    #[must_use]
    pub fn can_answer(&self, shown: &BTreeSet<String>) -> bool {
        let (expression, declared) = self.parts();
        !Shown { declared, shown }.outcomes(expression).error
    }
}

/// What may come of an expression. Of what stands in several places each is looked at by itself,
/// so this may say more than can come, and never less.
#[derive(Clone, Copy, Default)]
struct Outcomes {
    yes: bool,
    no: bool,
    error: bool,
}

impl Outcomes {
    const EITHER: Self = Self {
        yes: true,
        no: true,
        error: false,
    };
    const ERROR: Self = Self {
        yes: false,
        no: false,
        error: true,
    };

    fn exactly(answer: bool) -> Self {
        Self {
            yes: answer,
            no: !answer,
            error: false,
        }
    }

    fn not(self) -> Self {
        Self {
            yes: self.no,
            no: self.yes,
            error: self.error,
        }
    }

    /// The side that decides wins over an error on the other.
    fn and(self, other: Self) -> Self {
        Self {
            yes: self.yes && other.yes,
            no: self.no || other.no,
            error: (self.error && (other.yes || other.error)) || (other.error && self.yes),
        }
    }

    fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }
}

struct Shown<'a> {
    declared: &'a Declared,
    shown: &'a BTreeSet<String>,
}

impl Shown<'_> {
    fn outcomes(&self, expression: &Expression) -> Outcomes {
        match expression {
            Expression::Literal(Literal::Bool(value)) => Outcomes::exactly(*value),
            Expression::Has(claim) => Outcomes::exactly(self.shown.contains(&claim.path())),
            Expression::Not(inner) => self.outcomes(inner).not(),
            Expression::Binary(Operator::And, left, right) => self.outcomes(left).and(self.outcomes(right)),
            Expression::Binary(Operator::Or, left, right) => self.outcomes(left).or(self.outcomes(right)),
            other if self.lacks_a_claim(other) => Outcomes::ERROR,
            _ => Outcomes::EITHER,
        }
    }

    /// Whether a claim is read that is not shown.
    fn lacks_a_claim(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Claim(claim) => {
                let path = claim.path();
                let name = match resolve(self.declared, claim) {
                    Some((_, Meaning::AgeYears)) => path.strip_suffix(AGE_SUFFIX).unwrap_or(&path),
                    _ => path.as_str(),
                };
                !self.shown.contains(name)
            }
            Expression::List(members) => members.iter().any(|member| self.lacks_a_claim(member)),
            Expression::Binary(Operator::And | Operator::Or, ..) | Expression::Not(_) => {
                self.outcomes(expression).error
            }
            Expression::Binary(_, left, right) => self.lacks_a_claim(left) || self.lacks_a_claim(right),
            Expression::Literal(_) | Expression::Today | Expression::Has(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{ClaimType, Rule};
    use test_case::test_case;

    #[test_case("p.b", &["p.b"] => true ; "what is read is shown")]
    #[test_case("p.b", &[] => false ; "what is read is not")]
    #[test_case("has(p.b)", &[] => true ; "only whether it is shown")]
    #[test_case("!has(p.b) || p.b", &[] => true ; "asked for first")]
    #[test_case("has(p.b) && p.b || has(p.d) && p.d_age_years >= 18", &["p.d"] => true ; "either of two, the second")]
    #[test_case("has(p.b) && p.b || has(p.d) && p.d_age_years >= 18", &["p.b"] => true ; "either of two, the first")]
    #[test_case("p.b || p.d_age_years >= 18", &["p.b"] => false ; "either of two, without asking")]
    #[test_case("p.b || true", &[] => true ; "decided without it")]
    #[test_case("p.b && false", &[] => true ; "decided against without it")]
    #[test_case("!(p.b && has(p.d))", &[] => true ; "not of what is decided")]
    #[test_case("p.d_age_years in [17, 18]", &[] => false ; "an age that cannot be told")]
    #[test_case("p.b == (p.b || true)", &[] => false ; "beside what is decided")]
    #[test_case("true == (p.b || true)", &[] => true ; "what is decided, compared")]
    #[test_case("true in [p.b, true]", &[] => false ; "in a list")]
    fn can_answer(text: &str, shown: &[&str]) -> bool {
        let claims = [("p.b", ClaimType::Bool), ("p.d", ClaimType::Date)];
        let shown = shown.iter().map(|name| (*name).to_owned()).collect();
        Rule::parse(text, claims).unwrap().can_answer(&shown)
    }
}
