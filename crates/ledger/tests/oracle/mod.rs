//! The state function and the map against `tests/oracle`, a second implementation written from
//! docs/ledger.md and its vectors: random histories, answer by answer.
//!
//! `HOLDFAST_ORACLE_HISTORIES` says how many, `HOLDFAST_PYTHON` which Python has the package
//! `cryptography`.

mod broken;
mod dice;
mod history;
mod published;
mod python;
mod sound;
mod world;

use std::collections::BTreeSet;

use history::History;
use python::Python;

/// How many where nobody says otherwise.
const HISTORIES: u64 = 200;
/// The enum itself: a rule that is added is a rule that must be broken here.
const RULES: &str = include_str!("../../src/state/rejection.rs");

/// The names of every rule that an entry can break.
fn every_rule() -> BTreeSet<String> {
    let (_, after) = RULES.split_once("pub enum Rejection {").unwrap();
    let (variants, _) = after.split_once("\n}\n").unwrap();
    let names = variants.lines().filter_map(|line| line.strip_prefix("    "));
    let names = names.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    names
        .map(|line| {
            line.split(|c: char| !c.is_ascii_alphanumeric())
                .next()
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn the_oracle_agrees_on_random_histories() {
    let Some(mut oracle) = Python::start() else {
        println!("SKIPPED: oracle: no python3 with the package cryptography");
        return;
    };
    let histories = std::env::var("HOLDFAST_ORACLE_HISTORIES").map_or(HISTORIES, |count| count.parse().unwrap());
    let (mut entries, mut invalid, mut broken) = (0, 0, BTreeSet::new());
    for seed in 0..histories {
        let history = History::roll(seed);
        let expected = history.expected();
        entries += expected.rules.len();
        let rejected: Vec<String> = expected.rules.iter().flatten().cloned().collect();
        invalid += rejected.len();
        broken.extend(rejected);
        expected.compare(seed, &oracle.answer(&history.question()));
    }
    let never: Vec<String> = every_rule().difference(&broken).cloned().collect();
    let kinds = broken.len();
    println!(
        "COUNT: oracle: {histories} histories, {entries} entries, {invalid} of them invalid, {kinds} rules broken"
    );
    assert!(never.is_empty(), "rules that no history broke: {never:?}");
    assert!(
        10 * invalid >= 3 * entries,
        "a third is invalid: {invalid} of {entries}"
    );
}

#[test]
fn the_oracle_reads_our_vectors() {
    let Some(mut vectors) = python::module("oracle.vectors") else {
        println!("SKIPPED: oracle: no python3 with the package cryptography");
        return;
    };
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
    let output = vectors.arg(folder).output().unwrap();
    let failed = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "17 entries, 3 bundles\n",
        "{failed}"
    );
}

/// A comparison that cannot fail compares nothing.
#[test]
fn the_oracle_sees_a_changed_byte() {
    let Some(mut oracle) = Python::start() else {
        println!("SKIPPED: oracle: no python3 with the package cryptography");
        return;
    };
    let history = History::roll(1);
    let expected = history.expected();
    let mut question = history.question();
    assert_eq!(oracle.answer(&question), expected.to_json());
    question["origin"] = "other.example".into();
    assert_ne!(oracle.answer(&question), expected.to_json());
}

#[test]
fn every_rule_is_found_in_the_source() {
    let rules = every_rule();
    for rule in ["PolicyMissing", "Conflict", "Payload", "DidLine", "MapHeadTime"] {
        assert!(rules.contains(rule), "{rule}");
    }
    assert!(!rules.contains("Unauthorised"), "a class is no rule");
}
