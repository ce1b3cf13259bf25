//! Mutants: patches that each take one defence out, and the tests that must
//! then fail. A test that passes without the defence shows nothing.
//!
//! A patch in `tests/mutants` says above its first `diff` what it takes out
//! and which tests notice:
//!
//! ```text
//! Takes out: what
//! Shows: A2 wallet a2_wallet_hs256_with_the_public_key
//! ```

mod run;

pub(crate) use run::run;

use crate::catalogue::{Catalogue, Named};
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::Command;

const FOLDER: &str = "tests/mutants";

/// One patch.
pub(crate) struct Mutant {
    /// The name of its file, without the ending.
    pub(crate) name: String,
    takes_out: String,
    pub(crate) shows: Vec<Shown>,
    /// The first line of the patch itself, which names the file that it changes.
    changes: String,
}

/// A test that must fail once the defence is gone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    row: String,
    component: String,
    pub(crate) test: String,
}

/// All of them, in the order of their names.
pub(crate) fn read() -> Result<Vec<Mutant>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(FOLDER)
        .with_context(|| format!("cannot read {FOLDER}"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<std::io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|end| end == "patch"));
    files.sort();
    files
        .iter()
        .map(|file| {
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(file)?;
            Mutant::parse(&name, &text).with_context(|| format!("{FOLDER}/{name}.patch"))
        })
        .collect()
}

impl Mutant {
    fn parse(name: &str, text: &str) -> Result<Self> {
        let mut mutant = Self {
            name: name.to_owned(),
            takes_out: String::new(),
            shows: Vec::new(),
            changes: String::new(),
        };
        for line in text.lines() {
            if line.starts_with("diff ") {
                line.clone_into(&mut mutant.changes);
                break;
            }
            if let Some(what) = line.strip_prefix("Takes out: ") {
                what.clone_into(&mut mutant.takes_out);
            } else if let Some(shown) = line.strip_prefix("Shows: ") {
                mutant.shows.push(Shown::parse(shown)?);
            }
        }
        ensure!(!mutant.takes_out.is_empty(), "it does not say what it takes out");
        ensure!(!mutant.shows.is_empty(), "it names no test");
        Ok(mutant)
    }

    fn file(&self) -> String {
        format!("{FOLDER}/{}.patch", self.name)
    }

    /// Whether it shows something about this row and component.
    pub(crate) fn is_for(&self, row: &str, component: &str) -> bool {
        self.shows
            .iter()
            .any(|shown| shown.row == row && shown.component == component)
    }
}

impl Shown {
    fn parse(line: &str) -> Result<Self> {
        let mut words = line.split_whitespace().map(str::to_owned);
        let (row, component, test) = (words.next(), words.next(), words.next());
        Ok(Self {
            row: row.context("no row")?,
            component: component.context("no component")?,
            test: test.context("no test")?,
        })
    }
}

/// What does not fit: tests that are not there, patches that no longer apply.
pub(crate) fn faults(mutants: &[Mutant], tests: &[Named], catalogue: &Catalogue) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for mutant in mutants {
        for shown in &mutant.shows {
            let there = tests.iter().any(|test| {
                let row = catalogue.row(&shown.row);
                test.name == shown.test && row.is_some_and(|row| test.is_for(&shown.row, &shown.component, row))
            });
            if !there {
                faults.push(format!(
                    "{}: {} is no test of {} {}",
                    mutant.file(),
                    shown.test,
                    shown.row,
                    shown.component
                ));
            }
        }
        let output = Command::new("git")
            .args(["apply", "--check", &mutant.file()])
            .output()?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr);
            faults.push(format!("{}: does not apply any more: {}", mutant.file(), why.trim()));
        }
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str = "Takes out: the check of typ\nShows: A5 wallet a5_wallet_wrong_typ\n\ndiff --git a/x b/x\nShows: B1 wallet b1_wallet\n";

    #[test]
    fn what_a_patch_shows_stands_above_its_diff() {
        let mutant = Mutant::parse("A5-wallet", PATCH).unwrap();
        assert_eq!(mutant.takes_out, "the check of typ");
        assert_eq!(mutant.shows.len(), 1);
        assert!(mutant.is_for("A5", "wallet") && !mutant.is_for("B1", "wallet"));
    }

    #[test]
    fn a_patch_that_shows_nothing_is_none() {
        assert!(Mutant::parse("x", "Takes out: a\ndiff --git a/x b/x\n").is_err());
        assert!(Mutant::parse("x", "Shows: A5 wallet a5_wallet\n").is_err());
        assert!(Mutant::parse("x", "Takes out: a\nShows: A5 wallet\n").is_err());
    }
}
