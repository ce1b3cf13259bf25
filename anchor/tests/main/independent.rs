//! The formats, checked by a program in another language that shares nothing with ours.

use std::path::Path;
use std::process::{Command, Output};

use testkit::Ledger;

use crate::audit::export;
use crate::fixtures::NOW;

/// The Python that has the one package that is needed.
fn python() -> Command {
    Command::new(std::env::var("HOLDFAST_PYTHON").unwrap_or_else(|_| "python3".to_owned()))
}

fn check(folder: &Path, keys: &[String]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/independent/check_log.py");
    python().arg(script).arg(folder).args(keys).output().unwrap()
}

fn python_is_there() -> bool {
    let probe = python().args(["-c", "import cryptography"]).output();
    let found = probe.is_ok_and(|output| output.status.success());
    if !found {
        println!("SKIPPED: independent check of the log: no python3 with the package cryptography");
    }
    found
}

#[test]
fn an_independent_program_accepts_the_log_and_all_its_signatures() {
    if !python_is_there() {
        return;
    }
    let mut ledger = Ledger::new(NOW);
    for number in 0..300 {
        ledger.create(&format!("agency{number}.example"));
    }
    let folder = tempfile::tempdir().unwrap();
    export(&mut ledger, folder.path());
    let log_key = ledger.log_signer().verifier_key().to_string();
    let cosigners = ledger
        .cosigners()
        .iter()
        .map(|cosigner| cosigner.verifier_key().to_string());
    let keys: Vec<String> = cosigners.chain([log_key]).collect();

    let output = check(folder.path(), &keys);
    let (said, failed) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(said, format!("{}\n", ledger.entries().len()), "{failed}");

    // It does look: one bit of an entry, and it says no.
    let bundle = folder.path().join("tile/entries/000");
    let mut bytes = std::fs::read(&bundle).unwrap();
    bytes[5] ^= 1;
    std::fs::write(&bundle, bytes).unwrap();
    assert!(!check(folder.path(), &keys).status.success());
}
