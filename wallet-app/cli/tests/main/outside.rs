//! Exit codes for what others do: refused by the wallet, could not be checked, the other side failed.

use crate::profile::Profile;
use serde_json::json;
use testkit::addresses::THIS_MACHINE;
use testkit::credential::vct;
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

fn offer(issuer: &str) -> String {
    let offer = json!({
        "credential_issuer": issuer,
        "credential_configuration_ids": ["residence"],
        "grants": {"urn:ietf:params:oauth:grant-type:pre-authorized_code": {"pre-authorized_code": "code"}},
    });
    let encoded: String = url::form_urlencoded::byte_serialize(offer.to_string().as_bytes()).collect();
    format!("openid-credential-offer://?credential_offer={encoded}")
}

async fn publish(profile: &mut Profile) {
    let location = format!("agency.localhost%3A{}", profile.port());
    let agency = profile.ledger.create(&location);
    profile.ledger.accredit(&agency, "City Office", &[&vct("residence")]);
    let bundles = profile.ledger.accredited_bundles();
    let answer = ResponseTemplate::new(200).set_body_raw(bundles, "application/cbor");
    Mock::given(path("/bundles/accredited"))
        .respond_with(answer)
        .mount(&profile.server)
        .await;
}

#[tokio::test]
async fn i1_wallet_refuses_an_unknown_issuer() {
    let mut profile = Profile::new().await;
    publish(&mut profile).await;
    let answer = profile.run(&["accept", &offer(&profile.url("stranger", ""))]);
    assert_eq!(answer.code(), (4, "issuer_unknown"));
    let message = answer.json["message"].as_str().expect("message");
    assert!(message.contains("Nothing was stored"), "{message}");
}

#[tokio::test]
async fn i1_wallet_refuses_http_and_bare_addresses() {
    let mut profile = Profile::new().await;
    publish(&mut profile).await;
    assert_eq!(
        profile.run(&["accept", &offer("http://agency.example")]).code(),
        (4, "offer_not_https")
    );
    assert_eq!(
        profile.run(&["accept", &offer("https://192.0.2.1")]).code(),
        (4, "offer_from_bare_address")
    );
    assert!(
        profile.server.received_requests().await.expect("recorded").is_empty(),
        "nothing is fetched"
    );
}

#[tokio::test]
async fn a_silent_ledger_could_not_be_checked() {
    let profile = Profile::new().await;
    let answer = profile.run(&["accept", &offer(&profile.url("agency", ""))]);
    assert_eq!(answer.code(), (5, "ledger_unreachable"));
}

#[tokio::test]
async fn a_failing_issuer_is_the_other_side() {
    let mut profile = Profile::new().await;
    publish(&mut profile).await;
    let answer = profile.run(&["accept", &offer(&profile.url("agency", ""))]);
    assert_eq!(answer.code(), (6, "issuer_metadata_invalid"));
}

#[tokio::test]
async fn f1_wallet_refuses_an_unsigned_request() {
    let profile = Profile::new().await;
    let answer = profile.run(&["present", "openid4vp://?client_id=x&nonce=n", "--consent", "yes"]);
    assert_eq!(answer.code(), (4, "invalid_request"));
}

#[tokio::test]
async fn f3_wallet_refuses_an_unknown_request_uri_method() {
    let profile = Profile::new().await;
    let uri: String = url::form_urlencoded::byte_serialize(profile.url("shop", "/request").as_bytes()).collect();
    for method in ["put", "POST", ""] {
        let link = format!("openid4vp://?client_id=x509_hash%3AAAAA&request_uri={uri}&request_uri_method={method}");
        let answer = profile.run(&["present", &link, "--consent", "yes", "--tell"]);
        assert_eq!(answer.code(), (4, "invalid_request_uri_method"), "{method}");
        assert_eq!(answer.json["told"], serde_json::Value::Null);
    }
    let received = profile.server.received_requests().await.expect("recorded");
    assert!(received.is_empty(), "nothing is fetched and nobody is told");
}

