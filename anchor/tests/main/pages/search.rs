//! What is found on the ledger, and the proof of an entry.

use ledger::{BlobRef, Kind, Leaf, Localized};
use tlog::{TransparencyProof, leaf_hash};

use super::browser::{open, open_as};
use super::words::path;
use super::{PERSON, Site, shop_scope, story};
use crate::fixtures::NOW;
use crate::mirror::setup;

fn search(text: &str) -> String {
    let query: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    format!("/search?q={query}")
}

#[tokio::test]
async fn an_organisation_is_found_by_what_it_is_called_anywhere() {
    let story = story().await;
    let did = story.shop.did().as_str();
    for text in ["Corner Shop", "corner", "SHO corn", "shop.example", did] {
        let page = open(&story.site.router, &search(text)).await;
        page.check("/search");
        assert!(page.links().contains(&path(did)), "{text}: {}", page.text());
        assert!(!page.text().contains("Population Office"), "{text}");
    }
    // A beginning of a word, not any part of it.
    let page = open(&story.site.router, &search("orner")).await;
    assert!(!page.links().contains(&path(did)), "{}", page.text());
}

#[tokio::test]
async fn a_name_is_found_in_every_language_and_the_old_one_no_more() {
    let mut setup = setup().await;
    let office = setup.ledger.create("office.example");
    setup.ledger.accredit(&office, "Forest Office", &[PERSON]);
    let shop = setup.ledger.create("shop.example");
    let mut scope = shop_scope(&shop, "Old Name");
    setup.ledger.register(&scope, &shop);
    let names = [("en", "New Name"), ("de", "Bürgerladen Süd")];
    let names = names.map(|(language, name)| (language.to_owned(), name.to_owned()));
    scope.name = Localized::new(names.into()).unwrap();
    setup.ledger.register(&scope, &shop);
    let site = Site::publish(setup, NOW).await;
    let there = path(shop.did().as_str());
    for (text, is_found) in [("new", true), ("bürgerladen", true), ("SÜD", true), ("old", false)] {
        let page = open(&site.router, &search(text)).await;
        assert_eq!(page.links().contains(&there), is_found, "{text}");
    }
}

#[tokio::test]
async fn an_entry_is_found_by_number_and_by_fingerprint() {
    let story = story().await;
    let entries = story.site.setup.ledger.entries();
    let (number, (leaf, payload)) = entries
        .iter()
        .enumerate()
        .find(|(_, (leaf, _))| Leaf::parse(leaf).unwrap().kind == Kind::RelyingPartyUpdate)
        .unwrap();
    for text in [
        number.to_string(),
        hex::encode(leaf_hash(leaf).as_bytes()),
        hex::encode(BlobRef::of(payload).hash),
    ] {
        let page = open(&story.site.router, &search(&text)).await;
        assert!(
            page.links().contains(&format!("/entries/{number}")),
            "{text}: {}",
            page.text()
        );
    }
}

#[tokio::test]
async fn that_nothing_is_found_is_said_plainly_in_every_language() {
    let story = story().await;
    for (language, words) in [
        ("en", "Nothing on this ledger has the name"),
        ("de", "Nichts in diesem Register hat den Namen"),
        ("fr", "Rien dans ce registre ne porte le nom"),
    ] {
        for text in [
            "nobody at all".to_owned(),
            "999999".to_owned(),
            "0".repeat(64),
            "did:webvh:QmX:nobody.example".to_owned(),
            "%_' OR 1=1 --".to_owned(),
            "<b>".to_owned(),
        ] {
            let page = open_as(&story.site.router, &search(&text), "text/html", language).await;
            page.check("/search");
            assert_eq!(page.status, 200);
            assert!(page.text().contains(words), "{text}: {}", page.text());
        }
    }
    let page = open(&story.site.router, "/search?lang=de").await;
    page.check("/search");
    assert!(page.html().contains("name=\"lang\" value=\"de\""), "{}", page.html());
    assert!(
        !page.text().contains("Nichts in diesem Register"),
        "nothing was asked yet"
    );
}

#[tokio::test]
async fn a_search_that_is_too_long_is_refused() {
    let story = story().await;
    let page = open_as(&story.site.router, &search(&"x".repeat(513)), "*/*", "en").await;
    assert_eq!(page.status, 400);
    assert!(page.html().contains("invalid_request"));
}

#[tokio::test]
async fn the_proof_of_an_entry_proves_it_and_no_other() {
    let story = story().await;
    let ledger = &story.site.setup.ledger;
    let (number, other) = (3, 4);
    let file = open(&story.site.router, &format!("/entries/{number}/proof")).await;
    assert_eq!(file.status, 200);
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"holdfast-entry-3.tlog-proof\""
    );
    let proof = TransparencyProof::parse(&file.body).unwrap();
    let leaf = |number: usize| ledger.entries()[number].0.clone();
    assert_eq!(proof.extra.as_ref(), Some(&leaf(number)));
    let pack = ledger.trust_pack();
    let proved = proof.clone().verify(&leaf_hash(&leaf(number)), pack.policy()).unwrap();
    assert_eq!(proved.index(), number as u64);
    assert!(proof.verify(&leaf_hash(&leaf(other)), pack.policy()).is_err());
    let page = open(&story.site.router, "/entries/3").await;
    assert!(page.links().contains(&"/entries/3/proof".to_owned()));
    for (path, status) in [("/entries/999999/proof", 404), ("/entries/three/proof", 400)] {
        assert_eq!(open(&story.site.router, path).await.status, status, "{path}");
    }
}
