//! Rules that come along with a request. docs/rules.md

use std::collections::{BTreeMap, BTreeSet};

use jose::strict_json::{self, Limits};
use rule::{Card, CarriedRuleError, ClaimType, Day, EvaluationError, Rule, UnverifiedRule};
use serde_json::{Value, json};

use super::Target;
use crate::Reached;

pub(super) const TARGET: Target = Target {
    name: "rule",
    asserts: "a rule, written from what was read of it, reads the same and has the same hash, and is believed under no \
              other; what it does not read makes no difference to its answer; where it says that claims are enough, they are",
    body,
    seeds: inputs,
};

/// Every rule of the vectors, as it would travel.
fn inputs() -> Vec<Vec<u8>> {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../../crates/rule/tests/vectors/rules.json")).unwrap();
    let cases = ["cases", "cards", "refused"]
        .into_iter()
        .flat_map(|set| vectors[set].as_array().unwrap());
    let travelling = |case: &Value| {
        json!({ "claims": case["claims"], "expression": case["rule"], "subset": 1, "utc_offset_s": 3600 }).to_string()
    };
    cases.map(|case| travelling(case).into_bytes()).collect()
}

fn body(input: &[u8]) -> Reached {
    let Ok(json) = strict_json::parse(input, &Limits::MESSAGE) else {
        return Reached::Refused;
    };
    let unverified = match UnverifiedRule::parse(&json) {
        Ok(unverified) => unverified,
        Err(CarriedRuleError::Rule(_)) => return Reached::Read,
        Err(_) => return Reached::Refused,
    };
    let hash = unverified.hash();
    let mut other = hash;
    other[0] ^= 1;
    assert_eq!(
        unverified.clone().if_recorded(&other),
        None,
        "believed under another hash"
    );
    let carried = unverified.if_recorded(&hash).expect("its own hash");
    let again = UnverifiedRule::parse(&carried.to_json()).expect("what was read can be written");
    assert_eq!(
        again.if_recorded(&hash).as_ref(),
        Some(&carried),
        "it does not come back"
    );
    answers(carried.rule());
    Reached::Accepted
}

fn answers(rule: &Rule) {
    let all: BTreeSet<String> = rule.claims().map(|(name, _)| name.to_owned()).collect();
    let with_all = answer(rule, &all);
    assert!(
        with_all.is_ok() || !rule.can_answer(&all),
        "all claims were to be enough"
    );
    let with_none = answer(rule, &BTreeSet::new());
    assert!(
        with_none.is_ok() || !rule.can_answer(&BTreeSet::new()),
        "no claim was to be enough"
    );
    assert_eq!(
        answer(rule, &rule.reads()),
        with_all,
        "what is not read made a difference"
    );
}

/// The answer where these claims are shown, each with a value of its type.
fn answer(rule: &Rule, shown: &BTreeSet<String>) -> Result<bool, EvaluationError> {
    let values: BTreeMap<&str, Value> = rule.claims().map(|(name, kind)| (name, value(kind))).collect();
    let mut cards: BTreeMap<&str, Vec<(&str, &Value)>> = BTreeMap::new();
    for (path, value) in values.iter().filter(|(path, _)| shown.contains(**path)) {
        let (query, claim) = path.split_once('.').expect("query.claim");
        cards.entry(query).or_default().push((claim, value));
    }
    let cards: Vec<Card<'_>> = cards
        .into_iter()
        .map(|(query, claims)| Card { query, claims })
        .collect();
    rule.evaluate_cards(Day::parse("2026-11-30").unwrap(), &cards)
}

fn value(kind: ClaimType) -> Value {
    match kind {
        ClaimType::Bool => true.into(),
        ClaimType::Int => 7.into(),
        ClaimType::Date => "2008-11-30".into(),
        ClaimType::StringList => json!(["B", "C"]),
        ClaimType::IntList => json!([7, 8]),
        _ => "B".into(),
    }
}
