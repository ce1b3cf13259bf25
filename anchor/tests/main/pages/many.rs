//! Long lists: paged, and fast.

use std::time::Instant;

use ledger::{Accreditation, AccreditedType, Kind, LeafBuilder, Localized};

use super::browser::open;
use super::hostile::Shelf;
use super::{PERSON, shop_scope};
use crate::fixtures::NOW;

/// So many agencies, and as many businesses.
const EACH: usize = 5_000;

fn did(number: usize) -> String {
    format!("did:webvh:QmX:o{number}.example")
}

/// Ten thousand organisations, every second an agency.
fn crowd() -> Shelf {
    let shelf = Shelf::default();
    let mut random = |out: &mut [u8]| out.fill(3);
    let one = did::identity::Organisation::create("one.example", NOW, &mut random).unwrap();
    let scope = shop_scope(&one, "Shop");
    for number in 0..2 * EACH {
        let (did, name) = (did(number), format!("Organisation {number:05}"));
        shelf.put(&LeafBuilder::new(Kind::DidCreate, &did, None, b"{}".to_vec()).proved_by_payload());
        let (kind, payload) = if number % 2 == 0 {
            let accreditation = Accreditation {
                name: Localized::english(&name).unwrap(),
                subject: did.parse().unwrap(),
                succeeds: None,
                types: vec![AccreditedType {
                    until: NOW * 2,
                    vct: PERSON.to_owned(),
                }],
            };
            (Kind::AccreditationGrant, accreditation.encode().unwrap())
        } else {
            let mut scope = scope.clone();
            scope.name = Localized::english(&name).unwrap();
            (Kind::RelyingPartyRegister, scope.encode().unwrap())
        };
        shelf.put(&LeafBuilder::new(kind, &did, None, payload).proved_by_payload());
    }
    shelf
}

#[tokio::test]
async fn ten_thousand_organisations_are_paged_and_every_page_is_fast() {
    let shelf = crowd();
    let started = Instant::now();
    let router = shelf.router().await;
    println!("{} entries listed in {:?}", 4 * EACH, started.elapsed());
    for (path, first) in [
        ("/organisations?list=all", "Organisation 00000"),
        ("/organisations?list=businesses", "Organisation 00001"),
        (&format!("/organisations?type={PERSON}"), "Organisation 00000"),
    ] {
        let mut next = Some(path.to_owned());
        let mut found = 0;
        let mut slowest = std::time::Duration::ZERO;
        let mut pages = 0;
        while let Some(path) = next.take().filter(|_| pages < 12) {
            let started = Instant::now();
            let page = open(&router, &path).await;
            slowest = slowest.max(started.elapsed());
            page.check(&path);
            assert!(pages > 0 || page.text().contains(first), "{path}");
            found += page.html().matches("<bdi>Organisation ").count();
            pages += 1;
            let after = |link: &String| link.contains("after=");
            let last = page
                .links()
                .into_iter()
                .filter(|link| !link.contains("lang="))
                .find(after);
            next = last;
        }
        println!("{path}: slowest page {slowest:?}");
        assert_eq!((pages, found), (12, 600), "{path}");
        assert!(slowest.as_millis() < 1000, "{path}: {slowest:?}");
    }
    for path in ["/", "/entries", "/entries?before=10000", "/organisations"] {
        let started = Instant::now();
        open(&router, path).await.check(path);
        println!("{path}: {:?}", started.elapsed());
        assert!(started.elapsed().as_millis() < 1000, "{path}");
    }
}