#[tokio::test]
async fn f7_wallet_stops_those_who_ask_too_often() {
    let profile = Profile::new().await;
    let did = "did:webvh:QmScid:shop.example";
    assert_eq!(profile.run(&["stop-asking", did]).code(), (0, "stopped"));
    assert_eq!(
        profile.run(&["stop-asking", did, "--undo"]).code(),
        (0, "may_ask_again")
    );
    let history = profile.run(&["history"]);
    let reasons: Vec<&str> = history.json["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .filter_map(|entry| entry["reason"].as_str())
        .collect();
    assert_eq!(reasons, ["may_ask_again", "stop_asking"]);
    assert!(profile.server.received_requests().await.expect("recorded").is_empty());
}

#[tokio::test]
async fn a_failing_business_is_the_other_side() {
    let profile = Profile::new().await;
    Mock::given(path("/request"))
        .respond_with(ResponseTemplate::new(500))
        .mount(&profile.server)
        .await;
    let uri: String = url::form_urlencoded::byte_serialize(profile.url("shop", "/request").as_bytes()).collect();
    let link = format!("openid4vp://?client_id=x509_hash%3AAAAA&request_uri={uri}");
    assert_eq!(
        profile.run(&["present", &link, "--consent", "ask"]).code(),
        (6, "verifier_unreachable")
    );
    let history = profile.run(&["history"]);
    assert_eq!(history.json["entries"][0]["outcome"], "blocked");
}

#[tokio::test]
async fn what_is_over_is_the_other_side() {
    let profile = Profile::new().await;
    let uri: String = url::form_urlencoded::byte_serialize(profile.url("shop", "/request").as_bytes()).collect();
    let link = format!("openid4vp://?client_id=x509_hash%3AAAAA&request_uri={uri}");
    let answer = profile.run(&["present", &link, "--consent", "ask"]);
    assert_eq!(answer.code(), (6, "request_gone"));
}

#[tokio::test]
async fn e5_wallet_an_address_outside_the_run() {
    let profile = Profile::new().await;
    // The port that may be reached, by every way to write out the address behind it.
    let here = THIS_MACHINE.map(|host| format!("http://{host}:{}/r", profile.port()));
    let elsewhere = ["http://localhost:1/r", "http://10.0.0.1/r", "http://169.254.169.254/r"].map(str::to_owned);
    for target in here.iter().chain(&elsewhere) {
        let uri: String = url::form_urlencoded::byte_serialize(target.as_bytes()).collect();
        let link = format!("openid4vp://?client_id=x509_hash%3AAAAA&request_uri={uri}");
        let answer = profile.run(&["present", &link, "--consent", "yes"]);
        assert_eq!(answer.code(), (4, "address_not_allowed"), "{target}");
    }
    let reached = profile.server.received_requests().await.expect("recorded");
    assert!(reached.is_empty(), "no connection is opened");
}

#[tokio::test]
async fn an_unknown_card_is_a_usage_error() {
    let profile = Profile::new().await;
    assert_eq!(profile.run(&["show", "x"]).code(), (2, "no_such_card"));
}

#[tokio::test]
async fn who_knows_what_is_told_without_asking_anybody() {
    let profile = Profile::new().await;
    let did = "did:webvh:QmScid:shop.example";
    assert_eq!(profile.run(&["businesses"]).json["businesses"], serde_json::json!([]));
    assert_eq!(profile.run(&["block", did]).code(), (0, "stopped"));
    let businesses = profile.run(&["businesses"]);
    assert_eq!(businesses.json["businesses"][0]["id"], did);
    assert_eq!(businesses.json["businesses"][0]["blocked"], true);
    let never = |more: &[&str]| {
        let arguments = [&["never-show", "urn:type", "given_name"][..], more].concat();
        profile.run(&arguments).json["never_shown"].clone()
    };
    assert_eq!(never(&[])[0]["claim"], "given_name");
    assert_eq!(never(&["--undo"]), serde_json::json!([]));
    assert!(profile.server.received_requests().await.expect("recorded").is_empty());
}

#[tokio::test]
async fn what_was_not_kept_is_no_complaint() {
    let profile = Profile::new().await;
    let out = profile.path("complaint").display().to_string();
    let refused = profile.run(&["complain", "1", "--out", &out]);
    assert_eq!(refused.code(), (2, "no_such_request"));
    assert!(!profile.path("complaint").exists());
    assert!(profile.server.received_requests().await.expect("recorded").is_empty());
}
