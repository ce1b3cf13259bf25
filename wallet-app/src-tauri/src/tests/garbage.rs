//! J10: whatever a page that was taken over sends, it gets an error, and the wallet lives on.

use super::calls::fixture;
use super::stage::{OWN, Stage};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tauri::ipc::InvokeBody;

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "openid4vp://[ -~]{0,60}".prop_map(Value::from),
        "haip-vci:[ -~]{0,60}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z]{0,12}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn j10_garbage_is_refused_and_nothing_panics(values in prop::collection::vec(anything(), 4), bytes in any::<Vec<u8>>()) {
        let stage = Stage::new();
        for call in fixture() {
            // What has no arguments takes none, and may well succeed.
            let names: Vec<String> = call.arguments.as_object().map(|a| a.keys().cloned().collect()).unwrap_or_default();
            let given: Map<String, Value> = names.iter().cloned().zip(values.iter().cloned()).collect();
            let answer = stage.call(&call.command, Value::Object(given));
            prop_assert!(is_in_order(&call.command, &names, &answer), "{}: {answer:?}", call.command);
            let raw = stage.call_from(OWN, &call.command, InvokeBody::Raw(bytes.clone()));
            prop_assert!(is_in_order(&call.command, &names, &raw), "{}: {raw:?}", call.command);
        }
        // It is still there, and has no wallet that garbage made.
        prop_assert_eq!(stage.call("state", json!({})).map(|state| state["phase"].clone()), Ok(json!("first_run")));
    }
}

/// An error with a code, or what Tauri says of arguments that do not fit. Never an answer but where
/// there was nothing to refuse, and never the code for a mistake of our own.
fn is_in_order(command: &str, names: &[String], answer: &Result<Value, Value>) -> bool {
    match answer {
        Ok(_) => names.is_empty() || command == "close",
        Err(Value::String(_)) => true,
        Err(error) => error["code"].as_str().is_some_and(|code| code != "unknown"),
    }
}
