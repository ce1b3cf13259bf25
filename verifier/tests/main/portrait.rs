//! The portrait in a check in person: once, for ten seconds, and kept nowhere.

use http::StatusCode;
use serde_json::{Value, json};

use crate::kiosk::{Kiosk, Shown};
use crate::wallet::assert_outcome;

/// In every person's card of these tests, as base64.
const PICTURE: &str = "iVBORw0KGgo=";

/// A check in person that was answered.
async fn answered(kiosk: &Kiosk) -> (Value, Value) {
    let opened = kiosk.ask("entrance").await;
    let challenge = kiosk.read(&opened).await;
    let shown = kiosk.show(&kiosk.world.person(3), &["age_over_21", "portrait"], &challenge);
    let outcome = kiosk.answer(&opened, &challenge, Shown::only(shown)).await;
    assert_outcome(&outcome, "yes", "ok");
    (opened, outcome)
}

#[tokio::test]
async fn g11_verifier_a_portrait_is_told_once_and_not_with_the_outcome() {
    let kiosk = Kiosk::new().await;
    let (opened, outcome) = answered(&kiosk).await;
    assert_eq!((&outcome["portrait"], &outcome["claims"]), (&json!(true), &Value::Null));
    assert!(!outcome.to_string().contains(PICTURE));
    let response = kiosk.portrait(&opened).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(Kiosk::bytes(response).await, b"\x89PNG\r\n\x1a\n");
    assert_eq!(kiosk.portrait(&opened).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(kiosk.outcome(&opened).await["portrait"], Value::Null);
}

#[tokio::test]
async fn g11_verifier_a_portrait_is_gone_after_ten_seconds_and_when_cleared() {
    let kiosk = Kiosk::new().await;
    let (opened, _) = answered(&kiosk).await;
    kiosk.world.clock.advance(10);
    assert_eq!(kiosk.outcome(&opened).await["portrait"], Value::Null);
    assert_eq!(kiosk.portrait(&opened).await.status(), StatusCode::NOT_FOUND);
    let (opened, _) = answered(&kiosk).await;
    assert_eq!(
        kiosk.post(&opened, "/clear", &json!({})).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(kiosk.portrait(&opened).await.status(), StatusCode::NOT_FOUND);
    assert_outcome(&kiosk.outcome(&opened).await, "yes", "ok");
}

#[tokio::test]
async fn g11_verifier_a_portrait_is_in_no_file() {
    let kiosk = Kiosk::new().await;
    let (opened, _) = answered(&kiosk).await;
    kiosk.portrait(&opened).await;
    let mut files = 0;
    for file in std::fs::read_dir(kiosk.world.folder.path()).unwrap() {
        let file = file.unwrap().path();
        if file.is_file() {
            let bytes = std::fs::read(&file).unwrap();
            for trace in [PICTURE.as_bytes(), b"\x89PNG\r\n"] {
                let found = bytes.windows(trace.len()).any(|window| window == trace);
                assert!(!found, "{}", file.display());
            }
            files += 1;
        }
    }
    assert!(files > 1, "the store is there");
}

#[tokio::test]
async fn no_portrait_without_a_yes() {
    let kiosk = Kiosk::after(7000).await;
    let opened = kiosk.ask("entrance").await;
    let challenge = kiosk.read(&opened).await;
    let shown = kiosk.show(&kiosk.world.person(3), &["age_over_21", "portrait"], &challenge);
    let outcome = kiosk.answer(&opened, &challenge, Shown::only(shown)).await;
    assert_outcome(&outcome, "could_not_check", "status_unavailable");
    assert_eq!(outcome["portrait"], Value::Null);
    assert_eq!(kiosk.portrait(&opened).await.status(), StatusCode::NOT_FOUND);
}
