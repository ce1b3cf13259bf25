//! Each rule of "Read (Resolve)" broken alone, by its exact variant.

use did::DocumentError;
use did::data_integrity::ProofError;
use did::webvh::{IdentifierError, LogError, LogState, ParameterError, StoredLogState, VersionError};
use jose::{OverBudget, Work};
use proptest::prelude::*;
use serde_json::{Value, json};
use test_case::test_case;

use crate::forge::{after, first, genesis, hash, name, next, sign};

fn started(parameters: Value) -> LogState {
    genesis(parameters).first().unwrap().into_parts().0
}

fn followed(parameters: Value) -> Option<LogError> {
    let state = started(json!({}));
    after(&state, parameters).onto(&state).err()
}

#[test]
fn a_log_of_two_entries_stands() {
    let state = started(json!({}));
    let entry = after(&state, json!({})).onto(&state).unwrap();
    assert_eq!(entry.state().version_id().number(), 2);
    assert_eq!(entry.state().update_keys(), [name(1)]);
}

#[test]
fn a_stored_state_reads_back() {
    let state = started(json!({"nextKeyHashes": [hash(2)], "portable": true}));
    let json = serde_json::to_string(&state.to_stored()).unwrap();
    let stored: StoredLogState = serde_json::from_str(&json).unwrap();
    assert_eq!(LogState::dangerous_from_stored(stored), Ok(state));
}

#[test_case(json!({"method": "did:webvh:0.5"}) => LogError::Parameter(ParameterError::Method); "method unknown")]
#[test_case(json!({"scid": "short"}) => LogError::Scid; "scid malformed")]
#[test_case(json!({"updateKeys": []}) => LogError::Unauthorized; "no update key")]
#[test_case(json!({"updateKeys": [name(2)]}) => LogError::Unauthorized; "another update key")]
#[test_case(json!({"ttl": null}) => LogError::Parameter(ParameterError::Null); "null")]
fn genesis_parameters_refused(parameters: Value) -> LogError {
    genesis(parameters).first().unwrap_err()
}

#[test_case("method"; "method")]
#[test_case("scid"; "scid")]
#[test_case("updateKeys"; "update keys")]
fn genesis_needs(parameter: &str) {
    let mut draft = genesis(json!({}));
    draft.parameters.as_object_mut().unwrap().remove(parameter);
    assert_eq!(draft.first().unwrap_err(), LogError::MissingParameter);
}

#[test]
fn genesis_has_number_1() {
    let mut draft = genesis(json!({}));
    draft.number = 2;
    assert_eq!(draft.first().unwrap_err(), LogError::VersionNumber);
}

#[test]
fn the_scid_is_the_hash_of_the_first_entry() {
    // Another time changes the hash; the entry hash and the proof are made again.
    let mut entry = genesis(json!({})).entry();
    entry["versionTime"] = json!("2000-01-01T00:00:01Z");
    assert_eq!(first(&entry).unwrap_err(), LogError::Scid);
}

#[test]
fn the_scid_of_the_document_is_that_of_the_log() {
    let other = started(json!({"portable": true})).did().to_string();
    let draft = genesis(json!({})).with_state(json!({"id": other}));
    assert_eq!(draft.first().unwrap_err(), LogError::ScidMismatch);
    let state = started(json!({}));
    let draft = after(&state, json!({})).with_state(json!({"id": other}));
    assert_eq!(draft.onto(&state).unwrap_err(), LogError::ScidMismatch);
}

#[test]
fn the_entry_hash_covers_the_entry() {
    let state = started(json!({}));
    let mut entry = after(&state, json!({})).entry();
    entry["state"]["service"] = json!([]);
    assert_eq!(next(&state, &sign(entry, 1)).unwrap_err(), LogError::EntryHash);
}

#[test]
fn the_entry_hash_covers_the_predecessor() {
    let (state, other) = (started(json!({})), started(json!({"portable": true})));
    let draft = after(&other, json!({})).with_state(json!({"id": state.did().to_string()}));
    assert_eq!(draft.onto(&state).unwrap_err(), LogError::EntryHash);
}

