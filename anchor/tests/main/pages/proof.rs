//! The proof that a page offers.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use did::identity::Organisation;
use ledger::UnverifiedBundle;
use testkit::Ledger;

use super::browser::open;
use super::story;
use super::words::path;

#[tokio::test]
async fn the_proof_proves_what_the_page_says_and_a_changed_byte_does_not() {
    let story = story().await;
    let pack = story.site.setup.ledger.trust_pack();
    let did = story.agency.did().as_str();
    let file = open(&story.site.router, &format!("{}/proof", path(did))).await;
    assert_eq!(file.status, 200);
    let disposition = file.header("content-disposition");
    assert!(
        disposition.starts_with("attachment; filename=\"holdfast-proof-population.example-at-"),
        "{disposition}"
    );
    assert!(disposition.ends_with(".cbor\""), "{disposition}");
    let proved = UnverifiedBundle::parse(&file.body).unwrap().verify(&pack, did).unwrap();
    assert_eq!(proved.record(), Some(story.site.setup.ledger.record(did)));
    assert!(proved.accreditation().is_some() && proved.did_line().is_some());
    let signatures = 200; // Where the checkpoint and its signatures are; a flipped signature of one
    // witness leaves a quorum, so what is flipped is the record behind them.
    let mut refused = 0;
    for place in (signatures..file.body.len()).step_by(97) {
        let mut changed = file.body.clone();
        changed[place] ^= 1;
        let proved = UnverifiedBundle::parse(&changed).and_then(|bundle| bundle.verify(&pack, did));
        match proved {
            Err(_) => refused += 1,
            Ok(proved) => assert_eq!(proved.record(), Some(story.site.setup.ledger.record(did)), "{place}"),
        }
    }
    assert!(refused > 5, "{refused}");
}

#[tokio::test]
async fn that_there_is_no_such_organisation_is_proved_too() {
    let story = story().await;
    let did = nobody(&story.agency);
    let did = did.as_str();
    let page = open(&story.site.router, &path(did)).await;
    page.check("absent");
    assert!(
        page.text()
            .contains(&format!("There is no record of {did} on this ledger."))
    );
    let file = open(&story.site.router, &format!("{}/proof", path(did))).await;
    let pack = story.site.setup.ledger.trust_pack();
    let proved = UnverifiedBundle::parse(&file.body).unwrap().verify(&pack, did).unwrap();
    assert_eq!(proved.record(), None);
}

/// A DID that is well formed and of nobody.
pub(super) fn nobody(other: &Organisation) -> String {
    let (name, _) = other.did().as_str().rsplit_once(':').unwrap();
    format!("{name}:nobody.example")
}

#[tokio::test]
async fn the_trust_pack_can_be_downloaded() {
    let story = story().await;
    let file = open(&story.site.router, "/about/trust-pack.json").await;
    assert_eq!(file.body, story.site.setup.ledger.trust_pack_file());
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"trust-pack.json\""
    );
}

pub(super) fn verify(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_holdfast-anchor"))
        .args(["verify-bundle", "proof.cbor", "--trust-pack", "pack.json"])
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap();
    let said = String::from_utf8([stdout, stderr].concat()).unwrap();
    (status.code(), said)
}

#[test]
fn the_command_says_what_a_proof_proves() {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (folder, mut ledger) = (tempfile::tempdir().unwrap(), Ledger::new(now));
    let shop = ledger.create("shop.example");
    let mut scope = super::shop_scope(&shop, "Corner Shop");
    scope.valid_until = now + 1000;
    ledger.register(&scope, &shop);
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("pack.json", &ledger.trust_pack_file());
    let proof = ledger.bundle(shop.did().as_str());
    write("proof.cbor", &proof);
    let (status, said) = verify(folder.path(), &[]);
    assert_eq!(status, Some(0), "{said}");
    for words in [
        format!("proved for      {}", shop.did()),
        "name            Corner Shop".to_owned(),
        "may issue       nothing".to_owned(),
        "may ask         for age: needed [[\"age_over_18\"]], optional [[\"portrait\"]], kept 0 days".to_owned(),
    ] {
        assert!(said.contains(&words), "{words}\n{said}");
    }
    let (status, said) = verify(folder.path(), &["--did", "did:webvh:QmX:other.example"]);
    assert_eq!(status, Some(1), "{said}");
    let mut changed = proof;
    let last = changed.len() - 1;
    changed[last] ^= 1;
    write("proof.cbor", &changed);
    let (status, said) = verify(folder.path(), &[]);
    assert_eq!((status, said.lines().count()), (Some(1), 1), "{said}");
    write("proof.cbor", &ledger.lean_bundle("did:webvh:QmX:nobody.example"));
    assert_eq!(verify(folder.path(), &[]).0, Some(1));
    let (status, said) = verify(folder.path(), &["--did", "did:webvh:QmX:nobody.example"]);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("there is no such organisation on this log"), "{said}");
}
