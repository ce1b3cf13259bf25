//! What ran, what was skipped, what failed: read from the runner's own report.

use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// Counts of one suite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) run: usize,
    pub(crate) skipped: usize,
    pub(crate) failed: usize,
}

/// Counts by suite, and the text of every skip.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) suites: BTreeMap<String, Counts>,
    pub(crate) skips: Vec<String>,
    /// What tests counted: cases of a set of vectors, kills, seeds.
    pub(crate) counted: Vec<String>,
}

/// A test says that it skipped something with a line that begins so.
const SKIP: &str = "SKIPPED:";
/// And what it counted.
const COUNT: &str = "COUNT:";

impl Report {
    /// Reads the JUnit file of nextest.
    pub(crate) fn from_junit(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("no test report at {}", path.display()))?;
        Ok(Self::parse_junit(&text))
    }

    fn parse_junit(text: &str) -> Self {
        let mut report = Self::default();
        let (mut suite, mut case) = (String::new(), String::new());
        for line in text.lines().map(str::trim) {
            if line.starts_with("<testsuite ") {
                suite = attribute(line, "name").unwrap_or_default();
            } else if line.starts_with("<testcase ") {
                report.suites.entry(suite.clone()).or_default().run += 1;
                case = attribute(line, "name").unwrap_or_default();
            } else if line.starts_with("<failure") || line.starts_with("<error") {
                report.suites.entry(suite.clone()).or_default().failed += 1;
            } else if line.starts_with("<skipped") {
                report.skips.push(format!("{suite}: {case}"));
                report.suites.entry(suite.clone()).or_default().skipped += 1;
            }
            report.note(&suite, line);
        }
        report
    }

    /// Adds the suites of another part, under its name.
    pub(crate) fn add(&mut self, part: &str, other: Self) {
        for (suite, counts) in other.suites {
            self.suites.insert(format!("{part}::{suite}"), counts);
        }
        self.skips.extend(other.skips);
        self.counted.extend(other.counted);
    }

    /// Reads what `cargo test` printed, where nextest is not there.
    pub(crate) fn from_cargo_test(text: &str) -> Self {
        let mut report = Self::default();
        let mut suite = String::new();
        for line in text.lines().map(str::trim) {
            if let Some(rest) = line
                .strip_prefix("Running ")
                .or_else(|| line.strip_prefix("Doc-tests "))
            {
                suite = rest.to_owned();
            } else if line.starts_with("test ") && line.ends_with("... ok") {
                report.suites.entry(suite.clone()).or_default().run += 1;
            } else if line.starts_with("test ") && line.ends_with("... FAILED") {
                let counts = report.suites.entry(suite.clone()).or_default();
                counts.run += 1;
                counts.failed += 1;
            }
            report.note(&suite, line);
        }
        report
    }

    fn note(&mut self, suite: &str, line: &str) {
        if let Some(text) = said(line, SKIP) {
            self.skips.push(text);
            self.suites.entry(suite.to_owned()).or_default().skipped += 1;
        }
        self.counted.extend(said(line, COUNT));
    }

    /// The skips that the list of allowed ones does not name.
    pub(crate) fn forbidden<'a>(&'a self, allowed: &str) -> Vec<&'a str> {
        let allowed: Vec<&str> = allowed
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split('|').next())
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        self.skips
            .iter()
            .map(String::as_str)
            .filter(|skip| !allowed.iter().any(|prefix| skip.starts_with(prefix)))
            .collect()
    }
}

/// What a test said after this word.
fn said(line: &str, word: &str) -> Option<String> {
    let (_, rest) = line.split_once(word)?;
    Some(rest.trim_end_matches("</system-out>").trim().to_owned())
}

fn attribute(line: &str, name: &str) -> Option<String> {
    let start = line.find(&format!(" {name}=\""))? + name.len() + 3;
    let length = line[start..].find('"')?;
    Some(line[start..start + length].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const JUNIT: &str = "<testsuites>\n  <testsuite name=\"jose\" tests=\"2\">\n    <testcase name=\"a\" classname=\"jose\">\n      <system-out>SKIPPED: vectors: not here</system-out>\n    </testcase>\n    <testcase name=\"b\" classname=\"jose\">\n      <failure type=\"test failure\">no</failure>\n    </testcase>\n  </testsuite>\n</testsuites>";

    #[test]
    fn skips_of_the_pages_are_counted_too() {
        let mut report = Report::default();
        report.add(
            "ui",
            Report::parse_junit(
                "<testsuite name=\"a.test.ts\">\n<testcase name=\"one\">\n<skipped/>\n</testcase>\n<testcase name=\"two\"/>\n",
            ),
        );
        assert_eq!(report.skips, ["a.test.ts: one"]);
        let counts = report.suites["ui::a.test.ts"];
        assert_eq!((counts.run, counts.skipped, counts.failed), (2, 1, 0));
    }

    #[test]
    fn junit_is_counted_by_suite() {
        let report = Report::parse_junit(JUNIT);
        assert_eq!(
            report.suites["jose"],
            Counts {
                run: 2,
                skipped: 1,
                failed: 1
            }
        );
        assert_eq!(report.skips, ["vectors: not here"]);
    }

    #[test]
    fn what_a_test_counted_is_kept() {
        let report = Report::parse_junit("<system-out>COUNT: jcs: 6 vectors\nmore\nCOUNT: 24 kills</system-out>");
        assert_eq!(report.counted, ["jcs: 6 vectors", "24 kills"]);
    }

    #[test]
    fn cargo_test_output_is_counted_by_suite() {
        let report =
            Report::from_cargo_test("     Running unittests src/lib.rs (x)\ntest a ... ok\ntest b ... FAILED\n");
        assert_eq!(
            report.suites["unittests src/lib.rs (x)"],
            Counts {
                run: 2,
                skipped: 0,
                failed: 1
            }
        );
    }

    #[test]
    fn a_skip_that_nobody_allowed_is_named() {
        let report = Report::parse_junit(JUNIT);
        assert_eq!(report.forbidden("# nothing\n"), ["vectors: not here"]);
        assert!(
            report
                .forbidden("vectors: | they live beside the repository\n")
                .is_empty()
        );
    }
}
