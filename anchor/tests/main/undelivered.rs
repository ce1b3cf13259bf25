//! What the webhook of a monitor does not take: `holdfast-anchor monitor` and `undelivered` as processes.

use std::sync::atomic::Ordering;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};

use crate::fixtures::listen;
use crate::monitor::{Setup, now, setup_at};

/// A log that stands still, which every look tells.
async fn stale() -> Setup {
    setup_at(now() - 3600).await
}

/// Lists what nobody took: the exit code, and the messages.
async fn undelivered(setup: &Setup, more: &[&str]) -> (Option<i32>, Vec<Value>) {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_holdfast-anchor"))
        .args(["undelivered", "--state", "state"])
        .args(more)
        .current_dir(setup.folder.path())
        .env_clear()
        .output()
        .await
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let messages = lines.lines().map(|line| serde_json::from_str(line).unwrap());
    (output.status.code(), messages.collect())
}

/// The one message that is listed: its state, its type and its name.
async fn listed_once(setup: &Setup) -> (Option<i32>, [String; 3]) {
    let (code, messages) = undelivered(setup, &[]).await;
    let [message] = <[Value; 1]>::try_from(messages).unwrap();
    let member = |name: &str| message[name].as_str().unwrap().to_owned();
    (code, ["state", "type", "id"].map(member))
}

#[tokio::test]
async fn g8_anchor_a_message_that_nobody_takes_for_good_is_kept_and_shown() {
    let mut setup = stale().await;
    let hook = setup.webhook.clone();
    let gone = Router::new().route("/hook", post(|| async { StatusCode::GONE }));
    setup.webhook = listen(gone).await.join("hook").unwrap();
    let (code, said) = setup.look(&[]).await;
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("was given up"), "{said}");
    let (code, [state, kind, id]) = listed_once(&setup).await;
    assert_eq!(
        (code, state.as_str(), kind.as_str()),
        (Some(8), "given_up", "ledger.stale")
    );

    // The ledger is well again, and somebody was not told.
    setup.ledger.set_now(now());
    setup.publish();
    let (code, said) = setup.look(&[]).await;
    assert_eq!(code, Some(8), "{said}");
    assert!(said.contains("1 messages were given up"), "{said}");

    setup.webhook = hook;
    assert_eq!(undelivered(&setup, &["--again"]).await.0, Some(0));
    assert_eq!(setup.look(&[]).await.0, Some(0));
    let name = setup.received.lock().unwrap()[0].0["webhook-id"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(name, id, "it is the same message");
    assert_eq!(setup.told_once().0, "ledger.stale");
    assert_eq!(undelivered(&setup, &[]).await, (Some(0), vec![]));
}

#[tokio::test]
async fn g8_anchor_what_nobody_took_outlives_the_monitor() {
    let setup = stale().await;
    setup.failing.store(3, Ordering::SeqCst);
    assert_eq!(setup.look(&[]).await.0, Some(4));
    assert!(setup.received.lock().unwrap().is_empty());
    let (code, [state, _, id]) = listed_once(&setup).await;
    assert_eq!((code, state.as_str()), (Some(0), "waiting"));
    assert_eq!(setup.look(&[]).await.0, Some(4));
    let name = setup.received.lock().unwrap()[0].0["webhook-id"]
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(name, id);
    assert_eq!(setup.told_once().0, "ledger.stale");
    assert_eq!(undelivered(&setup, &[]).await, (Some(0), vec![]));
}

#[tokio::test]
async fn g8_anchor_a_message_waits_longer_and_longer_and_is_given_up_after_ten_looks() {
    let setup = stale().await;
    let file = setup.folder.path().join("state/outbox.json");
    setup.failing.store(100, Ordering::SeqCst);
    assert_eq!(setup.look(&[]).await.0, Some(4));
    assert_eq!(setup.look(&[]).await.0, Some(4));
    // It was sent in two looks, three times in each; now it waits for half a minute.
    assert_eq!(setup.look(&[]).await.0, Some(4));
    assert_eq!(setup.failing.load(Ordering::SeqCst), 94);
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(kept["waiting"][0]["failures"], 2);
    assert!(kept["waiting"][0]["next_at"].as_u64().unwrap() > now() + 20);
    kept["waiting"][0]["failures"] = 9.into();
    kept["waiting"][0]["next_at"] = 0.into();
    std::fs::write(&file, kept.to_string()).unwrap();
    assert_eq!(setup.look(&[]).await.0, Some(4));
    assert_eq!(listed_once(&setup).await.0, Some(8));
    let (code, forgotten) = undelivered(&setup, &["--forget"]).await;
    assert_eq!((code, &forgotten[0]["failures"]), (Some(0), &json!(10)));
    assert_eq!(undelivered(&setup, &[]).await, (Some(0), vec![]));
}

#[tokio::test]
async fn a_file_of_messages_that_is_none_is_refused() {
    let setup = stale().await;
    std::fs::create_dir_all(setup.folder.path().join("state")).unwrap();
    std::fs::write(setup.folder.path().join("state/outbox.json"), "{").unwrap();
    let (code, said) = setup.look(&[]).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("is not what a monitor wrote"), "{said}");
}
