//! `/services`: who is competent for what, with everything that is published of it, in three languages.

use ledger::{Family, Localized, Service};
use std::collections::BTreeMap;
use testkit::objects;

use super::browser::open;
use super::{PERSON, Site};
use crate::fixtures::NOW;
use crate::mirror::{Setup, setup};

fn in_three_languages(en: &str, de: &str, fr: &str) -> Localized {
    let texts = [("en", en), ("de", de), ("fr", fr)];
    let texts = texts.map(|(language, text)| (language.to_owned(), text.to_owned()));
    Localized::new(BTreeMap::from(texts)).unwrap()
}

fn publish(setup: &mut Setup, owner: &did::identity::Organisation, service: &Service) {
    let payload = service.encode().unwrap();
    setup
        .ledger
        .publish_object(owner, Family::Service, &service.subject, payload);
}

/// An agency with a service that was published and then changed, and a shop that offers one too.
async fn site() -> Site {
    let mut setup = setup().await;
    let agency = setup.ledger.create("housing.example");
    setup.ledger.accredit(&agency, "Housing Office", &[PERSON]);
    let mut service = objects::service(agency.did());
    publish(&mut setup, &agency, &service);
    service.name = in_three_languages("Rent support", "Mietzuschuss", "Aide au logement");
    service.page = Some("https://housing.example/apply".to_owned());
    publish(&mut setup, &agency, &service);
    let shop = setup.ledger.create("shop.example");
    let mut other = objects::service(shop.did());
    other.fee = None;
    other.until = Some(NOW - 1);
    publish(&mut setup, &shop, &other);
    Site::publish(setup, NOW).await
}

#[tokio::test]
async fn who_is_competent_for_what_is_listed_with_all_there_is_to_know() {
    let site = site().await;
    let page = open(&site.router, "/services").await;
    page.check("/services");
    let text = page.text();
    for words in [
        "Services: who is competent for what",
        "Housing Office",
        "Rent support",
        "Money for rent.",
        "Who decides housing.example",
        "Housing Act of 18.06.2009",
        "https://law.example/housing",
        "Fee 15.00 EUR",
        "Answer within 30 days",
        "https://housing.example/apply",
        "https://agency.example/complaints",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    for (language, words) in [("de", "Mietzuschuss"), ("fr", "Aide au logement")] {
        let text = open(&site.router, &format!("/services?lang={language}")).await.text();
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[tokio::test]
async fn what_is_no_agencys_or_over_is_marked() {
    let site = site().await;
    let text = open(&site.router, "/services").await.text();
    let (_, shop) = text.split_once("shop.example").unwrap();
    for words in [
        "Not an accredited office: wallets do not show its services",
        "No longer offered",
        "Fee Nothing",
    ] {
        assert!(shop.contains(words), "{words}\n{text}");
    }
    let agency = text.split("Housing Office").nth(1).unwrap();
    let agency = agency.split("shop.example").next().unwrap();
    assert!(!agency.contains("Not an accredited office"), "{agency}");
}

#[tokio::test]
async fn the_list_of_services_goes_on_on_the_next_page() {
    let mut setup = setup().await;
    let agency = setup.ledger.create("housing.example");
    setup.ledger.accredit(&agency, "Housing Office", &[PERSON]);
    let service = objects::service(agency.did());
    for number in 100..151 {
        let mut one = service.clone();
        one.subject = objects::subject(Family::Service, agency.did(), &format!("service-{number}"));
        one.name = Localized::english(&format!("Service {number}")).unwrap();
        publish(&mut setup, &agency, &one);
    }
    let site = Site::publish(setup, NOW).await;
    let first = open(&site.router, "/services").await;
    assert!(first.text().contains("Service 149") && !first.text().contains("Service 150"));
    let next = first.links().into_iter().find(|link| link.contains("after=")).unwrap();
    let text = open(&site.router, &next).await.text();
    assert!(text.contains("Service 150") && !text.contains("Service 149"), "{text}");
}

#[tokio::test]
async fn without_services_the_page_says_so() {
    let site = Site::publish(setup().await, NOW).await;
    let page = open(&site.router, "/services").await;
    page.check("/services");
    assert!(page.text().contains("No service has been published yet."));
}
