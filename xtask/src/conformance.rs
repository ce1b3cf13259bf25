//! The test modules of the OpenID Foundation's conformance suite, and which of our own tests shows
//! the same: a table in `docs/conformance.md`, held against the list of modules and the sources.

use crate::build::{self, SELECTION, cargo};
use crate::catalogue::in_rust;
use crate::{sources, system};
use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::path::PathBuf;

const FILE: &str = "docs/conformance.md";
/// The list of modules, beside the repository with the other data by others.
const MODULES: &str = "oidf-test-modules.tsv";

/// What stands before tests that are still to come.
const WAITS: &str = "waits: ";
const DOES_NOT_APPLY: &str = "does not apply: ";

/// One module of the suite.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    module: String,
    /// The tests that show it.
    shown: Vec<String>,
    /// Tests that are still to come.
    awaited: Vec<String>,
    /// It asks for something that is not built, or not of us.
    applies: bool,
}

/// Fails where a module has no row, a row no module, or a named test is not there.
pub(crate) fn check() -> Result<()> {
    let rows = read()?;
    let mut faults = Vec::new();
    let tests = tests()?;
    for row in &rows {
        let missing = row.shown.iter().filter(|name| !tests.contains(*name));
        faults.extend(missing.map(|name| format!("{}: there is no test {name}", row.module)));
        let there = row.awaited.iter().filter(|name| tests.contains(*name));
        faults.extend(there.map(|name| format!("{}: {name} does not wait any more", row.module)));
    }
    let known: BTreeSet<&str> = rows.iter().map(|row| row.module.as_str()).collect();
    if known.len() != rows.len() {
        faults.push("a module stands there twice".to_owned());
    }
    match modules()? {
        Some(modules) => {
            let of_list: BTreeSet<&str> = modules.iter().map(String::as_str).collect();
            faults.extend(of_list.difference(&known).map(|module| format!("{module}: no row")));
            faults.extend(
                known
                    .difference(&of_list)
                    .map(|module| format!("{module}: no such module")),
            );
        }
        None => println!("note: the list of modules is not here; only the named tests were looked for"),
    }
    let count = |wanted: fn(&Row) -> bool| rows.iter().filter(|row| wanted(row)).count();
    println!(
        "{} modules of the conformance suite: {} shown by our own tests, {} wait, {} do not apply",
        rows.len(),
        count(|row| !row.shown.is_empty()),
        count(|row| row.applies && row.shown.is_empty()),
        count(|row| !row.applies)
    );
    ensure!(faults.is_empty(), "{FILE}: {}", faults.join("; "));
    Ok(())
}

/// Runs the tests that the table names, and nothing else.
pub(crate) fn run() -> Result<()> {
    ensure!(system::on_path("cargo-nextest"), "this needs cargo-nextest");
    check()?;
    let named: BTreeSet<String> = read()?.into_iter().flat_map(|row| row.shown).collect();
    let filters: Vec<String> = named.iter().map(|name| format!("test(/(^|::){name}(::|$)/)")).collect();
    let status = cargo()
        .args(["nextest", "run", "--no-fail-fast", "-E", &filters.join(" or ")])
        .args(SELECTION)
        .status()?;
    ensure!(status.success(), "not all of them pass");
    Ok(())
}

fn read() -> Result<Vec<Row>> {
    let text = std::fs::read_to_string(FILE).with_context(|| format!("cannot read {FILE}"))?;
    text.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

/// `` | `module` | what it tries | `test`, `test`; waits: `test` | ``, or a reason in the last cell.
fn row(line: &str) -> Result<Row> {
    let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
    let [module, _, cell] = cells.as_slice() else {
        anyhow::bail!("not three cells: {line}");
    };
    let (shown, awaited) = cell.split_once(WAITS).unwrap_or((cell, ""));
    let row = Row {
        module: module.trim_matches('`').to_owned(),
        shown: if cell.starts_with(DOES_NOT_APPLY) {
            Vec::new()
        } else {
            quoted(shown)
        },
        awaited: quoted(awaited),
        applies: !cell.starts_with(DOES_NOT_APPLY),
    };
    ensure!(
        !row.applies || !row.shown.is_empty() || !awaited.is_empty(),
        "neither a test nor a reason: {line}"
    );
    Ok(row)
}

fn quoted(text: &str) -> Vec<String> {
    text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Moves awaited tests that are there now among those that show it.
pub(crate) fn settle() -> Result<()> {
    let tests = tests()?;
    let text = std::fs::read_to_string(FILE)?;
    let settled: Vec<String> = text.lines().map(|line| settled(line, &tests)).collect();
    std::fs::write(FILE, settled.join("\n") + "\n")?;
    Ok(())
}

fn settled(line: &str, tests: &BTreeSet<String>) -> String {
    let Ok(row) = row(line) else {
        return line.to_owned();
    };
    let (there, missing): (Vec<String>, Vec<String>) = row.awaited.into_iter().partition(|name| tests.contains(name));
    if there.is_empty() {
        return line.to_owned();
    }
    let list = |names: &[String]| {
        names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut cell = list(&[row.shown, there].concat());
    if !missing.is_empty() {
        cell = format!("{cell}; {WAITS}{}", list(&missing));
    }
    let before = line
        .trim_end()
        .trim_end_matches('|')
        .rsplit_once(" | ")
        .map_or(line, |(before, _)| before);
    format!("{before} | {cell} |")
}

/// Every test function there is.
fn tests() -> Result<BTreeSet<String>> {
    let mut all = BTreeSet::new();
    for file in sources::files(&["rs"])? {
        all.extend(in_rust(&std::fs::read_to_string(file)?));
    }
    Ok(all)
}

fn modules() -> Result<Option<Vec<String>>> {
    let folder = std::env::var_os("HOLDFAST_VECTORS");
    let folder = folder.map_or_else(|| build::root().join("../shared/vectors"), PathBuf::from);
    let file = folder.join(MODULES);
    if !file.exists() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(file)?;
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    Ok(Some(
        lines
            .filter_map(|line| line.split('\t').next())
            .map(str::to_owned)
            .collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_names_tests_or_gives_a_reason() {
        let shown = row("| `a-module` | what | `one_test`, `another`; waits: `third` |").unwrap();
        assert_eq!(shown.shown, ["one_test", "another"]);
        assert_eq!(shown.awaited, ["third"]);
        assert!(row("| `b` | what | waits: refresh |").unwrap().applies);
        assert!(!row("| `c` | what | does not apply: mdoc |").unwrap().applies);
        assert!(row("| `d` | what | soon |").is_err());
    }

    #[test]
    fn what_is_there_waits_no_longer() {
        let tests: BTreeSet<String> = ["one", "two"].map(str::to_owned).into();
        let line = "| `a` | what | `one`; waits: `two`, `three` |";
        assert_eq!(settled(line, &tests), "| `a` | what | `one`, `two`; waits: `three` |");
        assert_eq!(
            settled("| `a` | what | waits: `two` |", &tests),
            "| `a` | what | `two` |"
        );
        assert_eq!(
            settled("| `a` | what | waits: more |", &tests),
            "| `a` | what | waits: more |"
        );
    }
}
