//! An eligibility rule. docs/ledger.md §4.8; docs/rules.md.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::text::{check_impersonal, check_impersonal_text, check_token};
use super::{Localized, PayloadError, check_count, check_order, from_canonical, to_canonical};
use crate::hash::{Hash, sha256};

/// Domain of the rule hash. docs/rules.md §5
const CONTEXT: &[u8] = b"holdfast/rule/v1\n";
/// The one subset of CEL that there is. docs/rules.md
const SUBSET: u64 = 1;

/// A rule as it is anchored. Its expression is not read here: who uses it reads it first, and one
/// that fails by docs/rules.md is no rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleEntry {
    /// Type of each claim, by `query.claim`.
    pub claims: BTreeMap<String, ClaimType>,
    /// The rule's text.
    pub expression: String,
    /// What people call it.
    pub name: Localized,
    /// Which cards answer each query, sorted by id.
    pub queries: Vec<RuleQuery>,
    /// Owner, `/rule/`, name. docs/ledger.md §3.1
    pub subject: String,
    /// Version of the subset of CEL: 1.
    pub subset: u64,
}

/// Which cards answer a query of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleQuery {
    /// What stands before the dot of a claim.
    pub id: String,
    /// Card types, any of them. Sorted.
    pub vct_values: Vec<String>,
}

/// Type of a claim. docs/rules.md §1
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClaimType {
    /// True or false.
    Bool,
    /// A number.
    Int,
    /// A text.
    String,
    /// A day.
    Date,
    /// Texts.
    Strings,
    /// Numbers.
    Ints,
}

impl RuleEntry {
    /// Reads the payload.
    ///
    /// # Errors
    /// [`PayloadError`]
    pub fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        let rule: Self = from_canonical(bytes)?;
        rule.check()?;
        Ok(rule)
    }

    /// The payload's bytes.
    ///
    /// # Errors
    /// [`PayloadError`]
    pub fn encode(&self) -> Result<Vec<u8>, PayloadError> {
        self.check()?;
        to_canonical(self)
    }

    /// The hash that verdicts, receipts and services name. docs/rules.md §5
    ///
    /// # Errors
    /// [`PayloadError::NotCanonical`], which no rule that was read brings about.
    pub fn rule_hash(&self) -> Result<Hash, PayloadError> {
        let hashed = json!({
            "claims": self.claims,
            "expression": self.expression,
            "subset": self.subset,
        });
        Ok(sha256(&[CONTEXT, &to_canonical(&hashed)?]))
    }

    fn check(&self) -> Result<(), PayloadError> {
        check_impersonal("name", &self.name)?;
        check_count("claims", self.claims.len(), 1..=64)?;
        let mut named = BTreeSet::new();
        for claim in self.claims.keys() {
            let (query, member) = claim.split_once('.').ok_or(PayloadError::Text("claims"))?;
            if !is_word(query) || !is_word(member) {
                return Err(PayloadError::Text("claims"));
            }
            named.insert(query);
        }
        let expression_fits =
            (1..=1024).contains(&self.expression.len()) && !self.expression.chars().any(char::is_control);
        if !expression_fits || self.subset != SUBSET {
            return Err(PayloadError::Text("expression"));
        }
        check_impersonal_text("expression", &self.expression)?;
        self.check_queries(&named)
    }

    fn check_queries(&self, named: &BTreeSet<&str>) -> Result<(), PayloadError> {
        check_count("queries", self.queries.len(), 1..=16)?;
        check_order("queries", &self.queries, |query| query.id.clone())?;
        if !self
            .queries
            .iter()
            .map(|query| query.id.as_str())
            .eq(named.iter().copied())
        {
            return Err(PayloadError::Text("queries"));
        }
        for query in &self.queries {
            check_count("vct_values", query.vct_values.len(), 1..=16)?;
            check_order("vct_values", &query.vct_values, Clone::clone)?;
            query.vct_values.iter().try_for_each(|vct| check_token("vct", vct))?;
        }
        Ok(())
    }
}

/// Name of a query or claim. docs/rules.md §1
fn is_word(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=64).contains(&text.len())
        && text.bytes().all(is_letter)
        && !text.starts_with(|first: char| first.is_ascii_digit())
}
