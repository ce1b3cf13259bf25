//! What a person does before there is any card, through the commands.

use super::stage::Stage;
use serde_json::{Value, json};
use tauri::Manager as _;

fn code(answer: Result<Value, Value>) -> String {
    answer.expect_err("refused")["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn without_an_ecosystem_no_wallet_is_made() {
    let stage = Stage::new();
    let state = stage.call("state", json!({})).expect("a state");
    assert_eq!(
        (&state["phase"], &state["ecosystem"]),
        (&json!("first_run"), &Value::Null)
    );
    let secret = json!({"secret": "correct horse battery", "kind": "passphrase", "keyring": true});
    assert_eq!(code(stage.call("create", secret)), "no_ecosystem");
}

#[test]
fn the_secret_has_the_form_that_was_chosen() {
    let stage = Stage::new();
    for (secret, kind) in [("482913", "passphrase"), ("correct horse battery", "pin")] {
        let secret = json!({"secret": secret, "kind": kind, "keyring": true});
        assert_eq!(code(stage.call("create", secret)), "secret_refused_form");
    }
}

#[test]
fn a_locked_wallet_does_nothing() {
    let stage = Stage::new();
    for command in ["cards", "history", "pending_cards", "refresh_status"] {
        assert_eq!(code(stage.call(command, json!({}))), "wallet_locked", "{command}");
    }
    assert_eq!(
        code(stage.call("share", json!({"handle": "x", "optional": []}))),
        "wallet_locked"
    );
    assert_eq!(
        code(stage.call("open_link", json!({"link": "openid4vp://x"}))),
        "wallet_locked"
    );
}

#[test]
fn unlocking_what_is_not_there_says_so() {
    assert_eq!(code(Stage::new().call("unlock", json!({"secret": "x"}))), "not_set_up");
}

#[test]
fn language_and_theme_are_kept_before_there_is_a_wallet() {
    let stage = Stage::new();
    let wanted = json!({"language": "fr", "theme": "dark", "autoLockMinutes": 15, "sampleCard": true});
    stage
        .call("set_preferences", json!({ "wanted": wanted }))
        .expect("kept");
    let state = stage.call("state", json!({})).expect("a state");
    assert_eq!((&state["language"], &state["theme"]), (&json!("fr"), &json!("dark")));
    // The rest is the wallet's, and there is none.
    assert_eq!(
        stage.call("preferences", json!({})).expect("preferences")["autoLockMinutes"],
        5
    );
}

#[test]
fn nothing_is_removed_by_another_word() {
    assert_eq!(
        code(Stage::new().call("reset", json!({"word": "yes"}))),
        "reset_word_wrong"
    );
}

#[test]
fn a_picture_is_bytes() {
    let stage = Stage::new();
    assert_eq!(code(stage.call("read_picture", json!([1, 2, 3]))), "picture_unreadable");
}

#[cfg(unix)]
#[test]
fn j6_a_folder_that_cannot_be_written_is_named_as_such() {
    let stage = Stage::new();
    // A file where the folder would be: nobody can write into it, not even root.
    std::fs::write(stage.folder.path().join("profile"), "").expect("written");
    let wanted = json!({"language": "en", "theme": "light", "autoLockMinutes": 5, "sampleCard": true});
    assert_eq!(
        code(stage.call("set_preferences", json!({ "wanted": wanted }))),
        "profile_unusable"
    );
}

#[test]
fn links_wait_until_the_page_listens() {
    let stage = Stage::new();
    let session = stage.app.state::<std::sync::Arc<crate::session::Session>>();
    let link = crate::links::Link::parse("openid4vp://x").expect("a link");
    crate::hand_over(stage.app.handle(), link.clone());
    assert!(!session.inbox.was_delivered(&link));
    stage.call("listen_links", json!({})).expect("listens");
    assert!(session.inbox.was_delivered(&link));
}
