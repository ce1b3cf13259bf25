//! `holdfast-anchor registrar` as a process, against a log over HTTP.

use std::time::{SystemTime, UNIX_EPOCH};

use did::identity::Organisation;
use ledger::UnverifiedBundle;
use serde_json::{Value, json};

use crate::fixtures::get;
use crate::world::{Running, TOKEN, World};

/// A log at the real time of day, since the program goes by it.
async fn setup() -> (World, Running) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut world = World::at(now).await;
    let running = world.serve().await;
    configure(&world, TOKEN);
    (world, running)
}

fn configure(world: &World, token: &str) {
    let text = format!(
        "profile = \"development\"\ndata_dir = {:?}\npublic_url = \"{}\"\noutbound_ports = [{}]\nadmin_token = \"{token}\"\n",
        world.folder.path(),
        world.url,
        world.url.port().unwrap(),
    );
    std::fs::write(world.folder.path().join("anchor.toml"), text).unwrap();
}

/// Runs an action: whether it succeeded, and the JSON line it printed.
async fn run(world: &World, arguments: &[&str]) -> (bool, Value) {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_holdfast-anchor"))
        .arg("registrar")
        .args(arguments)
        .args(["--config", "anchor.toml"])
        .current_dir(world.folder.path())
        .env_clear()
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = serde_json::from_str(text.trim_end()).unwrap_or_else(|_| panic!("{text:?} {output:?}"));
    (output.status.success(), line)
}

fn organisation(world: &World) -> Organisation {
    let now = service::Clock::now(&*world.clock);
    Organisation::create("agency.localhost%3A9", now, &mut service::random::fill).unwrap()
}

fn write(world: &World, json: &Value) {
    std::fs::write(world.folder.path().join("app.json"), json.to_string()).unwrap();
}

fn agency(organisation: &Organisation) -> Value {
    json!({"kind": "agency", "did_log_line": organisation.lines()[0], "name": {"en": "Agency"},
           "vcts": ["urn:b", "urn:a"]})
}

fn business(world: &World, organisation: &Organisation, text: &str) -> Value {
    let valid_until = service::Clock::now(&*world.clock) + 1000;
    json!({"kind": "business", "did_log_line": organisation.lines()[0], "name": {"en": "Shop"}, "scope": {
        "access_certificates": [jose::base64url::encode([7; 32])], "valid_until": valid_until,
        "purposes": [{"id": "age", "channel": "online", "text": {"en": text}, "retention_days": 0,
            "privacy_policy": "https://shop.example/privacy",
            "credentials": [{"vct_values": ["urn:a"], "needed": [["age_over_18"]], "optional": []}]}]}})
}

async fn bundle(world: &World, did: &str) -> ledger::VerifiedBundle {
    let path = format!("/bundle?did={}&with=accreditation,scope", did.replace('%', "%25"));
    let bytes = get(&world.url, &path).await.body;
    UnverifiedBundle::parse(&bytes)
        .unwrap()
        .verify(&world.pack, did)
        .unwrap()
}

