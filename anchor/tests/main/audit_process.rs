//! The command `holdfast-anchor verify` itself.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{SystemTime, UNIX_EPOCH};

use ledger::{Landmark, UnverifiedBundle, UnverifiedLandmark};
use receipt::complaint::Complaint;
use receipt::{Contradiction, LandmarkName, Receipt, RequestHash, Salt, Verdict};
use tempfile::TempDir;
use testkit::Ledger;
use testkit::asking::Shop;
use testkit::credential::{random, signer};

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
    run_with(folder, &[command, what])
}

fn run_with(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_holdfast-anchor"))
        .args(arguments)
        .args(["--trust-pack", "pack.json"])
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
fn the_state_is_kept_and_begun_anew_only_when_asked() {
    let (folder, _) = setup();
    let kept = |more: &[&str]| {
        let arguments = [&["verify", "log", "--state", "audit.state"][..], more].concat();
        run_with(folder.path(), &arguments)
    };
    assert!(kept(&[]).status.success());
    assert!(kept(&[]).status.success());
    let mut state = fs::read(folder.path().join("audit.state")).unwrap();
    let middle = state.len() / 2;
    state[middle] ^= 1;
    fs::write(folder.path().join("audit.state"), state).unwrap();
    let output = kept(&[]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        said,
        "holdfast-anchor: the state file is not what was written: begin from scratch\n"
    );
    assert!(kept(&["--from-scratch"]).status.success());
    assert!(kept(&[]).status.success());
}

#[test]
fn k14_anchor_another_history_than_before_has_its_own_exit_code_and_leaves_evidence() {
    let (folder, ledger) = setup();
    let arguments = ["verify", "log", "--state", "audit.state"];
    assert!(run_with(folder.path(), &arguments).status.success());
    let mut other = Ledger::new(ledger.now());
    other.create("other.example");
    other.create("another.example");
    fs::remove_dir_all(folder.path().join("log")).unwrap();
    export(&mut other, &folder.path().join("log"));
    let output = run_with(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(7));
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "the evidence is in audit.state.evidence\n");
    assert!(
        run(folder.path(), "verify-evidence", "audit.state.evidence")
            .status
            .success()
    );
}

#[test]
fn a_log_that_does_not_answer_is_no_log_that_does_not_hold() {
    let (folder, _) = setup();
    let output = run(folder.path(), "verify", "http://localhost:1/");
    assert_eq!(output.status.code(), Some(3));
}

/// The entry of a kind, with its number.
fn entry_of(ledger: &Ledger, kind: ledger::Kind) -> (usize, Vec<u8>, Vec<u8>) {
    let is = |leaf: &[u8]| ledger::Leaf::parse(leaf).is_ok_and(|leaf| leaf.kind == kind);
    let mut entries = ledger.entries().iter().enumerate();
    let (number, (leaf, payload)) = entries.find(|(_, (leaf, _))| is(leaf)).unwrap();
    (number, leaf.clone(), payload.clone())
}

#[test]
fn an_entry_is_proved_by_a_file_that_anybody_checks() {
    let (folder, ledger) = setup();
    let (number, leaf, payload) = entry_of(&ledger, ledger::Kind::AccreditationGrant);
    let hash = hex::encode(tlog::leaf_hash(&leaf).as_bytes());
    for name in [&number.to_string(), &hash] {
        let output = run_with(folder.path(), &["proof", name, "--log", "log", "--out", "entry.proof"]);
        assert!(output.status.success(), "{output:?}");
    }
    let proof = fs::read_to_string(folder.path().join("entry.proof")).unwrap();
    assert!(proof.starts_with("c2sp.org/tlog-proof@v1\nextra "), "{proof}");
    fs::write(folder.path().join("payload"), &payload).unwrap();
    fs::write(folder.path().join("leaf"), &leaf).unwrap();
    fs::write(folder.path().join("other"), b"{}").unwrap();
    let check = |more: &[&str]| run_with(folder.path(), &[&["verify-proof", "entry.proof"][..], more].concat());
    for good in [&[][..], &["--entry", "payload"], &["--entry", "leaf"]] {
        let output = check(good);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{good:?} {said}");
        assert!(said.contains(&format!("entry {number} is in the log")), "{said}");
        assert!(said.contains(&format!("leaf hash       {hash}")), "{said}");
    }
    assert_eq!(check(&["--entry", "other"]).status.code(), Some(1));
    // Without the entry in it, the file needs it beside it.
    let bare: String = proof
        .split_inclusive('\n')
        .filter(|line| !line.starts_with("extra "))
        .collect();
    fs::write(folder.path().join("entry.proof"), bare).unwrap();
    assert_eq!(check(&[]).status.code(), Some(1));
    assert!(check(&["--entry", "leaf"]).status.success());
    assert_eq!(check(&["--entry", "payload"]).status.code(), Some(1));
}