#[test_case(1; "again")]
#[test_case(3; "gap")]
fn the_version_number_follows(number: u64) {
    let state = started(json!({}));
    let mut draft = after(&state, json!({}));
    draft.number = number;
    assert_eq!(draft.onto(&state).unwrap_err(), LogError::VersionNumber);
}

#[test_case("2000-01-01T00:00:00Z"; "equal")]
#[test_case("1999-12-31T23:59:59Z"; "earlier")]
fn the_version_time_increases(time: &str) {
    let state = started(json!({}));
    let mut draft = after(&state, json!({}));
    draft.time = time.to_owned();
    assert_eq!(draft.onto(&state).unwrap_err(), LogError::TimeNotIncreasing);
}

#[test]
fn the_next_entry_is_by_the_keys_before_it() {
    let state = started(json!({}));
    let draft = after(&state, json!({"updateKeys": [name(2)]})).signed_by(2);
    assert_eq!(draft.onto(&state).unwrap_err(), LogError::Unauthorized);
    let state = after(&state, json!({"updateKeys": [name(2)]}))
        .onto(&state)
        .unwrap()
        .into_parts()
        .0;
    assert!(after(&state, json!({})).signed_by(2).onto(&state).is_ok());
}

#[test_case(json!({"scid": "Qmc57yQsqz5NYVyMwT1zWTAXBAX6cNHfiAzqcABAJTkLnY"}) => Some(LogError::ScidAgain); "scid again")]
#[test_case(json!({"portable": true}) => Some(LogError::PortableLater); "portable later")]
#[test_case(json!({"method": "did:webvh:0.5"}) => Some(LogError::Parameter(ParameterError::Method)); "lower method")]
#[test_case(json!({"method": "did:webvh:1.0"}) => None; "same method")]
#[test_case(json!({"portable": false}) => None; "not portable")]
fn later_parameters(parameters: Value) -> Option<LogError> {
    followed(parameters)
}

#[test_case(json!({"nextKeyHashes": []}), 2 => Some(LogError::PreRotationOmitted); "update keys left out")]
#[test_case(json!({"updateKeys": [name(2)]}), 2 => Some(LogError::PreRotationOmitted); "hashes left out")]
#[test_case(json!({"updateKeys": [name(2), name(3)], "nextKeyHashes": []}), 2 => Some(LogError::PreRotationKey); "a key not promised")]
#[test_case(json!({"updateKeys": [name(1)], "nextKeyHashes": []}), 1 => Some(LogError::PreRotationKey); "the old key")]
#[test_case(json!({"updateKeys": [name(2)], "nextKeyHashes": []}), 1 => Some(LogError::Unauthorized); "signed by the old key")]
#[test_case(json!({"updateKeys": [name(2)], "nextKeyHashes": [hash(3)]}), 2 => None; "promised")]
#[test_case(json!({"updateKeys": [], "nextKeyHashes": []}), 2 => Some(LogError::Unauthorized); "no key")]
fn pre_rotation(parameters: Value, signer: u8) -> Option<LogError> {
    let state = started(json!({"nextKeyHashes": [hash(2)]}));
    after(&state, parameters).signed_by(signer).onto(&state).err()
}

#[test]
fn pre_rotation_ends_after_its_last_entry() {
    let state = started(json!({"nextKeyHashes": [hash(2)]}));
    let off = json!({"updateKeys": [name(2)], "nextKeyHashes": []});
    let state = after(&state, off).signed_by(2).onto(&state).unwrap().into_parts().0;
    assert!(after(&state, json!({})).signed_by(2).onto(&state).is_ok());
}

