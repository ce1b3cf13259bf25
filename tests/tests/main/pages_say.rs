//! What the pages for beginners say is so: each command of theirs, and of the README, is one that there is, with the
//! flags that it has, and each picture is there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use e2e::process::run;

const PAGES: [&str; 7] = [
    "README.md",
    "docs/start-your-own.md",
    "docs/for-businesses.md",
    "docs/for-registrars.md",
    "docs/for-officials.md",
    "docs/monitor.md",
    "docs/services.md",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub(crate) fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The commands of our programs in the blocks of a page, a line each, without what follows a `#`.
fn commands(text: &str) -> Vec<String> {
    let text = text.replace("```console\n", "```sh\n");
    let blocks = text
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let joined: Vec<String> = blocks.map(|block| block.replace("\\\n", " ")).collect();
    let lines = joined.iter().flat_map(|block| block.lines());
    let command = |line: &str| line.split(" #").next().unwrap_or_default().trim().to_owned();
    lines
        .map(command)
        .filter(|line| line.starts_with("holdfast-"))
        .collect()
}

/// The words of a command; what stands in quotes is one word.
pub(crate) fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in command.chars() {
        match c {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().expect("one at least").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What programs say of themselves, each asked once.
#[derive(Default)]
struct Help(BTreeMap<String, String>);

impl Help {
    async fn of(&mut self, path: &[String]) -> String {
        let key = path.join(" ");
        if let Some(text) = self.0.get(&key) {
            return text.clone();
        }
        let [program, rest @ ..] = path else {
            panic!("no program");
        };
        let arguments: Vec<&str> = rest.iter().map(String::as_str).chain(["--help"]).collect();
        let told = run(program, &arguments, &[]).await.expect("started").success();
        let text = told.unwrap_or_else(|error| panic!("{key} --help: {error}")).stdout;
        self.0.insert(key, text.clone());
        text
    }
}

/// Whether help names a flag, and whether the flag takes a value.
fn flag(help: &str, name: &str) -> Option<bool> {
    let line = help.lines().find(|line| {
        let mut found = line.split([' ', ',', '=']).filter(|word| word.starts_with("--"));
        line.trim_start().starts_with('-') && found.any(|word| word == name)
    })?;
    Some(line.split_once(name)?.1.starts_with(" <"))
}

fn has_command(help: &str, name: &str) -> bool {
    let listed = help.split("Commands:").nth(1).unwrap_or_default();
    let listed = listed.split("\n\n").next().unwrap_or_default();
    listed.lines().any(|line| line.split_whitespace().next() == Some(name))
}

/// What is wrong with a command, if anything is.
async fn wrong(command: &str, help: &mut Help) -> Option<String> {
    let words = words(command);
    let mut path = vec![words[0].clone()];
    let mut text = help.of(&path).await;
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        if word.starts_with("--") {
            match flag(&text, word) {
                None => return Some(format!("{command}: no {word}")),
                // A value before the name of a command is not that name.
                Some(true) => {
                    rest.next();
                }
                Some(false) => {}
            }
        } else if text.contains("Commands:") {
            if !has_command(&text, word) {
                return Some(format!("{command}: no command {word}"));
            }
            path.push(word.clone());
            text = help.of(&path).await;
        }
    }
    None
}

#[tokio::test]
async fn the_commands_of_the_pages_are_commands_there_are() {
    let mut help = Help::default();
    let mut found = Vec::new();
    let mut count = 0;
    for name in PAGES {
        for command in commands(&page(name)) {
            count += 1;
            found.extend(
                wrong(&command, &mut help)
                    .await
                    .map(|reason| format!("{name}: {reason}")),
            );
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    assert!(count > 30, "only {count} commands were found");
}

#[tokio::test]
async fn a_command_that_there_is_not_is_noticed() {
    let mut help = Help::default();
    for command in [
        "holdfast-anchor begin --config a",
        "holdfast-anchor init --confg a",
        "holdfast-anchor registrar welcome --config a",
        "holdfast-anchor pack link --config a --film b",
    ] {
        assert!(wrong(command, &mut help).await.is_some(), "{command}");
    }
    assert_eq!(
        wrong("holdfast-anchor init --name \"Two words\" --ask", &mut help).await,
        None
    );
}

#[test]
fn the_pictures_of_the_pages_are_there() {
    for name in PAGES {
        let text = page(name);
        let folder = root().join(name).parent().expect("a folder").to_owned();
        for picture in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if picture.ends_with(".jpg") {
                assert!(folder.join(picture).exists(), "{name}: {picture}");
            }
        }
    }
}