#[test]
fn a_changed_proof_proves_nothing() {
    let (folder, ledger) = setup();
    let (number, ..) = entry_of(&ledger, ledger::Kind::AccreditationGrant);
    let name = number.to_string();
    assert!(
        run_with(folder.path(), &["proof", &name, "--log", "log", "--out", "good"])
            .status
            .success()
    );
    let good = fs::read_to_string(folder.path().join("good")).unwrap();
    let other = format!("index {}", number + 1);
    let lines: Vec<&str> = good.lines().collect();
    let mut without_a_hash = lines.clone();
    without_a_hash.remove(3);
    for changed in [
        good.replace(&format!("index {number}"), &other),
        without_a_hash.join("\n") + "\n",
        good.replacen("extra iA", "extra iB", 1),
        good.replace("— ledger.holdfast.test ", "— ledger.holdfast.tesu "),
    ] {
        assert_ne!(changed, good);
        fs::write(folder.path().join("bad"), &changed).unwrap();
        let output = run(folder.path(), "verify-proof", "bad");
        assert_eq!(output.status.code(), Some(1), "{changed}");
    }
}

#[test]
fn there_is_no_proof_of_what_is_not_there() {
    let (folder, ledger) = setup();
    for name in [ledger.entries().len().to_string(), "0".repeat(64), "x".to_owned()] {
        let output = run_with(folder.path(), &["proof", &name, "--log", "log", "--out", "none"]);
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(!folder.path().join("none").exists());
    }
}

#[test]
fn f18_anchor_a_complaint_is_checked_without_a_network() {
    let (folder, mut ledger) = setup();
    let (shop, complaint) = complaint(&mut ledger);
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

/// A shop that asked for too much, and the complaint about it.
fn complaint(ledger: &mut Ledger) -> (Shop, Complaint) {
    let (shop, asked_at) = (Shop::new(ledger), ledger.now());
    shop.register(ledger, &["age_over_18"], asked_at + 1000);
    let request = shop.request(ledger, &["age_over_18", "birth_date"]);
    let complaint = Complaint {
        request: shop.sign(&request),
        after: shop.bundle(ledger),
    };
    (shop, complaint)
}

/// The checkpoint of its later proof.
fn later(ledger: &Ledger, shop: &Shop, complaint: &Complaint) -> Landmark {
    let pack = ledger.trust_pack();
    let after = UnverifiedBundle::parse(&complaint.after).unwrap();
    let after = after.verify(&pack, shop.organisation.did().as_str()).unwrap();
    after.landmark(&pack).unwrap()
}

#[test]
fn k14_anchor_a_complaint_is_compared_with_the_landmarks_that_are_held() {
    let (folder, mut ledger) = setup();
    let (shop, complaint) = complaint(&mut ledger);
    let shown = later(&ledger, &shop, &complaint);
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("complaint", &complaint.encode());
    let list = |landmark: &UnverifiedLandmark| UnverifiedLandmark::encode_list(std::slice::from_ref(landmark));
    let check = || run_with(folder.path(), &["verify-complaint", "complaint", "--landmarks", "held"]);
    write("held", &list(&shown.to_unverified()));
    assert!(check().status.success(), "in silence where it is the same");
    write("held", &list(&ledger.signed_landmark(shown.size() - 1, [7; 32].into())));
    assert!(check().status.success(), "of another size nobody can say");
    write("held", &list(&ledger.signed_landmark(shown.size(), [7; 32].into())));
    let output = check();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        output.stdout.is_empty() && said.contains("complaint.evidence"),
        "{said}"
    );
    let output = run(folder.path(), "verify-evidence", "complaint.evidence");
    assert!(output.status.success(), "anybody can check it");
}

#[test]
fn k14_anchor_a_receipt_that_names_another_history_is_checked_without_a_network() {
    let (folder, mut ledger) = setup();
    let shop = Shop::new(&mut ledger);
    let landmark = ledger.signed_landmark(42, [8; 32].into());
    let (kid, key) = shop.organisation.assertion_key().unwrap();
    let salt = Salt::generate(&mut random(1));
    let request = RequestHash::new("x509_hash:a", "https://shop.example/1", "n", "s");
    let receipt = |root: [u8; 32]| Receipt {
        business: shop.organisation.did().to_string(),
        cards: Vec::new(),
        verdict: Verdict::Yes,
        rule: [7; 32],
        hour: Receipt::hour(ledger.now()),
        landmark: Some(LandmarkName { size: 42, root }),
        request: salt.commit(&request),
    };
    let write = |name: &str, root: [u8; 32]| {
        let signed = receipt(root).sign(&kid.to_string(), &signer(key), Salt::generate(&mut random(2)));
        let contradiction = Contradiction {
            receipt: signed.unwrap().receipt,
            landmark: landmark.clone(),
        };
        fs::write(folder.path().join(name), contradiction.encode()).unwrap();
    };
    write("other", [9; 32]);
    write("same", [8; 32]);
    fs::write(folder.path().join("bundle"), shop.bundle(&mut ledger)).unwrap();
    let check = |name: &str| run_with(folder.path(), &["verify-contradiction", name, "--bundle", "bundle"]);
    let output = check("other");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    for line in [
        shop.organisation.did().to_string(),
        hex::encode([9; 32]),
        hex::encode([8; 32]),
    ] {
        assert!(said.contains(&line), "{said}");
    }
    let output = check("same");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "holdfast-anchor: the receipt does not contradict the landmark\n");
}
