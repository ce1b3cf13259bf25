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

/// One module of the suite.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    module: String,
    shown: Shown,
}

#[derive(Debug, PartialEq, Eq)]
enum Shown {
    /// By these tests.
    By(Vec<String>),
    /// Not yet.
    Waits,
    /// It asks for something that is not built, or not of us.
    DoesNotApply,
}

/// Fails where a module has no row, a row no module, or a named test is not there.
pub(crate) fn check() -> Result<()> {
    let rows = read()?;
    let mut faults = Vec::new();
    let tests = tests()?;
    for row in &rows {
        if let Shown::By(named) = &row.shown {
            let missing = named.iter().filter(|name| !tests.contains(*name));
            faults.extend(missing.map(|name| format!("{}: there is no test {name}", row.module)));
        }
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
    let count = |wanted: fn(&Shown) -> bool| rows.iter().filter(|row| wanted(&row.shown)).count();
    println!(
        "{} modules of the conformance suite: {} shown by our own tests, {} wait, {} do not apply",
        rows.len(),
        count(|shown| matches!(shown, Shown::By(_))),
        count(|shown| *shown == Shown::Waits),
        count(|shown| *shown == Shown::DoesNotApply)
    );
    ensure!(faults.is_empty(), "{FILE}: {}", faults.join("; "));
    Ok(())
}

/// Runs the tests that the table names, and nothing else.
pub(crate) fn run() -> Result<()> {
    ensure!(system::on_path("cargo-nextest"), "this needs cargo-nextest");
    check()?;
    let named: BTreeSet<String> = read()?
        .into_iter()
        .flat_map(|row| match row.shown {
            Shown::By(named) => named,
            Shown::Waits | Shown::DoesNotApply => Vec::new(),
        })
        .collect();
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

/// `` | `module` | what it tries | `test`, `test` | ``, or a reason in the last cell.
fn row(line: &str) -> Result<Row> {
    let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
    let [module, _, shown] = cells.as_slice() else {
        anyhow::bail!("not three cells: {line}");
    };
    let shown = match shown {
        _ if shown.starts_with("waits: ") => Shown::Waits,
        _ if shown.starts_with("does not apply: ") => Shown::DoesNotApply,
        _ => Shown::By(shown.split('`').skip(1).step_by(2).map(str::to_owned).collect()),
    };
    ensure!(shown != Shown::By(Vec::new()), "neither a test nor a reason: {line}");
    Ok(Row {
        module: module.trim_matches('`').to_owned(),
        shown,
    })
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
        let shown = row("| `a-module` | what | `one_test`, `another` |").unwrap();
        assert_eq!(
            shown.shown,
            Shown::By(vec!["one_test".to_owned(), "another".to_owned()])
        );
        assert_eq!(row("| `b` | what | waits: refresh |").unwrap().shown, Shown::Waits);
        assert_eq!(
            row("| `c` | what | does not apply: mdoc |").unwrap().shown,
            Shown::DoesNotApply
        );
        assert!(row("| `d` | what | soon |").is_err());
    }
}
