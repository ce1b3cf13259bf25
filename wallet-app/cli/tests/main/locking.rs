//! What opens the wallet and what does not.

use crate::profile::{Answer, PASSPHRASE, Profile};
use serde_json::json;

#[tokio::test]
async fn an_empty_wallet_lists_nothing() {
    let profile = Profile::new().await;
    let list = profile.run(&["list"]);
    assert_eq!(list.code(), (0, "ok"));
    assert_eq!(list.json["cards"], json!([]));
    assert_eq!(profile.run(&["history"]).json["entries"], json!([]));
    assert_eq!(profile.run(&["status"]).code(), (0, "ok"));
}

#[tokio::test]
async fn the_pin_comes_from_the_environment_where_no_file_is_named() {
    let profile = Profile::new().await;
    let list = |pin: Option<&str>| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_holdfast-wallet"));
        command
            .args(["--json", "--profile"])
            .arg(profile.path("profile"))
            .arg("list")
            .env_remove("HOLDFAST_PIN")
            .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
            .envs(pin.map(|pin| ("HOLDFAST_PIN", pin)));
        Answer::of(&command.output().expect("started"))
    };
    assert_eq!(list(Some(PASSPHRASE)).code(), (0, "ok"));
    assert_eq!(list(Some("not the passphrase")).code(), (7, "wrong_pin"));
    assert_eq!(list(None).code(), (2, "pin_needed"));
}

#[tokio::test]
async fn j1_wallet_lockout_over_restarts() {
    let profile = Profile::new().await;
    profile.set_pin("not the passphrase");
    for _ in 0..5 {
        assert_eq!(profile.run(&["list"]).code(), (7, "wrong_pin"));
    }
    profile.set_pin(PASSPHRASE);
    let locked = profile.run(&["list"]);
    assert_eq!(locked.code(), (7, "locked_out"));
    assert!(locked.json["detail"].as_str().expect("detail").ends_with("seconds"));
    assert!(profile.path("profile/vault.db").exists(), "nothing is wiped");
}

#[tokio::test]
async fn j2_wallet_an_edited_header() {
    let profile = Profile::new().await;
    let path = profile.path("profile/vault.header");
    let text = std::fs::read_to_string(&path).expect("header");
    std::fs::write(&path, text.replace("\"failures\": 0", "\"failures\": 4")).expect("written");
    assert_eq!(profile.run(&["list"]).code(), (7, "vault_altered"));
    std::fs::write(&path, text).expect("written");
    assert_eq!(profile.run(&["list"]).code(), (0, "ok"));
}

#[tokio::test]
async fn j2_wallet_deleted_files() {
    let profile = Profile::new().await;
    std::fs::remove_file(profile.path("profile/vault.header")).expect("removed");
    assert_eq!(profile.run(&["list"]).code(), (2, "not_set_up"));
    assert!(profile.path("profile/vault.db").exists());
}

#[tokio::test]
async fn j3_wallet_no_keyring_and_not_chosen_without() {
    let profile = Profile::empty().await;
    profile.set_pin("402918");
    assert_eq!(profile.init(&[]).code(), (7, "keyring_unavailable"));
    assert!(
        !profile.path("profile/vault.db").exists(),
        "no key in plain text, and no vault"
    );
}

#[tokio::test]
async fn j3_wallet_a_passphrase_alone_must_be_long() {
    let profile = Profile::empty().await;
    profile.set_pin("402918");
    assert_eq!(profile.init(&["--password-only"]).code(), (2, "pin_refused"));
}

#[tokio::test]
async fn j5_wallet_a_damaged_vault() {
    let profile = Profile::new().await;
    let path = profile.path("profile/vault.db");
    let mut bytes = std::fs::read(&path).expect("vault");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).expect("written");
    assert_eq!(profile.run(&["list"]).code(), (7, "vault_damaged"));
}

#[tokio::test]
async fn a_wallet_is_made_once() {
    let profile = Profile::new().await;
    assert_eq!(profile.init(&["--password-only"]).code(), (2, "already_set_up"));
}

#[tokio::test]
async fn a_changed_trust_pack_makes_no_wallet() {
    let profile = Profile::empty().await;
    let path = profile.path("pack.json");
    let text = std::fs::read_to_string(&path).expect("pack");
    std::fs::write(&path, text.replace("Holdfast test", "Holdfast live")).expect("written");
    assert_eq!(profile.init(&["--password-only"]).code(), (4, "trust_pack_invalid"));
    assert!(!profile.path("profile").exists());
}

#[tokio::test]
async fn what_is_not_understood_is_said_in_json_too() {
    let profile = Profile::empty().await;
    assert_eq!(
        profile.run(&["present", "openid4vp://", "--consent", "maybe"]).code(),
        (2, "usage")
    );
    assert_eq!(profile.run(&["fly"]).code(), (2, "usage"));
}

#[tokio::test]
async fn a_changed_pin_opens_the_wallet_and_the_old_one_does_not() {
    let profile = Profile::new().await;
    let new = profile.path("new-pin");
    std::fs::write(&new, "a kelp holds on to its rock\n").expect("written");
    let change = ["change-pin", "--new-pin-file", new.to_str().expect("text")];
    assert_eq!(profile.run(&change).code(), (0, "changed"));
    assert_eq!(profile.run(&["list"]).code(), (7, "wrong_pin"));
    profile.set_pin("a kelp holds on to its rock");
    assert_eq!(profile.run(&["list"]).code(), (0, "ok"));
    std::fs::write(&new, "short\n").expect("written");
    assert_eq!(profile.run(&change).code(), (2, "pin_refused"));
}

#[tokio::test]
async fn what_is_not_there_can_be_neither_kept_nor_deleted() {
    let profile = Profile::new().await;
    for command in ["keep", "reject", "delete", "show"] {
        assert_eq!(profile.run(&[command, "none"]).code(), (2, "no_such_card"), "{command}");
    }
    assert_eq!(profile.run(&["list"]).json["waiting"], json!([]));
}
