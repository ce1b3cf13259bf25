//! Many histories of a log and its cosigners, each from a seed, and mistakes that must be found.

use simulate::{Oracle, Plant, Summary, run};

/// Seeds of a run that nobody asked for more.
const USUAL: u64 = 200;
/// Seeds within which a planted mistake is found.
const ENOUGH: u64 = 200;

fn number(variable: &str, usual: u64) -> u64 {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

/// `HOLDFAST_SIMULATE_SEEDS` says how many, `HOLDFAST_SIMULATE_FROM` where they begin.
#[test]
fn every_oracle_holds_in_every_history() {
    let from = number("HOLDFAST_SIMULATE_FROM", 0);
    let seeds = number("HOLDFAST_SIMULATE_SEEDS", USUAL);
    let mut sum = Summary::default();
    for seed in from..from.saturating_add(seeds) {
        let summary = match run(seed, None) {
            Ok(summary) => summary,
            Err(finding) => panic!("{finding}"),
        };
        sum.published += summary.published;
        sum.acknowledged += summary.acknowledged;
    }
    eprintln!(
        "{seeds} seeds, {} trees published, {} submissions acknowledged",
        sum.published, sum.acknowledged
    );
    assert!(
        sum.published > seeds && sum.acknowledged > seeds,
        "{sum:?}: nothing happens"
    );
}

#[test]
fn a_seed_gives_the_same_history_each_time() {
    for seed in 0..10 {
        assert_eq!(run(seed, None), run(seed, None));
        let plant = Some(Plant::NoReadBack);
        assert_eq!(run(seed, plant), run(seed, plant));
    }
}

/// A run ends with what is found first: within so many seeds that is what the oracle of this mistake says.
fn is_found(plant: Plant) {
    let oracle = plant.found_by();
    let mut findings = (0..ENOUGH).filter_map(|seed| run(seed, Some(plant)).err());
    let mut others = Vec::new();
    let found = findings.find(|finding| {
        let is_named = finding.oracle == oracle;
        if !is_named {
            others.push(finding.to_string());
        }
        is_named
    });
    assert!(
        found.is_some(),
        "{plant:?}: {oracle} is silent; others said: {others:#?}"
    );
}

#[test]
fn k2_anchor_what_is_signed_before_it_is_synced_is_noticed() {
    is_found(Plant::CommitWithoutSync);
}

#[test]
fn what_is_acknowledged_before_it_is_published_is_noticed() {
    is_found(Plant::AcknowledgeAtCommit);
}

#[test]
fn k7_anchor_a_log_that_writes_on_from_an_old_copy_is_noticed() {
    is_found(Plant::NoQuestionAtStart);
}

#[test]
fn k8_anchor_what_is_not_read_back_is_noticed() {
    is_found(Plant::NoReadBack);
}

#[test]
fn k13_anchor_a_witness_that_answers_before_it_syncs_is_noticed() {
    is_found(Plant::WitnessAnswersFirst);
}

#[test]
fn k12_anchor_a_backlog_without_bound_is_noticed() {
    is_found(Plant::NoGate);
}

#[test]
fn k1_anchor_an_index_promised_before_the_commit_is_noticed() {
    is_found(Plant::PromiseAtAdmission);
}

#[test]
fn one_witness_for_a_quorum_is_noticed() {
    is_found(Plant::WeakQuorum);
}

#[test]
fn a_gate_that_lets_nothing_in_any_more_is_noticed() {
    is_found(Plant::GateCountsPublished);
}

#[test]
fn k14_anchor_a_log_that_takes_back_what_it_signed_is_noticed() {
    is_found(Plant::TakeBackUnpublished);
}

#[test]
fn every_mistake_has_a_test_and_an_oracle_of_its_own() {
    let oracles: std::collections::BTreeSet<Oracle> = Plant::ALL.into_iter().map(Plant::found_by).collect();
    assert_eq!(oracles.len(), Plant::ALL.len());
}
