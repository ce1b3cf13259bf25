//! `cargo xtask measure`: lengths of files and functions, documented items, passages that stand
//! twice. Printed to be looked at; what may not happen is checked, and fails `cargo xtask test`.

mod copied;
mod rust;

use crate::sources;
use anyhow::{Result, ensure};
use rust::{Function, Measured};
use std::path::Path;

/// A file of more lines has probably a second idea in it.
const LONG_FILE: usize = 300;
/// A function of more lines is too long.
const LONG_FUNCTION: usize = 60;
/// How many lines a list has at most.
const SHOWN: usize = 20;

/// Prints everything; fails where a public item is not documented, one function in a hundred is too
/// long, or passages stand twice that `ci/allowed-copies.txt` does not name.
pub(crate) fn run() -> Result<()> {
    let mut files = Vec::new();
    for path in sources::files(&["rs"])? {
        let text = std::fs::read_to_string(&path)?;
        files.push(rust::measure(&path.display().to_string(), &text, is_test(&path)));
    }
    lengths_of_files(&files);
    let (functions, long) = functions(&files);
    let (items, bare) = documented(&files);
    let copies = copied::print(SHOWN)?;
    ensure!(bare == 0, "{bare} of {items} public items are not documented");
    ensure!(
        long * 100 < functions,
        "{long} of {functions} functions have more than {LONG_FUNCTION} lines"
    );
    ensure!(
        copies.is_empty(),
        "{} pairs of files have other passages in common than allowed",
        copies.len()
    );
    Ok(())
}

fn is_test(path: &Path) -> bool {
    path.components()
        .any(|part| part.as_os_str() == "tests" || part.as_os_str() == "tests.rs")
}

fn lengths_of_files(files: &[Measured]) {
    let mut long: Vec<&Measured> = files.iter().filter(|file| file.lines > LONG_FILE).collect();
    long.sort_by_key(|file| std::cmp::Reverse(file.lines));
    println!(
        "{} Rust files, {} of more than {LONG_FILE} lines",
        files.len(),
        long.len()
    );
    for file in long.iter().take(SHOWN) {
        println!("{:>6}  {}", file.lines, file.path);
    }
}

fn functions(files: &[Measured]) -> (usize, usize) {
    let all = files
        .iter()
        .flat_map(|file| file.functions.iter().map(move |function| (file, function)));
    let mut long: Vec<(&Measured, &Function)> = all
        .clone()
        .filter(|(_, function)| function.lines > LONG_FUNCTION)
        .collect();
    long.sort_by_key(|(_, function)| std::cmp::Reverse(function.lines));
    let count = all.count();
    let share = long.len() as f64 * 100.0 / count.max(1) as f64;
    println!(
        "\n{count} functions, {} of more than {LONG_FUNCTION} lines ({share:.2} %)",
        long.len()
    );
    for (file, function) in long.iter().take(SHOWN) {
        println!("{:>6}  {}:{} {}", function.lines, file.path, function.at, function.name);
    }
    (count, long.len())
}

fn documented(files: &[Measured]) -> (usize, usize) {
    let items: usize = files.iter().map(|file| file.public_items).sum();
    let bare: Vec<String> = files
        .iter()
        .flat_map(|file| file.bare.iter().map(move |line| format!("{}:{line}", file.path)))
        .collect();
    println!("\n{items} public items, {} documented", items - bare.len());
    for place in bare.iter().take(SHOWN) {
        println!("        {place}");
    }
    (items, bare.len())
}
