//! From an application to an entry of the ledger, where nobody has to look at it.

use std::time::Duration;

use jose::UnverifiedJws;
use ledger::Channel;
use serde_json::{Value, json};
use service::Clock;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use super::{Office, PERSON, ask, begin, hand_in, id, registered, registered_for, write};

#[tokio::test]
async fn yes_or_no_is_registered_at_once() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let page = shop.get(&path).await.text();
    for words in [
        "Registered",
        "You may ask what stands here.",
        "It asks for yes or no alone: approved by the rule.",
        "It was written to the public register.",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }

    let did = office.verifier.did(id(&path));
    let bundle = office.bundle(&did).await;
    let scope = bundle.scope().unwrap();
    assert_eq!(scope.name.text("de"), "Corner Shop");
    assert_eq!(scope.valid_until, office.world.clock.now() + 100 * 86_400);
    let purpose = &scope.purposes[0];
    assert_eq!((purpose.id.as_str(), purpose.channel), ("check-1", Channel::Online));
    assert_eq!(purpose.credentials[0].vct_values, [PERSON]);
    assert_eq!(
        purpose.credentials[0].needed,
        [ledger::ClaimPath::names(&["age_over_18"])]
    );
    assert!(
        purpose
            .privacy_policy
            .ends_with(&format!("/portal/privacy/{}/check-1", id(&path)))
    );
    // The contact is a fingerprint on the ledger, and stands in no payload.
    let payload = scope.encode().unwrap();
    assert!(!String::from_utf8_lossy(&payload).contains("privacy@shop.example"));
}

#[tokio::test]
async fn the_verifier_gets_certificates_and_checks() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered_for(&office, &[("age_over_18", "needed"), ("age_over_21", "optional")]).await;
    let (business, did) = (id(&path), office.verifier.did(id(&path)));
    let certificates = office.verifier.told(|told| told.certificates[business].clone());
    let jws = UnverifiedJws::parse(certificates["registration_certificate"].as_str().unwrap()).unwrap();
    assert_eq!(jws.header().typ(), Some("rc-wrp+jwt"));
    let claims: Value = serde_json::from_slice(jws.dangerous_unverified_payload()).unwrap();
    assert_eq!((&claims["sub"], &claims["name"]), (&json!(did), &json!("Corner Shop")));
    assert_eq!(certificates["access_certificate_chain"].as_array().unwrap().len(), 1);
    // The certificate that the verifier has is the one that the ledger lists.
    let listed = office.bundle(&did).await.scope().unwrap().access_certificates;
    let mut owner = shop.get(&format!("/portal/checks/{business}/access.pem")).await;
    assert_eq!((owner.status, listed.len()), (200, 1));
    owner.body.truncate(27);
    assert_eq!(owner.html(), "-----BEGIN CERTIFICATE-----");
    let checks = office.verifier.told(|told| told.checks[business].clone());
    assert_eq!(checks["checks"][0]["id"], "check-1");
    assert_eq!(checks["checks"][0]["rule"], "person.age_over_18");
}

#[tokio::test]
async fn keys_that_do_not_fit_together_are_not_registered() {
    let office = Office::open().await;
    office.verifier.told(|told| told.lies = true);
    let (mut shop, path, _) = registered(&office).await;
    assert!(
        shop.get(&path)
            .await
            .text()
            .contains("It is being written to the public register.")
    );
    let notice = format!("/portal/privacy/{}/check-1", id(&path));
    assert_eq!(office.browser().get(&notice).await.status, 404, "it is not registered");
    let did = office.verifier.did(id(&path));
    assert!(office.bundle(&did).await.record().is_none());
    assert!(office.verifier.told(|told| told.certificates.is_empty()));
}

#[tokio::test]
async fn what_the_ledger_has_is_not_written_twice() {
    let office = Office::open().await;
    let (mut shop, path, did) = registered(&office).await;
    let before = office.bundle(&did).await;
    for _ in 0..3 {
        office.portal.carry_out().await.unwrap();
    }
    // Sent again, the form has its effect once.
    let again = shop.submit(&path, &format!("{path}/submit"), &[("version", "0")]).await;
    assert_eq!(again.problem(), (409, "changed".to_owned()));
    let after = office.bundle(&did).await;
    assert_eq!(before.record(), after.record());
}

