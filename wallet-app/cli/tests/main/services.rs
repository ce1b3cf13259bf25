//! `services`: what can I use? Nobody is asked.

use crate::profile::Profile;
use ledger::Family;
use serde_json::json;
use testkit::credential::vct;
use testkit::objects;
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

async fn serve(profile: &Profile, at: &str, body: Vec<u8>) {
    let answer = ResponseTemplate::new(200).set_body_raw(body, "application/cbor");
    Mock::given(path(at)).respond_with(answer).mount(&profile.server).await;
}

/// An agency that issues identity cards offers housing benefit to those who are 18 or older.
async fn publish(profile: &mut Profile) {
    let agency = profile.ledger.create("agency.localhost%3A9");
    profile
        .ledger
        .accredit(&agency, "City Office", &[&vct("person-identification")]);
    let (rule, service) = (objects::rule(agency.did()), objects::service(agency.did()));
    let payload = rule.encode().expect("a rule");
    profile
        .ledger
        .publish_object(&agency, Family::Rule, &rule.subject, payload);
    let payload = service.encode().expect("a service");
    profile
        .ledger
        .publish_object(&agency, Family::Service, &service.subject, payload);
    let (_, file) = profile.ledger.landmark();
    let (services, rules) = (
        profile.ledger.object_bundles(Family::Service),
        profile.ledger.object_bundles(Family::Rule),
    );
    let agencies = profile.ledger.accredited_bundles();
    serve(profile, "/bundles/accredited", agencies).await;
    serve(profile, "/landmarks/newest", file).await;
    serve(profile, "/bundles/service", services).await;
    serve(profile, "/bundles/rule", rules).await;
}

#[tokio::test]
async fn what_is_lacking_is_said_with_who_issues_it() {
    let mut profile = Profile::new().await;
    let before = profile.run(&["services"]);
    assert_eq!((before.code(), &before.json["services"]), ((0, "ok"), &json!([])));
    assert_eq!(before.json["age"]["state"], "missing");
    publish(&mut profile).await;
    let refreshed = profile.run(&["refresh"]);
    assert_eq!(
        (refreshed.code(), &refreshed.json["services"]),
        ((0, "proofs_refreshed"), &json!(1))
    );
    let asked = profile.server.received_requests().await.expect("recorded").len();
    let services = profile.run(&["services"]);
    assert_eq!(services.code(), (0, "ok"));
    let service = &services.json["services"][0];
    assert_eq!(
        (&service["answer"], &service["why"]),
        (&json!("lacks_card"), &json!(null))
    );
    assert_eq!(service["lacks"][0]["type"], vct("person-identification"));
    assert_eq!(service["lacks"][0]["issuers"][0]["name"]["en"], "City Office");
    assert_eq!(service["fee"], json!({"amount": 1500, "currency": "EUR"}));
    let now = profile.server.received_requests().await.expect("recorded").len();
    assert_eq!(now, asked, "nobody is asked");
}

#[tokio::test]
async fn people_read_sentences() {
    let mut profile = Profile::new().await;
    publish(&mut profile).await;
    assert_eq!(profile.run(&["refresh"]).code(), (0, "proofs_refreshed"));
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_holdfast-wallet"))
        .arg("--profile")
        .arg(profile.path("profile"))
        .arg("--pin-file")
        .arg(profile.path("pin"))
        .arg("services")
        .env_remove("HOLDFAST_PIN")
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .output()
        .expect("started");
    let text = String::from_utf8(output.stdout).expect("text");
    for said in [
        "Housing benefit: you could use it with a card that you do not have.",
        "The card: Person identification, issued by City Office (agency.localhost:9).",
        "It costs 15.00 EUR.",
        "Days until there is an answer, at most: 30.",
        "Complain at https://agency.example/complaints",
    ] {
        assert!(text.contains(said), "{said:?} in {text}");
    }
}
