//! J10: nobody but our own page reaches the wallet, and it only what it needs.

use super::calls::fixture;
use super::stage::{OWN, Stage};
use serde_json::json;
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