/// Two requests at once: a claim that people have to look at is added while yes or no is handed in.
#[tokio::test]
async fn h17_anchor_what_is_added_while_it_is_handed_in_is_not_passed_by_the_rule() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    ask(&mut shop, &path, &[("age_over_18", "needed")]).await;
    let mut other_tab = office.browser();
    other_tab.cookies = shop.cookies.clone();
    let page = shop.get(&path).await;
    let (token, version) = (page.field("form_token").unwrap(), page.field("version").unwrap());
    let wider = [
        ("form_token", token.as_str()),
        ("text_en", "You must be 18 to buy this."),
        ("channel", "online"),
        ("retention_days", "0"),
        ("person-identification.age_over_18", "needed"),
        ("person-identification.birth_date", "needed"),
    ];
    let handed_in = [("form_token", token.as_str()), ("version", version.as_str())];
    let purpose = format!("{path}/purposes/check-1");
    let submit = format!("{path}/submit");
    // While another writes, both wait, and both have read what it said before.
    let file = office.world.folder.path().join("portal.db");
    let options = SqliteConnectOptions::new().filename(&file);
    let mut lock = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut lock).await.unwrap();
    let ((), added, sent) = tokio::join!(
        async {
            tokio::time::sleep(Duration::from_millis(2_000)).await;
            sqlx::query("COMMIT").execute(&mut lock).await.unwrap();
        },
        other_tab.post(&purpose, &wider),
        async {
            tokio::time::sleep(Duration::from_millis(1_000)).await;
            shop.post(&submit, &handed_in).await
        },
    );
    assert_eq!(added.location(), path);
    assert_eq!(sent.problem(), (409, "changed".to_owned()));
    office.portal.carry_out().await.unwrap();
    let text = shop.get(&path).await.text();
    assert!(text.contains("Draft"), "{text}");
    assert!(office.verifier.told(|told| told.businesses.is_empty()));
    // With the claim in sight, it waits for people.
    hand_in(&mut shop, &path).await;
    assert!(shop.get(&path).await.text().contains("Handed in"));
}

#[tokio::test]
async fn a_form_sent_twice_begins_one_application() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let list = shop.get("/portal/applications").await;
    let token = list.field("form_token").unwrap();
    let fields = [
        ("form_token", token.as_str()),
        ("once", "0123456789abcdef"),
        ("kind", "business"),
    ];
    let one = shop.post("/portal/applications", &fields).await.location().to_owned();
    let two = shop.post("/portal/applications", &fields).await.location().to_owned();
    assert_eq!(one, two);
    let mut other = office.applicant("Other Shop").await;
    let token = other.get("/portal/applications").await.field("form_token").unwrap();
    let fields = [
        ("form_token", token.as_str()),
        ("once", "0123456789abcdef"),
        ("kind", "business"),
    ];
    assert_ne!(other.post("/portal/applications", &fields).await.location(), one);
    // And nobody sees the application of another.
    assert_eq!(other.get(&one).await.status, 404);
}

#[tokio::test]
async fn what_is_missing_is_said_and_nothing_is_handed_in() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    assert!(shop.get(&path).await.text().contains("At least one purpose."));
    let refused = shop.submit(&path, &format!("{path}/submit"), &[("version", "0")]).await;
    assert_eq!(refused.problem(), (422, "incomplete".to_owned()));
    assert!(shop.get(&path).await.text().contains("Draft"));
    for mail in ["erika.muster@shop.example", "info.erika.muster@shop.example"] {
        let person = [
            ("name_en", "Shop"),
            ("mail", mail),
            ("days", "1"),
            ("hosting", "hosted"),
        ];
        let refused = shop.submit(&path, &format!("{path}/about"), &person).await;
        assert_eq!(refused.problem(), (422, "invalid_content".to_owned()), "{mail}");
    }
}

#[tokio::test]
async fn a_purpose_that_needs_nothing_is_not_handed_in() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    ask(&mut shop, &path, &[("age_over_18", "optional")]).await;
    let page = shop.get(&path).await;
    assert!(
        page.text().contains("at least one answer has to be needed"),
        "{}",
        page.text()
    );
    let refused = shop.submit(&path, &format!("{path}/submit"), &[("version", "2")]).await;
    assert_eq!(refused.problem(), (422, "incomplete".to_owned()));
    assert!(office.verifier.told(|told| told.checks.is_empty()));
}

