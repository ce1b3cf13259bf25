//! What a person does before there is any card, through the commands.

use super::stage::Stage;
use crate::session::Session;
use serde_json::{Value, json};
use std::sync::Arc;
use wallet::{Clock, Passphrase, Wallet};

const SECRET: &str = "grey heron by the weir";

pub(super) fn done(answer: Result<Value, Value>) -> Value {
    answer.expect("done")
}

/// With a wallet, open.
pub(super) fn set_up() -> Stage {
    let stage = Stage::with_ecosystem();
    let secret = json!({"secret": SECRET, "kind": "passphrase", "keyring": true});
    done(stage.call("create", secret));
    stage
}

fn profile_of(stage: &Stage) -> String {
    stage.folder.path().join("profile").to_string_lossy().into_owned()
}

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
    for command in [
        "cards",
        "history",
        "pending_cards",
        "refresh_status",
        "offline_readiness",
        "refresh_proofs",
        "save_evidence",
        "services",
        "businesses",
        "never_shown",
        "trusted_list",
    ] {
        assert_eq!(code(stage.call(command, json!({}))), "wallet_locked", "{command}");
    }
    assert_eq!(
        code(stage.call("share", json!({"handle": "x", "optional": [], "knowing": false}))),
        "wallet_locked"
    );
    for (command, arguments) in [
        ("open_link", json!({"link": "openid4vp://x"})),
        ("open_challenge", json!({"challenge": "AAEC"})),
        ("show", json!({"handle": "x", "optional": [], "knowing": false})),
        ("was_read", json!({"handle": "x"})),
        ("set_blocked", json!({"id": "x", "blocked": true})),
        ("set_never_shown", json!({"cardType": "x", "claim": "y", "never": true})),
        ("save_complaint", json!({"entry": 1})),
    ] {
        assert_eq!(code(stage.call(command, arguments)), "wallet_locked", "{command}");
    }
}

#[test]
fn a_wallet_begins_with_a_list_from_a_link_only_where_nobody_has_chosen_one() {
    let here = format!("http://localhost:1/pack.json#sha256={}", "0".repeat(64));
    let without_hash = "https://ledger.example/about/trust-pack.json";
    let open = |stage: &Stage, link: &str| code(stage.call("open_trusted_list", json!({"link": link})));
    let stage = Stage::new();
    assert_eq!(open(&stage, without_hash), "ecosystem_link_invalid");
    // A wallet of the public network asks nothing on this machine.
    assert_eq!(open(&stage, &here), "address_not_allowed");
    let unseen = stage.call("take_trusted_list", json!({"fingerprint": "0000"}));
    assert_eq!(code(unseen), "handle_gone");
    assert_eq!(open(&Stage::with_ecosystem(), &here), "ecosystem_other");
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
    let error = stage
        .call("set_preferences", json!({ "wanted": wanted }))
        .expect_err("refused");
    assert_eq!(
        error,
        json!({"code": "profile_unusable", "params": {"path": profile_of(&stage)}})
    );
}

#[test]
fn links_wait_until_the_page_listens() {
    let stage = Stage::new();
    let session = stage.session();
    let link = crate::links::Link::parse("openid4vp://x").expect("a link");
    crate::hand_over(stage.app.handle(), link.clone());
    assert!(!session.inbox.was_delivered(&link));
    stage.call("listen_links", json!({})).expect("listens");
    assert!(session.inbox.was_delivered(&link));
}

#[test]
fn a_wallet_is_made_locked_and_opened_again() {
    let stage = set_up();
    let state = done(stage.call("state", json!({})));
    assert_eq!(
        (&state["phase"], &state["ecosystem"]["mode"]),
        (&json!("open"), &json!("test"))
    );
    assert_eq!(done(stage.call("cards", json!({}))), json!([]));
    assert_eq!(done(stage.call("pending_cards", json!({}))), Value::Null);
    done(stage.call("lock", json!({})));
    let state = done(stage.call("state", json!({})));
    assert_eq!((&state["phase"], &state["attemptsLeft"]), (&json!("locked"), &json!(5)));
    assert_eq!(code(stage.call("cards", json!({}))), "wallet_locked");
    let wrong = stage
        .call("unlock", json!({"secret": "another heron by the weir"}))
        .expect_err("wrong");
    assert_eq!(
        wrong,
        json!({"code": "wrong_secret", "params": {"attemptsLeft": 4, "waitS": 0}})
    );
    done(stage.call("unlock", json!({ "secret": SECRET })));
    assert_eq!(done(stage.call("state", json!({})))["phase"], "open");
}

#[test]
fn another_secret_takes_the_place_of_the_first() {
    let stage = set_up();
    let next = json!({"current": SECRET, "next": "blue heron by the lake", "kind": "passphrase"});
    done(stage.call("change_secret", next));
    done(stage.call("lock", json!({})));
    assert_eq!(code(stage.call("unlock", json!({ "secret": SECRET }))), "wrong_secret");
    done(stage.call("unlock", json!({"secret": "blue heron by the lake"})));
}

