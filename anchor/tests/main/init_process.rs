//! `holdfast-anchor init` as a process: asked, and on the command line.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anchor::pack::load_pack;
use ledger::{EcosystemLink, Mode, TrustPack, fingerprint};
use serde_json::Value;
use service::{Clock as _, SystemClock};

const ANSWERS: [&str; 10] = [
    "Town of Weir",
    "test",
    "ledger.localhost:7100",
    "w1.localhost:7110",
    "w2.localhost:7120",
    "w3.localhost:7130",
    "",
    "m1.localhost:7140",
    "",
    "yes",
];

/// The same on the command line.
const FLAGS: [[&str; 2]; 5] = [
    ["--name", "Weir"],
    ["--folder", "town"],
    ["--host", "ledger.localhost:7100"],
    ["--new-witness", "w1.localhost:7110"],
    ["--new-mirror", "m1.localhost:7140"],
];

/// Runs `init` in a folder, with these lines on standard input.
fn init(folder: &Path, arguments: &[&str], lines: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_holdfast-anchor"))
        .arg("init")
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that asks nothing may have ended already.
    let _ = child
        .stdin
        .take()
        .unwrap()
        .write_all(format!("{}\n", lines.join("\n")).as_bytes());
    child.wait_with_output().unwrap()
}

fn asked(folder: &Path, lines: &[&str]) -> Output {
    init(folder, &["--ask", "--folder", "town"], lines)
}

fn made(output: &Output) -> Value {
    assert!(output.status.success(), "{}", said(output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn pack(made: &Value) -> TrustPack {
    load_pack(Path::new(made["trust_pack"].as_str().unwrap()), SystemClock.now()).unwrap()
}

/// Whether a program takes the settings that were written for it.
fn takes(binary: &str, before: &[&str], config: &str) -> bool {
    let output = Command::new(binary)
        .args(before)
        .args(["check-config", "--config", config])
        .env_clear()
        .output()
        .unwrap();
    output.status.success()
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn the_answers_to_the_questions_make_all_that_a_ledger_needs() {
    let folder = tempfile::tempdir().unwrap();
    let output = asked(folder.path(), &ANSWERS);
    let made = made(&output);
    let pack = pack(&made);
    assert_eq!((pack.name(), pack.mode()), ("Town of Weir", Mode::Test));
    assert_eq!(pack.origin(), "ledger.localhost/log");
    let anchor = env!("CARGO_BIN_EXE_holdfast-anchor");
    let config = folder.path().join("town/anchor.toml");
    assert!(takes(anchor, &[], config.to_str().unwrap()));
    let cosigners: Vec<&str> = made["cosigners"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| path.as_str().unwrap())
        .collect();
    let [witnesses @ .., mirror] = cosigners.as_slice() else {
        panic!("{made}");
    };
    assert_eq!(witnesses.len(), 3);
    for witness in witnesses {
        assert!(takes(env!("CARGO_BIN_EXE_holdfast-witness"), &[], witness), "{witness}");
    }
    assert!(takes(anchor, &["mirror"], mirror));
    assert!(said(&output).contains("2 of 3 witnesses and one mirror must sign"));
}

#[test]
fn what_is_said_on_the_command_line_is_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "--ask",
        "--folder",
        "town",
        "--name",
        "Weir",
        "--live",
        "--host",
        "ledger.example",
    ];
    let cosigners = ["--new-witness", "w1.example", "--new-mirror", "m1.example"];
    let output = init(folder.path(), &[&arguments[..], &cosigners].concat(), &["yes"]);
    let pack = pack(&made(&output));
    assert_eq!((pack.name(), pack.mode()), ("Weir", Mode::Live));
    assert!(!said(&output).contains("Name of the ecosystem"));
}

#[test]
fn without_a_question_the_same_is_made_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let output = init(folder.path(), FLAGS.as_flattened(), &[]);
    assert_eq!(pack(&made(&output)).mode(), Mode::Test);
    assert_eq!(said(&output), "");
}

#[test]
fn what_is_missing_is_named_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for (missing, flag) in [
        (0, "--name"),
        (1, "--folder"),
        (2, "--host"),
        (3, "--witness"),
        (4, "--mirror"),
    ] {
        let mut rest = FLAGS.to_vec();
        rest.remove(missing);
        let output = init(folder.path(), rest.as_flattened(), &[]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            said(&output).starts_with(&format!("holdfast-anchor: {flag} is missing")),
            "{}",
            said(&output)
        );
        assert!(is_empty(folder.path()));
    }
}

#[test]
fn whoever_does_not_say_yes_has_nothing_written() {
    let folder = tempfile::tempdir().unwrap();
    for last in ["no", "y", ""] {
        let lines = [&ANSWERS[..9], &[last]].concat();
        let output = asked(folder.path(), &lines);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            said(&output).ends_with("holdfast-anchor: nothing was written\n"),
            "{}",
            said(&output)
        );
    }
    // Answers that end before the last question.
    assert_eq!(asked(folder.path(), &ANSWERS[..4]).status.code(), Some(1));
    assert!(is_empty(folder.path()));
}

#[test]
fn an_answer_that_cannot_be_read_is_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = ANSWERS.to_vec();
    lines.insert(1, "real");
    let output = asked(folder.path(), &lines);
    assert_eq!(pack(&made(&output)).mode(), Mode::Test);
    assert!(said(&output).contains("neither \"test\" nor \"live\""));
}

#[test]
fn a_second_time_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    made(&asked(folder.path(), &ANSWERS));
    let key = folder.path().join("town/log/log.key");
    let before = fs::read(&key).unwrap();
    let output = asked(folder.path(), &ANSWERS);
    assert!(said(&output).contains("has a log already"), "{}", said(&output));
    let mut other = ANSWERS;
    other[2] = "other.localhost:7100";
    let output = asked(folder.path(), &other);
    assert!(said(&output).contains("is there already"), "{}", said(&output));
    assert_eq!(fs::read(&key).unwrap(), before);
}

#[test]
fn the_link_names_the_pack_and_can_be_printed() {
    let folder = tempfile::tempdir().unwrap();
    let pack = pack(&made(&asked(folder.path(), &ANSWERS)));
    let output = Command::new(env!("CARGO_BIN_EXE_holdfast-anchor"))
        .args(["pack", "link", "--config", "town/anchor.toml", "--picture", "link.png"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    let told = made(&output);
    let links = ["link", "web_link"].map(|name| told[name].as_str().unwrap().parse::<EcosystemLink>().unwrap());
    for link in links {
        assert_eq!(link.sha256(), &pack.sha256());
        assert_eq!(
            link.pack().as_str(),
            "http://ledger.localhost:7100/about/trust-pack.json"
        );
    }
    assert_eq!(told["fingerprint"], fingerprint(&pack.sha256()));
    assert_eq!(
        (told["name"].as_str(), told["mode"].as_str()),
        (Some("Town of Weir"), Some("test"))
    );
    assert!(
        fs::read(folder.path().join("link.png"))
            .unwrap()
            .starts_with(b"\x89PNG")
    );
}
