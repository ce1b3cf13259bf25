//! Proving that a host is the applicant's: by a file there, which the portal looks at and nothing else.

use anchor::portal::Role;
use service::Clock;

use super::browser::{Browser, Page};
use super::own_keys::own;
use super::review::{decide, desk};
use super::verifier::HostFile;
use super::{Office, business_file, hand_in, hand_over};

/// An application for checks at a verifier of its own, handed in with the keys of this host.
async fn waiting(office: &Office, name: &str) -> (Browser, String) {
    let mut shop = office.applicant("Corner Shop").await;
    let path = own(&mut shop).await;
    let organisation = office.organisation(name);
    let sent = hand_over(&mut shop, &path, &business_file(&organisation.lines()[0]), "").await;
    assert_eq!(sent.location(), path);
    hand_in(&mut shop, &path).await;
    (shop, path)
}

/// The form that the page does not offer, sent all the same.
async fn approve(operator: &mut Browser, path: &str) -> Page {
    let page = operator.get(&desk(path)).await;
    let (token, version) = (page.field("form_token").unwrap(), page.field("version").unwrap());
    let fields = [("form_token", token.as_str()), ("version", version.as_str())];
    operator.post(&format!("{}/approve", desk(path)), &fields).await
}

/// Has the portal look; what it says then.
async fn look(browser: &mut Browser, path: &str) -> String {
    let looked = browser.submit(path, &format!("{path}/host"), &[]).await;
    assert_eq!(looked.location(), path, "{}", looked.text());
    browser.get(path).await.text()
}

#[tokio::test]
async fn h17_anchor_a_host_that_is_not_proved_is_not_approved() {
    let office = Office::open().await;
    let (mut shop, path) = waiting(&office, "bank").await;
    let mut ada = office.operator("ada", Role::Reviewer).await;
    let mut bob = office.operator("bob", Role::Approver).await;
    let text = ada.get(&desk(&path)).await.text();
    assert!(text.contains("Nobody has looked yet."), "{text}");
    assert!(
        text.contains("The host is not proved yet, so nobody can approve"),
        "{text}"
    );
    let refused = approve(&mut ada, &path).await;
    assert_eq!(refused.problem(), (409, "host_not_proved".to_owned()));
    // The value of somebody else proves nothing.
    office
        .verifier
        .told(|told| told.host_file = HostFile::Text("A".repeat(43)));
    assert!(look(&mut shop, &path).await.contains("Something else stands there."));
    let refused = approve(&mut ada, &path).await;
    assert_eq!(refused.problem(), (409, "host_not_proved".to_owned()));
    assert!(shop.get(&path).await.text().contains("Handed in"));

    office.prove(&mut shop, &path).await;
    let text = ada.get(&desk(&path)).await.text();
    assert!(text.contains("the host is proved") && text.contains("Looked"), "{text}");
    decide(&mut ada, &path, "approve").await;
    // What was proved once is looked at again.
    office.verifier.told(|told| told.host_file = HostFile::None);
    let again = bob.submit(&desk(&path), &format!("{}/host", desk(&path)), &[]).await;
    assert_eq!(again.location(), desk(&path));
    assert!(bob.get(&desk(&path)).await.text().contains("There is no such file."));
    let refused = approve(&mut bob, &path).await;
    assert_eq!(refused.problem(), (409, "host_not_proved".to_owned()));
    office.prove(&mut shop, &path).await;
    decide(&mut bob, &path, "approve").await;
    assert!(shop.get(&path).await.text().contains("Registered"));
}

