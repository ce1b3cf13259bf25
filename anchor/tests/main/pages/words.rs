//! What the pages say, in three languages.

use std::collections::BTreeSet;

use ledger::{EcosystemLink, Kind, LeafBuilder, fingerprint};
use testkit::ledger::signed_by;
use testkit::objects;

use super::browser::{open, open_as};
use super::hostile::Shelf;
use super::{Site, shop_scope, story};
use crate::fixtures::NOW;
use crate::mirror::setup;

#[tokio::test]
async fn l12_anchor_every_page_that_a_link_leads_to_is_one_under_a_strict_policy() {
    let story = story().await;
    for language in ["en", "de", "fr"] {
        let mut open_links = vec![format!("/?lang={language}")];
        let mut seen: BTreeSet<String> = open_links.iter().cloned().collect();
        while let Some(path) = open_links.pop() {
            let page = open(&story.site.router, &path).await;
            assert_eq!(page.status, 200, "{path}");
            if !page.header("content-type").starts_with("text/html") {
                continue;
            }
            page.check(&path);
            assert!(page.html().contains(&format!("<html lang=\"{language}\"")), "{path}");
            let follows = |link: &String| {
                // The read API is not these pages'; other languages have their own round.
                let is_page = ["/entries", "/organisations", "/services", "/about", "/assets", "/?"]
                    .iter()
                    .any(|start| link.starts_with(start));
                is_page && (!link.contains("lang=") || link.contains(&format!("lang={language}")))
            };
            for link in page.links().into_iter().filter(follows) {
                if seen.insert(link.clone()) {
                    open_links.push(link);
                }
            }
        }
        assert!(seen.len() > 30, "{language}: {}", seen.len());
    }
}

#[tokio::test]
async fn the_page_about_the_ledger_shows_how_a_wallet_takes_the_ecosystem() {
    let story = story().await;
    let pack = story.site.setup.ledger.trust_pack();
    let place = "http://log.localhost:7100/about/trust-pack.json".parse().unwrap();
    let link = EcosystemLink::new(place, pack.sha256()).unwrap().to_string();
    let page = open(&story.site.router, "/about").await;
    page.check("/about");
    let text = page.text();
    assert!(text.contains(&fingerprint(&pack.sha256())), "{text}");
    assert!(text.contains(&link), "{text}");
    assert!(page.html().contains(&service::qr_svg(&link).unwrap()));
}

#[tokio::test]
async fn entries_are_told_in_plain_words() {
    let story = story().await;
    let text = open(&story.site.router, "/entries").await.text();
    for sentence in [
        "The rules of this ledger were set, version 1.",
        "registrar.localhost was entered as a registrar.",
        "The registrar entered Population Office.",
        "The registrar accredited Population Office for Person identification.",
        "The registrar accredited Population Office for Person identification and Residence.",
        "Corner Shop may now ask: 18 or older, for “Age check”, not kept.",
        "What Corner Shop may ask was changed. It is now: 18 or older and Family name, for “Age check”, kept for 30 days.",
        "Population Office changed its keys.",
        "Population Office recorded the state of its cards (1 list).",
        "The registrar ended the accreditation of Former Office: its task came to an end.",
        "Former Office may not ask for anything any more: its task came to an end.",
        "Former Office closed its record. None of its keys counts any more.",
        "The log sealed the state after",
        "20 November 2025, 00:01 UTC",
    ] {
        assert!(text.contains(sentence), "{sentence}\n{text}");
    }
}

#[tokio::test]
async fn every_kind_has_words_in_every_language() {
    let shelf = Shelf::default();
    for kind in Kind::ALL {
        let leaf = LeafBuilder::new(kind, "did:webvh:QmX:one.example", None, b"{}".to_vec());
        shelf.put(&leaf.proved_by_payload());
    }
    let router = shelf.router().await;
    for language in ["en", "de", "fr"] {
        let list = open_as(&router, "/entries", "text/html", language).await;
        list.check("/entries");
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            let page = open_as(&router, &format!("/entries/{number}"), "text/html", language).await;
            assert_eq!(page.status, 200, "{kind}");
            assert!(!page.text().contains("kind."), "{kind}");
            assert!(!page.text().contains("event."), "{kind}");
        }
    }
}

