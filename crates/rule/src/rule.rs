use crate::ast::{Claim, Expression};
use crate::check::{AGE_SUFFIX, ClaimType, Declared, Meaning, TypeError, check, resolve};
use crate::evaluate::{EvaluationError, Input, evaluate};
use crate::parse::parse;
use crate::parse_error::ParseError;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use thiserror::Error;

/// The version of the subset; it is part of a rule's hash.
pub const SUBSET_VERSION: u32 = 1;

/// A checked rule: it parses, its types fit, and it gives true or false.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    text: String,
    expression: Expression,
    declared: Declared,
}

/// Why a rule cannot be published.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RuleError {
    /// Not in the subset.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// In the subset, and without meaning.
    #[error(transparent)]
    Type(#[from] TypeError),
    /// A declaration that is not `query.claim` of ASCII letters, digits and
    /// underscores, one with a word that CEL keeps for itself, or one whose name another
    /// declaration's age would have. docs/rules.md §1
    #[error("{0} cannot be declared")]
    Declaration(String),
}

impl Rule {
    /// Parses and checks an expression over the declared claims, which are
    /// named `query.claim`.
    ///
    /// # Errors
    /// [`RuleError`]
    pub fn parse<N: Into<String>>(
        expression: &str,
        claims: impl IntoIterator<Item = (N, ClaimType)>,
    ) -> Result<Self, RuleError> {
        let declared: Declared = claims.into_iter().map(|(name, kind)| (name.into(), kind)).collect();
        for name in declared.keys() {
            let shadows = name
                .strip_suffix(AGE_SUFFIX)
                .is_some_and(|base| declared.get(base) == Some(&ClaimType::Date));
            if !is_claim_name(name) || shadows {
                return Err(RuleError::Declaration(name.clone()));
            }
        }
        let parsed = parse(expression)?;
        check(&parsed, &declared)?;
        Ok(Self {
            text: expression.to_owned(),
            expression: parsed,
            declared,
        })
    }

    /// Whether the claims satisfy the rule.
    ///
    /// # Errors
    /// [`EvaluationError`]: no answer, so the verdict is *could not check*.
    pub fn evaluate(&self, input: &Input) -> Result<bool, EvaluationError> {
        evaluate(&self.expression, &self.declared, input)
    }

    /// The claims that the rule declares, by `query.claim`.
    pub fn claims(&self) -> impl Iterator<Item = (&str, ClaimType)> {
        self.declared.iter().map(|(name, kind)| (name.as_str(), *kind))
    }

    /// The claims that the answer can depend on, by `query.claim`: those whose value or age the
    /// expression reads, and those of which it asks whether they were shown.
    #[must_use]
    pub fn reads(&self) -> BTreeSet<String> {
        let mut read = BTreeSet::new();
        self.expression.for_each_claim(&mut |claim: &Claim| {
            let path = claim.path();
            read.insert(match resolve(&self.declared, claim) {
                Some((_, Meaning::AgeYears)) => path.strip_suffix(AGE_SUFFIX).unwrap_or(&path).to_owned(),
                _ => path,
            });
        });
        read
    }

    /// What was read, and over what.
    pub(crate) fn parts(&self) -> (&Expression, &Declared) {
        (&self.expression, &self.declared)
    }

    /// The expression as written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// SHA-256 over expression, subset version, claim names and types, as
    /// docs/rules.md §5 lays them out.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        // Keys and names are ASCII, so this is the RFC 8785 form already.
        let canonical = json!({"claims": self.declared, "expression": self.text, "subset": SUBSET_VERSION});
        Sha256::new()
            .chain_update(b"holdfast/rule/v1\n")
            .chain_update(canonical.to_string())
            .finalize()
            .into()
    }
}

fn is_claim_name(name: &str) -> bool {
    let is_identifier = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    name.split_once('.').is_some_and(|(query, claim)| {
        is_identifier(query)
            && is_identifier(claim)
            && !RESERVED.contains(&query)
            && !KEYWORDS.contains(&query)
            && !KEYWORDS.contains(&claim)
    })
}

/// What CEL reads as a word of its own, wherever it stands.
const KEYWORDS: [&str; 4] = ["false", "in", "null", "true"];

/// What cannot be a query: `today`, and the names that CEL reserves.
const RESERVED: [&str; 18] = [
    "today",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "namespace",
    "package",
    "return",
    "var",
    "void",
    "while",
];