#[tokio::test]
async fn h17_anchor_a_proof_is_of_one_host_and_for_a_month() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = own(&mut shop).await;
    for name in ["bank", "other"] {
        let organisation = office.organisation(name);
        let sent = hand_over(&mut shop, &path, &business_file(&organisation.lines()[0]), "").await;
        assert_eq!(sent.location(), path);
        if name == "bank" {
            office.prove(&mut shop, &path).await;
        }
    }
    hand_in(&mut shop, &path).await;
    let mut ada = office.operator("ada", Role::Approver).await;
    let refused = approve(&mut ada, &path).await;
    assert_eq!(refused.problem(), (409, "host_not_proved".to_owned()));
    office.prove(&mut shop, &path).await;
    office.world.clock.set(office.world.clock.now() + 30 * 86_400);
    let mut ada = office.signed_in("ada").await;
    assert!(ada.get(&desk(&path)).await.text().contains("more than thirty days ago"));
    let refused = approve(&mut ada, &path).await;
    assert_eq!(refused.problem(), (409, "host_not_proved".to_owned()));
}

#[tokio::test]
async fn e5_anchor_a_host_at_an_address_inside() {
    let office = Office::open().await;
    // It is there, and none of the ports of this run.
    let inside = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    inside.set_nonblocking(true).unwrap();
    let host = format!("bank.localhost%3A{}", inside.local_addr().unwrap().port());
    let organisation =
        did::identity::Organisation::create(&host, crate::fixtures::NOW, &mut service::random::fill).unwrap();
    let mut shop = office.applicant("Corner Shop").await;
    let path = own(&mut shop).await;
    let sent = hand_over(&mut shop, &path, &business_file(&organisation.lines()[0]), "").await;
    assert_eq!(sent.location(), path);
    let text = look(&mut shop, &path).await;
    assert!(text.contains("This host is not one that we look at."), "{text}");
    let reached = inside.accept().map(drop).map_err(|error| error.kind());
    assert_eq!(reached, Err(std::io::ErrorKind::WouldBlock), "nobody was reached");
}

#[tokio::test]
async fn e6_anchor_a_host_that_leads_elsewhere() {
    let office = Office::open().await;
    let (mut shop, path) = waiting(&office, "bank").await;
    let value = shop.get(&path).await.field("host-value").unwrap();
    office.verifier.told(|told| told.host_file = HostFile::Elsewhere(value));
    let text = look(&mut shop, &path).await;
    assert!(text.contains("The address leads elsewhere."), "{text}");
    assert_eq!(office.verifier.told(|told| told.looks.clone()), ["host"]);
}

#[tokio::test]
async fn e8_anchor_a_host_that_shows_too_much_or_another_kind() {
    let office = Office::open().await;
    let (mut shop, path) = waiting(&office, "bank").await;
    let value = shop.get(&path).await.field("host-value").unwrap();
    for (file, said) in [
        (
            HostFile::Text(format!("{value}{}", " ".repeat(1024))),
            "The file is too long to be the value.",
        ),
        (HostFile::Page(value.clone()), "What comes is not plain text."),
        (HostFile::None, "There is no such file."),
    ] {
        office.verifier.told(|told| told.host_file = file);
        let text = look(&mut shop, &path).await;
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[tokio::test]
async fn nobody_has_the_host_of_another_looked_at_and_nobody_too_often() {
    let office = Office::open().await;
    let (mut shop, path) = waiting(&office, "bank").await;
    let mut other = office.applicant("Other Shop").await;
    let refused = other.submit("/portal/applications", &format!("{path}/host"), &[]).await;
    assert_eq!(refused.problem(), (404, "not_found".to_owned()));
    assert!(office.verifier.told(|told| told.looks.is_empty()));
    for _ in 0..20 {
        look(&mut shop, &path).await;
    }
    let refused = shop.submit(&path, &format!("{path}/host"), &[]).await;
    assert_eq!(refused.problem(), (429, "too_many_attempts".to_owned()));
    assert_eq!(office.verifier.told(|told| told.looks.len()), 20);
}

#[tokio::test]
async fn a_hosted_business_has_nothing_to_prove() {
    let office = Office::open().await;
    let mut shop = office.applicant("Corner Shop").await;
    let path = super::begin(&mut shop, "business").await;
    assert!(shop.get(&path).await.field("host-value").is_none());
    let refused = shop.submit(&path, &format!("{path}/host"), &[]).await;
    assert_eq!(refused.problem(), (404, "not_found".to_owned()));
}
