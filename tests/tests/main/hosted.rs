//! A business applies in the registrar's portal and is approved; the verifier that serves many asks in its name; and
//! wallets that have its cards in one format alone, ISO mdoc or W3C, answer. All by real processes.

mod scene;

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Result, ensure};
use e2e::http::Http;
use e2e::stack::{Agency, Api};
use e2e::story::Session;
use e2e::wallet::Exit;
use serde_json::Value;

use scene::{ADULT, COMPANY, Holder, STUDENT, Scene, newest, texts};

/// What somebody asks who has the keys of the business, by checks that the register has under these names. In SD-JWT VC
/// each asks what is registered; so does the last in every format.
const TOO_MUCH: &str = r#"
[[check]]
id = "check-1"
purpose = { en = "Wine", de = "Wein", fr = "Vin" }
channel = "online"
privacy_policy = "https://harbour.example/privacy"
dcql = '''{ "credentials": [
  { "id": "person", "format": "dc+sd-jwt",
    "meta": { "vct_values": ["urn:holdfast:vct:person-identification:1"] },
    "claims": [ { "path": ["age_over_18"] } ] },
  { "id": "person_mdoc", "format": "mso_mdoc",
    "meta": { "doctype_value": "eu.europa.ec.eudi.pid.1" },
    "claims": [ { "path": ["eu.europa.ec.eudi.pid.1", "age_over_18"] },
                { "path": ["eu.europa.ec.eudi.pid.1", "birth_date"] } ] } ],
  "credential_sets": [ { "options": [["person"], ["person_mdoc"]] } ] }'''
types = { "person.age_over_18" = "bool", "person_mdoc.age_over_18" = "bool" }
rule = '(has(person.age_over_18)) && (person.age_over_18) || (has(person_mdoc.age_over_18)) && (person_mdoc.age_over_18)'
[check.issuers]
"urn:holdfast:vct:person-identification:1" = ISSUERS
"eu.europa.ec.eudi.pid.1" = ISSUERS

[[check]]
id = "check-4"
purpose = { en = "Counting", de = "Zählen", fr = "Compter" }
channel = "online"
privacy_policy = "https://harbour.example/privacy"
dcql = '''{ "credentials": [
  { "id": "student", "format": "dc+sd-jwt",
    "meta": { "vct_values": ["urn:holdfast:vct:student-card:1"] },
    "claims": [ { "path": ["student_number"] }, { "path": ["institution_name"] } ] },
  { "id": "student_w3c", "format": "ldp_vc",
    "meta": { "type_values": [["urn:holdfast:vct:student-card:1"]] },
    "claims": [ { "path": ["credentialSubject", "student_number"] },
                { "path": ["credentialSubject", "institution_name"] } ] } ],
  "credential_sets": [ { "options": [["student"], ["student_w3c"]] } ] }'''
types = { "student.student_number" = "string", "student.institution_name" = "string" }
rule = 'has(student.institution_name) && has(student.student_number)'
[check.issuers]
"urn:holdfast:vct:student-card:1" = ISSUERS

[[check]]
id = "check-2"
purpose = { en = "Coffee", de = "Kaffee", fr = "Café" }
channel = "online"
privacy_policy = "https://harbour.example/privacy"
dcql = '''{ "credentials": [
  { "id": "student", "format": "dc+sd-jwt",
    "meta": { "vct_values": ["urn:holdfast:vct:student-card:1"] },
    "claims": [ { "path": ["given_name"] }, { "path": ["family_name"] }, { "path": ["institution_name"] },
                { "path": ["student_number"] }, { "path": ["enrolled_until"] } ] } ] }'''
formats = ["dc+sd-jwt", "ldp_vc"]
types = { "student.enrolled_until" = "date" }
rule = 'student.enrolled_until >= today'
[check.issuers]
"urn:holdfast:vct:student-card:1" = ISSUERS
"#;

/// Where wallets send their answers.
const RESPONSE: &str = "/openid4vp/response/";

