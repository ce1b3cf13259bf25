//! The story by its own binary, and each way to tamper with it.

use std::path::Path;
use std::process::{Command, Output};

use e2e::story::BREAKS;
use test_case::test_case;

fn demo(arguments: &[&str]) -> Output {
    demo_in(tempfile::tempdir().unwrap().path(), arguments)
}

fn demo_in(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_holdfast-story"))
        .args(["demo", "--headless", "--data-dir"])
        .arg(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn the_story_is_told_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let output = demo_in(folder.path(), &[]);
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    let steps = text.lines().filter(|line| line.starts_with("ok ")).count();
    assert_eq!(steps, e2e::story::STEPS.len(), "{text}");
    assert!(steps >= 20);
    nobody_is_named(&folder.path().join("story"));
}

/// What says who a citizen of the story is stands in no log of a service, and nowhere at the ledger,
/// its witnesses and its mirror.
fn nobody_is_named(story: &Path) {
    let people = std::fs::read_to_string(story.join("people-10000.csv")).unwrap();
    let mut lines = people.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let header = lines.next().unwrap();
    let telling = ["id", "family_name", "birth_date", "personal_number", "street_address"];
    let column = |name: &str| header.iter().position(|found| *found == name).unwrap();
    // The first three have every card; the story is about one of them.
    let canaries: Vec<&str> = lines
        .take(3)
        .flat_map(|person| telling.map(|name| person[column(name)]))
        .collect();
    let named = |folder: &str| -> Vec<String> {
        let mut found = Vec::new();
        for path in testkit::vectors::files(&story.join(folder)) {
            let bytes = std::fs::read(&path).unwrap();
            let says = |canary: &&&str| bytes.windows(canary.len()).any(|part| part == canary.as_bytes());
            found.extend(
                canaries
                    .iter()
                    .filter(says)
                    .map(|canary| format!("{canary} in {}", path.display())),
            );
        }
        found
    };
    for folder in ["logs", "log", "mirror", "witness-1", "witness-2", "witness-3"] {
        assert!(
            !testkit::vectors::files(&story.join(folder)).is_empty(),
            "{folder} is empty"
        );
        assert_eq!(named(folder), [""; 0], "{folder}");
    }
    assert!(!named("population").is_empty(), "the agency's register knows them");
}

#[test_case("witnesses-down")]
#[test_case("mirror-down")]
#[test_case("open-log-key")]
#[test_case("restored-backup")]
#[test_case("bad-row")]
#[test_case("changed-checks")]
#[test_case("changed-trust-pack")]
#[test_case("issuer-killed")]
#[test_case("changed-credential")]
#[test_case("changed-vault")]
#[test_case("keyring-gone")]
#[test_case("changed-request")]
#[test_case("changed-lists")]
#[test_case("changed-codes")]
#[test_case("old-device")]
#[test_case("changed-entry")]
fn exactly_the_right_step_fails(name: &str) {
    let tampering = BREAKS.iter().find(|one| one.name == name).unwrap();
    let output = demo(&["--break", name]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    let failed: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("failed ")).collect();
    assert_eq!(failed.len(), 1, "{text}");
    assert!(failed[0].starts_with(&format!("{}: ", tampering.fails)), "{text}");
    assert!(!failed[0].contains("tampering itself"), "{text}");
}

#[test]
fn every_break_is_tested() {
    let source = include_str!("story.rs");
    let untested: Vec<_> = BREAKS
        .iter()
        .map(|one| one.name)
        .filter(|name| !source.contains(&format!("#[test_case({name:?})]")))
        .collect();
    assert!(untested.is_empty(), "{untested:?}");
    assert!(BREAKS.len() >= 10);
}

#[test]
fn the_breaks_are_listed() {
    let output = demo(&["--breaks"]);
    assert!(output.status.success());
    let listed: Vec<String> = text(&output)
        .lines()
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .collect();
    assert_eq!(listed, BREAKS.iter().map(|one| one.name).collect::<Vec<_>>());
}

#[test]
fn an_unknown_break_names_those_there_are() {
    let output = demo(&["--break", "nonsense"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("changed-vault"), "{}", text(&output));
}
