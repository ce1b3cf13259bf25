//! The command `holdfast-anchor verify` itself.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use receipt::complaint::Complaint;
use tempfile::TempDir;
use testkit::Ledger;
use testkit::asking::Shop;

use crate::audit::export;

/// The folder of an export, with the trust pack beside it, as of now: a pack expires.
fn setup() -> (TempDir, Ledger) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (folder, mut ledger) = (tempfile::tempdir().unwrap(), Ledger::new(now));
    let agency = ledger.create("agency.example");
    ledger.accredit(&agency, "Agency", &["urn:holdfast:vct:residence:1"]);
    export(&mut ledger, &folder.path().join("log"));
    fs::write(folder.path().join("pack.json"), ledger.trust_pack_file()).unwrap();
    (folder, ledger)
}

fn verify(folder: &Path) -> Output {
    run(folder, "verify", "log")
}

fn run(folder: &Path, command: &str, what: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_holdfast-anchor"))
        .args([command, what, "--trust-pack", "pack.json"])
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap()
}

/// What is said when something does not hold: one line.
fn fails(folder: &Path) -> String {
    let output = verify(folder);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    said
}

#[test]
fn prints_what_it_found() {
    let (folder, ledger) = setup();
    let output = verify(folder.path());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let size = ledger.entries().len();
    for line in [
        format!("entries        {size}"),
        "organisations  2 (1 accredited, 0 relying parties, 0 deactivated)".to_owned(),
        "everything holds".to_owned(),
    ] {
        assert!(said.contains(&line), "{said}");
    }
}

#[test]
fn names_the_first_thing_that_does_not_hold() {
    let (folder, ledger) = setup();
    let blob = format!("blob/{}", hex::encode(ledger::BlobRef::of(&ledger.entries()[0].1).hash));
    fs::remove_file(folder.path().join("log").join(&blob)).unwrap();
    assert_eq!(fails(folder.path()), format!("holdfast-anchor: {blob} is not there\n"));
    fs::write(folder.path().join("log/checkpoint"), "x\n").unwrap();
    assert!(fails(folder.path()).starts_with("holdfast-anchor: checkpoint: "));
    fs::write(folder.path().join("pack.json"), "{}").unwrap();
    assert!(fails(folder.path()).starts_with("holdfast-anchor: trust_pack: "));
}

#[test]
fn an_entry_that_breaks_a_rule_is_named() {
    let (folder, mut ledger) = setup();
    let number = ledger.entries().len();
    let did = ledger.registrar().did().to_string();
    let leaf = ledger.next_leaf(ledger::Kind::StatusSnapshot, &did, b"{}".to_vec());
    assert!(ledger.try_write(&leaf.proved_by_payload()).is_err());
    export(&mut ledger, &folder.path().join("log"));
    assert!(fails(folder.path()).starts_with(&format!("holdfast-anchor: entry {number}: rejected: ")));
}

#[test]
fn k14_anchor_evidence_of_two_histories_is_checked_without_a_network() {
    let (folder, ledger) = setup();
    let pack = ledger.trust_pack();
    let face = |byte: u8| ledger.signed_landmark(9, [byte; 32].into()).verify(&pack).unwrap();
    let evidence = ledger::SplitEvidence::of_one_size(&face(1), &face(2)).unwrap();
    let mut bytes = evidence.encode();
    fs::write(folder.path().join("evidence"), &bytes).unwrap();
    let output = run(folder.path(), "verify-evidence", "evidence");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    for line in [
        format!("9 entries, root {}", hex::encode([1; 32])),
        format!("9 entries, root {}", hex::encode([2; 32])),
        "one size has one root".to_owned(),
    ] {
        assert!(said.contains(&line), "{said}");
    }
    // A signature that is not the log's.
    let last = bytes.len() - 3;
    bytes[last] ^= 1;
    fs::write(folder.path().join("evidence"), &bytes).unwrap();
    let output = run(folder.path(), "verify-evidence", "evidence");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .starts_with("holdfast-anchor: ")
    );
}

#[test]
fn f18_anchor_a_complaint_is_checked_without_a_network() {
    let (folder, mut ledger) = setup();
    let (shop, asked_at) = (Shop::new(&mut ledger), ledger.now());
    shop.register(&mut ledger, &["age_over_18"], asked_at + 1000);
    let request = shop.request(&mut ledger, &["age_over_18", "birth_date"]);
    let complaint = Complaint {
        request: shop.sign(&request),
        after: shop.bundle(&mut ledger),
    };
    let mut bytes = complaint.encode();
    fs::write(folder.path().join("complaint"), &bytes).unwrap();
    let output = run(folder.path(), "verify-complaint", "complaint");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    for line in [
        format!("complaint about {}", shop.organisation.did()),
        "name            Corner Shop".to_owned(),
        "may not ask     birth_date of urn:holdfast:vct:person-identification:1".to_owned(),
    ] {
        assert!(said.contains(&line), "{said}");
    }
    let last = bytes.len() - 3;
    bytes[last] ^= 1;
    fs::write(folder.path().join("complaint"), &bytes).unwrap();
    let output = run(folder.path(), "verify-complaint", "complaint");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "holdfast-anchor: the complaint was damaged or changed\n");
}