#[tokio::test]
async fn a_card_in_one_format_answers_a_business_that_came_in_by_the_portal() {
    let mut scene = Scene::begin().await.unwrap();
    let mut holders = Vec::new();
    for asked in [&ADULT, &STUDENT] {
        let holder = scene.holder(asked.check, &scene.grown_up, asked).await.unwrap();
        // The verifier holds no list, and fetches none because a card is shown.
        let unknown = ("could_not_check", "status_unavailable");
        scene.shows(&holder, "yes", unknown).await.unwrap();
        holders.push(holder);
    }
    scene.serve_lists().await.unwrap();
    for holder in &holders {
        from_yes_to_revoked(&scene, holder).await.unwrap();
    }

    // By the rule alone, with nothing wrong about the cards.
    let child = scene.holder("child", &scene.child().unwrap(), &ADULT).await.unwrap();
    let company = scene.holder("company", &scene.grown_up, &COMPANY).await.unwrap();
    for holder in [&child, &company] {
        scene.shows(holder, "no", ("no", "rule_not_met")).await.unwrap();
    }
}

/// A card is good, also as copies that were got again; suspended, good again, revoked.
async fn from_yes_to_revoked(scene: &Scene, holder: &Holder) -> Result<()> {
    scene.shows(holder, "yes", ("yes", "ok")).await?;
    let copies = holder.wallet.refresh_only_card().await?;
    ensure!(copies == Agency::COPIES, "{copies} copies");
    for (verb, verdict) in [
        ("suspend", ("no", "suspended")),
        ("reactivate", ("yes", "ok")),
        ("revoke", ("no", "revoked")),
    ] {
        scene.change(holder, verb).await?;
        // Whether a card is good only those who ask find out.
        scene.shows(holder, "yes", verdict).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_registered_is_refused_in_each_format_and_nothing_is_sent() {
    let mut scene = Scene::begin().await.unwrap();
    let adult = scene.holder("adult", &scene.grown_up, &ADULT).await.unwrap();
    let student = scene.holder("student", &scene.grown_up, &STUDENT).await.unwrap();
    let thief = scene.stack.take_keys(&scene.cafe.id, TOO_MUCH).unwrap();
    let passed = Arc::new(Mutex::new(Vec::new()));
    let note = {
        let passed = Arc::clone(&passed);
        move |path: &str, body: Vec<u8>| {
            let mut passed = passed.lock().unwrap_or_else(PoisonError::into_inner);
            passed.push(path.to_owned());
            body
        }
    };
    let _between = scene.stack.reroute("club", Arc::new(note)).await.unwrap();
    let answers = || {
        let passed = passed.lock().unwrap_or_else(PoisonError::into_inner);
        passed.iter().filter(|path| path.starts_with(RESPONSE)).count()
    };

    let http = scene.stack.http();
    for (holder, check, claim) in [
        (&adult, "check-1", "eu.europa.ec.eudi.pid.1.birth_date"),
        (&student, "check-4", "credentialSubject.student_number"),
    ] {
        refuses((http, &thief), holder, check, claim).await.unwrap();
    }
    assert_eq!(answers(), 0, "something was sent");

    // With the same keys and on the same way, what is registered is answered.
    let session = Session::open(http, &thief, STUDENT.check).await.unwrap();
    let answer = student.wallet.present(&session.request, "yes", &[]).await.unwrap();
    answer.expect(Exit::Done).unwrap();
    assert_eq!(session.seen(http, &thief).await.unwrap()["state"], "answered");
    assert_eq!(answers(), 1);
}

/// The wallet refuses because of this claim, notes who asked for it, and keeps what proves it.
async fn refuses((http, thief): (&Http, &Api), holder: &Holder, check: &str, claim: &str) -> Result<()> {
    let session = Session::open(http, thief, check).await?;
    let answer = holder.wallet.present(&session.request, "yes", &[]).await?;
    let answer = answer.expect(Exit::WalletRefused)?;
    ensure!(answer.code() == "over_asking", "refused otherwise: {}", answer.json);
    let seen = session.seen(http, thief).await?;
    let waits = matches!(seen["state"].as_str(), Some("open" | "scanned"));
    ensure!(
        waits && seen.get("verdict").is_none_or(Value::is_null),
        "something was sent: {seen}"
    );
    let newest = newest(&holder.wallet).await?;
    ensure!(
        newest["outcome"] == "blocked"
            && newest["reportable"] == true
            && texts(&newest["cards"][0]["claims"]) == [claim],
        "it is noted otherwise: {newest}"
    );
    Ok(())
}
