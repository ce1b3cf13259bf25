//! My checks: tokens, the notification, files.

use super::{Office, id, registered, sent_twice};

#[tokio::test]
async fn tokens_are_made_shown_once_made_anew_and_taken_away() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let at = format!("/portal/checks/{}", id(&path));
    let page = shop.get(&at).await;
    for place in [
        format!("/b/{}/scan", id(&path)),
        format!("/b/{}/desk", id(&path)),
        format!("/b/{}/offline", id(&path)),
        "/try".to_owned(),
    ] {
        assert!(page.html().contains(&place), "{place}");
    }
    let fields = [
        ("token-name", "Till 1"),
        ("scope", "sessions:write"),
        ("scope", "everything"),
    ];
    let made = shop.submit(&at, &format!("{at}/tokens"), &fields).await;
    assert_eq!(made.field("secret").as_deref(), Some("secret-0"));
    let asked = office.verifier.told(|told| told.tokens[0].1.clone());
    assert_eq!(
        asked,
        serde_json::json!({"name": "Till 1", "scopes": ["sessions:write"]})
    );
    let page = shop.get(&at).await;
    assert!(
        page.text().contains("Till 1") && !page.html().contains("secret-0"),
        "{}",
        page.text()
    );
    assert_eq!(
        page.text().matches("Begin checks").count(),
        2,
        "in the form and of the token: {}",
        page.text()
    );
    let made = shop.submit(&at, &format!("{at}/tokens/t0/rotate"), &[]).await;
    assert_eq!(made.field("secret").as_deref(), Some("rotated-t0"));
    shop.submit(&at, &format!("{at}/tokens/t0/revoke"), &[]).await;
    assert_eq!(office.verifier.told(|told| told.revoked.clone()), ["t0"]);
    let nothing = [("token-name", "Till 2"), ("scope", "everything")];
    let refused = shop.submit(&at, &format!("{at}/tokens"), &nothing).await;
    assert_eq!(refused.problem(), (422, "invalid_content".to_owned()));
}

/// The sandbox is for the program that is tried: a token gets it by nobody's oversight.
#[tokio::test]
async fn the_right_to_the_sandbox_is_said_in_words_and_given_to_whoever_picks_it() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let at = format!("/portal/checks/{}", id(&path));
    let words = "Make up outcomes in the sandbox, to try a program";
    let page = shop.get(&at).await;
    assert_eq!(page.text().matches(words).count(), 1, "{}", page.text());
    let html = page.html();
    let ticked = |scope: &str| {
        let (_, after) = html.split_once(&format!(r#"value="{scope}""#)).unwrap();
        after.split('>').next().unwrap().contains("checked")
    };
    assert!(ticked("sessions:write") && !ticked("sandbox:write"), "{html}");
    let fields = [("token-name", "Trial"), ("scope", "sandbox:write")];
    shop.submit(&at, &format!("{at}/tokens"), &fields).await;
    let asked = office.verifier.told(|told| told.tokens[0].1.clone());
    assert_eq!(asked, serde_json::json!({"name": "Trial", "scopes": ["sandbox:write"]}));
    let page = shop.get(&at).await;
    assert_eq!(page.text().matches(words).count(), 2, "{}", page.text());
    assert_eq!(
        page.html().matches("sandbox:write").count(),
        html.matches("sandbox:write").count()
    );
}

#[tokio::test]
async fn a_token_form_sent_twice_makes_one() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let at = format!("/portal/checks/{}", id(&path));
    let fields = [("token-name", "Till"), ("scope", "sessions:read")];
    let made = sent_twice(&mut shop, &at, &format!("{at}/tokens"), &fields).await;
    assert_eq!(made.map(Option::unwrap), ["secret-0", "secret-0"]);
    assert_eq!(office.verifier.told(|told| told.tokens.len()), 1);
}

#[tokio::test]
async fn a_notification_is_set_and_its_secret_shown_once() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let at = format!("/portal/checks/{}", id(&path));
    let set = shop
        .submit(
            &at,
            &format!("{at}/webhook"),
            &[("webhook", "https://shop.example/hook")],
        )
        .await;
    assert_eq!(set.field("secret").as_deref(), Some("whsec_once"));
    assert_eq!(
        shop.get(&at).await.field("webhook").as_deref(),
        Some("https://shop.example/hook")
    );
    let refused = shop
        .submit(&at, &format!("{at}/webhook"), &[("webhook", "http://shop.example/")])
        .await;
    assert_eq!(refused.problem(), (422, "invalid_content".to_owned()));
}

#[tokio::test]
async fn nobody_sees_the_checks_of_another() {
    let office = Office::open().await;
    let (mut shop, path, _) = registered(&office).await;
    let at = format!("/portal/checks/{}", id(&path));
    let mut other = office.applicant("Other Shop").await;
    for page in ["", "/verifier.toml", "/checks.toml", "/access.pem", "/registration.jwt"] {
        assert_eq!(other.get(&format!("{at}{page}")).await.status, 404, "{page}");
        assert_eq!(shop.get(&format!("{at}{page}")).await.status, 200, "{page}");
    }
    let refused = other
        .submit("/portal/applications", &format!("{at}/tokens/t0/revoke"), &[])
        .await;
    assert_eq!(refused.problem(), (404, "not_found".to_owned()));
    assert!(office.verifier.told(|told| told.revoked.is_empty()));
    let settings = shop.get(&format!("{at}/verifier.toml")).await;
    assert!(settings.html().contains("ledger_url = \"http://ledger.localhost"));
}