#[tokio::test]
async fn a_language_is_chosen_by_link_or_by_the_browser() {
    let story = story().await;
    let title = async |path: &str, language: &str| {
        let page = open_as(&story.site.router, path, "text/html", language).await;
        page.html()
            .split("<h1>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        title("/", "de-CH,de;q=0.9").await,
        "Ein Spiegel des öffentlichen Registers"
    );
    assert_eq!(title("/?lang=fr", "de").await, "Un miroir du registre public");
    assert_eq!(title("/?lang=xx", "it").await, "A mirror of the public ledger");
    let page = open(&story.site.router, "/?lang=fr").await;
    assert!(page.links().contains(&"/entries?lang=fr".to_owned()));
    assert!(page.header("set-cookie").is_empty());
}

#[tokio::test]
async fn organisations_are_listed_by_what_they_may_do() {
    let story = story().await;
    let text = open(&story.site.router, "/organisations").await.text();
    for words in [
        "Person identification Who may issue what Office Since Until Population Office 20 November 2025 20 November 2026",
        "Residence Who may issue what Office Since Until Population Office",
        "Corner Shop May ask: 18 or older and Family name, for “Age check”, kept for 30 days.",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!text.contains("Former Office"), "{text}");
    let all = open(&story.site.router, "/organisations?list=all").await.text();
    assert!(all.contains("Former Office Closed"), "{all}");
    assert!(all.contains("registrar.localhost"), "{all}");
}

#[tokio::test]
async fn a_record_is_told_with_its_history_and_every_change() {
    let story = story().await;
    let page = open(&story.site.router, &path(story.shop.did().as_str())).await;
    page.check("shop");
    let text = page.text();
    for words in [
        "Corner Shop May ask",
        "Needed 18 or older and Family name",
        "May be left out Portrait",
        "Afterwards kept for 30 days",
        "Where Over the internet",
        "Privacy policy https://business.example/privacy",
        "It may ask more than before. Never asked before: Family name. Age check: Family name is asked as well.",
        "Age check: kept for 30 days, before that not kept.",
        "Age check: the rule that decides is another.",
        "This is the newest state, as of 20 November 2025, 00:01 UTC (30 seconds ago)",
        "#assert-1 signs cards, lists and requests ES256",
        "#ledger-1 writes to this ledger EdDSA",
        "holdfast-anchor verify-bundle holdfast-proof-shop.example-at-",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let text = open(&story.site.router, &path(story.agency.did().as_str()))
        .await
        .text();
    for words in [
        "Residence 20 November 2025",
        "New: Residence, until 20 November 2026.",
        "New key #assert-2.",
        "State of its cards 20 November 2025, 00:01 UTC",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    let text = open(&story.site.router, &path(story.gone.did().as_str())).await.text();
    for words in [
        "Closed",
        "May neither issue nor ask",
        "The record is closed. No key counts any more.",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[tokio::test]
async fn an_entry_tells_its_fields_and_what_it_changed() {
    let story = story().await;
    let list = open(&story.site.router, "/entries").await;
    let number = list
        .html()
        .split("What <a")
        .nth(1)
        .unwrap()
        .split("href=\"/entries/")
        .nth(1)
        .unwrap();
    let number = number.split('"').next().unwrap();
    let page = open(&story.site.router, &format!("/entries/{number}")).await;
    page.check("/entries/");
    let text = page.text();
    for words in [
        "In force from this entry on",
        "What changed It may ask more than before. Never asked before: Family name. Age check: Family name is asked as well.",
        "Kind Change of a registration (8)",
        "Place in its chain 1",
        "Continues Entry",
        "Written by A registrar",
        "Download (",
        "\"retention_days\":30",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(page.links().iter().any(|link| link.starts_with("/blob/")));
}

#[tokio::test]
async fn an_empty_ledger_says_so() {
    let mut setup = setup().await;
    let nobody = super::proof::nobody(&setup.ledger.create("one.example"));
    let pack = setup.ledger.trust_pack_file();
    let router = super::pages(setup.mirror.clone(), setup.folder.path(), pack, NOW).await;
    let home = open(&router, "/").await;
    home.check("/");
    let text = home.text();
    assert!(
        text.contains("Nothing has been confirmed yet, so nothing is shown."),
        "{text}"
    );
    assert!(text.contains("May be out of date"), "{text}");
    for (path, words) in [
        ("/entries", "There are no entries to show yet."),
        ("/organisations", "No office is accredited at this time."),
        ("/organisations", "No business is registered at this time."),
        (
            "/organisations?list=all",
            "There is no organisation on this ledger yet.",
        ),
        ("/about", "The rules are not listed yet."),
    ] {
        let page = open(&router, path).await;
        page.check(path);
        assert!(page.text().contains(words), "{path}: {}", page.text());
    }
    let page = open(&router, &path(&nobody)).await;
    assert_eq!(page.status, 503);
    assert!(
        page.text().contains("Nothing has been confirmed yet"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_type_that_nobody_here_knows_is_shown_as_it_is() {
    let mut setup = setup().await;
    let agency = setup.ledger.create("library.example");
    setup.ledger.accredit(&agency, "Library", &["urn:example:library-card"]);
    let shop = setup.ledger.create("shop.example");
    let mut scope = shop_scope(&shop, "Shop");
    scope.purposes[0].credentials[0].vct_values = vec!["urn:example:library-card".to_owned()];
    scope.purposes[0].credentials[0].needed = vec![ledger::ClaimPath(vec![
        ledger::PathElement::Name("loans".to_owned()),
        ledger::PathElement::Every,
        ledger::PathElement::Index(0),
    ])];
    setup.ledger.register(&scope, &shop);
    let site = Site::publish(setup, NOW).await;
    let text = open(&site.router, "/organisations").await.text();
    assert!(text.contains("urn:example:library-card"), "{text}");
    assert!(text.contains("May ask: loans › * › 0, for"), "{text}");
}

#[tokio::test]
async fn an_alternative_that_is_none_any_more_is_told_to_whoever_chose_it() {
    let mut setup = setup().await;
    let shop = setup.ledger.create("shop.example");
    let mut scope = shop_scope(&shop, "Corner Shop");
    let claim = |name| ledger::ClaimPath::names(&[name]);
    let card = &mut scope.purposes[0].credentials[0];
    card.needed.clear();
    card.optional = ["age_over_18", "birth_date", "family_name", "given_name"].map(claim).to_vec();
    let sets = [
        ["age_over_18", "birth_date"],
        ["family_name", "given_name"],
        ["age_over_18", "family_name"],
    ];
    card.claim_sets = sets.map(|set| set.map(claim).to_vec()).to_vec();
    setup.ledger.register(&scope, &shop);
    scope.purposes[0].credentials[0].claim_sets.pop();
    setup.ledger.register(&scope, &shop);
    let site = Site::publish(setup, NOW).await;
    let text = open(&site.router, &path(shop.did().as_str())).await.text();
    for words in [
        "It may ask more than before. Age check: one of these is enough now: 18 or older and Date of birth, or Family name and Given name.",
        "Age check: 18 or older and Family name is not enough any more.",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
}

#[tokio::test]
async fn what_organisations_publish_is_told_in_plain_words() {
    let mut setup = setup().await;
    let agency = setup.ledger.create("library.example");
    setup.ledger.accredit(&agency, "Library", &["urn:example:library-card"]);
    let (rule, document) = (objects::rule(agency.did()), objects::document(agency.did(), 1, None));
    for (kind, subject, payload) in [
        (Kind::RulePublish, &rule.subject, rule.encode().unwrap()),
        (Kind::RuleSupersede, &rule.subject, rule.encode().unwrap()),
        (Kind::Document, &document.subject, document.encode().unwrap()),
    ] {
        let leaf = setup.ledger.next_object_leaf(kind, subject, payload);
        setup.ledger.write(&signed_by(&agency, leaf));
    }
    let actions = objects::audit_snapshot(agency.did(), NOW - 3600, NOW, 5);
    let did = agency.did().as_str();
    let leaf = setup
        .ledger
        .next_leaf(Kind::AuditSnapshot, did, actions.encode().unwrap());
    setup.ledger.write(&signed_by(&agency, leaf));
    let site = Site::publish(setup, NOW).await;
    let list = open(&site.router, "/entries").await;
    list.check("/entries");
    for sentence in [
        "Library published the rule 18 or older.",
        "Library published a new version of the rule 18 or older.",
        "Library recorded the document Fees.",
        "Library sealed what its officials did until",
    ] {
        assert!(list.text().contains(sentence), "{sentence}\n{}", list.text());
    }
}

#[tokio::test]
async fn a_mirror_that_cannot_follow_says_that_the_log_may_be_ahead() {
    let story = story().await;
    let site = &story.site;
    assert!(open(&site.router, "/").await.text().contains("All is well"));
    site.setup
        .log
        .change(|content| content.note = Some("no checkpoint".to_owned()));
    assert!(site.setup.mirror.refresh().await.is_err());
    let text = open(&site.router, "/").await.text();
    assert!(
        text.contains("The log may have newer entries than those shown here."),
        "{text}"
    );
    assert!(text.contains("Population Office"), "what it has stays: {text}");
}

/// The page of an organisation.
pub(super) fn path(did: &str) -> String {
    format!("/organisations/{}", did.replace('%', "%25"))
}
