//! Coming in, and keeping others out.

use anchor::portal::Role;
use serde_json::json;
use service::Clock;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};

use super::{Office, begin};

#[tokio::test]
async fn a_letter_lets_in_once() {
    let office = Office::open().await;
    let code = office.letter("Corner Shop").await;
    let at = "/portal/sign-in";
    let mut shop = office.browser();
    let typed = code.to_lowercase().replace('-', " ");
    assert_eq!(
        shop.submit(at, at, &[("code", &typed)]).await.location(),
        "/portal/applications"
    );
    assert!(shop.get("/portal/applications").await.text().contains("Corner Shop"));
    let mut other = office.browser();
    let refused = other.submit(at, at, &[("code", &code)]).await;
    assert_eq!(refused.problem(), (401, "wrong_code".to_owned()));
    assert_eq!(other.get("/portal/applications").await.status, 401);
    // A code for the next time belongs to the same organisation.
    begin(&mut shop, "business").await;
    let shown = shop
        .submit("/portal/applications", "/portal/applications/code", &[])
        .await;
    let next = shown.field("next-code").unwrap();
    let mut again = office.browser();
    assert_eq!(
        again.submit(at, at, &[("code", &next)]).await.location(),
        "/portal/applications"
    );
    assert!(again.get("/portal/applications").await.text().contains("Draft"));
}

#[tokio::test]
async fn a_letter_form_sent_twice_makes_one_code() {
    let office = Office::open().await;
    let mut ada = office.operator("ada", Role::Reviewer).await;
    let at = "/portal/registrar/letters";
    let page = ada.get(at).await;
    let (token, once) = (page.field("form_token").unwrap(), page.field("once").unwrap());
    let fields = [
        ("form_token", token.as_str()),
        ("once", once.as_str()),
        ("organisation", "Corner Shop"),
    ];
    let one = ada.post(at, &fields).await.field("code").unwrap();
    let two = ada.post(at, &fields).await.field("code").unwrap();
    assert_eq!(one, two);
    let next = ada.submit(at, at, &[("organisation", "Corner Shop")]).await;
    assert_ne!(next.field("code").unwrap(), one);
    let mut shop = office.browser();
    let door = "/portal/sign-in";
    assert_eq!(
        shop.submit(door, door, &[("code", &one)]).await.location(),
        "/portal/applications"
    );
    let refused = office.browser().submit(door, door, &[("code", &two)]).await;
    assert_eq!(refused.problem(), (401, "wrong_code".to_owned()));
}

#[tokio::test]
async fn a_letter_lets_nobody_in_after_ninety_days() {
    let office = Office::open().await;
    let code = office.letter("Corner Shop").await;
    office.world.clock.set(office.world.clock.now() + 90 * 86_400);
    let mut shop = office.browser();
    let refused = shop
        .submit("/portal/sign-in", "/portal/sign-in", &[("code", &code)])
        .await;
    assert_eq!(refused.problem(), (401, "wrong_code".to_owned()));
}

#[tokio::test]
async fn h17_anchor_wrong_letter_codes_make_the_next_one_wait() {
    let office = Office::open().await;
    let code = office.letter("Corner Shop").await;
    let at = "/portal/sign-in";
    let mut guesser = office.browser();
    for _ in 0..5 {
        let refused = guesser.submit(at, at, &[("code", "AAAA-AAAA-AAAA-AAAA")]).await;
        assert_eq!(refused.problem(), (401, "wrong_code".to_owned()));
    }
    // Not even the right one, from there.
    let refused = guesser.submit(at, at, &[("code", &code)]).await;
    assert_eq!(refused.problem(), (429, "too_many_attempts".to_owned()));
    assert_eq!(refused.headers["retry-after"], "900");
    let mut shop = office.browser();
    shop.address = 2;
    assert_eq!(
        shop.submit(at, at, &[("code", &code)]).await.location(),
        "/portal/applications"
    );
    office.world.clock.set(office.world.clock.now() + 900);
    let refused = guesser.submit(at, at, &[("code", &code)]).await;
    assert_eq!(
        refused.problem(),
        (401, "wrong_code".to_owned()),
        "it was used in the meantime"
    );
}