#[test]
fn everything_is_removed_by_the_word() {
    let stage = set_up();
    done(stage.call("reset", json!({"word": "reset"})));
    assert_eq!(done(stage.call("state", json!({})))["phase"], "first_run");
    assert_eq!(code(stage.call("unlock", json!({ "secret": SECRET }))), "not_set_up");
}

#[test]
fn j9_a_wallet_that_nobody_touches_is_locked() {
    let stage = set_up();
    let session: Arc<Session> = stage.session();
    stage.clock.pass(299);
    assert!(!session.lock_if_idle());
    done(stage.call("touch", json!({})));
    stage.clock.pass(299);
    assert!(!session.lock_if_idle());
    stage.clock.pass(1);
    assert!(session.lock_if_idle());
    assert_eq!(code(stage.call("cards", json!({}))), "wallet_locked");
}

#[test]
fn j9_the_person_may_have_it_locked_sooner() {
    let stage = set_up();
    let wanted = json!({"language": "en", "theme": "system", "autoLockMinutes": 1, "sampleCard": true});
    done(stage.call("set_preferences", json!({ "wanted": wanted })));
    assert_eq!(done(stage.call("preferences", json!({})))["autoLockMinutes"], 1);
    stage.clock.pass(60);
    assert!(stage.session().lock_if_idle());
}

#[test]
fn j6_a_wallet_that_another_program_has_open_is_in_use() {
    let stage = set_up();
    done(stage.call("lock", json!({})));
    let clock: Arc<dyn Clock> = Arc::clone(&stage.clock) as Arc<dyn Clock>;
    let profile = stage.folder.path().join("profile");
    let other = Wallet::open(&profile, &Passphrase::new(SECRET), stage.secrets.as_ref(), clock);
    let error = stage.call("unlock", json!({ "secret": SECRET })).expect_err("refused");
    assert_eq!(error, json!({"code": "in_use", "params": {"path": profile_of(&stage)}}));
    drop(other);
    done(stage.call("unlock", json!({ "secret": SECRET })));
}

#[test]
fn what_is_no_link_of_ours_is_not_opened() {
    let stage = set_up();
    for text in [
        "https://shop.example/",
        "WIFI:S:home;T:WPA;P:x;;",
        "BEGIN:VCARD",
        "javascript:alert(1)",
        "",
    ] {
        assert_eq!(
            code(stage.call("open_link", json!({ "link": text }))),
            "not_a_code",
            "{text}"
        );
    }
}

#[test]
fn what_is_no_challenge_is_not_opened_and_leaves_nothing_to_show() {
    let stage = set_up();
    let long = "A".repeat(20_000);
    for text in ["", "AAEC", "not base64url!", long.as_str()] {
        let refused = code(stage.call("open_challenge", json!({ "challenge": text })));
        assert_eq!(refused, "invalid_challenge", "{text}");
    }
    let noted = done(stage.call("history", json!({})));
    assert_eq!(noted, json!([]), "who asked is not known");
}

#[test]
fn a_new_wallet_holds_no_proofs_and_says_so() {
    let stage = set_up();
    let readiness = done(stage.call("offline_readiness", json!({})));
    assert_eq!(
        readiness,
        json!({"confirmedAt": null, "proofs": {"state": "missing"}, "twoHistories": false})
    );
}

#[test]
fn without_evidence_no_file_is_written() {
    let stage = set_up();
    assert_eq!(done(stage.call("save_evidence", json!({}))), json!([]));
    assert!(!stage.folder.path().join("downloads").exists());
}

#[test]
fn what_was_not_refused_for_too_much_is_no_complaint() {
    let stage = set_up();
    assert_eq!(
        code(stage.call("save_complaint", json!({"entry": 1}))),
        "no_such_request"
    );
    assert!(!stage.folder.path().join("downloads").exists());
}

#[test]
fn what_is_shown_to_nobody_is_kept_and_can_be_taken_back() {
    let stage = set_up();
    let wanted = |never| json!({"cardType": "urn:type", "claim": "given_name", "never": never});
    done(stage.call("set_never_shown", wanted(true)));
    let listed = done(stage.call("never_shown", json!({})));
    assert_eq!(listed[0]["claim"], "given_name");
    done(stage.call("set_never_shown", wanted(false)));
    assert_eq!(done(stage.call("never_shown", json!({}))), json!([]));
}

#[test]
fn a_handle_that_nobody_gave_out_does_nothing() {
    let stage = set_up();
    for (command, arguments) in [
        ("share", json!({"handle": "h", "optional": [], "knowing": false})),
        ("refuse", json!({"handle": "h"})),
        ("accept_offer", json!({"handle": "h", "txCode": null})),
        ("keep_cards", json!({"handle": "h"})),
        ("reject_cards", json!({"handle": "h"})),
        ("tell_unanswered", json!({"handle": "h"})),
        ("show", json!({"handle": "h", "optional": [], "knowing": false})),
        ("was_read", json!({"handle": "h"})),
    ] {
        assert_eq!(code(stage.call(command, arguments)), "handle_gone", "{command}");
    }
    done(stage.call("close", json!({"handle": "h"})));
}
