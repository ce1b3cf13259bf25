//! A whole log: caps, the future, the name asked for, deactivation.

use did::webvh::{
    FUTURE_TOLERANCE, LogError, LogState, ParameterError, Resolution, ResolveError, WebvhDid, WitnessProofs, resolve,
    resolve_within,
};
use did::{DocumentError, budget};
use jose::{Budget, OverBudget, Work};
use serde_json::json;

use crate::forge::{TIME, after, genesis, hash, name};

fn run(log: &str, did: &WebvhDid) -> Result<Resolution, ResolveError> {
    resolve(log.as_bytes(), did, &WitnessProofs::default(), TIME + 60)
}

fn run_within(log: &str, did: &WebvhDid, budget: &mut Budget) -> Result<Resolution, ResolveError> {
    resolve_within(log.as_bytes(), did, &WitnessProofs::default(), TIME + 60, budget)
}

fn start() -> (String, LogState) {
    let line = genesis(json!({"portable": true})).line();
    let state = genesis(json!({"portable": true})).first().unwrap().into_parts().0;
    (line, state)
}

#[test]
fn a_log_resolves_with_and_without_last_line_feed() {
    let (line, state) = start();
    let two = format!("{line}\n{}", after(&state, json!({})).line());
    for log in [two.clone(), format!("{two}\n")] {
        let resolution = run(&log, state.did()).unwrap();
        assert_eq!(resolution.state().version_id().number(), 2);
        assert_eq!(resolution.document().unwrap().did(), state.did().did());
    }
}

/// What a resolution says was too much, whichever part of the log it lay in.
fn over(error: ResolveError) -> Option<Work> {
    match error {
        ResolveError::OverBudget(OverBudget(work))
        | ResolveError::Entry {
            cause:
                LogError::OverBudget(OverBudget(work))
                | LogError::Parameter(ParameterError::OverBudget(OverBudget(work)))
                | LogError::Document(DocumentError::OverBudget(OverBudget(work))),
            ..
        } => Some(work),
        _ => None,
    }
}

#[test]
fn e12_core_a_log_resolves_within_what_it_costs_and_not_within_less() {
    let promised = json!({"nextKeyHashes": [hash(2)]});
    let state = genesis(promised.clone()).first().unwrap().into_parts().0;
    let next = after(&state, json!({"updateKeys": [name(2)], "nextKeyHashes": []})).signed_by(2);
    let log = format!("{}\n{}\n", genesis(promised).line(), next.line());
    let mut spent = budget::LOG.clone();
    run_within(&log, state.did(), &mut spent).unwrap();
    assert_eq!((spent.spent(Work::Entries), spent.spent(Work::Signatures)), (2, 2));
    // The SCID, two entry hashes, the promised key, and two for each proof.
    assert_eq!(spent.spent(Work::Hashes), 1 + 2 + 1 + 4);
    for work in [
        Work::Bytes,
        Work::EntryBytes,
        Work::Entries,
        Work::Values,
        Work::Depth,
        Work::Proofs,
        Work::Listed,
        Work::Hashes,
        Work::Signatures,
    ] {
        let enough = spent.spent(work);
        let within = |amount| {
            let mut budget = budget::LOG.allow(work, amount);
            run_within(&log, state.did(), &mut budget).map(drop).map_err(over)
        };
        assert_eq!(within(enough), Ok(()), "{work}");
        assert_eq!(within(enough - 1), Err(Some(work)), "{work}");
    }
}

#[test]
fn e12_core_a_log_of_100_mb_is_refused_unread() {
    let (_, state) = start();
    let huge = "x".repeat(100 * 1024 * 1024);
    let mut budget = budget::LOG.clone();
    let refused = run_within(&huge, state.did(), &mut budget).unwrap_err();
    assert_eq!(refused, ResolveError::OverBudget(OverBudget(Work::Bytes)));
    assert_eq!(budget, budget::LOG, "nothing was done");
}

#[test]
fn an_empty_log_and_an_empty_line_are_refused() {
    let (line, state) = start();
    assert_eq!(run("", state.did()).unwrap_err(), ResolveError::Empty);
    let refused = run(&format!("{line}\n\n"), state.did()).unwrap_err();
    assert_eq!(
        refused,
        ResolveError::Entry {
            at: 1,
            cause: LogError::Json
        }
    );
}

#[test]
fn an_entry_of_the_future_is_refused() {
    let (line, state) = start();
    let at = |now| resolve(line.as_bytes(), state.did(), &WitnessProofs::default(), now).map(|_| ());
    assert_eq!(at(TIME - FUTURE_TOLERANCE), Ok(()));
    assert_eq!(
        at(TIME - FUTURE_TOLERANCE - 1),
        Err(ResolveError::InTheFuture { at: 0 })
    );
}

#[test]
fn a_log_of_another_scid_is_refused() {
    let (line, _) = start();
    let other = genesis(json!({})).first().unwrap().into_parts().0;
    let refused = run(&line, other.did()).unwrap_err();
    assert_eq!(refused, ResolveError::ScidMismatch);
}

#[test]
fn a_name_the_did_never_had_is_refused_and_an_old_one_resolves() {
    let (line, state) = start();
    let name = |host: &str| -> WebvhDid { state.did().to_string().replace("example.com", host).parse().unwrap() };
    let document = json!({
        "id": name("example.org").to_string(),
        "alsoKnownAs": [state.did().to_string()],
    });
    let log = format!("{line}\n{}", after(&state, json!({})).with_state(document).line());
    let refused = run(&log, &name("example.net")).unwrap_err();
    assert_eq!(refused, ResolveError::NoMatchingEntry);
    for host in ["example.com", "example.org"] {
        let resolution = run(&log, &name(host)).unwrap();
        assert_eq!(resolution.state().did(), &name("example.org"));
    }
}

#[test]
fn a_deactivated_did_has_no_document() {
    let (line, state) = start();
    let log = format!("{line}\n{}", after(&state, json!({"deactivated": true})).line());
    let resolution = run(&log, state.did()).unwrap();
    assert!(resolution.state().is_deactivated());
    assert!(resolution.document().is_none());
}

#[test]
fn one_bad_entry_fails_the_whole_log() {
    let (line, state) = start();
    let log = format!("{line}\n{}", after(&state, json!({})).signed_by(2).line());
    let refused = run(&log, state.did()).unwrap_err();
    assert_eq!(
        refused,
        ResolveError::Entry {
            at: 1,
            cause: LogError::Unauthorized
        }
    );
}