#[tokio::test]
async fn h17_anchor_a_form_without_its_secret_has_no_effect() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let once = "0123456789abcdef";
    let list = shop.get("/portal/applications").await;
    let token = list.field("form_token").unwrap();
    let foreign = office
        .browser()
        .get("/portal/sign-in")
        .await
        .field("form_token")
        .unwrap();
    for form_token in ["", "AAAA", foreign.as_str()] {
        let fields = [("form_token", form_token), ("once", once), ("kind", "business")];
        let refused = shop.post("/portal/applications", &fields).await;
        assert_eq!(refused.problem(), (403, "stale_form".to_owned()), "{form_token}");
    }
    let without = shop
        .post("/portal/applications", &[("once", once), ("kind", "business")])
        .await;
    assert_eq!(without.problem(), (403, "stale_form".to_owned()));
    let list = shop.get("/portal/applications").await;
    assert!(list.text().contains("There is no application yet."));
    // The secret of one session is none of the next.
    let out = shop.submit("/portal/applications", "/portal/sign-out", &[]).await;
    assert_eq!(out.location(), "/portal");
    let fields = [("form_token", token.as_str()), ("once", once), ("kind", "business")];
    let refused = shop.post("/portal/applications", &fields).await;
    assert_eq!(refused.problem(), (403, "stale_form".to_owned()));
}

#[tokio::test]
async fn h17_anchor_another_site_sends_no_form() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    for site in ["cross-site", "same-site"] {
        shop.site = Some(site);
        let refused = shop
            .submit("/portal/applications", "/portal/applications", &[("kind", "business")])
            .await;
        assert_eq!(refused.problem(), (403, "cross_site".to_owned()), "{site}");
    }
    shop.site = Some("same-origin");
    assert!(
        shop.get("/portal/applications")
            .await
            .text()
            .contains("There is no application yet.")
    );
}

#[tokio::test]
async fn h17_anchor_pages_of_the_registrar_are_for_operators() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = begin(&mut shop, "business").await;
    let at = path.replace("/portal/applications/", "/portal/registrar/applications/");
    for page in [
        "/portal/registrar",
        "/portal/registrar/letters",
        "/portal/registrar/complaints",
        at.as_str(),
    ] {
        assert_eq!(shop.get(page).await.status, 401, "{page}");
    }
    let refused = shop.submit(&path, &format!("{at}/approve"), &[("version", "0")]).await;
    assert_eq!(refused.problem(), (401, "signed_out".to_owned()));
    let mut operator = office.operator("ada", Role::Approver).await;
    assert_eq!(operator.get("/portal/registrar").await.status, 200);
    assert_eq!(
        operator.get("/portal/applications").await.status,
        401,
        "an operator is no applicant"
    );
    let out = operator
        .submit("/portal/registrar", "/portal/registrar/sign-out", &[])
        .await;
    assert_eq!(out.location(), "/portal");
    assert_eq!(operator.get("/portal/registrar").await.status, 401);
}

