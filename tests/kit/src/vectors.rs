//! Vectors by others, which are no part of the repository: where they are, and a table for each set.
#![expect(clippy::expect_used, reason = "fixtures: what goes wrong here is a failed test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The folder of a set: in `HOLDFAST_VECTORS`, else beside the workspace. `None`, with a line that the report
/// of all tests counts, where it is not there.
pub fn folder(set: &str) -> Option<PathBuf> {
    let folder = place(set);
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: vectors: {set}: the shared vectors are not here");
    None
}

fn place(set: &str) -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors");
    let all = std::env::var_os("HOLDFAST_VECTORS").map_or_else(beside, PathBuf::from);
    all.join(set)
}

/// What the project says of every set: the sums of its table stand there.
const PAGE: &str = include_str!("../../../docs/vectors.md");

/// Every file below a folder, in order; none where there is no folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry of a folder").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A JSON file.
pub fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).expect("a file that is there")).expect("JSON")
}

/// What became of the cases of a set, row by row.
#[derive(Debug)]
pub struct Table {
    set: &'static str,
    rows: BTreeMap<String, Row>,
}

/// Counts of one row: [`Table::check`] compares them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Cases that must be accepted, and were.
    pub accept: usize,
    /// Cases that must be refused, and were.
    pub refuse: usize,
    /// Cases in which we differ, knowingly.
    pub diverge: usize,
    /// Cases that do not concern what is built.
    pub out: usize,
}

#[derive(Debug, Default)]
struct Row {
    counts: Counts,
    reasons: BTreeSet<String>,
}

impl Table {
    /// An empty table.
    pub fn new(set: &'static str) -> Self {
        Self {
            set,
            rows: BTreeMap::new(),
        }
    }

    /// A case in which we did what the set says: accept it, or refuse it.
    pub fn agrees(&mut self, row: &str, accept: bool) {
        let counts = &mut self.row(row).counts;
        if accept {
            counts.accept += 1;
        } else {
            counts.refuse += 1;
        }
    }

    /// A case in which we do otherwise, and why.
    pub fn diverges(&mut self, row: &str, reason: &str) {
        self.row(row).counts.diverge += 1;
        self.row(row).reasons.insert(format!("diverges: {reason}"));
    }

    /// So many cases that do not concern what is built, and why.
    pub fn out_of_scope(&mut self, row: &str, cases: usize, reason: &str) {
        self.row(row).counts.out += cases;
        self.row(row).reasons.insert(format!("out of scope: {reason}"));
    }

    fn row(&mut self, row: &str) -> &mut Row {
        self.rows.entry(row.to_owned()).or_default()
    }

    /// Prints the table and compares it with what was expected: of each row, the cases to accept, to
    /// refuse, in which we diverge, and out of scope. The sums are compared with docs/vectors.md.
    ///
    /// # Panics
    /// Where a row or a count differs.
    pub fn check(&self, expected: &[(&str, [usize; 4])]) {
        for line in self.to_string().lines() {
            println!("COUNT: {line}");
        }
        let found = self.rows.iter().map(|(name, row)| {
            let Counts {
                accept,
                refuse,
                diverge,
                out,
            } = row.counts;
            (name.as_str(), [accept, refuse, diverge, out])
        });
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(found.collect::<Vec<_>>(), expected, "{}: the counts differ", self.set);
        let line = self.line();
        let is_said = PAGE.lines().any(|said| said.starts_with(&line));
        assert!(
            is_said || !place(self.set).is_dir(),
            "docs/vectors.md has no line {line}"
        );
    }

    /// How the line of the set begins on the page.
    fn line(&self) -> String {
        let sum = |count: fn(&Counts) -> usize| self.rows.values().map(|row| count(&row.counts)).sum::<usize>();
        let counts = [
            sum(|counts| counts.accept),
            sum(|counts| counts.refuse),
            sum(|counts| counts.diverge),
            sum(|counts| counts.out),
        ];
        let [accept, refuse, diverge, out] = counts;
        let cases: usize = counts.iter().sum();
        format!("| `{}` | {cases} | {accept} | {refuse} | {diverge} | {out} |", self.set)
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let width = self
            .rows
            .keys()
            .map(String::len)
            .chain([self.set.len()])
            .max()
            .unwrap_or_default();
        writeln!(f, "{:width$}  cases accept refuse diverge    out", self.set)?;
        for (name, Row { counts, reasons }) in &self.rows {
            let Counts {
                accept,
                refuse,
                diverge,
                out,
            } = counts;
            let cases = accept + refuse + diverge + out;
            let mut line = format!("{name:width$} {cases:>6} {accept:>6} {refuse:>6} {diverge:>7} {out:>6}");
            for reason in reasons {
                write!(line, "  {reason}")?;
            }
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new("a set");
        table.agrees("one", true);
        table.agrees("one", false);
        table.diverges("one", "stricter");
        table.out_of_scope("two", 5, "RSA");
        table
    }

    #[test]
    fn a_table_counts_and_prints() {
        table().check(&[("two", [0, 0, 0, 5]), ("one", [1, 1, 1, 0])]);
        assert!(
            table()
                .to_string()
                .contains("one        3      1      1       1      0  diverges: stricter")
        );
    }

    #[test]
    fn the_page_has_the_sums() {
        assert_eq!(table().line(), "| `a set` | 8 | 1 | 1 | 1 | 5 |");
    }

    #[test]
    #[should_panic(expected = "the counts differ")]
    fn a_count_that_differs_fails() {
        table().check(&[("two", [0, 0, 0, 5]), ("one", [2, 1, 1, 0])]);
    }
}
