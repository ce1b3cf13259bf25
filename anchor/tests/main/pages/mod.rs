//! The pages of the ledger through their router: what they say, and that they say it safely.

mod browser;
mod hostile;
mod log;
mod many;
mod proof;
mod search;
mod services;
mod succession;
mod words;

use anchor::pack::PackFile;
use anchor::pages::{Directory, Host, Pages};
use axum::Router;
use did::identity::{OldKey, Organisation};
use ledger::{ListContent, Scope, UnverifiedTrustPack};
use service::TestClock;
use std::path::Path;
use std::sync::Arc;

use crate::fixtures::NOW;
use crate::mirror::{Setup, setup};

pub(super) const PERSON: &str = "urn:holdfast:vct:person-identification:1";
pub(super) const RESIDENCE: &str = "urn:holdfast:vct:residence:1";

/// Pages of a host, with everything listed that is published.
pub(super) async fn pages<H: Host>(host: H, folder: &Path, pack: Vec<u8>, now: u64) -> Router {
    let directory = Directory::open(folder).await.unwrap();
    directory.catch_up(&host).await.unwrap();
    let file = PackFile {
        pack: UnverifiedTrustPack::parse(&pack).unwrap().verify(None, NOW).unwrap(),
        bytes: pack,
    };
    let address = "http://log.localhost:7100/".parse().unwrap();
    Pages::new(host, directory, file, address, Arc::new(TestClock::at(now)))
        .unwrap()
        .router()
}

/// A mirror, and its pages at this time.
pub(super) struct Site {
    pub(super) setup: Setup,
    pub(super) router: Router,
}

impl Site {
    /// Publishes the ledger as it is, lets the mirror take it over and makes its pages.
    pub(super) async fn publish(mut setup: Setup, now: u64) -> Self {
        let note = setup.ledger.publish();
        setup.log.publish(&setup.ledger, &note);
        setup.mirror.refresh().await.unwrap();
        let pack = setup.ledger.trust_pack_file();
        let router = pages(setup.mirror.clone(), setup.folder.path(), pack, now).await;
        Self { setup, router }
    }
}

/// What a story leaves behind.
pub(super) struct Story {
    pub(super) site: Site,
    pub(super) agency: Organisation,
    pub(super) shop: Organisation,
    /// Has lost its accreditation and its registration, and has closed its record.
    pub(super) gone: Organisation,
}

pub(super) fn shop_scope(shop: &Organisation, name: &str) -> Scope {
    let mut purpose = testkit::purpose("age", PERSON, &["age_over_18"], &["portrait"]);
    purpose.text = ledger::Localized::english("Age check").unwrap();
    testkit::scope(shop.did(), name, &[[7; 32]], vec![purpose], NOW + 1_000_000)
}

/// A ledger on which every kind of entry was written at least once.
pub(super) async fn story() -> Story {
    let mut setup = setup().await;
    let ledger = &mut setup.ledger;
    let mut agency = ledger.create("population.example");
    ledger.accredit(&agency, "Population Office", &[PERSON]);
    let shop = ledger.create("shop.example");
    let scope = shop_scope(&shop, "Corner Shop");
    ledger.register(&scope, &shop);
    let mut gone = ledger.create("gone.example");
    ledger.publish();
    ledger.set_now(NOW + 60);
    ledger.accredit(&agency, "Population Office", &[PERSON, RESIDENCE]);
    ledger.rotate(&mut agency, OldKey::Keep);
    let mut wider = scope;
    wider.purposes[0].retention_days = 30;
    wider.purposes[0].rule = Some([9; 32]);
    wider.purposes[0].credentials[0]
        .needed
        .push(ledger::ClaimPath::names(&["family_name"]));
    ledger.register(&wider, &shop);
    let list = ListContent {
        uri: "https://population.example/status/1",
        bits: 1,
        bytes: &[0; 128],
    };
    ledger.snapshot(&agency, &[(list, b"token")]);
    ledger.accredit(&gone, "Former Office", &[RESIDENCE]);
    ledger.revoke_accreditation(&gone);
    ledger.register(&shop_scope(&gone, "Former Office"), &gone);
    ledger.revoke_registration(&gone);
    ledger.deactivate(&mut gone);
    let site = Site::publish(setup, NOW + 90).await;
    Story {
        site,
        agency,
        shop,
        gone,
    }
}