#[tokio::test]
async fn what_looks_personal_is_not_taken() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    let about = format!("{path}/about");
    for (name, privacy) in [
        ("Shop of j.doe@shop.example", ""),
        ("Shop, +49 (30) 123-4567", ""),
        ("Corner Shop", "https://shop.example/@j.doe"),
    ] {
        let fields = [
            ("name_en", name),
            ("mail", "privacy@shop.example"),
            ("days", "100"),
            ("hosting", "hosted"),
            ("privacy", privacy),
        ];
        let refused = shop.submit(&path, &about, &fields).await;
        assert_eq!(refused.problem(), (422, "invalid_content".to_owned()), "{name}");
    }
    let purposes = format!("{path}/purposes");
    let purpose = shop.submit(&path, &purposes, &[]).await.location().to_owned();
    let words = [
        ("text_en", "Ask j.doe@shop.example"),
        ("channel", "online"),
        ("retention_days", "0"),
    ];
    let refused = shop.submit(&purpose, &purpose, &words).await;
    assert_eq!(refused.problem(), (422, "invalid_content".to_owned()));
    let html = shop.get(&path).await;
    assert!(!html.html().contains("j.doe"), "nothing is kept");
}

#[tokio::test]
async fn a_renewal_and_a_narrowing_take_the_place_of_what_is_registered() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered_for(&office, &[("age_over_18", "needed"), ("age_over_21", "needed")]).await;
    let did = office.verifier.did(id(&path));
    let first = office.bundle(&did).await.scope().unwrap();
    office.world.clock.set(office.world.clock.now() + 60);
    let next = shop
        .submit(&path, &format!("{path}/change"), &[])
        .await
        .location()
        .to_owned();
    assert_ne!(next, path);
    write(
        &mut shop,
        &format!("{next}/purposes/check-1"),
        &[("age_over_18", "needed")],
        "0",
    )
    .await;
    hand_in(&mut shop, &next).await;
    assert!(shop.get(&next).await.text().contains("Registered"));
    assert!(shop.get(&path).await.text().contains("Replaced by a later one"));
    let second = office.bundle(&did).await.scope().unwrap();
    assert!(second.valid_until > first.valid_until);
    assert_eq!(second.purposes[0].credentials[0].needed.len(), 1);
}

#[tokio::test]
async fn a_change_does_not_move_to_another_verifier() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let next = shop.submit(&path, &format!("{path}/change"), &[]).await;
    let next = next.location();
    let moved = [
        ("name_en", "Corner Shop"),
        ("mail", "info@shop.example"),
        ("days", "9"),
        ("hosting", "own"),
    ];
    let refused = shop.submit(next, &format!("{next}/about"), &moved).await;
    assert_eq!(refused.problem(), (422, "invalid_content".to_owned()));
}

#[tokio::test]
async fn who_gives_up_may_not_ask_any_more() {
    let office = Office::open().await;
    let (mut shop, path, did) = registered(&office).await;
    assert!(office.may_ask(&did).await);
    let ended = shop
        .submit(&path, &format!("{path}/end"), &[("words", "We close.")])
        .await;
    assert_eq!(ended.location(), path);
    assert!(!office.may_ask(&did).await);
    assert!(shop.get(&path).await.text().contains("Taken off the register"));
}

#[tokio::test]
async fn what_has_run_out_is_expired() {
    let office = Office::open().await;
    let (_, path, _) = registered(&office).await;
    office.world.clock.set(office.world.clock.now() + 100 * 86_400);
    office.portal.carry_out().await.unwrap();
    let mut shop = office.applicant("Corner Shop").await;
    assert_eq!(shop.get(&path).await.status, 404, "a new letter is a new account");
    let mut registrar = office.operator("ada", anchor::portal::Role::Reviewer).await;
    let page = registrar
        .get(&format!("/portal/registrar/applications/{}", id(&path)))
        .await;
    assert!(page.text().contains("Run out"), "{}", page.text());
}

#[tokio::test]
async fn a_privacy_notice_is_public_once_it_counts() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    ask(&mut shop, &path, &[("age_over_18", "needed")]).await;
    let notice = format!("/portal/privacy/{}/check-1", id(&path));
    let mut anyone = office.browser();
    assert_eq!(anyone.get(&notice).await.status, 404, "a draft is nobody's business");
    hand_in(&mut shop, &path).await;
    let text = anyone.get(&notice).await.text();
    for words in [
        "Privacy notice of Corner Shop",
        "18 or older",
        "not kept",
        "You can refuse.",
    ] {
        assert!(text.to_lowercase().contains(&words.to_lowercase()), "{words}\n{text}");
    }
}