#[test_case(json!({"portable": true}), json!({}), true => None; "portable")]
#[test_case(json!({}), json!({}), true => Some(LogError::NotPortable); "not portable")]
#[test_case(json!({"portable": true}), json!({"portable": false}), true => Some(LogError::NotPortable); "no longer portable")]
#[test_case(json!({"portable": true}), json!({}), false => Some(LogError::OldNameMissing); "old name missing")]
fn renaming(start: Value, parameters: Value, old_name: bool) -> Option<LogError> {
    let state = started(start);
    let mut document = json!({"id": state.did().to_string().replace("example.com", "example.org")});
    if old_name {
        document["alsoKnownAs"] = json!([state.did().to_string()]);
    }
    after(&state, parameters).with_state(document).onto(&state).err()
}

#[test]
fn a_deactivated_did_takes_no_entry() {
    let state = started(json!({}));
    let state = after(&state, json!({"deactivated": true}))
        .onto(&state)
        .unwrap()
        .into_parts()
        .0;
    assert_eq!(
        after(&state, json!({})).onto(&state).unwrap_err(),
        LogError::Deactivated
    );
}

#[test_case("proof", json!([]) => LogError::NoProof; "no proof")]
#[test_case("proof", json!({}) => LogError::NoProof; "proof not a list")]
#[test_case("proof", json!([1]) => LogError::Proof(ProofError::Malformed); "proof not an object")]
#[test_case("extra", json!(1) => LogError::Members; "a sixth member")]
#[test_case("parameters", json!([]) => LogError::Members; "parameters not an object")]
#[test_case("versionId", json!("1") => LogError::Version(VersionError::Id); "version id")]
#[test_case("versionTime", json!("2000") => LogError::Version(VersionError::Time); "version time")]
#[test_case("state", json!({}) => LogError::Document(DocumentError::Id); "state without id")]
#[test_case("state", json!({"id": "did:web:example.com"}) => LogError::Identifier(IdentifierError::Method); "state of another method")]
fn form_refused(member: &str, value: Value) -> LogError {
    let mut entry = genesis(json!({})).entry();
    entry[member] = value;
    first(&entry).unwrap_err()
}

#[test]
fn every_proof_of_an_entry_must_hold() {
    let mut entry = genesis(json!({})).entry();
    let mut broken = entry["proof"][0].clone();
    broken["created"] = json!("2001-01-01T00:00:00Z");
    entry["proof"].as_array_mut().unwrap().push(broken);
    assert_eq!(first(&entry).unwrap_err(), LogError::Proof(ProofError::Signature));
}

#[test]
fn e12_core_proofs_over_the_budget_are_refused_unread() {
    let with = |proofs: usize| {
        let mut entry = genesis(json!({})).entry();
        entry["proof"] = json!(vec![entry["proof"][0].clone(); proofs]);
        first(&entry).err()
    };
    assert_eq!(with(8), None);
    assert_eq!(with(9), Some(LogError::OverBudget(OverBudget(Work::Proofs))));
}

#[test]
fn a_line_that_is_not_strict_json_is_refused() {
    let parse = |line: &[u8]| did::webvh::UnverifiedLogEntry::parse(line).unwrap_err();
    assert_eq!(parse(b""), LogError::Json);
    assert_eq!(parse(b"{\"versionId\":1,\"versionId\":1}"), LogError::Json);
    assert_eq!(parse(b"[]"), LogError::Members);
    assert_eq!(
        parse(&vec![b' '; 65_537]),
        LogError::OverBudget(OverBudget(Work::Bytes))
    );
}

proptest! {
    #[test]
    fn a_changed_byte_never_passes(at in 0_usize..900, byte in any::<u8>()) {
        let mut line = genesis(json!({})).line().into_bytes();
        let at = at % line.len();
        prop_assume!(line[at] != byte);
        line[at] = byte;
        if let Ok(entry) = did::webvh::UnverifiedLogEntry::parse(&line) {
            let meaning: Value = serde_json::from_slice(&line).unwrap();
            let before: Value = serde_json::from_str(&genesis(json!({})).line()).unwrap();
            prop_assert!(meaning == before || LogState::genesis(entry).is_err());
        }
    }
}
