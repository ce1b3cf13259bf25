//! An agency that goes on for one that lost its keys: what the page and the command say of it.

use std::time::{SystemTime, UNIX_EPOCH};

use did::identity::Organisation;
use ledger::{Accreditation, AccreditedType, Kind, Localized};
use testkit::Ledger;
use testkit::ledger::signed_by_both;

use super::browser::open;
use super::proof::verify;
use super::words::path;
use super::{PERSON, Site};
use crate::fixtures::NOW;
use crate::mirror::setup;

/// Two registrars let an agency go on for one that lost its keys: the old one and the new one.
fn succeed(ledger: &mut Ledger) -> (Organisation, Organisation) {
    let old = ledger.create("lost.example");
    ledger.accredit(&old, "Population Office", &[PERSON]);
    let new = ledger.create("again.example");
    let second = ledger.second_registrar();
    ledger.publish();
    let grant = Accreditation {
        name: Localized::english("Population Office").unwrap(),
        subject: new.did().clone(),
        succeeds: Some(old.did().clone()),
        types: vec![AccreditedType {
            until: ledger.now() + 1_000_000,
            vct: PERSON.to_owned(),
        }],
    };
    let did = new.did().as_str();
    let leaf = ledger.next_leaf(Kind::AccreditationGrant, did, grant.encode().unwrap());
    let submission = signed_by_both(ledger.registrar(), &second, leaf);
    ledger.write(&submission);
    (old, new)
}

#[tokio::test]
async fn the_page_says_for_whom_an_agency_goes_on_and_from_when() {
    let mut setup = setup().await;
    let (old, new) = succeed(&mut setup.ledger);
    let site = Site::publish(setup, NOW + 90).await;
    let address = path(new.did().as_str());
    let page = open(&site.router, &address).await;
    page.check(&address);
    let said = page.text();
    assert!(said.contains("Goes on for") && said.contains("lost.example"), "{said}");
    assert!(said.contains("Counts from"), "{said}");
    // 72 hours after the map head before it.
    assert!(page.html().contains("datetime=\"2025-11-23T00:00:00Z\""), "{said}");
    let page = open(&site.router, &path(old.did().as_str())).await;
    assert!(!page.text().contains("Goes on for"));
}

#[test]
fn the_command_says_for_whom_an_agency_goes_on_and_from_when() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (folder, mut ledger) = (tempfile::tempdir().unwrap(), Ledger::new(now));
    let (old, new) = succeed(&mut ledger);
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("pack.json", &ledger.trust_pack_file());
    write("proof.cbor", &ledger.bundle(new.did().as_str()));
    let (status, said) = verify(folder.path(), &[]);
    assert_eq!(status, Some(0), "{said}");
    let words = format!("goes on for     {}, counts from ", old.did());
    assert!(said.contains(&words), "{words}\n{said}");
}