#[tokio::test]
async fn a_card_lets_the_organisation_in_and_nobody_is_kept() {
    let office = Office::open().await;
    let mut shop = office.browser();
    let (at, done) = ("/portal/sign-in/card", "/portal/sign-in/card/done");
    assert_eq!(shop.submit("/portal/sign-in", at, &[]).await.location(), at);
    assert!(shop.get(at).await.html().contains("data:image/svg+xml,%3Csvg"));
    office
        .verifier
        .told(|told| told.outcome = json!({"id": "session-1", "state": "scanned"}));
    assert_eq!(
        shop.submit(at, done, &[]).await.location(),
        "/portal/sign-in/card?waits=1"
    );
    let claims = json!({"card": {"organisation_number": "HR-17", "organisation_name": "Corner Shop",
                                 "role": "owner", "family_name": "Muster"}});
    office.verifier.told(|told| {
        told.outcome = json!({"id": "session-1", "state": "answered", "verdict": "yes", "claims": claims})
    });
    // Another browser has not opened this check.
    let mut other = office.browser();
    let refused = other.submit("/portal/sign-in", done, &[]).await;
    assert_eq!(refused.problem(), (404, "not_found".to_owned()));
    assert_eq!(shop.submit(at, done, &[]).await.location(), "/portal/applications");
    assert!(shop.get("/portal/applications").await.text().contains("Corner Shop"));
    let stored = std::fs::read(office.world.folder.path().join("portal.db")).unwrap();
    let wal = std::fs::read(office.world.folder.path().join("portal.db-wal")).unwrap_or_default();
    assert!(
        ![stored, wal]
            .iter()
            .any(|bytes| bytes.windows(6).any(|part| part == b"Muster"))
    );
}

/// Checks of cards that the portal keeps.
async fn kept(office: &Office) -> i64 {
    let options = SqliteConnectOptions::new().filename(office.world.folder.path().join("portal.db"));
    let mut store = SqliteConnection::connect_with(&options).await.unwrap();
    let count = sqlx::query_scalar("SELECT count(*) FROM card_sign_ins");
    count.fetch_one(&mut store).await.unwrap()
}

#[tokio::test]
async fn one_address_opens_so_many_checks_of_cards_and_none_is_kept_for_long() {
    let office = Office::open().await;
    let at = "/portal/sign-in/card";
    for _ in 0..20 {
        let mut browser = office.browser();
        assert_eq!(browser.submit("/portal/sign-in", at, &[]).await.location(), at);
    }
    let refused = office.browser().submit("/portal/sign-in", at, &[]).await;
    assert_eq!(refused.problem(), (429, "too_many_attempts".to_owned()));
    assert_eq!(kept(&office).await, 20);
    office.world.clock.set(office.world.clock.now() + 300);
    let mut other = office.browser();
    other.address = 2;
    assert_eq!(other.submit("/portal/sign-in", at, &[]).await.location(), at);
    assert_eq!(kept(&office).await, 1, "what ended is forgotten");
}

#[tokio::test]
async fn a_card_that_was_not_accepted_lets_nobody_in() {
    let office = Office::open().await;
    let mut shop = office.browser();
    let (at, done) = ("/portal/sign-in/card", "/portal/sign-in/card/done");
    shop.submit("/portal/sign-in", at, &[]).await;
    let claims = json!({"card": {"organisation_number": "HR-17", "organisation_name": "Shop", "role": "clerk"}});
    for outcome in [
        json!({"id": "s", "state": "answered", "verdict": "no"}),
        json!({"id": "s", "state": "answered", "verdict": "could_not_check", "claims": claims}),
        json!({"id": "s", "state": "answered", "verdict": "yes"}),
        // A role that may not act for the organisation.
        json!({"id": "s", "state": "answered", "verdict": "yes", "claims": claims}),
    ] {
        office.verifier.told(|told| told.outcome = outcome.clone());
        let refused = shop.submit(at, done, &[]).await;
        assert_eq!(refused.problem(), (422, "invalid_content".to_owned()), "{outcome}");
        assert_eq!(shop.get("/portal/applications").await.status, 401, "{outcome}");
    }
}

#[tokio::test]
async fn pages_are_under_a_strict_policy_and_in_three_languages() {
    let office = Office::open().await;
    let mut browser = office.browser();
    for (language, words) in [
        ("en", "What do you want to check?"),
        ("de", "Was möchten Sie prüfen?"),
        ("fr", "Que voulez-vous vérifier ?"),
    ] {
        let page = browser.get(&format!("/portal?lang={language}")).await;
        assert!(page.text().contains(words), "{language}");
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert_eq!(page.headers["cache-control"], "no-store");
        assert!(!page.html().contains("<script") && !page.html().contains(" style=\""));
    }
}
