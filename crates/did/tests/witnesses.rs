//! Witness proofs of a DID log. did:webvh 1.0, "Witness Threshold Algorithm".

use did::webvh::{LogState, ResolveError, WitnessError, WitnessProofs, resolve, resolve_within};
use did::{budget, data_integrity};
use jose::{OverBudget, Work};
use serde_json::{Value, json};
use test_case::test_case;

use crate::forge::{Draft, TIME, after, genesis, key, name};

/// Two of the witnesses 11 and 12.
fn rule() -> Value {
    let id = |seed| json!({"id": format!("did:key:{}", name(seed))});
    json!({"witness": {"threshold": 2, "witnesses": [id(11), id(12)]}})
}

fn proof(version: &str, seed: u8) -> Value {
    let document = json!({ "versionId": version });
    let proof = data_integrity::sign(&document, TIME, &key(seed)).unwrap();
    json!({"versionId": version, "proof": [proof]})
}

/// A log of two entries: its text, state and version ids.
fn log(start: Value, then: Value) -> (String, LogState, [String; 2]) {
    let first = genesis(start.clone()).first().unwrap().into_parts().0;
    let second: Draft = after(&first, then.clone());
    let versions = [
        first.version_id().to_string(),
        after(&first, then).entry()["versionId"].as_str().unwrap().to_owned(),
    ];
    (
        format!("{}\n{}\n", genesis(start).line(), second.line()),
        first,
        versions,
    )
}

fn check(log: &str, state: &LogState, file: &Value) -> Option<ResolveError> {
    let proofs = WitnessProofs::parse(file.to_string().as_bytes()).unwrap();
    resolve(log.as_bytes(), state.did(), &proofs, TIME + 60).err()
}

fn missing(at: usize) -> Option<ResolveError> {
    Some(ResolveError::Witness {
        at,
        cause: WitnessError::Threshold,
    })
}

#[test]
fn approval_of_the_newest_entry_covers_all_before_it() {
    let (log, state, [_, second]) = log(rule(), json!({}));
    let file = json!([proof(&second, 11), proof(&second, 12)]);
    assert_eq!(check(&log, &state, &file), None);
}

#[test]
fn approval_of_an_old_entry_does_not_cover_the_newest() {
    let (log, state, [first, second]) = log(rule(), json!({}));
    let file = json!([proof(&first, 11), proof(&second, 12)]);
    assert_eq!(check(&log, &state, &file), missing(1));
}

#[test]
fn one_witness_counts_once() {
    let (log, state, [_, second]) = log(rule(), json!({}));
    let file = json!([proof(&second, 11), proof(&second, 11)]);
    assert_eq!(check(&log, &state, &file), missing(0));
}

#[test]
fn a_stranger_and_a_proof_for_another_log_count_for_nothing() {
    let (log_a, state, [_, second]) = log(rule(), json!({}));
    let (_, _, [_, foreign]) = log(rule(), json!({"ttl": 5}));
    let file = json!([proof(&second, 11), proof(&second, 13), proof(&foreign, 12)]);
    assert_eq!(check(&log_a, &state, &file), missing(0));
}

#[test]
fn a_proof_that_does_not_verify_counts_for_nothing() {
    let (log, state, [_, second]) = log(rule(), json!({}));
    let mut broken = proof(&second, 12);
    broken["proof"][0]["created"] = json!("2030-01-01T00:00:00Z");
    assert_eq!(check(&log, &state, &json!([proof(&second, 11), broken])), missing(0));
}

#[test]
fn the_entry_that_ends_witnessing_is_still_witnessed() {
    let (log, state, [first, second]) = log(rule(), json!({"witness": {}}));
    let old = json!([proof(&first, 11), proof(&first, 12)]);
    assert_eq!(check(&log, &state, &old), missing(1));
    let new = json!([proof(&second, 11), proof(&second, 12)]);
    assert_eq!(check(&log, &state, &new), None);
}

#[test]
fn a_first_rule_is_active_at_once() {
    let (log, state, [_, second]) = log(json!({}), rule());
    assert_eq!(check(&log, &state, &json!([])), missing(1));
    assert_eq!(
        check(&log, &state, &json!([proof(&second, 11), proof(&second, 12)])),
        None
    );
}

#[test_case(b"{}"; "not a list")]
#[test_case(b"[{}]"; "no version")]
#[test_case(b"[{\"versionId\":\"1-x\",\"proof\":[]}]"; "bad version")]
#[test_case(b"[{\"versionId\":\"1-Qmc57yQsqz5NYVyMwT1zWTAXBAX6cNHfiAzqcABAJTkLnY\"}]"; "no proofs")]
fn a_malformed_file_is_refused(file: &[u8]) {
    assert_eq!(WitnessProofs::parse(file).err(), Some(WitnessError::Malformed));
}

#[test]
fn e12_core_proofs_of_witnesses_are_paid_for_by_the_log() {
    let (log, state, [_, second]) = log(rule(), json!({}));
    let file = json!([proof(&second, 11), proof(&second, 12)]);
    let proofs = WitnessProofs::parse(file.to_string().as_bytes()).unwrap();
    let within = |signatures| {
        let mut budget = budget::LOG.allow(Work::Signatures, signatures);
        resolve_within(log.as_bytes(), state.did(), &proofs, TIME + 60, &mut budget).err()
    };
    assert_eq!(within(4), None, "one for each entry and each witness");
    assert_eq!(within(3), Some(ResolveError::OverBudget(OverBudget(Work::Signatures))));
}

#[test]
fn e12_core_a_witness_file_over_the_budget_is_refused() {
    let longest = budget::WITNESS_FILE.allowed(Work::Bytes);
    let file = |bytes: usize| format!("[{}]", " ".repeat(bytes - 2));
    assert_eq!(WitnessProofs::parse(file(longest).as_bytes()).err(), None);
    let refused = Some(WitnessError::OverBudget(OverBudget(Work::Bytes)));
    assert_eq!(WitnessProofs::parse(file(longest + 1).as_bytes()).err(), refused);
}
