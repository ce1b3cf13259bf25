//! J10: nobody but our own page reaches the wallet, and it only what it needs.

use super::calls::fixture;
use super::stage::{OWN, Stage};
use serde_json::{Value, json};
use tauri::ipc::InvokeBody;
use test_case::test_case;

#[test_case("https://evil.example/" ; "the web")]
#[test_case("http://localhost:1420/" ; "a development server")]
#[test_case("http://shop.localhost:8080/" ; "a page of this machine")]
#[test_case("tauri://evil.example/" ; "our scheme with another host")]
#[test_case("https://tauri.localhost.evil.example/" ; "a name that begins like ours")]
#[test_case("file:///home/a/page.html" ; "a file")]
#[test_case("data:text/html,x" ; "a page in a link")]
fn j10_no_command_answers_another_page(page: &str) {
    let stage = Stage::new();
    for call in fixture() {
        let refused = stage.call_from(page, &call.command, InvokeBody::Json(json!({})));
        let why = refused.expect_err("answered").to_string();
        assert!(why.contains("not allowed"), "{} from {page}: {why}", call.command);
    }
}

#[test_case("plugin:event|emit" ; "events in the name of the wallet")]
#[test_case("plugin:window|set_title" ; "the window's title")]
#[test_case("plugin:webview|create_webview_window" ; "another window")]
#[test_case("plugin:app|version" ; "the app")]
#[test_case("plugin:path|resolve_directory" ; "folders")]
#[test_case("plugin:shell|execute" ; "programs")]
#[test_case("plugin:fs|read_file" ; "files")]
#[test_case("session" ; "what is no command")]
fn j10_our_own_page_gets_no_more_than_it_needs(command: &str) {
    let refused = Stage::new().call(command, json!({}));
    let why = refused.expect_err("answered").to_string();
    assert!(why.contains("not allowed") || why.contains("not found"), "{why}");
}

#[test]
fn our_own_page_is_answered() {
    let answered = Stage::new().call_from(OWN, "touch", InvokeBody::default());
    assert_eq!(answered, Ok(json!(null)));
}

/// Loosening any of it is a decision of its own, made here too.
#[test]
fn j10_the_window_runs_under_this_policy_and_no_other() {
    let config: Value = serde_json::from_str(include_str!("../../tauri.conf.json")).expect("configuration");
    let app = &config["app"];
    assert_eq!(app["withGlobalTauri"], json!(false));
    assert_eq!(app["windows"], json!([]), "the one window is opened in window.rs");
    assert_eq!(config["build"]["devUrl"], Value::Null, "no page of a server");
    let security = &app["security"];
    assert_eq!(security["capabilities"], json!(["main"]));
    assert_eq!(security["assetProtocol"], json!({"enable": false}));
    assert_eq!(security["freezePrototype"], json!(true));
    assert_eq!(security["dangerousDisableAssetCspModification"], Value::Null);
    assert_eq!(
        security["csp"],
        json!({
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data:",
            // A film that the person opened here; nothing of it comes from elsewhere.
            "media-src": "blob:",
            "font-src": "'self'",
            "connect-src": "ipc: http://ipc.localhost",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
            "object-src": "'none'"
        })
    );
}

#[test]
fn j10_one_window_has_one_capability_and_no_remote_page_any() {
    let capability: Value = serde_json::from_str(include_str!("../../capabilities/main.json")).expect("capability");
    assert_eq!(capability["windows"], json!(["main"]));
    assert_eq!(
        (&capability["local"], &capability["remote"]),
        (&json!(true), &Value::Null)
    );
    let permissions = capability["permissions"].as_array().expect("permissions");
    let others: Vec<&str> = permissions
        .iter()
        .filter_map(Value::as_str)
        .filter(|permission| !permission.starts_with("allow-"))
        .collect();
    assert_eq!(others, ["core:event:allow-listen", "core:event:allow-unlisten"]);
}
