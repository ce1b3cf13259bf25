//! The program `holdfast-witness` itself: keys and configuration.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use tlog::{CosignerKey, LogSigner};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_holdfast-witness"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .output()
        .unwrap()
}

fn keygen(folder: &Path) -> Output {
    run(
        folder,
        &["keygen", "--name", "witness.example/w1", "--out", "witness.key"],
    )
}

/// A folder with a key and a configuration that works.
fn setup() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(keygen(folder.path()).status.success());
    configure(folder.path(), "");
    folder
}

fn configure(folder: &Path, more: &str) {
    let log = LogSigner::from_seed("log.example".parse().unwrap(), &[1; 32]).unwrap();
    let text = format!(
        "profile = \"development\"\ndata_dir = \"data\"\nlisten = \"127.0.0.1:0\"\n\
         ops_listen = \"127.0.0.1:0\"\npublic_url = \"http://localhost:1\"\n\
         key_file = \"witness.key\"\nlogs = [\"{}\"]\n{more}",
        log.verifier_key()
    );
    fs::write(folder.join("witness.toml"), text).unwrap();
}

/// What the program says when it refuses to start.
fn refuses(folder: &Path) -> String {
    let output = run(folder, &["serve", "--config", "witness.toml"]);
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn keygen_prints_the_key_and_keeps_the_secret() {
    let folder = tempfile::tempdir().unwrap();
    let output = keygen(folder.path());
    let vkey: CosignerKey = String::from_utf8(output.stdout).unwrap().trim_end().parse().unwrap();
    assert_eq!(vkey.verifier_key().name().as_str(), "witness.example/w1");
    let file = folder.path().join("witness.key");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let check = run(setup().path(), &["check-config", "--config", "witness.toml"]);
    assert!(check.status.success(), "{check:?}");
}

#[test]
fn keygen_overwrites_nothing() {
    let folder = setup();
    let before = fs::read(folder.path().join("witness.key")).unwrap();
    let output = keygen(folder.path());
    assert!(!output.status.success());
    assert_eq!(fs::read(folder.path().join("witness.key")).unwrap(), before);
}

#[test]
fn k18_anchor_witness_key_missing() {
    let folder = setup();
    fs::remove_file(folder.path().join("witness.key")).unwrap();
    assert!(refuses(folder.path()).contains("key_file: witness.key cannot be read"));
}

#[test]
fn k18_anchor_witness_key_that_others_may_read() {
    let folder = setup();
    let file = folder.path().join("witness.key");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(refuses(folder.path()).contains("set mode 0600"));
}

#[test]
fn k18_anchor_witness_key_of_another_kind() {
    let folder = setup();
    let file = folder.path().join("witness.key");
    let log = LogSigner::from_seed("log.example".parse().unwrap(), &[1; 32]).unwrap();
    let secret = log.dangerous_secret_text().unwrap();
    fs::write(&file, secret.dangerous_as_str()).unwrap();
    let said = refuses(folder.path());
    assert!(said.contains("the secret key is of another type"), "{said}");
    let material = secret.dangerous_as_str().rsplit('+').next().unwrap().to_owned();
    assert!(!said.contains(&material));
}

#[test]
fn l6_anchor_witness_unknown_key_in_the_configuration() {
    let folder = setup();
    configure(folder.path(), "keyfile = \"x\"\n");
    assert!(refuses(folder.path()).contains("keyfile"));
}

#[test]
fn k5_anchor_witness_a_second_witness_on_one_folder_is_refused() {
    let folder = setup();
    let mut first = Command::new(env!("CARGO_BIN_EXE_holdfast-witness"))
        .args(["serve", "--config", "witness.toml"])
        .current_dir(folder.path())
        .env_clear()
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(first.stderr.take().unwrap()).lines();
    let listening = said.map(Result::unwrap).any(|line| line.contains("listening"));
    let second = refuses(folder.path());
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(
        listening && second.contains("another process uses the data folder data"),
        "{second}"
    );
}