#[tokio::test]
async fn an_agency_is_accredited_and_its_accreditation_revoked() {
    let (world, _running) = setup().await;
    let organisation = organisation(&world);
    write(&world, &agency(&organisation));
    let (ok, line) = run(&world, &["accredit", "--application", "app.json"]).await;
    assert!(ok, "{line}");
    assert_eq!(line["did"], organisation.did().as_str());
    // The DID at 3 and the grant at 4, before one map head.
    assert_eq!(line["indices"], json!([3, 4]));
    let found = bundle(&world, organisation.did().as_str()).await;
    let types: Vec<String> = found
        .accreditation()
        .unwrap()
        .types
        .into_iter()
        .map(|one| one.vct)
        .collect();
    assert_eq!(types, ["urn:a", "urn:b"]);

    let did = organisation.did().as_str();
    let (ok, line) = run(&world, &["revoke", "--did", did, "--reason", "key_compromise"]).await;
    assert!(ok, "{line}");
    let found = bundle(&world, did).await;
    assert!(found.record().unwrap().accreditation_entry().is_none());
    // A second time there is nothing to revoke.
    let (ok, line) = run(&world, &["revoke", "--application", "app.json"]).await;
    assert!(!ok);
    assert_eq!(line["code"], "refused");
    // And it can be accredited again, without a second DID create.
    let (ok, line) = run(&world, &["accredit", "--application", "app.json"]).await;
    assert!(ok, "{line}");
    assert_eq!(line["indices"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_business_is_registered_updated_and_revoked() {
    let (world, _running) = setup().await;
    let organisation = organisation(&world);
    let did = organisation.did().as_str();
    write(&world, &business(&world, &organisation, "You must be 18."));
    let (ok, line) = run(&world, &["update-business", "--application", "app.json"]).await;
    assert!(!ok, "nothing to update: {line}");
    let (ok, line) = run(&world, &["register-business", "--application", "app.json"]).await;
    assert!(ok, "{line}");
    write(&world, &business(&world, &organisation, "You must be an adult."));
    let (ok, line) = run(&world, &["register-business", "--application", "app.json"]).await;
    assert!(!ok, "registered already: {line}");
    let (ok, line) = run(&world, &["update-business", "--application", "app.json"]).await;
    assert!(ok, "{line}");
    let scope = bundle(&world, did).await.scope().unwrap();
    assert_eq!(scope.purposes[0].text.text("en"), "You must be an adult.");
    let (ok, line) = run(&world, &["revoke-business", "--did", did]).await;
    assert!(ok, "{line}");
    assert!(bundle(&world, did).await.record().unwrap().relying_party().is_none());
}

#[tokio::test]
async fn of_several_businesses_each_is_told_what_became_of_it() {
    let (world, _running) = setup().await;
    let (first, second) = (organisation(&world), organisation(&world));
    let (one, two) = (first.did().as_str(), second.did().as_str());
    write(&world, &business(&world, &first, "You must be 18."));
    let other = business(&world, &second, "You must be 18.").to_string();
    std::fs::write(world.folder.path().join("other.json"), other).unwrap();
    let (ok, line) = run(&world, &["register-business", "--application", "app.json"]).await;
    assert!(ok, "{line}");
    let both = ["register-business", "--application", "app.json", "other.json"];
    let (ok, line) = run(&world, &both).await;
    assert_eq!((ok, &line["ok"]), (false, &json!(false)), "{line}");
    let told = &line["organisations"];
    assert_eq!((&told[0]["did"], &told[0]["code"]), (&json!(one), &json!("refused")));
    assert!(told[0]["refusal"].is_string(), "under the log's signature");
    assert_eq!((&told[1]["did"], &told[1]["ok"]), (&json!(two), &json!(true)));
    // The refused one, the DID of the other and its registration were one request.
    let index = told[1]["index"].as_u64().unwrap();
    assert_eq!(told[1]["indices"], json!([index - 1, index]));
    assert!(bundle(&world, two).await.record().unwrap().relying_party().is_some());
    let both = ["update-business", "--application", "app.json", "other.json"];
    let (ok, line) = run(&world, &both).await;
    assert!(ok, "{line}");
    let told = &line["organisations"];
    assert_eq!(
        told[1]["index"].as_u64().unwrap(),
        told[0]["index"].as_u64().unwrap() + 1
    );
}

#[tokio::test]
async fn of_applications_of_which_one_cannot_be_used_nothing_is_handed_in() {
    let (world, running) = setup().await;
    let (one, other) = (organisation(&world), organisation(&world));
    write(&world, &agency(&one));
    let shop = business(&world, &other, "You must be 18.").to_string();
    std::fs::write(world.folder.path().join("other.json"), shop).unwrap();
    let committed = running.log.committed();
    let (ok, line) = run(&world, &["accredit", "--application", "app.json", "other.json"]).await;
    assert_eq!((ok, &line["code"]), (false, &json!("application")));
    assert_eq!(running.log.committed(), committed);
}

#[tokio::test]
async fn without_quorum_a_decision_does_not_count_as_made() {
    let (world, _running) = setup().await;
    world.cosigners.set_up(&["w1", "w2"], false);
    let organisation = organisation(&world);
    write(&world, &agency(&organisation));
    let log = world.cosigners.clone();
    // It waits; once the witnesses are back the same entry gets its receipt.
    let back = tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        log.set_up(&["w1", "w2"], true);
    });
    let started = std::time::Instant::now();
    let (ok, line) = run(&world, &["accredit", "--application", "app.json"]).await;
    assert!(ok, "{line}");
    assert!(started.elapsed() >= std::time::Duration::from_millis(1500));
    back.await.unwrap();
}

#[tokio::test]
async fn a_wrong_token_an_unknown_organisation_and_a_wrong_application_fail() {
    let (world, _running) = setup().await;
    let organisation = organisation(&world);
    let did = organisation.did().as_str();
    let (ok, line) = run(&world, &["revoke", "--did", did]).await;
    assert_eq!((ok, &line["code"]), (false, &json!("unknown_organisation")));
    write(&world, &agency(&organisation));
    let (ok, line) = run(&world, &["register-business", "--application", "app.json"]).await;
    assert_eq!((ok, &line["code"]), (false, &json!("application")));
    configure(&world, "another-token-entirely");
    let (ok, line) = run(&world, &["accredit", "--application", "app.json"]).await;
    assert_eq!((ok, &line["code"]), (false, &json!("refused")));
    assert!(bundle(&world, did).await.record().is_none());
}

#[tokio::test]
async fn a_stale_bundle_is_not_decided_upon() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    // The log's newest quorum is from an hour ago.
    let mut world = World::at(now - 3600).await;
    let _running = world.serve().await;
    configure(&world, TOKEN);
    let organisation = organisation(&world);
    write(&world, &agency(&organisation));
    let (ok, line) = run(&world, &["accredit", "--application", "app.json"]).await;
    assert_eq!((ok, &line["code"]), (false, &json!("ledger_stale")));
}
