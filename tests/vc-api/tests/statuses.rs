//! A place in a status list that is served, and what becomes of a credential whose bit is set.

use http::StatusCode;
use serde_json::{Value, json};
use service::{Clock, SystemClock};
use vc_api::ProblemType::{MalformedValue, StatusVerification};
use w3c_vc::{Contexts, StatusEntry, StatusPurpose, UnverifiedStatusList, VerifiedStatusList};

use crate::credentials::credential;
use crate::running::{Running, STATUS_LIST, assert_problem, assert_refused, assert_verified};

/// The list as a verifier gets it.
async fn fetched(adapter: &Running, url: &str) -> VerifiedStatusList {
    let text = adapter.get(url).await.to_string();
    let list = UnverifiedStatusList::parse(&text).unwrap();
    let contexts = Contexts::bundled().unwrap();
    let issuer = adapter.trusted(STATUS_LIST);
    list.verify(&contexts, &issuer, url, SystemClock.now()).unwrap()
}

fn entry(credential: &Value) -> StatusEntry {
    let text = |name: &str| credential["credentialStatus"][name].as_str().unwrap();
    assert_eq!(text("type"), "BitstringStatusListEntry");
    StatusEntry {
        purpose: StatusPurpose::from_name(text("statusPurpose")).unwrap(),
        index: text("statusListIndex").parse().unwrap(),
        list: text("statusListCredential").to_owned(),
    }
}

async fn set(adapter: &Running, place: &Value, on: &Value) -> (StatusCode, Value) {
    let verifier = adapter.implementation["verifiers"][0]["endpoint"].as_str().unwrap();
    let url = json!(verifier.replace("/credentials/verify", "/credentials/status"));
    let request = json!({"credentialStatus": place, "status": on});
    adapter.post(&url, request).await
}

#[tokio::test]
async fn a_credential_is_refused_while_its_bit_is_set_and_its_neighbour_is_not() {
    let adapter = Running::start();
    let one = adapter.issued(STATUS_LIST, &credential()).await;
    let other = adapter.issued(STATUS_LIST, &credential()).await;
    let (place, beside) = (entry(&one), entry(&other));
    assert_eq!(place.list, beside.list);
    assert_ne!(place.index, beside.index);
    assert_verified(&adapter.verify(&one).await);
    for on in [true, false] {
        let (status, answer) = set(&adapter, &one["credentialStatus"], &json!(on)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let list = fetched(&adapter, &place.list).await;
        assert_eq!((list.is_set(&place), list.is_set(&beside)), (Ok(on), Ok(false)));
        let answer = adapter.verify(&one).await;
        match on {
            true => assert_refused(&answer, StatusVerification),
            false => assert_verified(&answer),
        }
        assert_verified(&adapter.verify(&other).await);
    }
}

#[tokio::test]
async fn a_status_is_given_once_and_only_ours_are_set() {
    let adapter = Running::start();
    let issued = adapter.issued(STATUS_LIST, &credential()).await;
    let ours = &issued["credentialStatus"];
    let mut again = credential();
    again["credentialStatus"] = ours.clone();
    let (status, problem) = adapter.issue(STATUS_LIST, &again).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_problem(&problem, MalformedValue);
    let mut elsewhere = ours.clone();
    elsewhere["statusListCredential"] = json!("https://agency.example/list");
    let mut beyond = ours.clone();
    beyond["statusListIndex"] = json!("131072");
    for (place, on) in [
        (&elsewhere, json!(true)),
        (&beyond, json!(true)),
        (&Value::Null, json!(true)),
        (ours, json!("true")),
    ] {
        let (status, problem) = set(&adapter, place, &on).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{place} {on}");
        assert_problem(&problem, MalformedValue);
    }
    assert_verified(&adapter.verify(&issued).await);
}
