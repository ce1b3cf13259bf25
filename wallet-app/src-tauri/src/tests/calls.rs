//! `calls.json` holds every call that `tauri.ts` makes, and its own test compares them. Here each of
//! them reaches a command that takes exactly these arguments.

use super::stage::Stage;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tauri::ipc::InvokeBody;

/// A call of the page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    pub(super) command: String,
    /// Its arguments by name, or bytes.
    pub(super) arguments: Value,
}

pub(super) fn fixture() -> Vec<Call> {
    serde_json::from_str(include_str!("../../../src/lib/backend/calls.json")).expect("calls")
}

/// What Tauri says when a name or the type of an argument is wrong.
fn does_not_fit(answer: &Result<Value, Value>) -> bool {
    answer.as_ref().is_err_and(Value::is_string)
}

fn body(call: &Call) -> InvokeBody {
    match &call.arguments {
        Value::Array(bytes) => {
            let bytes = bytes
                .iter()
                .map(|byte| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()));
            InvokeBody::Raw(bytes.map(|byte| byte.expect("a byte")).collect())
        }
        arguments => InvokeBody::Json(arguments.clone()),
    }
}

#[test]
fn every_call_of_the_page_reaches_a_command() {
    let stage = Stage::new();
    for call in fixture() {
        let answer = stage.call_from(super::stage::OWN, &call.command, body(&call));
        assert!(!does_not_fit(&answer), "{}: {answer:?}", call.command);
    }
}

#[test]
fn no_argument_may_be_left_out_or_be_of_another_kind() {
    let stage = Stage::new();
    for call in fixture() {
        let Value::Object(arguments) = &call.arguments else {
            continue;
        };
        for (name, value) in arguments.iter().filter(|(_, value)| !value.is_null()) {
            let mut fewer = arguments.clone();
            fewer.remove(name);
            let without = stage.call(&call.command, Value::Object(fewer));
            let nullable = call.command == "accept_offer" && name == "txCode";
            assert!(nullable || does_not_fit(&without), "{} without {name}", call.command);
            let mut other = arguments.clone();
            other.insert(name.clone(), json!({ "not": value }));
            assert!(
                does_not_fit(&stage.call(&call.command, Value::Object(other))),
                "{} {name}",
                call.command
            );
        }
    }
}

#[test]
fn the_page_calls_every_command_that_is_allowed() {
    let called: BTreeSet<String> = fixture().into_iter().map(|call| call.command).collect();
    let capability: Value = serde_json::from_str(include_str!("../../capabilities/main.json")).expect("capability");
    let allowed = capability["permissions"].as_array().expect("permissions");
    let allowed: BTreeSet<String> = allowed
        .iter()
        .filter_map(|permission| permission.as_str()?.strip_prefix("allow-"))
        .map(|command| command.replace('-', "_"))
        .collect();
    assert_eq!(called, allowed);
}
