//! A whole log: caps, the future, the name asked for, deactivation.

use did::webvh::{
    FUTURE_TOLERANCE, LogError, LogLimits, LogState, Resolution, ResolveError, WebvhDid, WitnessProofs, resolve,
};
use serde_json::json;

use crate::forge::{TIME, after, genesis};

fn run(log: &str, did: &WebvhDid, limits: LogLimits) -> Result<Resolution, ResolveError> {
    resolve(log.as_bytes(), did, &WitnessProofs::default(), TIME + 60, limits)
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
        let resolution = run(&log, state.did(), LogLimits::default()).unwrap();
        assert_eq!(resolution.state().version_id().number(), 2);
        assert_eq!(resolution.document().unwrap().did(), state.did().did());
    }
}

#[test]
fn e12_a_log_over_the_caps_is_refused() {
    let (line, state) = start();
    let two = format!("{line}\n{}\n", after(&state, json!({})).line());
    let limits = LogLimits {
        entries: 1,
        ..LogLimits::default()
    };
    assert_eq!(
        run(&two, state.did(), limits).unwrap_err(),
        ResolveError::TooManyEntries
    );
    let limits = LogLimits {
        bytes: 10,
        ..LogLimits::default()
    };
    assert_eq!(run(&two, state.did(), limits).unwrap_err(), ResolveError::TooLong);
    let huge = "x".repeat(100 * 1024 * 1024);
    let refused = run(&huge, state.did(), LogLimits::default()).unwrap_err();
    assert_eq!(refused, ResolveError::TooLong);
}

#[test]
fn an_empty_log_and_an_empty_line_are_refused() {
    let (line, state) = start();
    assert_eq!(
        run("", state.did(), LogLimits::default()).unwrap_err(),
        ResolveError::Empty
    );
    let refused = run(&format!("{line}\n\n"), state.did(), LogLimits::default()).unwrap_err();
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
    let at = |now| {
        resolve(
            line.as_bytes(),
            state.did(),
            &WitnessProofs::default(),
            now,
            LogLimits::default(),
        )
        .map(|_| ())
    };
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
    let refused = run(&line, other.did(), LogLimits::default()).unwrap_err();
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
    let refused = run(&log, &name("example.net"), LogLimits::default()).unwrap_err();
    assert_eq!(refused, ResolveError::NoMatchingEntry);
    for host in ["example.com", "example.org"] {
        let resolution = run(&log, &name(host), LogLimits::default()).unwrap();
        assert_eq!(resolution.state().did(), &name("example.org"));
    }
}

#[test]
fn a_deactivated_did_has_no_document() {
    let (line, state) = start();
    let log = format!("{line}\n{}", after(&state, json!({"deactivated": true})).line());
    let resolution = run(&log, state.did(), LogLimits::default()).unwrap();
    assert!(resolution.state().is_deactivated());
    assert!(resolution.document().is_none());
}

#[test]
fn one_bad_entry_fails_the_whole_log() {
    let (line, state) = start();
    let log = format!("{line}\n{}", after(&state, json!({})).signed_by(2).line());
    let refused = run(&log, state.did(), LogLimits::default()).unwrap_err();
    assert_eq!(
        refused,
        ResolveError::Entry {
            at: 1,
            cause: LogError::Unauthorized
        }
    );
}
